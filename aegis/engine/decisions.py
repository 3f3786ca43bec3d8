# SPDX-License-Identifier: Apache-2.0
"""What an operation's rows mean for what comes next. Pure.

The same rows give the same answer to every engine, and carrying an answer
out leads to rows that do not ask for it again.
"""

import dataclasses
import enum
import functools
from collections.abc import Iterable, Sequence

from aegis import models
from aegis.common import exception
from aegis.flows import registry

_EXECUTE = models.LaneDirection.EXECUTE

_UNSUCCESSFUL = frozenset(
    {
        models.LaneState.FAILED,
        models.LaneState.REVERTED,
        models.LaneState.CANCELLED,
    }
)
_FAILING = _UNSUCCESSFUL | {models.LaneState.REVERTING}
_OPEN = frozenset(
    {
        models.LaneState.QUEUED,
        models.LaneState.RUNNING,
        models.LaneState.REVERTING,
    }
)


class LaneOrder(enum.Enum):
    """What is to become of a lane."""

    SKIP = 'skip'
    """A queued lane is not run."""

    CANCEL = 'cancel'
    """A queued lane is not run, for the user asked for it."""

    STOP = 'stop'
    """A running lane reverts instead of beginning its next step."""

    UNDO = 'undo'
    """A succeeded lane is queued to be reverted."""


@dataclasses.dataclass(frozen=True)
class LaneChange:
    """An order for one lane, as it was read, and why."""

    lane: models.Lane
    order: LaneOrder
    reason: str


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How an operation ends; reason and code are of the first failure."""

    state: models.OperationState
    reason: str | None = None
    error_code: str | None = None


@dataclasses.dataclass(frozen=True)
class Decision:
    """Changes to carry out, or how the operation ends, or neither."""

    changes: tuple[LaneChange, ...] = ()
    verdict: Verdict | None = None

    def __bool__(self) -> bool:
        return bool(self.changes) or self.verdict is not None


def decide(
    operation: models.Operation,
    policy: models.MemberFailurePolicy,
    lanes: Sequence[models.Lane],
    committed: frozenset[str] = frozenset(),
) -> Decision:
    """Decide what comes next in a running operation.

    :param policy: what the failure of one member means for the others.
    :param committed: ids of lanes that began what is never undone.
    """
    run = _Run(operation, policy, lanes, committed)
    changes = tuple(run.undo() if run.must_undo else run.skip())
    if changes:
        return Decision(changes)
    if any(lane.state in _OPEN for lane in lanes):
        return Decision()
    return Decision(verdict=run.verdict())


def is_unsettled(
    operation: models.Operation, lanes: Iterable[models.Lane]
) -> bool:
    """Whether success is not all there is to see of the lanes so far."""
    return operation.cancel_requested or any(
        lane.state in _FAILING for lane in lanes
    )


def runs_again(lane: models.Lane) -> bool:
    """Whether a retry runs a lane of the attempt before once more.

    What succeeded stays, but the closing lane is run again over what is
    there then.
    """
    return lane.state is not models.LaneState.SUCCEEDED or registry.is_finish(
        lane.flow
    )


def _is_of_nobody(lane: models.Lane) -> bool:
    """Whether a lane's member was removed before it was run again."""
    return (
        lane.state is models.LaneState.SKIPPED
        and lane.error_code == exception.MemberRemoved.code
    )


