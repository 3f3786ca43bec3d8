# SPDX-License-Identifier: Apache-2.0
"""The state machines of groups, operations and lanes.

Events of a group are ``<operation type>.<what happened>``: ``start`` and
``retry``, or the state in which the operation ended. An operation type
without a ``start`` event (``capture``) leaves the group's state alone.
"""

import functools

from automaton import exceptions as automaton_exceptions
from automaton import machines

from aegis.models import (
    GroupState,
    LaneState,
    OperationState,
    OperationType,
    StepState,
)

_GROUP_TRANSITIONS = (
    (GroupState.UNPROTECTED, 'member.added', GroupState.PROTECTED),
    (GroupState.PROTECTED, 'member.added', GroupState.PROTECTED),
    (GroupState.PROTECTED, 'members.gone', GroupState.UNPROTECTED),
    (GroupState.PROTECTED, 'failover.start', GroupState.FAILING_OVER),
    (GroupState.PROTECTED, 'failover.retry', GroupState.FAILING_OVER),
    (GroupState.ERROR, 'failover.retry', GroupState.FAILING_OVER),
    (
        GroupState.PARTIALLY_FAILED_OVER,
        'failover.retry',
        GroupState.FAILING_OVER,
    ),
    (GroupState.FAILING_OVER, 'failover.succeeded', GroupState.FAILED_OVER),
    (
        GroupState.FAILING_OVER,
        'failover.partial',
        GroupState.PARTIALLY_FAILED_OVER,
    ),
    (GroupState.FAILING_OVER, 'failover.reverted', GroupState.PROTECTED),
    (GroupState.FAILING_OVER, 'failover.cancelled', GroupState.PROTECTED),
    (GroupState.FAILING_OVER, 'failover.failed', GroupState.ERROR),
)

_OPERATION_TRANSITIONS = (
    (OperationState.QUEUED, 'start', OperationState.RUNNING),
    (OperationState.QUEUED, 'cancel', OperationState.CANCELLED),
    (OperationState.RUNNING, 'succeed', OperationState.SUCCEEDED),
    (OperationState.RUNNING, 'succeed_partly', OperationState.PARTIAL),
    (OperationState.RUNNING, 'fail', OperationState.FAILED),
    (OperationState.RUNNING, 'revert', OperationState.REVERTED),
    (OperationState.RUNNING, 'cancel', OperationState.CANCELLED),
    (OperationState.PARTIAL, 'retry', OperationState.QUEUED),
    (OperationState.FAILED, 'retry', OperationState.QUEUED),
    (OperationState.REVERTED, 'retry', OperationState.QUEUED),
    (OperationState.CANCELLED, 'retry', OperationState.QUEUED),
)

_LANE_TRANSITIONS = (
    (LaneState.QUEUED, 'claim', LaneState.RUNNING),
    (LaneState.QUEUED, 'claim_revert', LaneState.REVERTING),
    (LaneState.QUEUED, 'cancel', LaneState.CANCELLED),
    (LaneState.QUEUED, 'skip', LaneState.SKIPPED),
    (LaneState.RUNNING, 'claim', LaneState.RUNNING),
    (LaneState.RUNNING, 'succeed', LaneState.SUCCEEDED),
    (LaneState.RUNNING, 'revert', LaneState.REVERTING),
    (LaneState.REVERTING, 'claim_revert', LaneState.REVERTING),
    (LaneState.REVERTING, 'reverted', LaneState.REVERTED),
    (LaneState.REVERTING, 'fail', LaneState.FAILED),
    (LaneState.REVERTING, 'cancel', LaneState.CANCELLED),
    (LaneState.SUCCEEDED, 'undo', LaneState.QUEUED),
    (LaneState.RUNNING, 'claim_revert', LaneState.REVERTING),
    (LaneState.REVERTED, 'retry', LaneState.QUEUED),
    (LaneState.FAILED, 'retry', LaneState.QUEUED),
    (LaneState.CANCELLED, 'retry', LaneState.QUEUED),
    (LaneState.SKIPPED, 'retry', LaneState.QUEUED),
)

