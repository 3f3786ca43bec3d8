# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of volumes and snapshots differ."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase

BLOCK = 32_768


class VolumeDiffTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        name = self.id().rpartition('.')[2].replace('_', '-')
        self.name = name[-40:].strip('-')
        self.volume(self.name)

    def write(self, block: int, data: bytes) -> None:
        self.door.write(self.name, block * BLOCK, data * BLOCK)

    def diff(self, **options: Any) -> list[tuple[int, int]]:
        options = {
            'block_size': BLOCK,
            'segment_length': 100 * BLOCK,
            **options,
        }
        found = self.client.get_volumes_diff(names=[self.name], **options)
        return [
            (row.offset // BLOCK, row.length // BLOCK)
            for row in self.good(found)
        ]

    def test_without_a_base_all_that_is_written_is_listed(self) -> None:
        for block in (1, 2, 5):
            self.write(block, b'x')
        self.assertEqual([(1, 2), (5, 1)], self.diff())

    def test_a_snapshot_is_a_base(self) -> None:
        self.write(1, b'x')
        self.good(
            self.client.post_volume_snapshots(
                source_names=[self.name],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.write(1, b'y')
        self.write(3, b'z')
        self.assertEqual(
            [(1, 1), (3, 1)], self.diff(base_name=f'{self.name}.s')
        )

    def test_only_the_segment_is_compared(self) -> None:
        for block in range(6):
            self.write(block, b'x')
        self.assertEqual(
            [(2, 2)],
            self.diff(segment_offset=2 * BLOCK, segment_length=2 * BLOCK),
        )

    def test_larger_blocks_cover_smaller_differences(self) -> None:
        self.write(5, b'x')
        self.assertEqual([(4, 4)], self.diff(block_size=4 * BLOCK))

    def test_equal_contents_have_no_difference(self) -> None:
        self.write(0, b'x')
        self.good(self.copy(self.name, f'{self.name}-2'))
        self.assertEqual([], self.diff(base_name=f'{self.name}-2'))

    def test_a_block_size_is_a_multiple_of_512(self) -> None:
        self.bad(
            self.client.get_volumes_diff(
                names=[self.name], block_size=100, segment_length=BLOCK
            ),
            'block_size',
        )
