# SPDX-License-Identifier: Apache-2.0
import dataclasses
import datetime

import fixtures

from aegis import models
from aegis.journal import leases
from aegis.tests import base
from aegis.tests.fixtures import journal


class LeasesTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = journal.NOW
        self.useFixture(
            fixtures.MonkeyPatch('aegis.common.clock.now', lambda: self.now)
        )
        self.leases = leases.Leases()
        self.lane = self.claim()

    def claim(self) -> models.Lane:
        return dataclasses.replace(
            journal.make_lane(),
            lease_expires_at=self.now + datetime.timedelta(seconds=30),
        )

    def later(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)

    def renew(self) -> None:
        self.leases.renewed(self.now, 30)

    def test_a_claim_holds_as_long_as_its_lease(self) -> None:
        self.later(29)
        self.assertTrue(self.leases.holds(self.lane))
        self.later(1)
        self.assertFalse(self.leases.holds(self.lane))

    def test_renewals_keep_it(self) -> None:
        for _ in range(10):
            self.later(20)
            self.renew()
        self.later(29)
        self.assertTrue(self.leases.holds(self.lane))

    def test_a_renewal_after_a_gap_does_not_bring_it_back(self) -> None:
        self.renew()
        self.later(31)
        self.renew()
        self.assertFalse(self.leases.holds(self.lane))

    def test_a_claim_after_a_gap_holds(self) -> None:
        self.renew()
        self.later(31)
        self.renew()
        lane = self.claim()
        self.later(20)
        self.renew()
        self.later(20)
        self.assertTrue(self.leases.holds(lane))

    def test_a_gap_before_the_first_renewal_counts(self) -> None:
        self.later(31)
        self.renew()
        self.assertFalse(self.leases.holds(self.lane))

    def test_a_lane_without_a_lease_is_not_held(self) -> None:
        lane = dataclasses.replace(self.lane, lease_expires_at=None)
        self.assertFalse(self.leases.holds(lane))
