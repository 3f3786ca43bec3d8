# SPDX-License-Identifier: Apache-2.0
"""Schedules, retentions and the clock."""

import unittest
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator.clock import VirtualClock
from flasharray_simulator.domain import schedules
from flasharray_simulator.model import DAY, Blackout, Retention, Schedule

HOUR = DAY // 24


@dataclass(frozen=True)
class Taken:
    created: int


class ScheduleTest(unittest.TestCase):
    def test_the_first_run_is_at_once(self) -> None:
        schedule = Schedule(True, HOUR)
        self.assertEqual(123, schedules.first_due(schedule, 123))

    def test_the_next_run_keeps_the_pace(self) -> None:
        schedule = Schedule(True, HOUR)
        self.assertEqual(HOUR, schedules.next_due(schedule, 0, 5))

    def test_missed_runs_are_not_made_up_for(self) -> None:
        schedule = Schedule(True, HOUR)
        self.assertEqual(
            26 * HOUR, schedules.next_due(schedule, 0, 25 * HOUR + 1)
        )

    def test_a_daily_run_is_at_its_time(self) -> None:
        schedule = Schedule(True, DAY, at=3 * HOUR)
        self.assertEqual(3 * HOUR, schedules.first_due(schedule, 2 * HOUR))
        self.assertEqual(
            DAY + 3 * HOUR, schedules.first_due(schedule, 4 * HOUR)
        )

    def test_a_run_waits_for_the_end_of_the_blackout(self) -> None:
        schedule = Schedule(True, HOUR, blackout=Blackout(8 * HOUR, 17 * HOUR))
        self.assertEqual(
            17 * HOUR, schedules.next_due(schedule, 7 * HOUR, 7 * HOUR)
        )

    def test_a_blackout_may_span_midnight(self) -> None:
        schedule = Schedule(True, HOUR, blackout=Blackout(22 * HOUR, 2 * HOUR))
        self.assertEqual(
            DAY + 2 * HOUR, schedules.first_due(schedule, 23 * HOUR)
        )
        self.assertEqual(2 * HOUR, schedules.first_due(schedule, HOUR))


class RetentionTest(unittest.TestCase):
    def test_young_snapshots_are_kept(self) -> None:
        taken = [Taken(n * HOUR) for n in range(4)]
        retention = Retention(all_for_sec=4 * 3600, per_day=0, days=0)
        self.assertEqual([], schedules.expired(taken, retention, 3 * HOUR))

    def test_old_ones_are_thinned_out_by_day(self) -> None:
        taken = [Taken(n * HOUR) for n in range(72)]
        retention = Retention(all_for_sec=0, per_day=2, days=2)
        gone = schedules.expired(taken, retention, 72 * HOUR)
        kept = [t.created // HOUR for t in taken if t not in gone]
        self.assertEqual([47, 48, 70, 71], kept)

    @given(
        st.sets(st.integers(0, 30 * DAY)),
        st.integers(0, 7 * 86_400),
        st.integers(0, 5),
        st.integers(0, 9),
    )
    def test_only_old_ones_expire_and_a_few_a_day_stay(
        self, times: set[int], all_for: int, per_day: int, days: int
    ) -> None:
        taken = [Taken(time) for time in times]
        retention = Retention(all_for, per_day, days)
        now = 30 * DAY
        gone = schedules.expired(taken, retention, now)
        for snapshot in gone:
            self.assertGreaterEqual(now - snapshot.created, all_for * 1000)
        old = [t for t in times if now - t >= all_for * 1000]
        self.assertLessEqual(len(old) - len(gone), per_day * days)


class ClockTest(unittest.TestCase):
    def setUp(self) -> None:
        self.real = 1000.0
        self.clock = VirtualClock(real=lambda: self.real)

    def test_it_shows_real_time_at_first(self) -> None:
        self.assertEqual(1_000_000, self.clock.now())

    def test_it_can_be_moved(self) -> None:
        self.clock.advance(DAY)
        self.assertEqual(1_000_000 + DAY, self.clock.now())

    def test_it_does_not_go_back(self) -> None:
        with self.assertRaises(ValueError):
            self.clock.advance(-1)

    def test_it_runs_at_its_rate(self) -> None:
        self.clock.set_rate(60)
        self.real += 2
        self.assertEqual(1_120_000, self.clock.now())
        self.assertEqual(1.0, self.clock.real_seconds(60_000))

    def test_it_can_stand_still(self) -> None:
        self.clock.set_rate(0)
        self.real += 10
        self.assertEqual(1_000_000, self.clock.now())
        self.assertIsNone(self.clock.real_seconds(1))

    def test_another_clock_goes_on_from_its_anchors(self) -> None:
        self.clock.set_rate(10)
        self.clock.advance(DAY)
        anchor, virtual, rate = self.clock.anchors()
        other = VirtualClock(anchor, virtual, rate, lambda: self.real)
        self.real += 5
        self.assertEqual(self.clock.now(), other.now())
