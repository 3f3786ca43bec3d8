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


class PatienceTest(base.TestCase):
    def test_what_takes_long_is_looked_at_rarely(self) -> None:
        self.assertEqual(5.0, waiting.patience(40.0, 60.0))

    def test_no_more_than_a_limit_is_waited(self) -> None:
        self.assertEqual(2.0, waiting.patience(3600.0, 2.0))
        self.assertEqual(0.01, waiting.patience(0.0, 0.01))

    def test_something_is_always_waited(self) -> None:
        self.assertGreater(waiting.patience(0.0, 2.0), 0.0)
