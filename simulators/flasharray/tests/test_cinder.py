# SPDX-License-Identifier: Apache-2.0
"""Cinder's own, unmodified PureISCSIDriver against two arrays."""

import importlib.util
import unittest
from typing import Any

from pypureclient import flasharray

from tests import support

HAS_CINDER = importlib.util.find_spec('cinder') is not None

if HAS_CINDER:
    from cinder import exception

    from tests import cinder_driver


@unittest.skipUnless(HAS_CINDER, 'cinder is not installed here')
class CinderCase(support.PairCase):
    prepared = False

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if not CinderCase.prepared:
            cinder_driver.prepare(
                unittest.enterModuleContext(support.directory())
            )
            unittest.addModuleCleanup(cinder_driver.end)
            CinderCase.prepared = True
        cls.driver = cinder_driver.driver(cls.east, cls.west)
        cls.plain = cinder_driver.volume_type('plain')
        cls.replicated = cinder_driver.volume_type(
            'async', **cinder_driver.ASYNC_SPECS
        )

    def create(self, kind: Any = None, size: int = 1) -> Any:
        volume = cinder_driver.volume(kind or self.plain, size)
        return cinder_driver.keep(volume, self.driver.create_volume(volume))

    def names(self, kind: str, door: Any = None) -> dict[str, Any]:
        rows = (door or self.east.door).objects()[kind]
        return {row['name']: row for row in rows}

    def on_array(self, volume: Any) -> dict[str, Any]:
        return self.names('volumes')[volume.provider_id]

    def members(self, group: str) -> set[str]:
        rows = self.east.door.objects()['protection_group_members']
        return {row['member'] for row in rows if row['group'] == group}


class SetupTest(CinderCase):
    def test_a_second_setup_changes_nothing(self) -> None:
        before = self.names('protection_groups')['cinder-group']
        cinder_driver.driver(self.east, self.west)
        after = self.names('protection_groups')['cinder-group']
        self.assertEqual(before, after)
        self.assertTrue(after['replication_schedule']['enabled'])
        self.assertEqual(
            {'all_for_sec': 14400, 'per_day': 3, 'days': 7},
            after['target_retention'],
        )

    def test_a_destroyed_group_is_made_again(self) -> None:
        client = self.east.client()
        name = 'other-group'
        client.post_protection_groups(names=[name])
        client.patch_protection_groups(
            names=[name],
            protection_group=flasharray.ProtectionGroup(destroyed=True),
        )
        cinder_driver.driver(
            self.east, self.west, pure_replication_pg_name=name
        )
        self.assertIsNone(self.names('protection_groups')[name]['destroyed'])

    def test_statistics_tell_of_replication(self) -> None:
        stats = self.driver.get_volume_stats(True)
        self.assertTrue(stats['replication_enabled'])
        self.assertEqual('async', stats['replication_capability'])
        self.assertEqual(['fa-west'], stats['replication_targets'])
        self.assertGreater(stats['free_capacity_gb'], 0)

    def test_a_dead_secondary_is_left_out(self) -> None:
        gone = support.ArrayProcess('fa-gone', self.east.directory, 'token')
        driver = cinder_driver.driver(self.east, gone)
        self.assertFalse(driver.get_volume_stats(True)['replication_targets'])


