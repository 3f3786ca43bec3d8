# SPDX-License-Identifier: Apache-2.0
"""Bytes per second of the last half minute."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator.traffic import WINDOW, Traffic


class TrafficTest(unittest.TestCase):
    def test_nothing_is_no_traffic(self) -> None:
        self.assertEqual(0, Traffic().rate('a', 0))

    def test_it_is_the_mean_of_the_window(self) -> None:
        traffic = Traffic()
        traffic.add('a', 1000, 300_000)
        traffic.add('b', 1000, 900_000)
        self.assertEqual(10_000, traffic.rate('a', 2000))

    def test_what_is_older_is_forgotten(self) -> None:
        traffic = Traffic()
        traffic.add('a', 0, 300_000)
        self.assertEqual(10_000, traffic.rate('a', WINDOW - 1))
        self.assertEqual(0, traffic.rate('a', WINDOW))

    @given(
        st.lists(
            st.tuples(st.integers(0, 20_000), st.integers(0, 10**9)),
            max_size=30,
        )
    )
    def test_no_byte_is_lost_within_the_window(
        self, events: list[tuple[int, int]]
    ) -> None:
        traffic = Traffic()
        for moment, count in sorted(events):
            traffic.add('a', moment, count)
        total = sum(count for _, count in events)
        self.assertEqual(total * 1000 // WINDOW, traffic.rate('a', 20_000))