_STEP_TRANSITIONS = (
    (StepState.RUNNING, 'succeed', StepState.SUCCEEDED),
    (StepState.RUNNING, 'fail', StepState.FAILED),
    (StepState.RUNNING, 'undo', StepState.REVERTING),
    (StepState.FAILED, 'undo', StepState.REVERTING),
    (StepState.SUCCEEDED, 'undo', StepState.REVERTING),
    (StepState.REVERTING, 'undo', StepState.REVERTING),
    (StepState.REVERTING, 'undone', StepState.REVERTED),
)

OPERATION_ENDED = frozenset(
    {
        OperationState.SUCCEEDED,
        OperationState.PARTIAL,
        OperationState.FAILED,
        OperationState.REVERTED,
        OperationState.CANCELLED,
    }
)

LANE_ENDED = frozenset(
    {
        LaneState.SUCCEEDED,
        LaneState.FAILED,
        LaneState.REVERTED,
        LaneState.CANCELLED,
        LaneState.SKIPPED,
    }
)


class TransitionRefused(Exception):
    """The machine knows no such event in that state."""


def _build(transitions, start):
    machine = machines.FiniteMachine()
    for state in type(start):
        machine.add_state(str(state))
    for source, event, target in transitions:
        machine.add_transition(str(source), str(target), event)
    machine.default_start_state = str(start)
    return machine


@functools.cache
def group_machine() -> machines.FiniteMachine:
    """The machine of a failover group."""
    return _build(_GROUP_TRANSITIONS, GroupState.UNPROTECTED)


@functools.cache
def operation_machine() -> machines.FiniteMachine:
    """The machine of an operation."""
    return _build(_OPERATION_TRANSITIONS, OperationState.QUEUED)


@functools.cache
def lane_machine() -> machines.FiniteMachine:
    """The machine of a lane."""
    return _build(_LANE_TRANSITIONS, LaneState.QUEUED)


@functools.cache
def step_machine() -> machines.FiniteMachine:
    """The machine of a step."""
    return _build(_STEP_TRANSITIONS, StepState.RUNNING)


def _after(machine, state, event):
    runner = machine.copy()
    runner.initialize(start_state=str(state))
    try:
        runner.process_event(event)
    except automaton_exceptions.NotFound as error:
        raise TransitionRefused(f'{event} in state {state}') from error
    return type(state)(runner.current_state)


def group_after(state: GroupState, event: str) -> GroupState:
    """The state of a group after an event.

    :raises TransitionRefused: when the event is not possible in the state.
    """
    return _after(group_machine(), state, event)


def operation_after(state: OperationState, event: str) -> OperationState:
    """The state of an operation after an event; see :func:`group_after`."""
    return _after(operation_machine(), state, event)


def lane_after(state: LaneState, event: str) -> LaneState:
    """The state of a lane after an event; see :func:`group_after`."""
    return _after(lane_machine(), state, event)


def step_after(state: StepState, event: str) -> StepState:
    """The state of a step after an event; see :func:`group_after`."""
    return _after(step_machine(), state, event)


def step_states_before(event: str) -> frozenset[StepState]:
    """The states of a step in which an event is possible."""
    return frozenset(
        source for source, known, _ in _STEP_TRANSITIONS if known == event
    )


def changes_group(operation_type: OperationType) -> bool:
    """Whether operations of a type move the group to another state."""
    event = f'{operation_type}.start'
    return any(known == event for _, known, _ in _GROUP_TRANSITIONS)


def group_states_before(event: str) -> frozenset[GroupState]:
    """The states in which an event is possible."""
    return frozenset(
        source for source, known, _ in _GROUP_TRANSITIONS if known == event
    )
