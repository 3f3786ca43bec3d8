# SPDX-License-Identifier: Apache-2.0
"""Engines over one database, with the toy operation."""

from collections.abc import Sequence

from aegis import models
from aegis.common import states
from aegis.db import groups, lanes, operations, steps
from aegis.tests import base
from aegis.tests.fixtures import toy

LaneState = models.LaneState
OperationState = models.OperationState


class EngineTestCase(base.DatabaseTestCase):
    """``engine(owner)`` starts an engine that ends with the test."""

    lease_seconds = 30.0

    def setUp(self) -> None:
        super().setUp()
        self.world = self.useFixture(toy.Toy()).world
        self.config(
            group='engine',
            lease_seconds=self.lease_seconds,
            scan_interval=0.1,
            poll_interval=0.01,
            heartbeat_interval=0.1,
            test_hooks=self.world.hooks,
        )

    def engine(self, owner: str = 'engine-a') -> toy.ToyEngine:
        engine = toy.ToyEngine(self.conf, owner).start()
        self.addCleanup(engine.stop)
        return engine

    def begin(
        self,
        waves: Sequence[int] = (1, 1, 2),
        policy: models.MemberFailurePolicy = (
            models.MemberFailurePolicy.CONTINUE
        ),
    ) -> models.Operation:
        """Queue a failover of a new group."""
        self.group = toy.make_group(self.context, waves, policy)
        return toy.start_operation(self.context, self.group)

    def ended(self, operation: models.Operation) -> models.Operation:
        """The operation when it has ended."""

        def find() -> models.Operation | None:
            found = operations.get_operation(self.admin, operation.id)
            return found if found.state in states.OPERATION_ENDED else None

        found: models.Operation = toy.wait_until(find, 'an end')
        return found

    def lane_states(self, operation: models.Operation) -> dict[str, str]:
        found = lanes.list_lanes(self.admin, operation.id)
        return {lane.name: lane.state.value for lane in found}

    def lane(self, operation: models.Operation, name: str) -> models.Lane:
        found = lanes.list_lanes(self.admin, operation.id)
        return next(lane for lane in found if lane.name == name)

    def steps(
        self, operation: models.Operation, lane: str
    ) -> list[models.Step]:
        wanted = self.lane(operation, lane)
        return [
            step
            for step in steps.list_steps(self.admin, operation.id)
            if step.lane_id == wanted.id
        ]

    def group_now(self) -> models.FailoverGroup:
        return groups.get_group(self.admin, self.group.id)
