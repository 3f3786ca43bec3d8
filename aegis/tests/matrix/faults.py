# SPDX-License-Identifier: Apache-2.0
"""Runs in which each external call fails in turn, in every way."""

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from oslo_config import cfg

from aegis import models
from aegis.common import context as aegis_context
from aegis.common import states
from aegis.db import operations
from aegis.tests.fixtures import toy
from aegis.tests.matrix import (
    cases,
    engines,
    faultcases,
    hurry,
    landscape,
    verdict,
)

_OWNER = 'engine-a'
_PATIENCE_SECONDS = 240.0


class Laboratory(Protocol):
    """The world in which runs take place, the same at the start of each."""

    conf: cfg.ConfigOpts

    @property
    def protected(self) -> frozenset[str]:
        """The places that may be lost."""

    def begin(self, run: cases.Run) -> models.Operation:
        """Put everything back and queue the operation of a run."""

    def requests(self) -> Sequence[faultcases.Request]:
        """Each call to sites and arrays since then, in order."""

    def spoil(self, case: faultcases.FaultCase) -> None:
        """Have a call fail from now on."""

    def release(self) -> None:
        """Let no call fail any more."""

    def landscape(self, operation: models.Operation) -> landscape.Landscape:
        """What stands now."""

    def group_before(self) -> str:
        """The state that the group had before the operation."""

    def ended(self, operation: models.Operation) -> verdict.Ended:
        """How a run has ended."""


@dataclasses.dataclass(frozen=True)
class CleanRun:
    """A run that met no fault, and the distinct calls that it made."""

    calls: tuple[faultcases.Request, ...]
    facts: verdict.Clean


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a case; right when there are no problems.

    ``reached`` is false when the run never made the call; ``state`` is
    what became of the operation.
    """

    case: faultcases.FaultCase
    reached: bool
    problems: tuple[str, ...]
    state: str = 'endless'


class FaultMatrix:
    """Runs clean runs and cases in one laboratory, one at a time."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory

    def clean(self, run: cases.Run) -> CleanRun | None:
        """Run without faults; None for a flow that its world does not allow."""
        room = self._laboratory
        operation = room.begin(run)
        before, group = room.landscape(operation), room.group_before()
        self._run(operation)
        ended = room.ended(operation)
        if ended.state is not models.OperationState.SUCCEEDED:
            return None
        return CleanRun(
            calls=tuple(dict.fromkeys(room.requests())),
            facts=verdict.Clean(before, group, ended, room.protected),
        )

    def check(self, case: faultcases.FaultCase, clean: CleanRun) -> Outcome:
        """Run with a fault and judge the end."""
        room = self._laboratory
        operation = room.begin(case.run)
        room.spoil(case)
        try:
            self._run(operation)
        except AssertionError as error:
            return Outcome(case, True, (str(error),))
        finally:
            room.release()
        ended = room.ended(operation)
        return Outcome(
            case,
            case.request in room.requests(),
            verdict.judge(case, clean.facts, ended),
            str(ended.state),
        )

    def _run(self, operation: models.Operation) -> None:
        engine = engines.EngineProcess(
            self._laboratory.conf, _OWNER, speed=hurry.SPEED
        )
        try:
            toy.wait_until(
                lambda: _ended(operation), 'it never ended', _PATIENCE_SECONDS
            )
        finally:
            engine.kill()


def _ended(operation: models.Operation) -> bool:
    context = aegis_context.admin_context(overwrite=False)
    found = operations.get_operation(context, operation.id)
    return found.state in states.OPERATION_ENDED
