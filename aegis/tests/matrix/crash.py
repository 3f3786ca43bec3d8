# SPDX-License-Identifier: Apache-2.0
"""Engines that die or stall at every place of every run."""

import dataclasses
import signal
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from oslo_config import cfg

from aegis import models
from aegis.common import faults
from aegis.tests.fixtures import stalling, toy
from aegis.tests.matrix import (
    cases,
    ends,
    engines,
    hurry,
    interruptions,
    rows,
)

Hooks = tuple[faults.Hook, ...]

VICTIM = 'engine-a'
OTHER = 'engine-b'
_PATIENCE_SECONDS = 120.0
# More often, the looks themselves slow the engine down.
_LOOK_SECONDS = 0.05
_FORWARD = cases.Way.FORWARD
# How calls begin that make something.
_MAKING = ('create_', 'manage_')


class Laboratory(Protocol):
    """The world in which runs take place, the same at the start of each."""

    conf: cfg.ConfigOpts

    def begin(self, run: cases.Run) -> models.Operation:
        """Put everything back and queue the operation of a run."""

    def calls(self) -> Sequence[cases.Call]:
        """The calls to clouds and arrays since then, in their order."""

    def hang(self, call: cases.Call) -> None:
        """Have a call done but never answered."""

    def hangs(self) -> bool:
        """Whether that call was made."""

    def release(self) -> None:
        """Let all calls be answered."""

    def end(self, operation: models.Operation) -> ends.End:
        """What is left."""


