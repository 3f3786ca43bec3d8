# SPDX-License-Identifier: Apache-2.0
from typing import Any

import fixtures

from aegis import models
from aegis.clouds import objects
from aegis.common import exception
from aegis.storage import errors
from aegis.tasks import fence, preflight, results, storage
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal

LaneState = models.LaneState
TASKS = (
    storage.ResolveRecoveryPoint,
    preflight.CheckReadiness,
    fence.FenceProtectedSite,
)


class FenceTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.east = self.bench.east
        self.array = self.bench.sites.source

    def fence(self) -> journal.LaneRig:
        rig = self.bench.rig()
        rig.run(*TASKS)
        return rig

    def report(self, rig: journal.LaneRig) -> results.FenceReport:
        self.assertIs(
            LaneState.SUCCEEDED, rig.store.lane.state, rig.store.lane.reason
        )
        return bench.result(rig, fence.FenceProtectedSite)

    def leftovers(self, rig: journal.LaneRig) -> tuple[models.Leftover, ...]:
        return rig.store.step('fence_protected_site').leftovers

    def server(self, name: str) -> objects.Server:
        (found,) = [
            each for each in self.east.servers.values() if each.name == name
        ]
        return found

    def change(self, name: str, **values: Any) -> None:
        self.east.change_server(self.server(name).id, **values)

    def states(self) -> dict[str, tuple[str, bool]]:
        return {
            each.name: (each.status, each.locked)
            for each in self.east.servers.values()
        }

    def marks(self) -> list[str]:
        return [
            pair.value
            for server in self.east.servers.values()
            for pair in server.metadata
            if pair.key == fence.FENCED_KEY
        ]

    def fail(
        self, method: str, kind: type[exception.CloudError], times: int = 1000
    ) -> None:
        error = kind(
            service='nova', site='east', http_status=500, reason='no luck'
        )
        self.east.fail(method, error, times)

    @property
    def replicates(self) -> bool:
        return self.array.groups[application.PROTECTION_GROUP].enabled


