# SPDX-License-Identifier: Apache-2.0
import threading

import fixtures

from aegis.common import stopwatch
from aegis.tests import base


class StopwatchTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 100.0
        self.useFixture(
            fixtures.MonkeyPatch('time.monotonic', lambda: self.now)
        )

    def test_time_is_charged_to_the_service(self) -> None:
        with stopwatch.collect() as account:
            self.now += 5
            with stopwatch.measure('nova'):
                self.now += 2
            with stopwatch.measure('nova'):
                self.now += 1
            with stopwatch.measure('cinder'):
                self.now += 0.25

        self.assertEqual({'cinder': 0.25, 'nova': 3.0}, account.seconds())

    def test_the_inner_service_counts(self) -> None:
        with stopwatch.collect() as account, stopwatch.measure('nova'):
            self.now += 1
            with stopwatch.measure('array'):
                self.now += 2
            self.now += 4

        self.assertEqual({'array': 2.0, 'nova': 5.0}, account.seconds())

    def test_a_failed_call_counts_too(self) -> None:
        with stopwatch.collect() as account:
            try:
                with stopwatch.measure('nova'):
                    self.now += 1
                    raise ValueError
            except ValueError:
                self.now += 7

        self.assertEqual({'nova': 1.0}, account.seconds())

    def test_without_an_account_nothing_happens(self) -> None:
        with stopwatch.measure('nova'):
            self.now += 1
        with stopwatch.collect() as account:
            pass

        self.assertEqual({}, account.seconds())

    def test_threads_have_accounts_of_their_own(self) -> None:
        with stopwatch.collect() as account:
            thread = threading.Thread(target=self._measure)
            thread.start()
            thread.join()

        self.assertEqual({}, account.seconds())

    def _measure(self) -> None:
        with stopwatch.measure('nova'):
            self.now += 1
