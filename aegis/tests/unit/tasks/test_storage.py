# SPDX-License-Identifier: Apache-2.0
import dataclasses
import datetime
from typing import Any
from unittest import mock

from aegis import models
from aegis.common import exception, names
from aegis.storage import base as storage_base
from aegis.storage import errors, noop
from aegis.tasks import results, storage, volume
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal

LaneState = models.LaneState
WEB = bench.MEMBERS['web']
DATABASE = bench.MEMBERS['database']


class StorageTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.array = self.bench.sites.target

    def live(self) -> list[str]:
        return sorted(each.name for each in self.bench.sites.live_volumes())

    def bystander(self, **values: Any) -> noop.Volume:
        """Somebody else's volume, as like ours as can be."""
        return self.array.add_volume(
            f'aegis-{journal.OPERATION_ID[:8]}-{WEB[:8]}-1-0', **values
        )


class ResolveRecoveryPointTest(StorageTestCase):
    def run_step(self, **arguments: Any) -> journal.LaneRig:
        self.bench.operation = journal.make_operation(arguments=arguments)
        rig = self.bench.rig()
        rig.run(storage.ResolveRecoveryPoint)
        return rig

    def chosen(self, **arguments: Any) -> results.ChosenPoint:
        return bench.result(
            self.run_step(**arguments), storage.ResolveRecoveryPoint
        )

    def points(self) -> list[storage_base.RecoveryPoint]:
        return noop.NoopDriver(application.WEST_ARRAY).recovery_points(
            storage_base.ReplicationGroup(
                application.EAST_ARRAY, application.PROTECTION_GROUP
            ),
            10,
        )

    def test_the_newest_is_taken(self) -> None:
        newest = self.bench.sites.replicate('2')

        chosen = self.chosen()

        self.assertEqual(newest, chosen.point)
        self.assertEqual(application.WEST_ARRAY, chosen.array)

    def test_the_age_is_by_the_clock_of_the_array(self) -> None:
        now = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)
        self.array.clock = lambda: now

        self.assertEqual(now, self.chosen().array_now)

    def test_the_wanted_one_is_taken(self) -> None:
        self.bench.sites.replicate('2')
        oldest = self.points()[-1]

        chosen = self.chosen(
            recovery_point=names.recovery_point_id(oldest.name)
        )

        self.assertEqual(oldest, chosen.point)

    def test_an_unknown_one(self) -> None:
        row = self.run_step(recovery_point='another').store.step(
            'resolve_recovery_point'
        )
        self.assertEqual('aegis.recovery_point.not_found', row.error_code)
        self.assertIn('There is no recovery point another.', row.message)

    def test_none_at_all(self) -> None:
        for wanted in ({}, {'recovery_point': 'another'}):
            self.array.points.clear()
            row = self.run_step(**wanted).store.step('resolve_recovery_point')
            self.assertEqual('aegis.recovery_point.none', row.error_code)
            self.assertIn('at site west', row.message)

    def test_an_array_that_is_lost_is_done_without(self) -> None:
        self.conf.set_override(
            'arrays', ['dead', application.WEST_ARRAY], group='site:west'
        )
        noop.world('dead').fail(
            'recovery_points', errors.ArrayUnreachable('dead')
        )

        self.assertEqual(application.WEST_ARRAY, self.chosen().array)

    def test_an_array_that_is_lost_explains_why_there_is_none(self) -> None:
        self.array.fail(
            'recovery_points', errors.ArrayAuthenticationFailed('no'), times=2
        )
        row = self.run_step().store.step('resolve_recovery_point')
        self.assertEqual('aegis.storage.authentication', row.error_code)

    def test_an_array_that_answers_again_is_asked_again(self) -> None:
        self.array.fail('recovery_points', errors.ArrayUnreachable('once'))
        self.assertEqual(application.WEST_ARRAY, self.chosen().array)


