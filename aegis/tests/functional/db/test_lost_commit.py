# SPDX-License-Identifier: Apache-2.0
"""The connection to the database breaks at commits of a run.

Whoever was told nothing cannot know whether the commit was done. Both is
tried: it was not, and it was and only its answer is lost.
"""

import itertools
import logging
import os
from typing import Any

import fixtures
import testscenarios

from aegis import models
from aegis.common import states
from aegis.db import operations, session
from aegis.engine import pool, services
from aegis.tests.fixtures import application, database, toy, wire
from aegis.tests.fixtures.failover import FailoverTestCase
from aegis.tests.functional.engine import base

OperationState = models.OperationState

# A step that has lost a commit takes up to five others to be done: it has to
# come further in between than it was.
_INTERVAL = 7


class WireMixin(testscenarios.WithScenarios):
    """The engine of a test reaches its database over a wire."""

    scenarios = [(each.value, {'moment': each}) for each in wire.Moment]
    moment: wire.Moment
    conf: Any
    admin: Any

    def setUp(self) -> None:
        if not os.environ.get(database.URL_VARIABLE):
            self.skipTest('for a database server; see tools/test-databases')
        super().setUp()
        self.useFixture(fixtures.FakeLogger('taskflow', level=logging.WARNING))
        for name, value in {
            'max_concurrent_lanes': 1,
            'scan_interval': 0.05,
            # Only what the engine itself does about it can help.
            'lease_seconds': 600,
        }.items():
            self.conf.set_override(name, value, group='engine')
        self.wire = self.useFixture(wire.Wire(self.conf.database.connection))
        session.dispose()
        self.conf.set_override('connection', self.wire.url, group='database')
        session.configure(self.conf)

    def run_over_wire(
        self,
        engine_services: services.Services,
        operation: models.Operation,
        commit: int,
        interval: int | None = None,
    ) -> models.Operation:
        """Run an operation; the wire breaks at its n-th commit, or more."""
        self.wire.break_at(commit, self.moment, interval)
        lanes = pool.LanePool(engine_services, 'engine')
        lanes.start()
        try:
            toy.wait_until(
                lambda: self._now(operation).state in states.OPERATION_ENDED,
                f'an end, with commit {commit} lost',
                # Each look takes time from the engine, in the same process.
                interval=0.1,
            )
        finally:
            lanes.stop(toy.PATIENCE_SECONDS)
            self.wire.mend()
        return self._now(operation)

    def _now(self, operation: models.Operation) -> models.Operation:
        return operations.get_operation(self.admin, operation.id)


class LostCommitTest(WireMixin, base.EngineTestCase):
    """Each commit of a small run in turn, whatever is committed."""

    def test_the_run_ends_as_without_it(self) -> None:
        for commit in itertools.count(1):
            self._run(commit)
            if not self.wire.broken:
                break
        self.assertGreater(commit, 15)

    def _run(self, commit: int) -> None:
        database.empty(session.engine())
        with toy.Toy() as things:
            operation = self.begin(waves=(1,))
            engine = toy.ToyEngine(self.conf, 'engine')
            ended = self.run_over_wire(engine.services, operation, commit)
            self.assertEqual(
                (OperationState.SUCCEEDED, None),
                (ended.state, ended.state_reason),
                f'commit {commit}',
            )
            self.assertEqual(6, len(things.world.things()))
            self.assertEqual(
                models.GroupState.FAILED_OVER, self.group_now().state
            )


class OftenLostCommitTest(WireMixin, FailoverTestCase):
    """A whole failover, with commits lost all along."""

    def test_the_failover_ends_as_without_it(self) -> None:
        for first in range(1, _INTERVAL + 1, 3):
            database.empty(session.engine())
            with application.Application(self.conf, self.context) as self.app:
                self._fail_over(first)

    def _fail_over(self, first: int) -> None:
        self.protect_and_lose()
        ended = self.run_over_wire(
            self.app.services, self.app.begin(), first, _INTERVAL
        )
        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (ended.state, ended.state_reason),
            f'commits {first} + {_INTERVAL} n',
        )
        self.assertGreater(self.wire.broken, 5)
        self.assert_recovered_once()
        group = self.group_now()
        self.assertEqual(
            (models.GroupState.FAILED_OVER, 1), (group.state, group.epoch)
        )