@dataclasses.dataclass(frozen=True)
class Clean:
    """A run that nothing interrupted."""

    run: cases.Run
    succeeded: bool
    points: tuple[interruptions.Point, ...]
    calls: tuple[cases.Call, ...]
    last_step: str | None
    end: ends.End


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a case; right when ``difference`` is empty.

    ``reached`` is false when the run went another way and never came to the
    place of its interruption. ``late`` are calls that a stalled engine had
    been about to make, and made when it woke: the lease was looked at before.
    """

    case: cases.Case
    reached: bool
    difference: ends.Difference
    late: tuple[cases.Call, ...] = ()


class CrashMatrix:
    """Runs clean runs and cases in one laboratory, one at a time."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory
        self._engines: list[engines.EngineProcess] = []

    def clean(self, run: cases.Run) -> Clean | None:
        """Run without interruption; None when the run makes no sense.

        A flow that cannot succeed in its world is not worth interrupting,
        and one without a reversible step cannot be cancelled.
        """
        clean = self._clean(dataclasses.replace(run, way=_FORWARD), None)
        if not clean.succeeded:
            return None
        if run.way is _FORWARD:
            return clean
        if clean.last_step is None:
            return None
        return self._clean(run, clean.last_step)

    def _clean(self, run: cases.Run, last_step: str | None) -> Clean:
        """Run once.

        :param last_step: in a run that is cancelled, after which step.
        """
        operation = self._laboratory.begin(run)
        engine = self._engine(VICTIM, _cancelling(operation, last_step))
        self._wait_for_end(operation)
        points = engine.stop()
        return Clean(
            run=run,
            succeeded=rows.state(operation) is models.OperationState.SUCCEEDED,
            points=tuple(points),
            calls=tuple(self._laboratory.calls()),
            last_step=last_step or rows.last_reversible(operation),
            end=self._laboratory.end(operation),
        )

    def check(self, case: cases.Case, clean: Clean) -> Outcome:
        """Run with an interruption and compare the end."""
        operation = self._laboratory.begin(case.run)
        try:
            return self._check(case, clean, operation)
        except AssertionError as error:
            states = (f'{error}: {rows.unfinished(operation)}',)
            return Outcome(case, True, ends.Difference((), (), (), states))
        finally:
            self._laboratory.release()
            for engine in self._engines:
                engine.kill()
            self._engines.clear()

    def _check(
        self, case: cases.Case, clean: Clean, operation: models.Operation
    ) -> Outcome:
        last = clean.last_step if case.run.way is cases.Way.REVERT else None
        hooks = _cancelling(operation, last)
        victim, reached = self._interrupt(case, operation, hooks)
        if case.manner is cases.Manner.KILL_TWICE:
            self._interrupt(case, operation, hooks)
        same = case.successor is cases.Successor.SAME
        self._engine(VICTIM if same else OTHER, hooks)
        self._wait_for_end(operation)
        end = self._laboratory.end(operation)
        found = ends.compare(end, clean.end)
        if not victim.stopped:
            return Outcome(case, reached, found)
        late, change = self._wake(victim, operation)
        more = ends.compare(self._laboratory.end(operation), end)
        return Outcome(
            case,
            reached,
            dataclasses.replace(
                found,
                # What a late call makes is of no use to anybody, and is told.
                orphans=(*found.orphans, *more.orphans[len(late) :]),
                duplicates=(*found.duplicates, *more.duplicates),
                missing=(*found.missing, *more.missing),
                states=(*found.states, *more.states, *change),
            ),
            late,
        )

    def _interrupt(
        self, case: cases.Case, operation: models.Operation, hooks: Hooks
    ) -> tuple[engines.EngineProcess, bool]:
        if isinstance(case.place, cases.Call):
            self._laboratory.hang(case.place)
            victim = self._engine(VICTIM, hooks)
            self._wait(
                lambda: self._laboratory.hangs() or rows.ended(operation)
            )
            reached = self._laboratory.hangs()
            victim.kill()
            self._laboratory.release()
            return victim, reached
        if case.manner is cases.Manner.STALL:
            return self._stall(case.place, operation, hooks)
        arrival = interruptions.Arrival(case.place, interruptions.kill_self)
        victim = self._engine(VICTIM, (*hooks, arrival))
        self._wait(lambda: not victim.alive or rows.ended(operation))
        reached = not victim.alive
        victim.kill()
        return victim, reached

    def _stall(
        self,
        place: interruptions.Point,
        operation: models.Operation,
        hooks: Hooks,
    ) -> tuple[engines.EngineProcess, bool]:
        halt = interruptions.Halt()
        arrival = interruptions.Arrival(place, halt)
        victim = self._engine(VICTIM, (*hooks, arrival))
        self._wait(lambda: halt.arrived or rows.ended(operation))
        if not halt.arrived:
            victim.kill()
            return victim, False
        stalling.stall(rows.context(), victim)
        halt.let_go()
        return victim, True

    def _wake(
        self, victim: engines.EngineProcess, operation: models.Operation
    ) -> tuple[tuple[cases.Call, ...], tuple[str, ...]]:
        """Continue a stalled engine.

        :returns: the calls that it made late; what it changed in the
            journal, which must be nothing.
        """
        before = rows.written(operation)
        made = len(self._laboratory.calls())
        victim.signal(signal.SIGCONT)
        self._wait(lambda: victim.running() == 0)
        late = tuple(
            call
            for call in self._laboratory.calls()[made:]
            if call.name.startswith(_MAKING)
        )
        if rows.written(operation) == before:
            return late, ()
        return late, ('the stalled engine wrote to the journal',)

    def _engine(self, owner: str, hooks: Hooks) -> engines.EngineProcess:
        engine = engines.EngineProcess(
            self._laboratory.conf,
            f'{owner}:{len(self._engines)}',
            interruptions.Several(*hooks),
            hurry.SPEED,
        )
        self._engines.append(engine)
        return engine

    def _wait_for_end(self, operation: models.Operation) -> None:
        self._wait(lambda: rows.ended(operation))

    def _wait(self, done: Callable[[], Any]) -> None:
        toy.wait_until(
            done, 'it never ended', _PATIENCE_SECONDS, _LOOK_SECONDS
        )


def _cancelling(operation: models.Operation, last_step: str | None) -> Hooks:
    if last_step is None:
        return ()
    return (
        interruptions.Arrival(
            interruptions.Point(last_step, 'after'),
            interruptions.cancel(operation.id),
        ),
    )
