# SPDX-License-Identifier: Apache-2.0
"""Volumes that are on two arrays at once, from creation to deletion."""

from typing import Any

from cinder.exception import VolumeDriverException

from tests import support
from tests.cinder import rows
from tests.cinder.cases import CinderCase, every_driver, kind_of


@every_driver
class PodVolumeTest(CinderCase):
    replication = 'uniform'

    def both(self, name: str, kind: str = 'volumes') -> list[dict[str, Any]]:
        """Return what each array has of an object."""
        return [self.on(array, kind)[name] for array in (self.east, self.west)]

    def assertReads(self, volume: Any, data: bytes) -> None:
        for array in (self.east, self.west):
            self.assertEqual(
                data, self.read(volume.provider_id, len(data), array)
            )

    def test_it_is_made_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        self.assertEqual(
            f'cinder-pod::volume-{volume.id}-cinder', volume.provider_id
        )
        self.assertEqual('enabled', volume.replication_status)
        one, other = self.both(volume.provider_id)
        self.assertEqual(one['id'], other['id'])

    def test_it_is_tagged_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        for array in (self.east, self.west):
            self.assertEqual(
                volume.project_id,
                self.tags(volume.provider_id, array)['ProjectId'],
            )

    def test_it_is_extended_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        self.driver.extend_volume(volume, 3)
        for row in self.both(volume.provider_id):
            self.assertEqual(3 * support.GIB, row['provisioned'])

    def test_snapshots_of_it_are_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        snapshot = self.snapshot(volume)
        name = f'{volume.provider_id}.{snapshot.name}'
        self.driver.delete_snapshot(snapshot)
        for row in self.both(name, 'volume_snapshots'):
            self.assertIsNotNone(row['destroyed'])

    def test_it_is_copied_and_reverted_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        self.write(volume, b'then')
        snapshot = self.snapshot(volume)
        self.write(volume, b'now!')
        copies = []
        for make, source in (
            (self.driver.create_cloned_volume, volume),
            (self.driver.create_volume_from_snapshot, snapshot),
        ):
            copy = rows.volume(kind_of('sync'))
            copies.append(self.stored(copy, make(copy, source)))
        self.driver.revert_to_snapshot(self.context, volume, snapshot)
        for one, data in zip(
            (*copies, volume), (b'now!', b'then', b'then'), strict=True
        ):
            self.assertReads(one, data)

    def test_it_is_destroyed_on_both(self) -> None:
        volume = self.create(kind_of('sync'))
        self.driver.delete_volume(volume)
        for row in self.both(volume.provider_id):
            self.assertIsNotNone(row['destroyed'])

    def test_a_copy_of_a_local_volume_is_refused(self) -> None:
        """By the array: from outside a stretched pod into it."""
        volume = self.create()
        copy = rows.volume(kind_of('sync'))
        with self.assertRaisesRegex(VolumeDriverException, 'stretched pod'):
            self.driver.create_cloned_volume(copy, volume)
        self.assertNotIn(f'cinder-pod::{copy.name}-cinder', self.on(self.east))
