# SPDX-License-Identifier: Apache-2.0
"""The end of a step is written by whatever its lane writes next."""

import dataclasses
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import testscenarios

from aegis import models
from aegis.common import exception, failure
from aegis.db import lanes, session, steps
from aegis.tests import base
from aegis.tests.fixtures import journal, toy

StepState = models.StepState
FAILURE = failure.Failure('aegis.test', 'It broke.')

Write = Callable[['EndedStepTestCase', models.Claim], Any]


class EndedStepTestCase(base.DatabaseTestCase):
    """A lane with a step that has succeeded and one that runs."""

    def setUp(self) -> None:
        super().setUp()
        group = toy.make_group(self.context)
        self.operation = toy.start_operation(self.context, group)
        toy.begin_operation(self.admin, self.operation.id)
        toy.add_lanes(
            self.admin, [journal.make_lane(operation_id=self.operation.id)]
        )
        (lane,) = lanes.claim_lanes(self.admin, 'a', 1, 1, 30)
        self.claim = models.Claim(lane.id, lane.operation_id, 'a', 1, 30)
        self.ended = dataclasses.replace(
            self.begin('disk', 1),
            state=StepState.SUCCEEDED,
            result={'size': 3},
            finished_at=journal.NOW,
        )
        self.running = self.begin('server', 2)

    def begin(self, name: str, ordinal: int) -> models.Step:
        step = self.step(name, ordinal)
        steps.begin_step(self.admin, self.claim, None, step, True)
        return step

    def step(self, name: str, ordinal: int) -> models.Step:
        return models.Step(
            id=f'0e0e0e0e-0000-4000-8000-00000000000{ordinal}',
            lane_id=self.claim.lane_id,
            attempt=1,
            ordinal=ordinal,
            name=name,
            state=StepState.RUNNING,
            intent={},
            result=None,
            message=None,
            error_code=None,
            reversible=True,
            leftovers=(),
            service_seconds={},
            started_at=journal.NOW,
            finished_at=None,
        )

    def rows(self) -> dict[str, models.Step]:
        found = steps.list_steps(self.admin, self.operation.id)
        return {step.name: step for step in found}


def _begin(case: EndedStepTestCase, claim: models.Claim) -> None:
    steps.begin_step(case.admin, claim, case.ended, case.step('more', 3), True)


def _go_on(case: EndedStepTestCase, claim: models.Claim) -> None:
    steps.begin_step(case.admin, claim, case.ended, None, True)


def _record(case: EndedStepTestCase, claim: models.Claim) -> None:
    undone = dataclasses.replace(case.running, state=StepState.REVERTING)
    steps.record_step(case.admin, claim, case.ended, undone, 'undo')


def _fail(case: EndedStepTestCase, claim: models.Claim) -> None:
    failed = dataclasses.replace(case.running, state=StepState.FAILED)
    steps.fail_step(case.admin, claim, case.ended, failed, FAILURE)


def _start_revert(case: EndedStepTestCase, claim: models.Claim) -> None:
    lanes.start_revert(case.admin, claim, case.ended, FAILURE)


def _end_lane(case: EndedStepTestCase, claim: models.Claim) -> None:
    lanes.end_lane(case.admin, claim, case.ended, 'succeed', None)


def _release(case: EndedStepTestCase, claim: models.Claim) -> None:
    lanes.release_lane(case.admin, claim, case.ended)


class EndedStepTest(testscenarios.WithScenarios, EndedStepTestCase):
    """All that a lane writes, each with the end of a step."""

    scenarios = [
        (write.__name__, {'write': staticmethod(write)})
        for write in (
            _begin,
            _go_on,
            _record,
            _fail,
            _start_revert,
            _end_lane,
            _release,
        )
    ]
    write: Write

    def test_the_end_is_written_with_it(self) -> None:
        self.write(self, self.claim)

        self.assertEqual(self.ended, self.rows()['disk'])

    def test_the_claim_is_checked_once_and_first(self) -> None:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any):
            statements.append(' '.join(statement.split()[:2]))

        engine = session.engine()
        sa.event.listen(engine, 'before_cursor_execute', note)
        self.addCleanup(sa.event.remove, engine, 'before_cursor_execute', note)

        self.write(self, self.claim)

        self.assertEqual('UPDATE lanes', statements[0])
        self.assertEqual(1, statements.count('UPDATE lanes'))

    def test_nothing_is_written_without_the_claim(self) -> None:
        before = self.rows()
        other = dataclasses.replace(self.claim, fence=2)

        self.assertRaises(exception.FenceLost, self.write, self, other)

        self.assertEqual(before, self.rows())

    def test_a_step_that_has_ended_does_not_end_again(self) -> None:
        steps.begin_step(self.admin, self.claim, self.ended, None, True)
        before = self.rows()

        self.assertRaises(RuntimeError, self.write, self, self.claim)

        self.assertEqual(before, self.rows())