class PromoteVolumesTest(StorageTestCase):
    tasks = (storage.ResolveRecoveryPoint, storage.PromoteVolumes)

    def promote(self) -> journal.LaneRig:
        rig = self.bench.rig()
        rig.run(*self.tasks)
        return rig

    def test_all_volumes_of_all_members_at_once(self) -> None:
        with mock.patch.object(
            noop.NoopDriver,
            'promote',
            autospec=True,
            side_effect=noop.NoopDriver.promote,
        ) as promote:
            rig = self.promote()

        self.assertEqual(1, promote.call_count)
        self.assertEqual(4, bench.result(rig, storage.PromoteVolumes).volumes)
        self.assertEqual(4, len(self.live()))
        self.assertEqual(
            {'recovery_point': mock.ANY},
            rig.store.step('promote_volumes').intent,
        )

    def test_one_that_breaks_off_is_completed(self) -> None:
        self.array.fail('promote', errors.ArrayBusy('later'), after=2)

        rig = self.promote()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(4, len(self.live()))

    def test_one_that_breaks_off_for_good_leaves_nothing(self) -> None:
        self.array.fail(
            'promote', errors.ArrayLimitReached('full'), after=2, times=2
        )

        rig = self.promote()

        self.assertIs(LaneState.REVERTED, rig.store.lane.state)
        self.assertEqual([], self.live())

    def test_a_bystander_of_that_name_is_not_touched(self) -> None:
        bystander = self.bystander()

        rig = self.promote()

        self.assertEqual(
            'aegis.storage.name_taken',
            rig.store.step('promote_volumes').error_code,
        )
        self.assertEqual([bystander.name], self.live())

    def test_undoing_discards_them_all(self) -> None:
        rig = self.promote()
        bystander = self.array.add_volume('bystander')

        state = rig.undo(*self.tasks)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual([bystander.name], self.live())

    def test_undoing_leaves_what_is_in_use(self) -> None:
        rig = self.promote()
        used = self.bench.sites.live_volumes()[0]
        used.connected = True

        state = rig.undo(*self.tasks)

        self.assertIs(LaneState.FAILED, state)
        self.assertEqual([used.name], self.live())
        (leftover,) = rig.store.step('promote_volumes').leftovers
        self.assertEqual(used.serial, leftover.resource_id)
        self.assertIn('A host is connected to it.', leftover.reason)
        self.assertNotIn(used.name, leftover.name)

    def test_undoing_leaves_what_cinder_has(self) -> None:
        rig = self.promote()
        held = self.bench.sites.live_volumes()[0]
        self.bench.west.add_volume(
            application.WEST_PROJECT, 'held', array_volume=held.name
        )

        rig.undo(*self.tasks)

        self.assertEqual([held.name], self.live())
        (leftover,) = rig.store.step('promote_volumes').leftovers
        self.assertIn('Cinder has it still.', leftover.reason)

    def test_undoing_before_anything_was_done(self) -> None:
        self.array.fail('find', errors.ArrayRefused('no'), times=2)

        rig = self.promote()

        self.assertIs(LaneState.REVERTED, rig.store.lane.state)


class AdoptVolumesTest(StorageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench.east.down = True
        self.bench.prepare()

    def adopt(self) -> journal.LaneRig:
        rig = self.bench.rig('database')
        rig.run(storage.AdoptVolumes)
        return rig

    def test_the_members_own_are_found_in_order(self) -> None:
        adopted = bench.result(self.adopt(), storage.AdoptVolumes)

        self.assertEqual([0, 1, 2], [each.ordinal for each in adopted])
        self.assertEqual({DATABASE}, {each.member_id for each in adopted})

    def test_a_volume_that_names_no_member_is_nobodys(self) -> None:
        self.array.add_volume(
            'strange',
            tags={storage_base.Tag('operation', journal.OPERATION_ID)},
        )

        adopted = bench.result(self.adopt(), storage.AdoptVolumes)

        self.assertEqual([0, 1, 2], [each.ordinal for each in adopted])

    def test_what_was_discarded_is_promoted_again(self) -> None:
        rig = self.adopt()
        rig.undo(storage.AdoptVolumes)
        self.assertEqual(1, len(self.live()))
        self.bench.operation = dataclasses.replace(
            self.bench.operation, attempt=2
        )

        adopted = bench.result(self.adopt(), storage.AdoptVolumes)

        self.assertEqual(3, len(adopted))
        self.assertTrue(all('-2-' in each.name for each in adopted))

    def test_undoing_leaves_other_members_alone(self) -> None:
        rig = self.adopt()

        state = rig.undo(storage.AdoptVolumes)

        self.assertIs(LaneState.REVERTED, state)
        (left,) = self.bench.sites.live_volumes()
        self.assertIn(storage_base.Tag('member', WEB), left.tags)

    def test_a_kill_in_the_middle_of_undoing(self) -> None:
        rig = self.adopt()
        self.array.fail('discard', errors.ArrayBusy('later'), after=1)

        state = rig.undo(storage.AdoptVolumes)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual(1, len(self.live()))

    def test_what_cinder_could_not_let_go_stays_on_the_array(self) -> None:
        rig = self.bench.rig('web')
        tasks = (storage.AdoptVolumes, volume.ManageVolumes)
        rig.run(*tasks)
        self.bench.west.fail(
            'unmanage_volume',
            exception.CloudConflict(
                service='cinder',
                site='west',
                http_status=400,
                reason='it has snapshots',
            ),
            times=1000,
        )

        state = rig.undo(*tasks)

        self.assertIs(LaneState.FAILED, state)
        (held,) = self.bench.west.volumes.values()
        self.assertIn(held.array_volume, self.live())
        self.assertIn(
            'it has snapshots',
            rig.store.step('manage_volumes').leftovers[0].reason,
        )
