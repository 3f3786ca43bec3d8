# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import fixtures

from aegis.common import stopwatch
from aegis.engine import timing
from aegis.storage import base as storage
from aegis.storage import manager
from aegis.tests import base


class TimedStorageTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0
        self.useFixture(
            fixtures.MonkeyPatch('time.monotonic', lambda: self.now)
        )
        self.driver = mock.Mock(spec=storage.StorageDriver)
        self.driver.capacity.side_effect = self._capacity
        self.manager = mock.Mock(spec=manager.StorageManager)
        self.manager.driver.return_value = self.driver
        self.manager.for_array_name.return_value = self.driver
        self.storage = timing.TimedStorage(self.manager)

    def _capacity(self) -> str:
        self.now += 3
        return 'capacity'

    def test_calls_of_drivers_are_measured(self) -> None:
        with stopwatch.collect() as account:
            answers = [
                self.storage.driver('fa').capacity(),
                self.storage.for_array_name('fa').capacity(),
            ]

        self.assertEqual(['capacity'] * 2, answers)
        self.assertEqual({'array': 6.0}, account.seconds())

    def test_the_rest_is_the_managers(self) -> None:
        self.manager.labels.return_value = ['fa']

        self.assertEqual(['fa'], self.storage.labels())

    def test_what_a_driver_does_not_have_is_missing(self) -> None:
        self.assertRaises(
            AttributeError, getattr, self.storage.driver('fa'), 'explode'
        )
