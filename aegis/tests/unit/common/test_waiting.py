# SPDX-License-Identifier: Apache-2.0
from aegis.common import exception, waiting
from aegis.tests import base


class StoppableWaiterTest(base.TestCase):
    def test_waits(self) -> None:
        waiter = waiting.StoppableWaiter()
        before = waiter.monotonic()

        waiter.wait(0.01)

        self.assertGreaterEqual(waiter.monotonic() - before, 0.01)

    def test_stopping_ends_all_waiting(self) -> None:
        waiter = waiting.StoppableWaiter()
        waiter.stop()

        self.assertTrue(waiter.stopping)
        self.assertRaises(exception.Interrupted, waiter.wait, 600)
        self.assertRaises(exception.Interrupted, waiter.wait, 0)
