# SPDX-License-Identifier: Apache-2.0
"""The answer to a call is lost, and what it asked for happens all the same."""

import testscenarios

from aegis import models
from aegis.common import exception
from aegis.tasks import fence
from aegis.tests import base
from aegis.tests.fixtures import bench

LaneState = models.LaneState

GROUP_CALLS = (
    'create_network',
    'create_subnet',
    'create_router',
    'add_router_interface',
    'create_security_group',
    'create_security_group_rules',
    'delete_security_group_rule',
    'create_keypair',
)
MEMBER_CALLS = (
    'manage_volume',
    'set_image_metadata',
    'update_volume',
    'create_ports',
    'create_server',
    'create_floating_ip',
)
FENCE_CALLS = ('set_server_metadata', 'stop_server', 'lock_server')
UNFENCE_CALLS = ('start_server', 'unlock_server', 'delete_server_metadata')
UNDO_CALLS = (
    'unmanage_volume',
    'delete_port',
    'delete_server',
    'delete_floating_ip',
)
GROUP_UNDO_CALLS = (
    'remove_router_interface',
    'delete_router',
    'delete_subnet',
    'delete_network',
    'delete_security_group',
)
ONCE, FOR_EVER = 1, 1000


def lost() -> exception.CloudUnavailable:
    return exception.CloudUnavailable(
        service='it', site='west', reason='the connection was reset'
    )


def scenarios(*calls: str) -> list[tuple[str, dict[str, object]]]:
    return [
        (f'{call}_{label}', {'call': call, 'times': times})
        for call in calls
        for label, times in (('once', ONCE), ('for_ever', FOR_EVER))
    ]


class LostAnswersTestCase(testscenarios.WithScenarios, base.TestCase):
    call: str
    times: int

    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.west = self.bench.west

    def lose(self) -> None:
        self.west.fail(self.call, lost(), self.times, after=True)

    def things(self) -> list[str]:
        """All that stands at west, by kind and name."""
        west = self.west
        return sorted(
            f'{kind} {thing.name}'
            for kind, things in (
                ('server', west.servers),
                ('volume', west.volumes),
                ('port', west.ports),
                ('network', west.networks),
                ('subnet', west.subnets),
                ('router', west.routers),
                ('group', west.security_groups),
            )
            for thing in things.values()
        ) + [f'address {each.id}' for each in west.floating_ips.values()]


class GroupLaneTest(LostAnswersTestCase):
    scenarios = scenarios(*GROUP_CALLS)

    def test_nothing_is_made_twice_or_left(self) -> None:
        before = self.things()
        self.bench.east.down = True
        self.lose()
        rig = self.bench.rig()

        state = rig.run(*bench.PREPARE)

        self.assertTrue(self.west.called(self.call))
        if state is LaneState.SUCCEEDED:
            self.assertEqual(
                [
                    'group web',
                    'network front',
                    'network public',
                    'port ',
                    'router edge',
                    'subnet front-subnet',
                    'subnet public-subnet',
                ],
                self.things(),
            )
            self.assertEqual(1, len(self.west.keypairs))
            self.assertEqual(4, len(self.bench.sites.live_volumes()))
        else:
            self.assertEqual(FOR_EVER, self.times)
            self.assertIs(LaneState.REVERTED, state)
            self.assertEqual(before, self.things())
            self.assertEqual([], self.bench.sites.live_volumes())


class MemberLaneTest(LostAnswersTestCase):
    scenarios = scenarios(*MEMBER_CALLS)

    def test_nothing_is_made_twice_or_left(self) -> None:
        self.bench.east.down = True
        self.bench.prepare()
        self.lose()
        rig = self.bench.rig('web')

        state = rig.run(*bench.RECOVER)

        self.assertTrue(self.west.called(self.call))
        self.assertIs(LaneState.SUCCEEDED, state, rig.store.lane.reason)
        self.assertEqual(1, len(self.west.servers))
        self.assertEqual(1, len(self.west.volumes))
        self.assertEqual(1, len(self.west.floating_ips))
        self.assertEqual(
            ['web-port'],
            [each.name for each in self.west.ports.values() if each.name],
        )


class UndoneMemberLaneTest(LostAnswersTestCase):
    scenarios = scenarios(*UNDO_CALLS)

    def test_nothing_is_left(self) -> None:
        self.bench.east.down = True
        self.bench.prepare()
        before = self.things()
        rig = self.bench.recover('database')
        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        web = self.bench.recover('web')
        self.lose()

        states = (rig.undo(*bench.RECOVER), web.undo(*bench.RECOVER))

        self.assertTrue(self.west.called(self.call))
        self.assertEqual((LaneState.REVERTED, LaneState.REVERTED), states)
        self.assertEqual(before, self.things())
        self.assertEqual({}, self.west.floating_ips)
        self.assertEqual([], self.bench.sites.live_volumes())


class UndoneGroupLaneTest(LostAnswersTestCase):
    scenarios = scenarios(*GROUP_UNDO_CALLS)

    def test_nothing_is_left(self) -> None:
        before = self.things()
        self.bench.east.down = True
        rig = self.bench.prepare()
        self.lose()

        state = rig.undo(*bench.PREPARE)

        self.assertTrue(self.west.called(self.call))
        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(before, self.things())
        self.assertEqual([], self.bench.sites.live_volumes())


class FenceTest(LostAnswersTestCase):
    scenarios = scenarios(*FENCE_CALLS)

    def test_the_old_servers_are_stopped_and_started_again(self) -> None:
        east = self.bench.east
        east.fail(self.call, lost(), self.times, after=True)

        rig = self.bench.prepare()

        self.assertTrue(east.called(self.call))
        for server in east.servers.values():
            self.assertEqual(('SHUTOFF', True), (server.status, server.locked))

        state = rig.undo(*bench.PREPARE)

        self.assertIs(LaneState.REVERTED, state)
        for server in east.servers.values():
            self.assertEqual(('ACTIVE', False), (server.status, server.locked))


class UnfenceTest(LostAnswersTestCase):
    scenarios = scenarios(*UNFENCE_CALLS)

    def test_the_old_servers_run_again(self) -> None:
        east = self.bench.east
        rig = self.bench.prepare()
        east.fail(self.call, lost(), self.times, after=True)

        state = rig.undo(*bench.PREPARE)

        self.assertTrue(east.called(self.call))
        self.assertIs(LaneState.REVERTED, state)
        for server in east.servers.values():
            self.assertEqual(('ACTIVE', False), (server.status, server.locked))
            self.assertNotIn(
                fence.FENCED_KEY, {pair.key for pair in server.metadata}
            )


class CompletenessTest(base.TestCase):
    """Every call that changes something is among those above."""

    def test_no_call_is_forgotten(self) -> None:
        rigs = self.useFixture(bench.Bench(self.conf))
        prepared = rigs.prepare()
        lanes = [rigs.recover(name) for name in bench.MEMBERS]
        for lane in lanes:
            lane.undo(*bench.RECOVER)
        prepared.undo(*bench.PREPARE)

        called = {
            call.method
            for site in (rigs.east, rigs.west)
            for call in site.calls
            if not call.method.startswith(('get_', 'list_', 'find_'))
        }
        known = {
            *GROUP_CALLS,
            *MEMBER_CALLS,
            *FENCE_CALLS,
            *UNDO_CALLS,
            *GROUP_UNDO_CALLS,
            *UNFENCE_CALLS,
            'quotas',
            'probe',
        }
        self.assertEqual(set(), called - known)
