# SPDX-License-Identifier: Apache-2.0
"""What snapshots hold, against a count of every block."""

import itertools
import unittest
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from flasharray_simulator import limits, model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.content import BLOCK
from flasharray_simulator.domain import volumes
from flasharray_simulator.errors import ApiError

SIZE = 2**20
BLOCKS = 4

step = st.one_of(
    st.tuples(
        st.just('write'),
        st.integers(0, BLOCKS - 1),
        st.sampled_from([0, 1, 2]),
    ),
    st.tuples(st.just('snapshot'), st.just(0), st.just(0)),
    st.tuples(st.just('fail'), st.integers(0, BLOCKS - 1), st.just(3)),
    st.tuples(st.just('look'), st.just(0), st.just(0)),
)


class Undone(Exception):
    pass


def array() -> FlashArray:
    return FlashArray(Setup('fa'), ':memory:')


def write(
    on: FlashArray, volume: model.Volume, block: int, value: int
) -> model.Volume:
    data = bytes([value]) * BLOCK
    content = on.content.write(volume.content, block * BLOCK, data)
    return on.volumes.put(replace(volume, content=content))


class VolumeUsageTest(unittest.TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.lists(step, max_size=25))
    def test_every_block_is_charged_to_the_newest_that_has_it(
        self, steps: list[tuple[str, int, int]]
    ) -> None:
        on = array()
        with on.transaction():
            on.pods.put(model.Pod('p', 'p', 0))
            volume = volumes.create(on, volumes.NewVolume('p::v'))
        blocks = [0] * BLOCKS
        taken: list[list[int]] = []
        for what, block, value in steps:
            if what == 'write':
                blocks[block] = value
                with on.transaction():
                    write(on, on.volumes[volume.id], block, value)
            elif what == 'snapshot':
                taken.append(list(blocks))
                with on.transaction():
                    on.clock.advance(1)
                    volumes.snapshot(on, on.volumes[volume.id], None)
            elif what == 'fail':
                with self.assertRaises(Undone), on.transaction():
                    write(on, on.volumes[volume.id], block, value)
                    on.volume_usage.pod('p')
                    raise Undone
            else:
                on.volume_usage.pod('p')
        expected = 0
        states = [*taken, blocks]
        for state, newer in itertools.pairwise(states):
            expected += sum(
                BLOCK
                for old, new in zip(state, newer, strict=True)
                if old and old != new
            )
        with on.transaction():
            self.assertEqual(expected, on.volume_usage.snapshots(volume.id))
            self.assertEqual(expected, on.volume_usage.pod('p'))
            self.assertEqual(
                BLOCK * sum(1 for value in blocks if value), on.written()
            )

    def test_a_volume_that_leaves_its_pod_takes_its_snapshots_along(
        self,
    ) -> None:
        on = array()
        with on.transaction():
            on.pods.put(model.Pod('p', 'p', 0))
            made = volumes.create(on, volumes.NewVolume('p::v'))
            made = write(on, made, 0, 1)
            volumes.snapshot(on, made, 's')
            made = write(on, on.volumes[made.id], 0, 2)
            self.assertEqual(BLOCK, on.volume_usage.pod('p'))
            volumes.put_name(on, replace(made, pod_id=None), 'v')
            self.assertEqual(0, on.volume_usage.pod('p'))


class LimitTest(unittest.TestCase):
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 5), st.integers(0, 8))
    def test_there_are_never_more_than_the_limit(
        self, most: int, wanted: int
    ) -> None:
        on = array()
        with on.transaction():
            limits.change(on, 'volumes', most)
        refused = 0
        for number in range(wanted):
            try:
                with on.transaction():
                    volumes.create(on, volumes.NewVolume(f'v{number}'))
            except ApiError as error:
                self.assertIn('limit reached', str(error))
                refused += 1
        self.assertEqual(min(most, wanted), len(on.volumes))
        self.assertEqual(max(0, wanted - most), refused)
