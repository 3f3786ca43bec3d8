# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

from aegis import models
from aegis.clouds import objects
from aegis.common import exception, names
from aegis.tasks import storage, volume
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal

LaneState = models.LaneState
WEB = bench.MEMBERS['web']
MANAGE = (storage.AdoptVolumes, volume.ManageVolumes)
RESTORE = (*MANAGE, volume.RestoreVolumes)


class VolumeTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.bench.east.down = True
        self.bench.prepare()
        self.west = self.bench.west
        self.birth = names.Birth(journal.OPERATION_ID, WEB)

    def volumes(self) -> list[objects.Volume]:
        return sorted(self.west.volumes.values(), key=lambda each: each.name)

    def add(self, name: str, **values: Any) -> objects.Volume:
        return self.west.add_volume(application.WEST_PROJECT, name, **values)


class OwnVolumesTest(VolumeTestCase):
    """Whose a volume in Cinder is."""

    def ordinals(self) -> list[int]:
        task = volume.ManageVolumes(self.bench.rig('web').environment())
        return [ordinal for ordinal, _ in task.own_volumes()]

    def metadata(self, **values: str) -> tuple[objects.Pair, ...]:
        return tuple(
            objects.Pair(key, value)
            for key, value in {**self.birth.metadata, **values}.items()
        )

    def test_by_birth(self) -> None:
        self.add('web-0', metadata=self.metadata(**{names.ORDINAL_KEY: '7'}))
        self.assertEqual([7], self.ordinals())

    def test_by_derived_name_of_any_attempt(self) -> None:
        for attempt in (1, 2, 13):
            self.add(self.birth.name(attempt, attempt))
        self.assertEqual([1, 2, 13], self.ordinals())

    def test_not_by_a_name_that_is_only_alike(self) -> None:
        for name in (
            self.birth.name(),
            self.birth.name('mine', 0),
            self.birth.name(1),
            self.birth.name(1, 'first'),
            self.birth.name(1, 0, 0),
            f'{self.birth.name(1, 0)} (copy)',
            names.Birth('0' * 36, WEB).name(1, 0),
            names.Birth(journal.OPERATION_ID, 'f' * 36).name(1, 0),
            'web-0',
            '',
        ):
            self.add(name)
        self.assertEqual([], self.ordinals())

    def test_a_tenant_may_have_spoilt_the_metadata(self) -> None:
        self.add('a', metadata=self.metadata())
        self.add('b', metadata=self.metadata(**{names.ORDINAL_KEY: 'x'}))
        self.assertEqual([], self.ordinals())


class ManageVolumesTest(VolumeTestCase):
    def run_step(self, member: str = 'web') -> journal.LaneRig:
        rig = self.bench.rig(member)
        rig.run(*MANAGE)
        return rig

    def test_each_promoted_volume_is_taken_over(self) -> None:
        rig = self.run_step('database')

        managed = bench.result(rig, volume.ManageVolumes)

        self.assertEqual([0, 1, 2], [each.ordinal for each in managed])
        for each in managed:
            found = self.west.volumes[each.volume_id]
            self.assertEqual('available', found.status)
            self.assertEqual(each.ordinal + 1, found.size_gib)
            self.assertEqual(application.VOLUME_TYPE, found.volume_type)
            self.assertEqual(each.ordinal == 0, found.bootable)
            stored = self.bench.sites.target.volumes[found.array_volume]
            self.assertEqual(each.serial, stored.serial)

    def test_it_waits_until_cinder_is_done(self) -> None:
        self.west.latency = 4

        rig = self.run_step()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(1, len(self.west.called('manage_volume')))

    def test_what_cinder_fails_to_manage_is_told_and_removed(self) -> None:
        self.west.next_volume_status = 'error'

        rig = self.run_step('database')

        self.assertIs(LaneState.REVERTED, rig.store.lane.state)
        row = rig.store.step('manage_volumes')
        self.assertEqual('aegis.cloud.resource_failed', row.error_code)
        self.assertIn('volume database-0 is in state error', row.message)
        self.assertEqual([], self.volumes())

    def test_cinders_other_word_for_it_is_known(self) -> None:
        self.add(self.birth.name(1, 0), status='error_managing')

        rig = self.run_step()

        row = rig.store.step('manage_volumes')
        self.assertIn('is in state error_managing', row.message)
        self.assertIs(LaneState.REVERTED, rig.store.lane.state)
        self.assertEqual([], self.volumes())

    def test_what_an_earlier_attempt_failed_at_does_not_matter(self) -> None:
        stale = self.add(self.birth.name(1, 0), status='error')
        self.bench.operation = dataclasses.replace(
            self.bench.operation, attempt=2
        )

        rig = self.run_step()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        (managed,) = bench.result(rig, volume.ManageVolumes)
        self.assertNotEqual(stale.id, managed.volume_id)

    def test_what_an_earlier_attempt_could_not_return_is_not_used(
        self,
    ) -> None:
        first = self.run_step()
        bench.forbid(self.west, 'cinder', 'unmanage_volume')
        self.assertIs(LaneState.FAILED, first.undo(*MANAGE))
        (left,) = self.volumes()
        self.bench.operation = dataclasses.replace(
            self.bench.operation, attempt=2
        )

        rig = self.run_step()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        (managed,) = bench.result(rig, volume.ManageVolumes)
        self.assertNotEqual(left.id, managed.volume_id)

    def test_no_volume_type_stands_for_the_captured_one(self) -> None:
        self.west.volume_types.clear()

        row = self.run_step().store.step('manage_volumes')

        self.assertEqual('aegis.not_found', row.error_code)
        self.assertIn(
            f'has no volume type {application.VOLUME_TYPE}', row.message
        )

    def test_a_backend_that_has_just_started_is_waited_for(self) -> None:
        pools = dict(self.west.pools)
        self.west.pools.clear()
        rig = self.bench.rig('web')
        rig.waiter.on_wait = lambda _: self.west.pools.update(pools)

        self.assertIs(LaneState.SUCCEEDED, rig.run(*MANAGE))

    def test_a_backend_that_never_starts(self) -> None:
        self.west.pools.clear()

        row = self.run_step().store.step('manage_volumes')

        self.assertEqual('aegis.volume_backend.not_running', row.error_code)
        self.assertIn('Start its cinder-volume', row.message)

    def test_cinder_never_gets_done(self) -> None:
        self.west.next_volume_status = 'error'
        self.add(self.birth.name(1, 0), status='managing')

        rig = self.run_step()

        row = rig.store.step('manage_volumes')
        self.assertEqual('aegis.step.timeout', row.error_code)
        self.assertIn('Cinder is busy with 1 volumes', row.message)
        (leftover,) = row.leftovers
        self.assertIn('It is still in state managing.', leftover.reason)

    def test_undoing_touches_nobody_elses(self) -> None:
        other = self.add('web-0')
        rig = self.run_step()

        state = rig.undo(*MANAGE)

        self.assertIs(LaneState.REVERTED, state)
        self.assertEqual([other], self.volumes())

    def test_undoing_unmanages_and_lets_the_array_keep_it(self) -> None:
        rig = self.run_step()
        (found,) = self.volumes()
        stored = self.bench.sites.target.volumes[found.array_volume]
        task = volume.ManageVolumes(rig.environment())

        self.assertEqual((), task.undo(None, ()))

        self.assertEqual([], self.volumes())
        self.assertFalse(stored.destroyed)

    def test_undoing_one_of_many_that_goes_by_itself(self) -> None:
        rig = self.run_step('database')
        self.west.fail(
            'unmanage_volume',
            exception.CloudNotFound(
                service='cinder', site='west', http_status=404, reason='gone'
            ),
            after=True,
        )

        self.assertIs(LaneState.REVERTED, rig.undo(*MANAGE))

        self.assertEqual([], self.volumes())

    def test_undoing_leaves_an_attached_volume(self) -> None:
        rig = self.run_step()
        (found,) = self.volumes()
        self.west.change_volume(found.id, status='in-use')

        self.assertIs(LaneState.FAILED, rig.undo(*MANAGE))

        (leftover,) = rig.store.step('manage_volumes').leftovers
        self.assertEqual(
            ('cinder', 'volume', found.id),
            (leftover.service, leftover.resource_type, leftover.resource_id),
        )
        self.assertIn('It is still in state in-use.', leftover.reason)


