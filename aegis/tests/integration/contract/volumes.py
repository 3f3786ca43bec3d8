# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every Cinder."""

import uuid

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
        cinder.set_image_metadata(
            managed.id, [objects.Pair('hw_disk_bus', 'scsi')]
        )
        cinder.update_volume(
            managed.id,
            self.name('new'),
            'described',
            [
                *cinder.get_volume(managed.id).metadata,
                objects.Pair('own', '1'),
            ],
        )
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

    def manage(self, reference: str, stem: str) -> objects.Volume:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )
        managed = cinder.manage_volume(
            requests.ManageRequest(
                host=volume_types.pool_for(chosen, cinder.list_pools()).name,
                reference=reference,
                name=self.name(stem),
                volume_type=chosen.name,
            )
        )
        self.addCleanup(self.discard_volume, self.cloud, managed.id)
        return managed

    def unmanaged(self) -> str:
        """The name of an array volume that Cinder does not know."""
        volume = self.make_volume(self.cloud, 'root')
        self.cloud.volume.unmanage_volume(volume.id)
        self.laboratory.wait(
            lambda: not self.cloud.volume.list_volumes(ids=[volume.id])
        )
        return f'{volume.array_volume}-unmanaged'

    def test_of_two_that_manage_a_volume_one_gets_it(self) -> None:
        cinder = self.cloud.volume
        reference = self.unmanaged()
        first = self.manage(reference, 'first')
        self.await_volume(self.cloud, first.id, 'available')

        second = self.manage(reference, 'second')
        self.await_volume(self.cloud, second.id, 'error')
        cinder.delete_volume(second.id)
        self.laboratory.wait(lambda: not cinder.list_volumes(ids=[second.id]))

        found = cinder.get_volume(first.id)
        self.assertEqual('available', found.status)
        cinder.unmanage_volume(first.id)
        self.laboratory.wait(lambda: not cinder.list_volumes(ids=[first.id]))
        again = self.manage(f'{found.array_volume}-unmanaged', 'again')
        self.await_volume(self.cloud, again.id, 'available')

    def test_a_volume_in_use_stays_managed(self) -> None:
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())
        self.make_server([volume], [port])

        for call in (
            self.cloud.volume.unmanage_volume,
            self.cloud.volume.delete_volume,
        ):
            error = self.assertRaises(exception.CloudError, call, volume.id)
            self.assertEqual(400, self.status_of(error))

    def test_a_volume_beyond_the_quota_is_refused(self) -> None:
        reference = self.unmanaged()
        self.limit('cinder', 'volumes', 0)

        self.assertRaises(
            exception.CloudQuotaExceeded, self.manage, reference, 'much'
        )

        self.laboratory.set_quota('cinder', 'volumes', -1)
        managed = self.manage(reference, 'enough')
        self.await_volume(self.cloud, managed.id, 'available')

    def test_a_size_beyond_the_quota_ends_in_error(self) -> None:
        reference = self.unmanaged()
        self.limit('cinder', 'gigabytes', 0)

        managed = self.manage(reference, 'large')

        self.await_volume(self.cloud, managed.id, 'error')
        self.laboratory.set_quota('cinder', 'gigabytes', -1)
        self.discard_volume(self.cloud, managed.id)
        managed = self.manage(reference, 'large')
        self.await_volume(self.cloud, managed.id, 'available')

    def test_a_volume_is_in_a_pool_and_counts(self) -> None:
        cinder = self.cloud.volume
        before = {q.resource: q.used for q in cinder.quotas()}
        volume = self.make_volume(self.cloud, 'root')

        after = {q.resource: q.used for q in cinder.quotas()}

        self.assertIn(volume.host, [pool.name for pool in cinder.list_pools()])
        self.assertEqual(
            (before['volumes'] + 1, before['gigabytes'] + volume.size_gib),
            (after['volumes'], after['gigabytes']),
        )

    def test_marks_of_a_volume_can_be_taken_back(self) -> None:
        cinder = self.cloud.volume
        volume = self.make_volume(self.cloud, 'root')
        marked = (objects.Pair('own', '1'), *volume.metadata)
        cinder.update_volume(volume.id, volume.name, 'described', marked)

        cinder.set_bootable(volume.id, False)
        cinder.update_volume(
            volume.id, self.name('named'), None, volume.metadata
        )

        found = cinder.get_volume(volume.id)
        self.assertCountEqual(volume.metadata, found.metadata)
        self.assertEqual(
            (False, self.name('named'), ''),
            (found.bootable, found.name, found.description),
        )

    def test_an_unknown_type_is_not_found(self) -> None:
        self.assertRaises(
            exception.CloudNotFound,
            self.cloud.volume.type_encrypts,
            str(uuid.uuid4()),
        )
