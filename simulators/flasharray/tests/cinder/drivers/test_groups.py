# SPDX-License-Identifier: Apache-2.0
"""Consistency groups, their snapshots, and their replication."""

from typing import Any

from cinder.volume.drivers import pure

from tests import support
from tests.cinder import arrays, rows
from tests.cinder.cases import CinderCase, every_driver, kind_of


class GroupCase(CinderCase):
    def group(self, *kinds: Any, replicated: bool = False) -> Any:
        """Return a group that the driver has made."""
        group = rows.group(list(kinds) or [kind_of('none')], replicated)
        update = self.driver.create_group(self.context, group)
        self.assertEqual('available', update['status'])
        group.status = 'available'
        group.save()
        return group

    def name_of(self, group: Any) -> str:
        return f'consisgroup-{group.id}-cinder'

    def filled(
        self, kind: Any, count: int = 2, replicated: bool = False
    ) -> tuple[Any, list[Any]]:
        """Return a group with volumes that were created in it."""
        group = self.group(kind, replicated=replicated)
        volumes = [self.create(kind, group_id=group.id) for _ in range(count)]
        return group, volumes

    def photograph(self, group: Any, volumes: list[Any]) -> tuple[Any, Any]:
        """Return a snapshot of the group and those of its volumes."""
        made = rows.group_snapshot(group)
        parts = [
            rows.snapshot(volume, group_snapshot_id=made.id)
            for volume in volumes
        ]
        self.driver.create_group_snapshot(self.context, made, parts)
        return made, [rows.reload(part) for part in parts]

    def members_of(self, group: Any, prefix: str = '') -> set[str]:
        return self.members(prefix + self.name_of(group))


@every_driver
class GroupTest(GroupCase):
    def test_volumes_join_and_leave(self) -> None:
        group = self.group()
        volumes = [self.create(), self.create()]
        self.driver.update_group(self.context, group, volumes, [])
        self.assertEqual(
            {volume.provider_id for volume in volumes},
            self.members_of(group),
        )
        self.driver.update_group(self.context, group, [], volumes[:1])
        self.assertEqual({volumes[1].provider_id}, self.members_of(group))

    def test_changing_nothing_removes_nobody(self) -> None:
        group, volumes = self.filled(kind_of('none'))
        self.driver.update_group(self.context, group, [], [])
        self.assertEqual(2, len(self.members_of(group)))

    def test_a_volume_is_made_in_it(self) -> None:
        group, [volume] = self.filled(kind_of('none'), 1)
        self.assertEqual({volume.provider_id}, self.members_of(group))

    def test_it_goes_with_its_volumes(self) -> None:
        group, [volume] = self.filled(kind_of('none'), 1)
        self.driver.delete_group(self.context, group, [volume])
        row = self.on(self.east, 'protection_groups')[self.name_of(group)]
        self.assertIsNotNone(row['destroyed'])
        self.assertIsNotNone(self.on_array(volume)['destroyed'])

    def test_deleting_it_twice_is_harmless(self) -> None:
        group = self.group()
        for _ in range(2):
            self.driver.delete_group(self.context, group, [])

    def test_its_snapshot_comes_and_goes(self) -> None:
        group, volumes = self.filled(kind_of('none'))
        made, parts = self.photograph(group, volumes)
        name = f'{self.name_of(group)}.cgsnapshot-{made.id}-cinder'
        self.assertLessEqual(
            {f'{name}.{volume.provider_id}' for volume in volumes},
            set(self.on(self.east, 'volume_snapshots')),
        )
        for _ in range(2):
            self.driver.delete_group_snapshot(self.context, made, parts)
        row = self.on(self.east, 'protection_group_snapshots')[name]
        self.assertIsNotNone(row['destroyed'])

    def test_a_group_is_made_from_its_snapshot(self) -> None:
        group, [volume] = self.filled(kind_of('none'), 1)
        self.write(volume, b'then')
        made, parts = self.photograph(group, [volume])
        self.write(volume, b'now!')
        copy = rows.group([kind_of('none')])
        target = rows.volume(kind_of('none'), group_id=copy.id)
        _, [update] = self.driver.create_group_from_src(
            self.context, copy, [target], made, parts
        )
        target = self.stored(target, update)
        self.assertEqual(b'then', self.read(target.provider_id, 4))
        self.assertEqual({target.provider_id}, self.members_of(copy))

    def test_a_group_is_made_from_a_group(self) -> None:
        group, [volume] = self.filled(kind_of('none'), 1)
        self.write(volume, b'now!')
        copy = rows.group([kind_of('none')])
        target = rows.volume(kind_of('none'), group_id=copy.id)
        _, [update] = self.driver.create_group_from_src(
            self.context, copy, [target], None, None, group, [volume]
        )
        target = self.stored(target, update)
        self.assertEqual(b'now!', self.read(target.provider_id, 4))
        self.assertEqual({target.provider_id}, self.members_of(copy))
        temporary = [
            row
            for row in self.on(
                self.east, 'protection_group_snapshots'
            ).values()
            if row['name'].startswith(self.name_of(group))
        ]
        self.assertIsNotNone(temporary[0]['destroyed'])

    def test_a_volume_is_reverted_to_its_snapshot(self) -> None:
        group, [volume] = self.filled(kind_of('none'), 1)
        self.write(volume, b'then')
        _, [part] = self.photograph(group, [volume])
        self.write(volume, b'now!')
        self.driver.revert_to_snapshot(self.context, volume, part)
        self.assertEqual(b'then', self.read(volume.provider_id, 4))


