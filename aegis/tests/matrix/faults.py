# SPDX-License-Identifier: Apache-2.0
"""Runs in which each external call fails in turn, in every way."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

from oslo_config import cfg

from aegis import models
from aegis.tests.fixtures import toy
from aegis.tests.matrix import (
    cases,
    engines,
    faultcases,
    hurry,
    interruptions,
    landscape,
    rows,
    undoing,
    verdict,
)

_OWNER = 'engine-a'
_PATIENCE_SECONDS = 240.0
_LOOK_SECONDS = 0.05


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

    def forget_calls(self) -> None:
        """Note calls from now on only."""

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
    """A run that met no fault, and the distinct calls that it made.

    Of a run that is cancelled it is those of its undoing.

    :param last_step: after which step it is cancelled, if it is.
    """

    calls: tuple[faultcases.Request, ...]
    facts: verdict.Clean
    last_step: str | None = None


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
        """Run without faults; None for a run that makes no sense.

        See :meth:`aegis.tests.matrix.crash.CrashMatrix.clean`.
        """
        if run.way is cases.Way.FORWARD:
            return self._clean(run, None)
        operation = self._laboratory.begin(run)
        self._run(operation)
        last_step = rows.last_reversible(operation)
        if not _succeeded(operation) or last_step is None:
            return None
        return self._clean(run, last_step)

    def _clean(self, run: cases.Run, last_step: str | None) -> CleanRun | None:
        room = self._laboratory
        operation = room.begin(run)
        before, group = room.landscape(operation), room.group_before()
        self._run(operation, last_step)
        ended = room.ended(operation)
        if last_step is None and not _succeeded(operation):
            return None
        return CleanRun(
            calls=tuple(dict.fromkeys(room.requests())),
            facts=verdict.Clean(before, group, ended, room.protected),
            last_step=last_step,
        )

    def check(self, case: faultcases.FaultCase, clean: CleanRun) -> Outcome:
        """Run with a fault and judge the end."""
        room = self._laboratory
        operation = room.begin(case.run)
        try:
            self._run(operation, clean.last_step, lambda: room.spoil(case))
        except AssertionError as error:
            return Outcome(case, True, (str(error),))
        finally:
            room.release()
        ended = room.ended(operation)
        judge = undoing.judge if clean.last_step else verdict.judge
        return Outcome(
            case,
            case.request in room.requests(),
            judge(case, clean.facts, ended),
            str(ended.state),
        )

    def _run(
        self,
        operation: models.Operation,
        last_step: str | None = None,
        spoil: Callable[[], None] = lambda: None,
    ) -> None:
        """Run to the end, cancelled after a step or not.

        :param spoil: called at the start, or else before it is cancelled.
        """
        halt = interruptions.Halt()
        hooks = []
        if last_step is None:
            spoil()
        else:
            point = interruptions.Point(last_step, 'after')
            hooks.append(interruptions.Arrival(point, halt))
        engine = engines.EngineProcess(
            self._laboratory.conf,
            _OWNER,
            interruptions.Several(*hooks),
            hurry.SPEED,
        )
        try:
            if last_step is not None:
                _wait(lambda: halt.arrived or rows.ended(operation))
                self._laboratory.forget_calls()
                spoil()
                interruptions.cancel(operation.id)()
                halt.let_go()
            _wait(lambda: rows.ended(operation))
        finally:
            engine.kill()


def _wait(done: Callable[[], bool]) -> None:
    toy.wait_until(done, 'it never ended', _PATIENCE_SECONDS, _LOOK_SECONDS)


def _succeeded(operation: models.Operation) -> bool:
    return rows.state(operation) is models.OperationState.SUCCEEDED