class FenceProtectedSiteTest(FenceTestCase):
    def test_servers_are_stopped_and_locked(self) -> None:
        report = self.report(self.fence())

        self.assertEqual(
            (True, None, True),
            (report.fenced, report.reason, report.replication_paused),
        )
        self.assertEqual(set(self.east.servers), set(report.servers))
        self.assertEqual(
            {'web': ('SHUTOFF', True), 'database': ('SHUTOFF', True)},
            self.states(),
        )
        self.assertFalse(self.replicates)

    def test_it_waits_until_they_have_stopped(self) -> None:
        self.east.latency = 6

        report = self.report(self.fence())

        self.assertTrue(report.fenced)
        self.assertEqual(2, len(self.east.called('stop_server')))

    def test_a_server_of_nobody_runs_on(self) -> None:
        flavor = next(iter(self.east.flavors.values()))
        self.east.add_server(application.EAST_PROJECT, 'other', flavor)

        self.fence()

        self.assertEqual(('ACTIVE', False), self.states()['other'])

    def test_quiet_servers_are_left_as_they_are(self) -> None:
        for name in bench.MEMBERS:
            self.change(name, status='SHUTOFF', locked=True)

        report = self.report(self.fence())

        self.assertEqual((True, ()), (report.fenced, report.servers))
        self.assertEqual([], self.marks())

    def test_a_site_that_does_not_answer(self) -> None:
        self.east.down = True

        report = self.report(self.fence())

        self.assertFalse(report.fenced)
        self.assertFalse(report.begun)
        self.assertIn('Site east does not answer', report.reason)
        self.assertTrue(self.replicates)

    def test_a_site_that_refuses_our_credentials(self) -> None:
        self.east.fail(
            'probe',
            exception.SiteAuthenticationFailed(site='east', reason='expired'),
            times=2,
        )

        report = self.report(self.fence())

        self.assertIn('expired', report.reason)

    def test_one_lost_answer_is_no_lost_site(self) -> None:
        self.fail('list_servers', exception.CloudUnavailable, times=2)

        self.assertTrue(self.report(self.fence()).fenced)

    def test_a_nova_that_never_answers_is_lost(self) -> None:
        self.fail('list_servers', exception.CloudUnavailable)

        report = self.report(self.fence())

        self.assertEqual(
            (False, 'nova at east did not answer: no luck'),
            (report.fenced, report.reason),
        )

    def test_a_nova_that_fails_is_lost(self) -> None:
        self.fail('list_servers', exception.CloudError)

        report = self.report(self.fence())

        self.assertFalse(report.fenced)
        self.assertIn('no luck', report.reason)

    def test_dead_hosts_under_a_live_nova_keep_nobody(self) -> None:
        self.east.latency = 10**9

        report = self.report(self.fence())

        self.assertEqual(
            'Server database, web did not stop in 180 seconds and may still '
            'run.',
            report.reason,
        )
        self.assertFalse(report.fenced)
        self.assertTrue(report.begun)

    def test_many_that_do_not_stop_are_not_all_named(self) -> None:
        flavor = next(iter(self.east.flavors.values()))
        servers = [
            self.east.add_server('p', f's{number}', flavor)
            for number in range(7)
        ]
        self.assertEqual(
            'Server s0, s1, s2, s3, s4 and 2 more', fence._names(servers)
        )

    def test_a_server_that_cannot_be_stopped_does_not_stop_the_rest(
        self,
    ) -> None:
        self.change('web', status='VERIFY_RESIZE')

        report = self.report(self.fence())

        self.assertIn('Server web did not stop', report.reason)
        self.assertEqual(('SHUTOFF', True), self.states()['database'])

    def test_a_refusal_need_not_last(self) -> None:
        self.fail('stop_server', exception.CloudConflict, times=3)

        self.assertTrue(self.report(self.fence()).fenced)

    def test_a_site_that_dies_while_it_is_fenced(self) -> None:
        rig = self.bench.rig()
        self.east.latency = 5

        def die(seconds: float) -> None:
            self.east.down = True

        rig.waiter.on_wait = die
        rig.run(*TASKS)

        report = self.report(rig)
        self.assertEqual((False, True), (report.fenced, report.begun))

    def test_a_site_that_is_dead_when_another_engine_takes_over(self) -> None:
        rig = self.bench.rig()
        with rig.killed_at('fence_protected_site', 'acting'):
            rig.run(*TASKS)
        self.east.down = True

        rig.run(*TASKS)

        self.assertTrue(self.report(rig).begun)

    def test_a_dead_site_that_was_left_alone_is_owed_nothing(self) -> None:
        self.east.down = True
        rig = self.bench.rig()
        with rig.killed_at('fence_protected_site', 'after'):
            rig.run(*TASKS)
        rig.run(*TASKS)

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

    def test_replication_of_others_goes_on(self) -> None:
        self.array.add_volume('foreign')
        self.array.groups[application.PROTECTION_GROUP].volumes.add('foreign')
        self.bench.sites.replicate('2')

        report = self.report(self.fence())

        self.assertTrue(report.fenced)
        self.assertFalse(report.replication_paused)
        self.assertTrue(self.replicates)

    def test_replication_that_nobody_tells_of(self) -> None:
        self.array.fail('replication_health', errors.ArrayUnreachable('dead'))

        report = self.report(self.fence())

        self.assertTrue(report.fenced)

    def test_an_array_that_is_busy_is_asked_again(self) -> None:
        self.array.fail('pause', errors.ArrayBusy('later'))

        self.assertTrue(self.report(self.fence()).replication_paused)
        self.assertFalse(self.replicates)

    def test_what_was_paused_before_was_not_paused_here(self) -> None:
        self.array.groups[application.PROTECTION_GROUP].enabled = False

        rig = self.fence()

        self.assertFalse(self.report(rig).replication_paused)
        rig.undo(*TASKS)
        self.assertFalse(self.replicates)

    def test_a_killed_engine_does_not_forget_what_was_paused_before(
        self,
    ) -> None:
        self.array.groups[application.PROTECTION_GROUP].enabled = False
        rig = self.bench.rig()
        with rig.killed_at('fence_protected_site', 'acting'):
            rig.run(*TASKS)

        rig.undo(*TASKS)

        self.assertFalse(self.replicates)

    def test_a_lost_site_is_not_waited_for_again(self) -> None:
        self.east.down = True
        task = fence.FenceProtectedSite(self.bench.rig().environment())
        point = bench.result(self.fence(), storage.ResolveRecoveryPoint)
        calls = len(self.east.called('probe'))

        task.intent(point)
        report = task.observe(point, None)

        self.assertFalse(report.fenced)
        self.assertEqual(calls + 2, len(self.east.called('probe')))

    def test_what_was_heard_since_the_lane_began_is_good(self) -> None:
        self.east.down = True
        task = fence.FenceProtectedSite(self.bench.rig().environment())
        point = bench.result(self.fence(), storage.ResolveRecoveryPoint)
        calls = len(self.east.called('probe'))

        task.anticipate()
        task.intent(point)
        report = task.observe(point, None)

        self.assertFalse(report.fenced)
        self.assertEqual(calls + 2, len(self.east.called('probe')))

    def test_a_probe_whose_answer_is_lost_is_made_again(self) -> None:
        self.east.fail(
            'probe',
            exception.SiteUnreachable(
                site='east', service='keystone', reason='no luck'
            ),
            times=1,
        )

        report = self.report(self.fence())

        self.assertTrue(report.fenced)
        self.assertTrue(report.replication_paused)

    def test_a_single_refusal_is_not_believed(self) -> None:
        self.fail('list_servers', exception.CloudForbidden, times=1)

        self.assertTrue(self.report(self.fence()).fenced)

    def test_the_report_tells_why_servers_did_not_stop(self) -> None:
        self.fail('stop_server', exception.CloudForbidden)

        report = self.report(self.fence())

        self.assertFalse(report.fenced)
        self.assertIn('may still run. nova at east answered', report.reason)

    def test_the_report_tells_why_replication_goes_on(self) -> None:
        self.array.fail('pause', errors.ArrayRefused('no'), times=10**6)

        report = self.report(self.fence())

        self.assertEqual(
            (
                True,
                'The replication from there may go on: '
                'A storage array refused a change.',
            ),
            (report.fenced, report.reason),
        )


