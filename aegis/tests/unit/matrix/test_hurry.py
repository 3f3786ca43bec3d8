# SPDX-License-Identifier: Apache-2.0
"""Hurried waits are short, and end like all others."""

import time

from aegis.common import exception
from aegis.tests import base
from aegis.tests.matrix import hurry


class HurriedWaiterTest(base.TestCase):
    def test_an_hour_takes_no_time(self) -> None:
        waiter = hurry.HurriedWaiter(10**6)
        before = time.monotonic()

        waiter.wait(3600)

        self.assertLess(time.monotonic() - before, 60)

    def test_a_stopped_one_interrupts(self) -> None:
        waiter = hurry.HurriedWaiter(1)
        waiter.stop()

        self.assertRaises(exception.Interrupted, waiter.wait, 3600)

    def test_its_clock_is_everybodys(self) -> None:
        waiter = hurry.HurriedWaiter(10**6)

        before = time.monotonic()

        self.assertLessEqual(before, waiter.monotonic())
        self.assertLess(waiter.monotonic(), before + 3600)
