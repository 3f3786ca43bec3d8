# SPDX-License-Identifier: Apache-2.0
import io
import unittest

from sites import console, errors, waiting


class FakeClock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


class WaiterTest(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.text = io.StringIO()
        self.waiter = waiting.Waiter(
            console.Console(self.text),
            waiting.Clock(self.clock.now, self.clock.pause),
            interval=1.0,
        )

    def test_it_returns_how_long_it_took(self) -> None:
        waited = self.waiter.until('x', lambda: self.clock.time >= 3)
        self.assertEqual(3.0, waited)

    def test_it_is_quiet_about_short_waits(self) -> None:
        self.waiter.until('x', lambda: self.clock.time >= 3)
        self.assertEqual('', self.text.getvalue())

    def test_it_says_what_it_waits_for(self) -> None:
        self.waiter.until('the sun', lambda: self.clock.time >= 12)
        self.assertEqual(2, self.text.getvalue().count('waiting for the sun'))

    def test_it_fails_at_the_deadline(self) -> None:
        with self.assertRaisesRegex(
            errors.ServiceFailed, 'the sun did not come within 9 s'
        ):
            self.waiter.until('the sun', lambda: False, 9)
