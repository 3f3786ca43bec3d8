# SPDX-License-Identifier: Apache-2.0
"""Throttles with windows, and how much may go over a link."""

import math
import unittest
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.clock import VirtualClock
from flasharray_simulator.content import BLOCK
from flasharray_simulator.model import DAY, Throttle
from flasharray_simulator.replication.pacing import Pacer, budget, limit_at

HOUR = DAY // 24
NIGHT = Throttle(1000, 10, 22 * HOUR, 6 * HOUR)


class LimitTest(unittest.TestCase):
    def test_without_limits_it_is_unlimited(self) -> None:
        self.assertIsNone(limit_at(Throttle(), None, 0))

    def test_the_window_has_its_own_limit(self) -> None:
        day = Throttle(1000, 10, 8 * HOUR, 17 * HOUR)
        for hour, limit in ((7, 1000), (8, 10), (16, 10), (17, 1000)):
            self.assertEqual(limit, limit_at(day, None, 5 * DAY + hour * HOUR))

    def test_a_window_may_span_midnight(self) -> None:
        for hour, limit in ((21, 1000), (23, 10), (5, 10), (6, 1000)):
            self.assertEqual(limit, limit_at(NIGHT, None, hour * HOUR))

    def test_a_window_may_be_faster_than_the_rest(self) -> None:
        fast = Throttle(10, 1000, 22 * HOUR, 6 * HOUR)
        self.assertEqual(1000, limit_at(fast, None, 0))

    def test_the_side_door_limits_it_too(self) -> None:
        self.assertEqual(5, limit_at(NIGHT, 5, 0))
        self.assertEqual(10, limit_at(NIGHT, 5000, 0))


class BudgetTest(unittest.TestCase):
    def test_a_day_is_the_sum_of_its_parts(self) -> None:
        self.assertEqual(
            16 * 3600 * 1000 + 8 * 3600 * 10, budget(NIGHT, None, 0, DAY)
        )

    def test_an_unlimited_part_makes_it_unlimited(self) -> None:
        night_only = replace(NIGHT, default_limit=None)
        self.assertEqual(36_000.0, budget(night_only, None, 0, HOUR))
        self.assertTrue(math.isinf(budget(night_only, None, 0, 7 * HOUR)))

    @given(
        st.integers(0, 3 * DAY),
        st.integers(0, 3 * DAY),
        st.integers(0, 3 * DAY),
    )
    def test_it_adds_up(self, one: int, two: int, three: int) -> None:
        first, middle, last = sorted((one, two, three))
        self.assertAlmostEqual(
            budget(NIGHT, None, first, last),
            budget(NIGHT, None, first, middle)
            + budget(NIGHT, None, middle, last),
            places=3,
        )


class PacerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.array = FlashArray(Setup('pacer'), ':memory:')
        self.addCleanup(self.array.close)
        self.real = 0.0
        self.array.clock = VirtualClock(0.0, 0, real=lambda: self.real)
        self.connection = model.ArrayConnection(
            'c', 'peer', 'async-replication', 'nowhere:1'
        )
        self.limit(4 * BLOCK)
        self.pacer = Pacer(self.array, 'c')

    def limit(self, default: int | None) -> None:
        with self.array.transaction():
            self.array.array_connections.put(
                replace(self.connection, throttle=Throttle(default))
            )

    def test_what_time_allows_may_go(self) -> None:
        self.assertEqual(0, self.pacer.take(self, 100))
        self.real += 1
        self.assertEqual(4, self.pacer.take(self, 100))
        self.assertEqual(0, self.pacer.take(self, 100))

    def test_what_is_not_waited_for_is_lost(self) -> None:
        self.pacer.take(self, 1)
        self.pacer.rest(self)
        self.real += 100
        self.assertEqual(0, self.pacer.take(self, 100))

    def test_two_share_it(self) -> None:
        other = object()
        self.pacer.take(self, 1)
        self.pacer.take(other, 1)
        self.real += 1
        self.assertEqual(3, self.pacer.take(self, 3))
        self.assertEqual(1, self.pacer.take(other, 3))

    def test_what_is_given_back_may_go_again(self) -> None:
        self.pacer.take(self, 1)
        self.real += 1
        self.assertEqual(4, self.pacer.take(self, 4))
        self.pacer.give_back(3)
        self.assertEqual(3, self.pacer.take(self, 4))

    def test_without_limit_all_may_go(self) -> None:
        self.limit(None)
        self.assertEqual(1000, self.pacer.take(self, 1000))

    def test_it_says_how_long_to_wait(self) -> None:
        self.pacer.take(self, 1)
        self.assertAlmostEqual(0.25, self.pacer.wait(), places=2)
