# SPDX-License-Identifier: Apache-2.0
import datetime

import fixtures

from aegis.common import clock
from aegis.db import services
from aegis.tests import base

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


class ServicesTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = START
        self.useFixture(
            fixtures.MonkeyPatch('aegis.common.clock.now', lambda: self.now)
        )

    def report(self, version: str = '1') -> None:
        services.report_service(
            self.admin, 'aegis-engine', 'node-1', version, START
        )

    def test_the_first_sign_of_life_makes_a_service_known(self) -> None:
        self.report()

        (found,) = services.list_services(self.admin, 10)

        self.assertEqual('aegis-engine', found.binary)
        self.assertEqual(START, found.heartbeat_at)
        self.assertTrue(found.alive)

    def test_a_sign_of_life_renews_the_row(self) -> None:
        self.report()
        (before,) = services.list_services(self.admin, 10)
        self.now += datetime.timedelta(seconds=60)

        self.report('2')

        (found,) = services.list_services(self.admin, 10)
        self.assertEqual(before.id, found.id)
        self.assertEqual('2', found.version)
        self.assertEqual(clock.now(), found.heartbeat_at)

    def test_three_missed_signs_make_it_dead(self) -> None:
        self.report()

        self.now = START + datetime.timedelta(seconds=29)
        self.assertTrue(services.list_services(self.admin, 10)[0].alive)
        self.now = START + datetime.timedelta(seconds=30)
        self.assertFalse(services.list_services(self.admin, 10)[0].alive)