class UnfenceTest(FenceTestCase):
    def test_everything_is_as_it_was(self) -> None:
        self.change('database', status='SHUTOFF')
        rig = self.fence()

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

        self.assertEqual(
            {'web': ('ACTIVE', False), 'database': ('SHUTOFF', False)},
            self.states(),
        )
        self.assertEqual([], self.marks())
        self.assertTrue(self.replicates)

    def test_what_was_locked_stays_locked(self) -> None:
        self.change('web', locked=True)
        rig = self.fence()
        self.assertEqual(('SHUTOFF', True), self.states()['web'])

        rig.undo(*TASKS)

        self.assertEqual(('ACTIVE', True), self.states()['web'])

    def test_a_server_that_is_still_stopping_is_started_later(self) -> None:
        rig = self.bench.rig()
        with rig.killed_at('fence_protected_site', 'before'):
            rig.run(*TASKS)
        self.east.latency = 30
        task = fence.FenceProtectedSite(rig.environment())
        for server in self.east.servers.values():
            task._quieten(server)

        self.assertEqual((), task.undo(None, bench.result(rig, TASKS[0])))

        self.assertEqual(
            {'web': ('ACTIVE', False), 'database': ('ACTIVE', False)},
            self.states(),
        )

    def test_a_server_that_never_stopped_is_released(self) -> None:
        self.fail('stop_server', exception.CloudConflict)
        rig = self.fence()

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

        self.assertEqual([], self.east.called('start_server'))
        self.assertEqual(('ACTIVE', False), self.states()['web'])
        self.assertEqual([], self.marks())

    def test_the_mark_of_another_run_is_not_ours(self) -> None:
        rig = self.fence()
        web = self.server('web')
        self.east.change_server(
            web.id, metadata=(objects.Pair(fence.FENCED_KEY, 'other ACTIVE'),)
        )

        rig.undo(*TASKS)

        self.assertEqual(('SHUTOFF', True), self.states()['web'])
        self.assertEqual(['other ACTIVE'], self.marks())

    def test_a_server_that_was_deleted_meanwhile(self) -> None:
        rig = self.fence()
        del self.east.servers[self.server('web').id]

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

        self.assertEqual({'database': ('ACTIVE', False)}, self.states())
        self.assertTrue(self.replicates)

    def test_a_server_that_does_not_start(self) -> None:
        rig = self.fence()
        self.fail('start_server', exception.CloudConflict)

        self.assertIs(LaneState.FAILED, rig.undo(*TASKS))

        self.assertEqual(
            {'web', 'database'}, {each.name for each in self.leftovers(rig)}
        )
        self.assertIn('no luck', self.leftovers(rig)[0].reason)
        self.assertIn('Do not delete it', self.leftovers(rig)[0].reason)
        self.assertTrue(self.replicates)

    def test_nothing_is_asked_of_a_site_that_was_never_reached(self) -> None:
        self.east.down = True
        rig = self.fence()
        self.east.down = False
        self.east.calls.clear()

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

        self.assertEqual([], self.east.calls)

    def test_a_site_that_died_afterwards_is_owed(self) -> None:
        rig = self.fence()
        self.east.down = True

        self.assertIs(LaneState.FAILED, rig.undo(*TASKS))

        (leftover,) = self.leftovers(rig)
        self.assertEqual(
            ('site', 'east'), (leftover.resource_type, leftover.name)
        )
        self.assertIn(
            'Its servers may be stopped and locked: nova at east did not '
            'answer',
            leftover.reason,
        )
        self.assertTrue(self.replicates)

    def test_replication_that_cannot_be_resumed_is_owed(self) -> None:
        rig = self.fence()
        self.array.fail(
            'resume', errors.ArrayAuthenticationFailed('fa-east'), times=99
        )

        self.assertIs(LaneState.FAILED, rig.undo(*TASKS))

        (leftover,) = self.leftovers(rig)
        self.assertIn(
            'The replication from there is still paused', leftover.reason
        )
        self.assertNotIn('fa-east', leftover.reason)
        self.assertEqual(('ACTIVE', False), self.states()['web'])

    def test_replication_paused_at_a_site_that_died_then_is_resumed(
        self,
    ) -> None:
        rig = self.bench.rig()
        rig.waiter.on_wait = lambda _: setattr(self.east, 'down', True)
        self.east.latency = 30
        rig.run(*TASKS)
        self.assertFalse(self.replicates)
        rig.waiter.on_wait = lambda _: None
        self.east.down = False

        rig.undo(*TASKS)

        self.assertTrue(self.replicates)

    def test_a_site_that_is_restarted_gets_its_servers_back(self) -> None:
        rig = self.fence()
        self.fail('list_servers', exception.CloudUnavailable, times=5)

        self.assertIs(LaneState.REVERTED, rig.undo(*TASKS))

        self.assertEqual(('ACTIVE', False), self.states()['web'])

    def test_a_debt_of_an_earlier_attempt_is_not_forgotten(self) -> None:
        first = self.fence()
        self.array.fail(
            'resume', errors.ArrayAuthenticationFailed('fa-east'), times=2
        )
        first.undo(*TASKS)
        self.assertFalse(self.replicates)
        (owed,) = (
            row
            for row in first.store.steps.values()
            if row.name == fence.FenceProtectedSite.step
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                'aegis.tasks.records.LaneRecords.earlier',
                lambda records, lane, step: [owed],
            )
        )

        rig = self.fence()
        rig.undo(*TASKS)

        self.assertTrue(self.replicates)

    def test_replication_of_others_is_not_resumed(self) -> None:
        task = fence.FenceProtectedSite(self.fence().environment())
        point = bench.result(self.fence(), storage.ResolveRecoveryPoint)
        self.bench.records.members.clear()

        self.assertEqual((), task.undo(None, point))

        self.assertFalse(self.replicates)
