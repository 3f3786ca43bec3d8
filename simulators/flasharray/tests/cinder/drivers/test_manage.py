# SPDX-License-Identifier: Apache-2.0
"""Bringing volumes and snapshots of the array under Cinder, and back."""

from typing import Any

from cinder import exception
from pypureclient import flasharray

from tests import support
from tests.cinder import rows
from tests.cinder.cases import CinderCase, every_driver, kind_of


class ManageCase(CinderCase):
    def pod(self, name: str) -> str:
        self.ask('post_pods', names=[name], pod=flasharray.PodPost())
        return name

    def snap(self, name: str, suffix: str) -> str:
        self.ask(
            'post_volume_snapshots',
            source_names=[name],
            volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
        )
        return f'{name}.{suffix}'

    def assertRefused(self, name: str, reason: str) -> None:
        with self.assertRaisesRegex(
            exception.ManageExistingInvalidReference, reason
        ):
            self.manage(name, kind_of('none'))


@every_driver
class ManageTest(ManageCase):
    def their(self, name: str, **parameters: Any) -> str:
        """Make a volume that Cinder does not know, of this protocol's."""
        return self.foreign(
            f'{self.protocol.name}-{name}'.lower(), **parameters
        )

    def test_a_managed_volume_is_renamed(self) -> None:
        name = self.their('a')
        before = self.on(self.east)[name]
        volume = self.manage(name, kind_of('none'))
        after = self.on_array(volume)
        self.assertEqual(f'volume-{volume.id}-cinder', after['name'])
        self.assertEqual(before['serial'], after['serial'])
        self.assertNotIn(name, self.on(self.east))

    def test_it_is_tagged_and_described(self) -> None:
        volume = self.manage(self.their('b'), kind_of('none'))
        self.assertEqual(
            volume.project_id, self.tags(volume.provider_id)['ProjectId']
        )
        self.assertEqual('fa-east', volume.metadata['array_name'])

    def test_it_joins_the_group_of_its_type(self) -> None:
        volume = self.manage(self.their('c'), kind_of('async'))
        self.assertIn(volume.provider_id, self.members('cinder-group'))
        self.assertEqual('enabled', volume.replication_status)

    def test_it_leaves_groups_that_its_type_does_not_want(self) -> None:
        name = self.their('d')
        self.ask(
            'post_protection_groups_volumes',
            group_names=['cinder-group'],
            member_names=[name],
        )
        volume = self.manage(name, kind_of('none'))
        self.assertNotIn(volume.provider_id, self.members('cinder-group'))
        self.assertNotIn(name, self.members('cinder-group'))

    def test_its_limits_are_lifted_then_those_of_the_type_set(self) -> None:
        limits = flasharray.Qos(iops_limit=200, bandwidth_limit=2**21)
        for kind, expected in (
            (kind_of('none'), 100_000_000),
            (rows.volume_type({'maxIOPS': '700'}), 700),
        ):
            name = self.their(f'e-{expected}', qos=limits)
            volume = self.manage(name, kind)
            self.assertEqual(
                expected, self.on_array(volume)['qos']['iops_limit']
            )

    def test_sizes_are_rounded_up(self) -> None:
        name = self.their('f', size=support.GIB + 512)
        self.assertEqual(2, self.manage(name, kind_of('none')).size)

    def test_an_unmanaged_volume_is_renamed_and_untagged(self) -> None:
        volume = self.create()
        self.driver.unmanage(volume)
        name = f'{volume.provider_id}-unmanaged'
        self.assertIn(name, self.on(self.east))
        self.assertEqual({}, self.tags(name))

    def test_an_unmanaged_volume_is_managed_again(self) -> None:
        volume = self.create()
        self.driver.unmanage(volume)
        again = self.manage(
            f'{volume.provider_id}-unmanaged', kind_of('async')
        )
        self.assertIn(again.provider_id, self.members('cinder-group'))

    def test_manageable_volumes_are_listed(self) -> None:
        name = self.their('g')
        connected = self.their('h')
        gone = self.their('i')
        self.ask(
            'patch_volumes',
            names=[gone],
            volume=flasharray.VolumePatch(destroyed=True),
        )
        host = f'{self.protocol.name}-lister'
        self.ask('post_hosts', names=[host], host=flasharray.HostPost())
        self.ask(
            'post_connections', host_names=[host], volume_names=[connected]
        )
        volume = self.create()
        found = {
            entry['reference']['name']: entry
            for entry in self.driver.get_manageable_volumes(
                [volume], None, 1000, 0, ['size'], ['asc']
            )
        }
        self.assertTrue(found[name]['safe_to_manage'])
        for unsafe, reason in (
            (volume.provider_id, 'Volume already managed'),
            (connected, f'Volume connected to host {host}'),
            (gone, 'Volume is deleted'),
        ):
            self.assertEqual(reason, found[unsafe]['reason_not_safe'])
            self.assertFalse(found[unsafe]['safe_to_manage'])

    def test_a_managed_snapshot_is_renamed(self) -> None:
        volume = self.create()
        name = self.snap(volume.provider_id, 'theirs')
        reference = {'source-name': name}
        snapshot = rows.snapshot(volume)
        self.assertEqual(
            1,
            self.driver.manage_existing_snapshot_get_size(snapshot, reference),
        )
        self.driver.manage_existing_snapshot(snapshot, reference)
        found = self.on(self.east, 'volume_snapshots')
        self.assertIn(f'{volume.provider_id}.{snapshot.name}', found)
        self.assertNotIn(name, found)

    def test_an_unmanaged_snapshot_is_renamed(self) -> None:
        snapshot = self.snapshot(self.create())
        self.driver.unmanage_snapshot(snapshot)
        name = f'{snapshot.volume.provider_id}.{snapshot.name}'
        found = self.on(self.east, 'volume_snapshots')
        self.assertNotIn(name, found)
        # 96 letters at most: the tail of the name is cut.
        cut = f'{name[: -len("-unmanaged")]}-unmanaged'
        self.assertTrue({cut, f'{name}-unmanaged'} & set(found))

    def test_manageable_snapshots_are_listed(self) -> None:
        snapshot = self.snapshot(self.create())
        name = self.snap(snapshot.volume.provider_id, 'listed')
        found = {
            entry['reference']['name']: entry
            for entry in self.driver.get_manageable_snapshots(
                [snapshot], None, 1000, 0, ['size'], ['asc']
            )
        }
        self.assertTrue(found[name]['safe_to_manage'])
        self.assertEqual(
            snapshot.volume.provider_id,
            found[name]['source_reference']['name'],
        )
        own = f'{snapshot.volume.provider_id}.{snapshot.name}'
        self.assertEqual(
            'Snapshot already managed.', found[own]['reason_not_safe']
        )