class RestoreVolumesTest(VolumeTestCase):
    def run_step(self, member: str = 'web') -> journal.LaneRig:
        rig = self.bench.rig(member)
        rig.run(*RESTORE)
        return rig

    def test_a_volume_is_as_it_was(self) -> None:
        self.run_step()

        (found,) = self.volumes()

        self.assertEqual('web-0', found.name)
        self.assertEqual('Disk 0', found.description)
        self.assertTrue(found.bootable)
        metadata = {pair.key: pair.value for pair in found.metadata}
        self.assertEqual('disk 0', metadata['purpose'])
        self.assertEqual(
            (objects.Pair('os_distro', 'debian'),), found.image_metadata
        )

    def test_a_volume_carries_its_birth(self) -> None:
        self.run_step()

        (found,) = self.volumes()

        self.assertLessEqual(
            {
                objects.Pair(key, value)
                for key, value in {
                    **self.birth.metadata,
                    names.ORDINAL_KEY: '0',
                }.items()
            },
            set(found.metadata),
        )

    def test_its_place_is_its_new_one(self) -> None:
        self.run_step()

        (found,) = self.volumes()

        metadata = {pair.key: pair.value for pair in found.metadata}
        self.assertEqual('fa-west', metadata['array_name'])

    def test_it_is_done_once(self) -> None:
        rig = self.run_step()
        self.west.calls.clear()

        rig.run(*RESTORE)

        self.assertEqual([], self.west.called('update_volume'))

    def test_what_a_repeated_request_left_behind_is_removed(self) -> None:
        rig = self.bench.rig('web')
        rig.run(*MANAGE)
        self.add(self.birth.name(1, 0), status='error')
        bystander = self.add('web-0', status='error')

        rig.run(*RESTORE)

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(2, len(self.volumes()))
        self.assertIn(bystander, self.volumes())

    def test_what_a_repeated_request_left_behind_goes_by_itself(self) -> None:
        rig = self.bench.rig('web')
        rig.run(*MANAGE)
        self.add(self.birth.name(1, 0), status='error')
        self.west.fail(
            'delete_volume',
            exception.CloudNotFound(
                service='cinder', site='west', http_status=404, reason='gone'
            ),
            after=True,
        )

        rig.run(*RESTORE)

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)

    def test_a_volume_that_vanished(self) -> None:
        rig = self.bench.rig('web')
        rig.run(*MANAGE)
        (found,) = self.volumes()
        del self.west.volumes[found.id]

        rig.run(*RESTORE)

        row = rig.store.step('restore_volumes')
        self.assertEqual('aegis.cloud.not_found', row.error_code)
        self.assertIn(f'there is no volume {found.id}', row.message)

    def test_a_volume_that_will_not_be_as_it_was(self) -> None:
        rig = self.bench.rig('web')
        rig.run(*MANAGE)
        self.west.fail(
            'update_volume',
            exception.CloudForbidden(
                service='cinder', site='west', http_status=403, reason='no'
            ),
            times=2,
        )

        rig.run(*RESTORE)

        self.assertIs(LaneState.REVERTED, rig.store.lane.state)
        self.assertEqual([], self.volumes())
