# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every Cinder."""

from aegis.catalog import volume_types
from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.integration.contract import scaffolding


class VolumesContract(scaffolding.Scaffolding):
    """Volumes, their types and pools."""

    def test_a_volume_is_unmanaged_and_managed_under_its_name(self) -> None:
        cinder = self.cloud.volume
        volume = self.make_volume(self.cloud, 'root')
        self.assertTrue(volume.bootable)
        cinder.unmanage_volume(volume.id)
        self.laboratory.wait(lambda: not cinder.list_volumes(ids=[volume.id]))
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        managed = cinder.manage_volume(
            requests.ManageRequest(
                host=volume_types.pool_for(chosen, cinder.list_pools()).name,
                reference=f'{volume.array_volume}-unmanaged',
                name=self.name('managed'),
                volume_type=chosen.name,
                bootable=True,
                metadata=(objects.Pair('lost', 'yes'),),
            )
        )

        self.addCleanup(self.discard_volume, self.cloud, managed.id)
        self.await_volume(self.cloud, managed.id, 'available')
        cinder.set_metadata(managed.id, [objects.Pair('own', '1')])
        cinder.set_image_metadata(
            managed.id, [objects.Pair('hw_disk_bus', 'scsi')]
        )
        cinder.update_volume(managed.id, self.name('new'), 'described')
        found = cinder.get_volume(managed.id)
        metadata = {pair.key: pair.value for pair in found.metadata}
        self.assertEqual('1', metadata['own'])
        self.assertEqual(
            (self.name('new'), 'described', True, volume.size_gib),
            (found.name, found.description, found.bootable, found.size_gib),
        )
        self.assertEqual(
            (objects.Pair('hw_disk_bus', 'scsi'),), found.image_metadata
        )
        self.assertEqual(chosen.name, found.volume_type)
        self.assertEqual(volume.array, found.array)
        self.assertTrue(found.array_volume.startswith(f'volume-{found.id}'))
        self.assertIn(found, cinder.list_volumes())

    def test_managing_what_is_not_on_the_array_ends_in_error(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        managed = cinder.manage_volume(
            requests.ManageRequest(
                host=volume_types.pool_for(chosen, cinder.list_pools()).name,
                reference=self.name('none'),
                name=self.name('lost'),
                volume_type=chosen.name,
            )
        )

        self.addCleanup(self.discard_volume, self.cloud, managed.id)
        self.await_volume(self.cloud, managed.id, 'error')

    def test_managing_with_an_unknown_type_or_host_is_refused(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )
        pool = volume_types.pool_for(chosen, cinder.list_pools())

        for host, kind in ((pool.name, 'none'), ('a@b#c', chosen.name)):
            self.assertRaises(
                exception.CloudError,
                cinder.manage_volume,
                requests.ManageRequest(host, 'x', self.name('x'), kind),
            )

    def test_the_type_of_an_unencrypted_volume_does_not_encrypt(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        self.assertEqual(False, cinder.type_encrypts(chosen.id))
        self.assertEqual('async', chosen.replication_type)
        self.assertTrue(chosen.replication_enabled)
