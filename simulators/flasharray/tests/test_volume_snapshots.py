# SPDX-License-Identifier: Apache-2.0
"""Snapshots of volumes through py-pure-client."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase


class SnapshotTest(ClientCase):
    def snapshot(self, volume: str, suffix: str | None = None) -> Any:
        return self.client.post_volume_snapshots(
            source_names=[volume],
            volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
        )

    def patch(self, snapshot: str, **fields: Any) -> Any:
        return self.client.patch_volume_snapshots(
            names=[snapshot],
            volume_snapshot=flasharray.VolumeSnapshotPatch(**fields),
        )

    def test_a_snapshot_keeps_the_old_bytes(self) -> None:
        self.volume('snap')
        self.door.write('snap', 0, b'old')
        self.good(self.snapshot('snap', 'before'))
        self.door.write('snap', 0, b'new')
        self.good(self.copy('snap.before', 'snap', overwrite=True))
        self.assertEqual(b'old', self.door.read('snap', 0, 3))

    def test_without_a_suffix_a_counter_goes_on(self) -> None:
        self.volume('count')
        suffixes = [
            self.good(self.snapshot('count'))[0].suffix for _ in range(2)
        ]
        self.assertEqual(['1', '2'], suffixes)

    def test_a_taken_suffix_is_refused(self) -> None:
        self.volume('same')
        self.good(self.snapshot('same', 's'))
        self.bad(self.snapshot('same', 's'), 'Volume snapshot already exists.')

    def test_a_destroyed_snapshot_says_so(self) -> None:
        self.volume('gone')
        self.good(self.snapshot('gone', 's'))
        self.good(self.patch('gone.s', destroyed=True))
        self.bad(self.patch('gone.s', destroyed=True), 'has been destroyed')
        self.bad(self.copy('gone.s', 'from-gone'), 'has been destroyed')
        self.good(self.client.delete_volume_snapshots(names=['gone.s']))
        self.bad(
            self.patch('gone.s', destroyed=True),
            'No such volume or snapshot',
        )

    def test_a_snapshot_is_renamed_by_suffix_or_in_full(self) -> None:
        self.volume('label')
        self.good(self.snapshot('label', 'one'))
        self.good(self.patch('label.one', name='two'))
        self.good(self.patch('label.two', name='label.three'))
        self.good(self.client.get_volume_snapshots(names=['label.three']))

    def test_snapshots_are_destroyed_with_their_volume(self) -> None:
        self.volume('parent')
        self.good(self.snapshot('parent', 's'))
        self.destroy('parent')
        found = self.good(
            self.client.get_volume_snapshots(
                names=['parent.s'], destroyed=True
            )
        )
        self.assertEqual(1, len(found))
        self.bad(
            self.client.get_volume_snapshots(
                names=['parent.s'], destroyed=False
            ),
            'does not exist',
        )

    def test_snapshots_are_found_by_source(self) -> None:
        self.volume('source')
        self.good(self.snapshot('source', 's'))
        for options in (
            {'source_names': ['source']},
            {'filter': "source.name='source'"},
        ):
            found = self.good(self.client.get_volume_snapshots(**options))
            self.assertEqual(['source.s'], [s.name for s in found])