class _Run:
    """The lanes of an operation, sorted by what they mean."""

    def __init__(
        self,
        operation: models.Operation,
        policy: models.MemberFailurePolicy,
        lanes: Sequence[models.Lane],
        committed: frozenset[str],
    ) -> None:
        lanes = [lane for lane in lanes if not _is_of_nobody(lane)]
        self._operation = operation
        self._policy = policy
        self._lanes = lanes
        self._committed = committed
        self._finish = [x for x in lanes if registry.is_finish(x.flow)]
        self._members = [x for x in lanes if x.member_id is not None]
        self._shared = [
            lane
            for lane in lanes
            if lane.member_id is None and lane not in self._finish
        ]
        self._failing = [x for x in lanes if x.state in _FAILING]

    @functools.cached_property
    def must_undo(self) -> bool:
        """Whether nothing of this attempt may remain."""
        if self._cancelled:
            return True
        if not self._failing:
            return False
        if self._policy is models.MemberFailurePolicy.REVERT:
            return True
        if not self._members:
            return True
        return not any(self._may_recover(lane) for lane in self._members)

    def undo(self) -> Iterable[LaneChange]:
        """Let nothing new begin, and revert what was done."""
        queued = LaneOrder.CANCEL if self._cancelled else LaneOrder.SKIP
        reason = self._undo_reason
        for lane in self._lanes:
            if lane.direction is not _EXECUTE or self._is_kept(lane):
                continue
            if lane.state is models.LaneState.QUEUED:
                yield LaneChange(lane, queued, reason)
            elif lane.state is models.LaneState.SUCCEEDED:
                yield LaneChange(lane, LaneOrder.UNDO, reason)
            elif (
                lane.state is models.LaneState.RUNNING
                and not self._cancelled
                and lane.id not in self._committed
            ):
                yield LaneChange(lane, LaneOrder.STOP, reason)

    def skip(self) -> Iterable[LaneChange]:
        """Let no further lane begin where a failure forbids it."""
        if not self._skips_rest:
            return
        for lane in self._lanes:
            if (
                lane.state is models.LaneState.QUEUED
                and lane.direction is _EXECUTE
                and lane not in self._finish
            ):
                yield LaneChange(lane, LaneOrder.SKIP, self._skip_reason)

    def verdict(self) -> Verdict:
        """How the operation ends, all lanes having ended."""
        states = {lane.state for lane in self._lanes}
        if states <= {models.LaneState.SUCCEEDED}:
            return Verdict(models.OperationState.SUCCEEDED)
        if self._recovered:
            return self._verdict_with_members()
        if models.LaneState.FAILED in states:
            return self._failed(models.OperationState.FAILED)
        if self._cancelled:
            return self._failed(models.OperationState.CANCELLED)
        return self._failed(models.OperationState.REVERTED)

    @functools.cached_property
    def _cancelled(self) -> bool:
        """Whether the user's wish to cancel came in time."""
        return self._operation.cancel_requested and not any(
            lane.id in self._committed
            or lane.state is models.LaneState.SUCCEEDED
            for lane in self._finish
        )

    @functools.cached_property
    def _skips_rest(self) -> bool:
        if self._policy is models.MemberFailurePolicy.STOP:
            return bool(self._failing)
        return any(lane in self._failing for lane in self._shared)

    @functools.cached_property
    def _recovered(self) -> list[models.Lane]:
        return [
            lane
            for lane in self._members
            if lane.state is models.LaneState.SUCCEEDED
        ]

    def _may_recover(self, lane: models.Lane) -> bool:
        if lane.direction is not _EXECUTE:
            return False
        if lane.state is models.LaneState.QUEUED:
            return not self._skips_rest
        return lane.state in (
            models.LaneState.RUNNING,
            models.LaneState.SUCCEEDED,
        )

    def _is_kept(self, lane: models.Lane) -> bool:
        """Whether a lane's work is of an earlier attempt, or serves one.

        Members that were recovered then may be in use since; giving up a
        retry takes nothing from them.
        """
        if lane.state is not models.LaneState.SUCCEEDED:
            return False
        earlier = [
            x for x in self._recovered if x.attempt < self._operation.attempt
        ]
        return lane in earlier or bool(earlier and lane.member_id is None)

    @functools.cached_property
    def _first_failure(self) -> models.Lane | None:
        told = [lane for lane in self._failing if lane.error_code]
        return min(
            told,
            key=lambda lane: (
                lane.finished_at is None,
                lane.finished_at,
                lane.wave,
                lane.name,
            ),
            default=None,
        )

    @property
    def _counted(self) -> str:
        """How many members failed, and how many were not even begun."""
        skipped = sum(
            lane.state is models.LaneState.SKIPPED for lane in self._members
        )
        total = len(self._members)
        failed = total - len(self._recovered) - skipped
        told = exception.MemberFailed(failed=failed, total=total).detail
        return f'{told} Not started: {skipped}.' if skipped else told

    @property
    def _undo_reason(self) -> str:
        if self._cancelled:
            return exception.OperationCancelled.message
        return self._because('Undone')

    @property
    def _skip_reason(self) -> str:
        return self._because('Skipped')

    def _because(self, what: str) -> str:
        if self._first_failure is None:
            return f'{what} because another lane failed.'
        return f'{what} because {self._first_failure.name} failed.'

    def _verdict_with_members(self) -> Verdict:
        finished = all(
            lane.state is models.LaneState.SUCCEEDED for lane in self._finish
        )
        if not finished and not self._cancelled:
            return self._failed(models.OperationState.FAILED)
        counted = self._counted
        first = self._first_failure
        if self._cancelled or first is None:
            return Verdict(
                models.OperationState.PARTIAL,
                f'{exception.OperationCancelled.message} {counted}',
                exception.OperationCancelled.code,
            )
        return Verdict(
            models.OperationState.PARTIAL,
            f'{counted} First {first.name}: {first.reason}',
            first.error_code,
        )

    def _failed(self, state: models.OperationState) -> Verdict:
        first = self._first_failure
        if first is not None:
            return Verdict(state, first.reason, first.error_code)
        if self._cancelled:
            cancelled = exception.OperationCancelled
            return Verdict(
                state,
                f'{cancelled.message} {cancelled.remedy}',
                cancelled.code,
            )
        return Verdict(
            state,
            exception.AegisError.message,
            exception.AegisError.code,
        )
