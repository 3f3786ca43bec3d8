# SPDX-License-Identifier: Apache-2.0
"""What the database says of an engine and the engine does not know."""

from typing import Any

import fixtures
import sqlalchemy as sa

from aegis import models
from aegis.db import lanes, session
from aegis.db import models as tables
from aegis.engine import runner
from aegis.tests.fixtures import toy
from aegis.tests.functional.engine import base

OWNER = 'engine-a'


class UnknownClaimTest(base.EngineTestCase):
    # So long that nobody else can be meant to take the lanes over.
    lease_seconds = 600.0

    def test_lanes_that_an_engine_holds_and_does_not_run_are_run(self) -> None:
        """As when the answer to its claim was lost."""
        operation = self.begin()
        runner.advance(self.admin, operation.id)
        claimed = lanes.claim_lanes(self.admin, OWNER, 10, 10, 600)
        self.assertEqual(['prepare'], [lane.name for lane in claimed])

        self.engine(OWNER)

        self.assertIs(
            models.OperationState.SUCCEEDED, self.ended(operation).state
        )

    def test_lanes_that_it_runs_stay_its_own(self) -> None:
        self.world.pause('server', 'acting')
        operation = self.begin(waves=(1,))
        scans = self._count_scans()
        self.engine(OWNER)
        toy.wait_until(
            lambda: self.world.is_reached('server', 'acting'), 'a server'
        )
        before = len(scans)
        toy.wait_until(lambda: len(scans) > before + 2, 'scans')
        self.world.proceed()

        self.ended(operation)

        self.assertEqual(1, self.lane(operation, 'm0').fence)

    def test_a_lane_that_it_takes_back_outlives_its_earlier_run(self) -> None:
        """As when it was silent for longer than its leases last."""
        self.world.pause('server', 'acting')
        self.world.pause('check', 'acting')
        operation = self.begin(waves=(1,))
        engine = self.engine(OWNER)
        toy.wait_until(
            lambda: self.world.is_reached('server', 'acting'), 'a server'
        )
        self._lose(self.lane(operation, 'm0'))
        toy.wait_until(lambda: engine.pool.running == 2, 'another run')
        toy.wait_until(
            lambda: self.world.is_reached('check', 'acting'), 'its check'
        )
        scans = self._count_scans()
        self.world.proceed('server.acting')
        toy.wait_until(lambda: engine.pool.running == 1, 'an end of the first')
        before = len(scans)
        toy.wait_until(lambda: len(scans) > before + 2, 'scans')
        self.world.proceed()

        self.ended(operation)

        self.assertEqual(3, self.lane(operation, 'm0').fence)

    def _lose(self, lane: models.Lane) -> None:
        """Have another engine take a lane and give it up."""
        with session.transaction(self.admin) as transaction:
            transaction.execute(
                sa.update(tables.Lane)
                .where(tables.Lane.id == lane.id)
                .values(
                    fence=lane.fence + 1, owner=None, lease_expires_at=None
                )
            )

    def _count_scans(self) -> list[int]:
        """A list that grows with each scan."""
        scans: list[int] = []
        real = lanes.release_others

        def release(*arguments: Any) -> int:
            scans.append(real(*arguments))
            return scans[-1]

        self.useFixture(
            fixtures.MonkeyPatch('aegis.db.lanes.release_others', release)
        )
        return scans