class VolumeTest(CinderCase):
    def test_a_local_volume_is_not_replicated(self) -> None:
        volume = self.create()
        self.assertEqual(support.GIB, self.on_array(volume)['provisioned'])
        self.assertNotIn(volume.provider_id, self.members('cinder-group'))
        self.assertEqual('fa-east', volume.metadata['array_name'])

    def test_a_replicated_volume_joins_the_group(self) -> None:
        volume = self.create(self.replicated)
        self.assertIn(volume.provider_id, self.members('cinder-group'))
        self.assertEqual('enabled', volume.replication_status)

    def test_it_is_tagged_with_its_project(self) -> None:
        volume = self.create()
        tags = {
            row['key']: row['value']
            for row in self.east.door.objects()['tags']
            if row['resource'] == volume.provider_id
        }
        self.assertEqual(volume.project_id, tags['ProjectId'])

    def test_it_is_deleted(self) -> None:
        volume = self.create()
        self.driver.delete_volume(volume)
        self.assertIsNotNone(self.on_array(volume)['destroyed'])

    def test_a_volume_the_array_lacks_is_deleted_too(self) -> None:
        volume = cinder_driver.volume(self.plain)
        volume = cinder_driver.keep(
            volume, {'provider_id': f'volume-{volume.id}-cinder'}
        )
        self.driver.delete_volume(volume)

    def test_it_is_extended(self) -> None:
        volume = self.create()
        self.driver.extend_volume(volume, 3)
        self.assertEqual(3 * support.GIB, self.on_array(volume)['provisioned'])

    def test_a_clone_has_the_bytes_and_its_own_size(self) -> None:
        source = self.create()
        self.east.door.write(source.provider_id, 0, b'clone me')
        clone = cinder_driver.volume(self.plain, 2)
        clone = cinder_driver.keep(
            clone, self.driver.create_cloned_volume(clone, source)
        )
        self.assertEqual(
            b'clone me', self.east.door.read(clone.provider_id, 0, 8)
        )
        self.assertEqual(2 * support.GIB, self.on_array(clone)['provisioned'])

    def test_a_failing_create_raises(self) -> None:
        self.addCleanup(self.east.door.clear_faults)
        self.east.door.inject_fault(
            'POST', 'volumes', 1, 400, 'Volume limit reached.'
        )
        with self.assertRaisesRegex(Exception, 'limit has been reached'):
            self.create()

    def test_retyping_joins_and_leaves_the_group(self) -> None:
        volume = self.create()
        context = cinder_driver.admin()
        for kind, member in ((self.replicated, True), (self.plain, False)):
            done, update = self.driver.retype(
                context,
                volume,
                {'id': kind.id, 'extra_specs': kind.extra_specs},
                {'extra_specs': {}},
                {'host': volume.host},
            )
            self.assertTrue(done)
            volume.volume_type_id = kind.id
            volume = cinder_driver.keep(volume, update)
            self.assertEqual(
                member, volume.provider_id in self.members('cinder-group')
            )


class SnapshotTest(CinderCase):
    def test_a_volume_from_a_snapshot_has_the_old_bytes(self) -> None:
        volume = self.create()
        self.east.door.write(volume.provider_id, 0, b'old')
        snapshot = cinder_driver.snapshot(volume)
        self.driver.create_snapshot(snapshot)
        self.east.door.write(volume.provider_id, 0, b'new')
        made = cinder_driver.volume(self.plain, 2)
        made = cinder_driver.keep(
            made, self.driver.create_volume_from_snapshot(made, snapshot)
        )
        self.assertEqual(b'old', self.east.door.read(made.provider_id, 0, 3))
        self.assertEqual(2 * support.GIB, self.on_array(made)['provisioned'])

    def test_a_volume_is_reverted(self) -> None:
        volume = self.create()
        self.east.door.write(volume.provider_id, 0, b'old')
        snapshot = cinder_driver.snapshot(volume)
        self.driver.create_snapshot(snapshot)
        before = self.on_array(volume)
        self.east.door.write(volume.provider_id, 0, b'new')
        self.driver.revert_to_snapshot(cinder_driver.admin(), volume, snapshot)
        after = self.on_array(volume)
        self.assertEqual(before['content'], after['content'])
        self.assertEqual(before['serial'], after['serial'])

    def test_a_snapshot_is_deleted_twice(self) -> None:
        volume = self.create()
        snapshot = cinder_driver.snapshot(volume)
        self.driver.create_snapshot(snapshot)
        self.driver.delete_snapshot(snapshot)
        self.driver.delete_snapshot(snapshot)
        name = f'{volume.provider_id}.{snapshot.name}'
        row = self.names('volume_snapshots')[name]
        self.assertIsNotNone(row['destroyed'])