@every_driver
class GroupReplicationTest(GroupCase):
    """Replication of one group; the backend stays where it is."""

    def failed_over(self) -> tuple[Any, list[Any], dict[str, Any]]:
        group, volumes = self.filled(kind_of('async'), 1, replicated=True)
        self.write(volumes[0], b'copied')
        arrays.replicate(self.east, self.west, self.name_of(group))
        late = self.create(kind_of('async'), group_id=group.id)
        volumes.append(late)
        update, changes = self.driver.failover_replication(
            self.context, group, volumes, 'fa-west'
        )
        self.assertEqual('error', update['replication_status'])
        found = {change['id']: change for change in changes}
        return group, volumes, found

    def test_it_replicates_to_the_other_array(self) -> None:
        group, _ = self.filled(kind_of('async'), replicated=True)
        row = self.on(self.east, 'protection_groups')[self.name_of(group)]
        self.assertTrue(row['replication_schedule']['enabled'])
        self.assertIn(
            f'fa-east:{self.name_of(group)}',
            self.on(self.west, 'protection_groups'),
        )

    def test_it_is_switched_off_and_on(self) -> None:
        group = self.group(kind_of('async'), replicated=True)
        for call, status, on in (
            (self.driver.disable_replication, 'disabled', False),
            (self.driver.enable_replication, 'enabled', True),
        ):
            update, _ = call(self.context, group, [])
            self.assertEqual(status, update['replication_status'])
            row = self.on(self.east, 'protection_groups')[self.name_of(group)]
            self.assertEqual(on, row['replication_schedule']['enabled'])

    def test_a_failover_copies_what_was_replicated(self) -> None:
        _, [volume, late], changes = self.failed_over()
        self.assertEqual(
            ('fa-west', 'failed-over'),
            (
                changes[volume.id]['replication_driver_data'],
                changes[volume.id]['replication_status'],
            ),
        )
        self.assertEqual('error', changes[late.id]['status'])
        self.assertEqual(
            b'copied', self.read(volume.provider_id, 6, self.west)
        )

    def test_its_volumes_are_served_by_the_other_array(self) -> None:
        group, [volume, _], changes = self.failed_over()
        volume = self.stored(volume, {'replication_driver_data': 'fa-west'})
        self.driver.extend_volume(volume, 4)
        self.assertEqual(
            4 * support.GIB,
            self.on(self.west)[volume.provider_id]['provisioned'],
        )
        self.assertEqual(support.GIB, self.on_array(volume)['provisioned'])
        with self.assertRaisesRegex(
            pure.PureDriverException, 'Fail the group back first'
        ):
            self.driver.create_cloned_volume(
                rows.volume(kind_of('none')), volume
            )

    def test_a_failback_leaves_volumes_in_error(self) -> None:
        group, volumes, _ = self.failed_over()
        update, changes = self.driver.failover_replication(
            self.context, group, volumes, 'default'
        )
        self.assertEqual('enabled', update['replication_status'])
        self.assertEqual(
            {('error', None)},
            {
                (change['status'], change['replication_driver_data'])
                for change in changes
            },
        )

    def test_without_a_snapshot_it_is_refused(self) -> None:
        group = self.group(kind_of('async'), replicated=True)
        with self.assertRaisesRegex(
            pure.PureDriverException, 'Unable to find viable pg snapshot'
        ):
            self.driver.failover_replication(self.context, group, [])


