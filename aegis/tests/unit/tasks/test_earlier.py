# SPDX-License-Identifier: Apache-2.0
import dataclasses

from aegis import models
from aegis.storage import base as storage_base
from aegis.tasks import earlier, storage, volume
from aegis.tests import base
from aegis.tests.fixtures import bench

LaneState = models.LaneState


class ClearEarlierAttemptsTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.bench.east.down = True
        self.bench.prepare()
        self.west = self.bench.west

    def fail_at_the_end(self) -> None:
        """The first attempt builds all of a server, and undoes nothing."""
        rig = self.bench.recover('web')
        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.first = {each.id for each in self.west.servers.values()}
        self.bench.operation = dataclasses.replace(
            self.bench.operation, attempt=2
        )

    def attempts(self, member: str) -> set[str]:
        """The attempts that the member's live array volumes are of."""
        mine = storage_base.Tag('member', bench.MEMBERS[member])
        return {
            tag.value
            for each in self.bench.sites.live_volumes()
            if mine in each.tags
            for tag in each.tags
            if tag.key == 'attempt'
        }

    def test_nothing_is_asked_in_the_first_attempt(self) -> None:
        self.west.calls.clear()

        rig = self.bench.recover('web', earlier.ClearEarlierAttempts)

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual([], self.west.calls)

    def test_a_later_attempt_begins_with_nothing(self) -> None:
        self.fail_at_the_end()

        rig = self.bench.recover('web')

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        (server,) = self.west.servers.values()
        self.assertNotIn(server.id, self.first)
        self.assertEqual({'2'}, self.attempts('web'))
        used = {each.device_id for each in self.west.ports.values()}
        self.assertEqual(set(), used & self.first)

    def test_other_members_are_left_alone(self) -> None:
        self.bench.recover('database')
        (kept,) = self.west.servers
        self.fail_at_the_end()

        self.bench.recover('web')

        self.assertIn(kept, self.west.servers)
        self.assertEqual({'1'}, self.attempts('database'))

    def test_what_stays_is_told_and_nothing_is_made(self) -> None:
        self.fail_at_the_end()
        bench.forbid(self.west, 'nova', 'delete_server')

        rig = self.bench.recover('web')

        self.assertIs(LaneState.FAILED, rig.store.lane.state)
        row = rig.store.step('clear_earlier_attempts')
        self.assertEqual('aegis.member.earlier_attempt', row.error_code)
        self.assertIn('nova server web', row.message)
        self.assertIn('server', {each.resource_type for each in row.leftovers})
        self.assertEqual(self.first, set(self.west.servers))
        self.assertEqual({'1'}, self.attempts('web'))

    def test_a_kill_while_it_clears(self) -> None:
        self.fail_at_the_end()
        rig = self.bench.rig('web')
        tasks = bench.until(volume.ManageVolumes)
        with rig.killed_at('clear_earlier_attempts', 'acting'):
            rig.run(*tasks)

        self.assertIs(LaneState.SUCCEEDED, rig.run(*tasks))

        self.assertEqual({'2'}, self.attempts('web'))
        self.assertEqual({}, self.west.servers)


class AttemptTest(base.TestCase):
    def test_a_later_attempt_does_not_take_what_an_earlier_promoted(
        self,
    ) -> None:
        rigs = self.useFixture(bench.Bench(self.conf))
        rigs.east.down = True
        rigs.prepare()
        rigs.operation = dataclasses.replace(rigs.operation, attempt=2)

        rigs.prepare()

        for member in bench.MEMBERS:
            adopted = bench.result(
                rigs.recover(member, storage.AdoptVolumes),
                storage.AdoptVolumes,
            )
            self.assertTrue(all('-2-' in each.name for each in adopted))