class AttachTest(CinderCase):
    def test_a_volume_is_attached_and_detached(self) -> None:
        volume = self.create()
        connector = cinder_driver.connector('compute-a')
        found = self.driver.initialize_connection(volume, connector)['data']
        serial = self.on_array(volume)['serial'].lower()
        self.assertEqual(f'3624a9370{serial}', found['wwn'])
        self.assertEqual([1, 1], found['target_luns'])
        self.assertEqual(2, len(set(found['target_portals'])))
        self.driver.terminate_connection(volume, connector)
        self.assertEqual([], self.east.door.objects()['connections'])
        self.assertEqual([], self.east.door.objects()['hosts'])

    def test_two_volumes_of_a_host_have_two_luns(self) -> None:
        connector = cinder_driver.connector('compute-b')
        luns = []
        volumes = [self.create(), self.create()]
        for volume in volumes:
            found = self.driver.initialize_connection(volume, connector)
            luns.append(found['data']['target_luns'][0])
        self.assertEqual([1, 2], luns)
        self.driver.terminate_connection(volumes[0], connector)
        self.assertEqual(1, len(self.east.door.objects()['connections']))
        self.driver.terminate_connection(volumes[1], connector)

    def test_attaching_again_gives_the_same_lun(self) -> None:
        volume = self.create()
        connector = cinder_driver.connector('compute-c')
        first = self.driver.initialize_connection(volume, connector)
        again = self.driver.initialize_connection(volume, connector)
        self.assertEqual(first, again)
        self.driver.terminate_connection(volume, connector)

    def test_detaching_twice_is_harmless(self) -> None:
        volume = self.create()
        connector = cinder_driver.connector('compute-d')
        self.driver.initialize_connection(volume, connector)
        self.driver.terminate_connection(volume, connector)
        self.driver.terminate_connection(volume, connector)

    def test_deleting_disconnects_first(self) -> None:
        volume = self.create()
        connector = cinder_driver.connector('compute-e')
        self.driver.initialize_connection(volume, connector)
        self.driver.delete_volume(volume)
        self.assertIsNotNone(self.on_array(volume)['destroyed'])
        self.assertEqual([], self.east.door.objects()['hosts'])


class ManageTest(CinderCase):
    def foreign(self, name: str, size: int = support.GIB) -> None:
        response = self.east.client().post_volumes(
            names=[name], volume=flasharray.VolumePost(provisioned=size)
        )
        self.assertEqual(200, response.status_code)

    def manage(self, name: str, kind: Any) -> Any:
        volume = cinder_driver.volume(kind)
        reference = {'source-name': name}
        self.driver.manage_existing_get_size(volume, reference)
        return cinder_driver.keep(
            volume, self.driver.manage_existing(volume, reference)
        )

    def test_a_managed_volume_is_renamed(self) -> None:
        self.foreign('foreign-a')
        before = self.names('volumes')['foreign-a']
        volume = self.manage('foreign-a', self.plain)
        after = self.on_array(volume)
        self.assertEqual(f'volume-{volume.id}-cinder', after['name'])
        self.assertEqual(before['serial'], after['serial'])
        self.assertNotIn('foreign-a', self.names('volumes'))

    def test_a_managed_volume_joins_the_group_of_its_type(self) -> None:
        self.foreign('foreign-b')
        volume = self.manage('foreign-b', self.replicated)
        self.assertIn(volume.provider_id, self.members('cinder-group'))

    def test_sizes_are_rounded_up(self) -> None:
        self.foreign('foreign-c', support.GIB + 512)
        size = self.driver.manage_existing_get_size(
            cinder_driver.volume(self.plain), {'source-name': 'foreign-c'}
        )
        self.assertEqual(2, size)

    def test_an_unknown_volume_is_refused(self) -> None:
        with self.assertRaises(exception.ManageExistingInvalidReference):
            self.manage('nothing', self.plain)

    def test_an_unmanaged_volume_is_renamed_and_untagged(self) -> None:
        volume = self.create()
        self.driver.unmanage(volume)
        name = f'{volume.provider_id}-unmanaged'
        self.assertIn(name, self.names('volumes'))
        rows = self.east.door.objects()['tags']
        self.assertNotIn(name, [row['resource'] for row in rows])

    def test_manageable_volumes_are_listed(self) -> None:
        self.foreign('foreign-d')
        volume = self.create()
        found = {
            entry['reference']['name']: entry
            for entry in self.driver.get_manageable_volumes(
                [volume], None, 1000, 0, ['size'], ['asc']
            )
        }
        self.assertTrue(found['foreign-d']['safe_to_manage'])
        self.assertFalse(found[volume.provider_id]['safe_to_manage'])


