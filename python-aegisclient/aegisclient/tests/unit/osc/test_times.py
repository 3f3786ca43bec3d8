# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest

from hypothesis import given
from hypothesis import strategies as st

from aegisclient.osc import times


class DurationTest(unittest.TestCase):
    def test_two_largest_units_are_named(self):
        for seconds, text in (
            (0, '0s'),
            (59.4, '59s'),
            (59.6, '1m 0s'),
            (252, '4m 12s'),
            (3 * 3600 + 5 * 60 + 59, '3h 5m'),
            (2 * 86400 + 7 * 3600, '2d 7h'),
        ):
            with self.subTest(seconds):
                self.assertEqual(text, times.duration(seconds))

    def test_clock_that_runs_behind_gives_no_negative_age(self):
        self.assertEqual('0s', times.duration(-5))


class ParseTest(unittest.TestCase):
    @given(st.datetimes(timezones=st.just(datetime.UTC)))
    def test_iso_time_is_read_back(self, moment):
        self.assertEqual(moment, times.parse(moment.isoformat()))

    def test_zulu_suffix_is_utc(self):
        self.assertEqual(
            datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.UTC),
            times.parse('2026-11-21T10:00:00Z'),
        )

    def test_time_without_zone_is_utc(self):
        self.assertEqual(
            datetime.UTC, times.parse('2026-11-21T10:00:00').tzinfo
        )


class ElapsedTest(unittest.TestCase):
    def test_nothing_has_elapsed_before_the_start(self):
        self.assertIsNone(times.elapsed(None, None))

    def test_it_runs_until_now_while_there_is_no_end(self):
        at = datetime.datetime(2026, 11, 21, 10, 1, tzinfo=datetime.UTC)
        self.assertEqual(
            60, times.elapsed('2026-11-21T10:00:00Z', None, at=at)
        )