class RefusalTest(ManageCase):
    """What is not managed; the same for every protocol."""

    def test_an_unknown_volume(self) -> None:
        self.assertRefused('nothing', 'Unable to find Purity ref')

    def test_a_reference_of_another_kind(self) -> None:
        with self.assertRaises(exception.ManageExistingInvalidReference):
            self.driver.manage_existing(
                rows.volume(kind_of('none')), {'source-id': '1'}
            )

    def test_a_connected_volume(self) -> None:
        name = self.foreign('refused-connected')
        self.ask('post_hosts', names=['refuser'], host=flasharray.HostPost())
        self.ask(
            'post_connections', host_names=['refuser'], volume_names=[name]
        )
        self.assertRefused(name, 'connected to hosts')

    def test_a_volume_in_a_realm(self) -> None:
        self.assertRefused('realm::pod::volume', 'in a Realm')

    def test_a_volume_under_safemode(self) -> None:
        name = self.foreign('refused-locked')
        self.ask('post_protection_groups', names=['locked'])
        self.ask(
            'post_protection_groups_volumes',
            group_names=['locked'],
            member_names=[name],
        )
        self.ask(
            'patch_protection_groups',
            names=['locked'],
            protection_group=flasharray.ProtectionGroup(
                retention_lock='ratcheted'
            ),
        )
        self.assertRefused(name, 'SafeMode')

    def test_a_snapshot_of_an_unknown_volume(self) -> None:
        with self.assertRaises(exception.ManageExistingInvalidReference):
            self.driver.manage_existing_snapshot(
                rows.snapshot(self.create()), {'source-name': 'no.such'}
            )


class ContainerTest(ManageCase):
    """Into and out of volume groups and pods."""

    replication = 'sync'

    def test_to_a_type_with_a_volume_group(self) -> None:
        kind = kind_of('none', **{'flasharray:vg_name': 'vg-manage'})
        volume = self.manage(self.foreign('contained-a'), kind)
        name = f'vg-manage/volume-{volume.id}-cinder'
        self.assertIn(name, self.on(self.east))

    def test_from_a_volume_group_it_stays_there(self) -> None:
        self.ask(
            'post_volume_groups',
            names=['vg-theirs'],
            volume_group=flasharray.VolumeGroupPost(),
        )
        volume = self.manage(
            self.foreign('vg-theirs/contained-b'), kind_of('none')
        )
        name = f'vg-theirs/volume-{volume.id}-cinder'
        self.assertIn(name, self.on(self.east))

    def test_from_a_pod_it_stays_there(self) -> None:
        pod = self.pod('their-pod')
        volume = self.manage(
            self.foreign(f'{pod}::contained-c'), kind_of('none')
        )
        name = f'{pod}::volume-{volume.id}-cinder'
        self.assertIn(name, self.on(self.east))

    def test_from_a_stretched_pod_it_is_refused(self) -> None:
        name = self.foreign('cinder-pod::contained-d')
        self.assertRefused(name, 'in a Replicated Pod')

    def test_to_a_synchronous_type_it_is_stretched(self) -> None:
        name = self.foreign('contained-e')
        self.east.door.write(name, 0, b'stretch me')
        before = self.on(self.east)[name]
        volume = self.manage(name, kind_of('sync'))
        for array in (self.east, self.west):
            row = self.on(array)[volume.provider_id]
            self.assertEqual(before['serial'], row['serial'])
            self.assertEqual(
                b'stretch me', self.read(volume.provider_id, 10, array)
            )

    def test_pods_are_listed_as_unsafe(self) -> None:
        name = self.foreign('cinder-pod::contained-f')
        [entry] = [
            entry
            for entry in self.driver.get_manageable_volumes(
                [], None, 1000, 0, ['size'], ['asc']
            )
            if entry['reference']['name'] == name
        ]
        self.assertEqual(
            'Volume is in a Replicated Pod', entry['reason_not_safe']
        )