class GroupTest(CinderCase):
    def setUp(self) -> None:
        super().setUp()
        self.context = cinder_driver.admin()

    def test_a_group_lives(self) -> None:
        group = cinder_driver.group(self.plain)
        name = f'consisgroup-{group.id}-cinder'
        self.driver.create_consistencygroup(self.context, group)
        volumes = [self.create(), self.create()]
        self.driver.update_consistencygroup(self.context, group, volumes, [])
        self.assertEqual(
            {volume.provider_id for volume in volumes}, self.members(name)
        )
        self.driver.update_consistencygroup(
            self.context, group, [], volumes[:1]
        )
        self.assertEqual({volumes[1].provider_id}, self.members(name))
        self.driver.delete_consistencygroup(self.context, group, volumes)
        row = self.names('protection_groups')[name]
        self.assertIsNotNone(row['destroyed'])

    def test_a_group_snapshot_is_of_one_moment(self) -> None:
        group = cinder_driver.group(self.plain)
        name = f'consisgroup-{group.id}-cinder'
        self.driver.create_consistencygroup(self.context, group)
        volumes = [self.create(), self.create()]
        self.driver.update_consistencygroup(self.context, group, volumes, [])
        for volume in volumes:
            volume.group_id = group.id
            volume.save()
        group.status = 'available'
        group.save()
        snapshot = cinder_driver.group_snapshot(group)
        self.driver.create_cgsnapshot(self.context, snapshot, [])
        full = f'{name}.cgsnapshot-{snapshot.id}-cinder'
        parts = [
            part
            for part in self.names('volume_snapshots')
            if part.startswith(full)
        ]
        self.assertEqual(2, len(parts))
        self.driver.delete_cgsnapshot(self.context, snapshot, [])
        row = self.names('protection_group_snapshots')[full]
        self.assertIsNotNone(row['destroyed'])


class FailoverTest(CinderCase):
    def replicate(self) -> str:
        made = self.east.client().post_protection_group_snapshots(
            source_names=['cinder-group'], replicate_now=True
        )
        name = f'fa-east:{next(iter(made.items)).name}'

        def look() -> bool:
            rows = self.west.door.objects()['transfers']
            return any(
                row['snapshot'] == name and row['completed'] for row in rows
            )

        support.eventually(look, what=name)
        return name

    def test_a_failover_copies_the_replicas(self) -> None:
        volume = self.create(self.replicated)
        east, west = self.east.door, self.west.door
        east.write(volume.provider_id, 0, b'replicated')
        self.replicate()
        east.write(volume.provider_id, 0, b'lost bytes')
        late = self.create(self.replicated)
        self.addCleanup(east.set_power, True)
        east.set_power(False)
        driver = self.driver
        backend, updates, _ = driver.failover_host(
            cinder_driver.admin(), [volume, late], None, []
        )
        self.assertEqual('fa-west', backend)
        status = {
            update['volume_id']: update['updates'].get('replication_status')
            or update['updates'].get('status')
            for update in updates
        }
        self.assertEqual('failed-over', status[volume.id])
        self.assertEqual('error', status[late.id])
        self.assertEqual(b'replicated', west.read(volume.provider_id, 0, 10))


if __name__ == '__main__':
    unittest.main()