class MixedGroupTest(GroupCase):
    def test_types_that_do_not_fit_are_refused(self) -> None:
        for kinds, replicated in (
            (('none',), True),
            (('async',), False),
            (('async', 'sync'), True),
        ):
            with self.subTest(kinds):
                group = rows.group(
                    [kind_of(kind) for kind in kinds], replicated
                )
                update = self.driver.create_group(self.context, group)
                self.assertEqual('error', update['status'])

    def test_a_failed_group_is_torn_down(self) -> None:
        self.addCleanup(self.east.door.clear_faults)
        self.east.door.inject_fault(
            'POST', 'protection-groups/targets', 1, 400, 'No.'
        )
        group = rows.group([kind_of('async')], replicated=True)
        with self.assertRaises(pure.PureDriverException):
            self.driver.create_group(self.context, group)
        row = self.on(self.east, 'protection_groups')[self.name_of(group)]
        self.assertIsNotNone(row['destroyed'])


class SynchronousGroupTest(GroupCase):
    replication = 'sync'

    def test_it_lives_in_the_pod(self) -> None:
        group, volumes = self.filled(kind_of('sync'), replicated=True)
        self.assertEqual(
            {volume.provider_id for volume in volumes},
            self.members_of(group, 'cinder-pod::'),
        )
        self.assertIn(
            f'cinder-pod::{self.name_of(group)}',
            self.on(self.west, 'protection_groups'),
        )

    def test_its_snapshot_makes_another(self) -> None:
        group, [volume] = self.filled(kind_of('sync'), 1, replicated=True)
        self.write(volume, b'then')
        made, parts = self.photograph(group, [volume])
        self.write(volume, b'now!')
        copy = rows.group([kind_of('sync')], replicated=True)
        target = rows.volume(kind_of('sync'), group_id=copy.id)
        _, [update] = self.driver.create_group_from_src(
            self.context, copy, [target], made, parts
        )
        target = self.stored(target, update)
        for array in (self.east, self.west):
            self.assertEqual(b'then', self.read(target.provider_id, 4, array))

    def test_failover_and_failback_move_no_data(self) -> None:
        group, [volume] = self.filled(kind_of('sync'), 1, replicated=True)
        before = self.on(self.west)[volume.provider_id]
        update, [change] = self.driver.failover_replication(
            self.context, group, [volume]
        )
        self.assertEqual('failed-over', update['replication_status'])
        self.assertEqual('fa-west', change['replication_driver_data'])
        update, [change] = self.driver.failover_replication(
            self.context, group, [volume], 'default'
        )
        self.assertEqual('enabled', update['replication_status'])
        self.assertIsNone(change['replication_driver_data'])
        self.assertEqual(before, self.on(self.west)[volume.provider_id])


class TrisyncGroupTest(GroupCase):
    replication = 'trisync'

    def test_it_replicates_from_the_pod_to_the_third_array(self) -> None:
        group, [volume] = self.filled(kind_of('trisync'), 1, replicated=True)
        self.write(volume, b'third')
        name = arrays.replicate(
            self.east, self.north, f'cinder-pod::{self.name_of(group)}'
        )
        bare = volume.provider_id.partition('::')[2]
        self.assertEqual(b'third', self.read(f'{name}.{bare}', 5, self.north))

    def test_its_failover_looks_for_another_name(self) -> None:
        """The driver puts the array before the pod; the array does not."""
        group, [volume] = self.filled(kind_of('trisync'), 1, replicated=True)
        arrays.replicate(
            self.east, self.north, f'cinder-pod::{self.name_of(group)}'
        )
        with self.assertRaisesRegex(
            pure.PureDriverException, 'Unable to find viable pg snapshot'
        ):
            self.driver.failover_replication(self.context, group, [volume])
