# SPDX-License-Identifier: Apache-2.0
"""Operations and lanes, moved on as far as their rows allow."""

import dataclasses
from collections.abc import Callable
from typing import Any, cast

from oslo_log import log as logging
from taskflow import engines
from taskflow.patterns import linear_flow

from aegis import models
from aegis.common import clock, exception, names, states
from aegis.common import context as aegis_context
from aegis.common import failure as aegis_failure
from aegis.db import groups, lanes, members, operations, steps
from aegis.db import session as db_session
from aegis.engine import decisions, services, timing
from aegis.flows import registry
from aegis.journal import lane as lane_journal
from aegis.journal import store as journal_store
from aegis.storage import manager
from aegis.tasks import base, looks

LOG = logging.getLogger(__name__)

Context = aegis_context.RequestContext

_UNRUN = {
    decisions.LaneOrder.SKIP: models.LaneState.SKIPPED,
    decisions.LaneOrder.CANCEL: models.LaneState.CANCELLED,
}


def advance(context: Context, operation_id: str) -> None:
    """Move an operation on: plan it, decide over its lanes, or end it.

    Computed from rows only, so that every engine comes to the same answer
    at any time; idempotent, and safe when several do it at once, because
    what is written is decided under a lock on the operation.
    """
    if _has_nothing_to_do(context, operation_id):
        return
    # One transaction for each: a second look needs a fresh view of lanes
    # that others changed meanwhile.
    while _advance_once(context, operation_id):
        pass


class LaneRunner:
    """Runs lanes that were claimed by this process.

    :param owner: under which name they were claimed.
    :param on_release: called with the id of an operation of which a lane
        was let go.
    """

    def __init__(
        self,
        engine_services: services.Services,
        owner: str,
        store: journal_store.JournalStore,
        on_release: Callable[[str], None],
    ) -> None:
        self._services = engine_services
        self._owner = owner
        self._store = store
        self._on_release = on_release
        self._beginnings = looks.Beginnings(engine_services.waiter.monotonic)

    def run(self, lane: models.Lane) -> None:
        """Run a lane to its end, or let it go. Never raises."""
        try:
            self._run(lane)
        except (
            exception.DatabaseUnavailable,
            exception.Interrupted,
            exception.FenceLost,
        ):
            LOG.warning('Lane %s (%s) is left as it is', lane.name, lane.id)
        except Exception:
            # The pool gives it up and somebody tries again; a cause that
            # stays is found here each time.
            LOG.exception('Lane %s could not be run', lane.id)

    def _run(self, lane: models.Lane) -> None:
        subject = _load(aegis_context.admin_context(), lane)
        operation = subject.operation
        context = operation_context(operation)
        journal = self._journal(context, lane, subject.steps)
        LOG.info(
            'Lane %s (%s) is %s, attempt %d, fence %d',
            lane.name,
            lane.id,
            lane.state,
            lane.attempt,
            lane.fence,
        )
        failure = self._run_flow(context, subject, lane, journal)
        if journal.dropped:
            self._let_go(journal, lane)
            return
        if failure is not None and not journal.reverting:
            journal.start_revert(failure)
        state = journal.end(_end_and_advance if journal.reverting else None)
        LOG.info('Lane %s (%s) ended: %s', lane.name, lane.id, state)
        if state is models.LaneState.SUCCEEDED and (
            lanes.has_open_siblings(context, lane)
        ):
            # Success changes nothing while others of its wave go on.
            return
        advance(context, operation.id)

    def _journal(
        self,
        context: Context,
        lane: models.Lane,
        recorded: list[models.Step],
    ) -> lane_journal.LaneJournal:
        claim = models.Claim(
            lane_id=lane.id,
            operation_id=lane.operation_id,
            owner=self._owner,
            fence=lane.fence,
            lease_seconds=self._services.conf.engine.lease_seconds,
        )
        return lane_journal.LaneJournal(
            context,
            lane,
            claim,
            recorded,
            self._store,
            self._services.leases.holds,
        )

    def _run_flow(
        self,
        context: Context,
        subject: '_Subject',
        lane: models.Lane,
        journal: lane_journal.LaneJournal,
    ) -> aegis_failure.Failure | None:
        """Run the lane's flow; why it failed before any step could say it."""
        try:
            flow = self._flow(context, subject, lane, journal)
            engines.run(flow, engine='serial')
        except lane_journal.LaneUndone:
            return None
        except Exception as error:
            if not journal.dropped and journal.failure is None:
                LOG.exception('Lane %s failed outside its steps', lane.id)
            return aegis_failure.describe(error)
        return None

    def _flow(
        self,
        context: Context,
        subject: '_Subject',
        lane: models.Lane,
        journal: lane_journal.LaneJournal,
    ) -> linear_flow.Flow:
        operation = subject.operation
        environment = base.LaneEnvironment(
            operation=operation,
            lane=lane,
            group=subject.group,
            member=subject.member,
            context=context,
            journal=journal,
            clouds=self._services.clouds,
            storage=cast(
                manager.StorageManager,
                timing.TimedStorage(self._services.storage),
            ),
            waiter=self._services.waiter,
            conf=self._services.conf,
            looks=self._beginnings.looks(lane),
        )
        flow = registry.operation_flow(operation.type).build(environment)
        if journal.reverting:
            flow.add(base.UndoLane())
            return flow
        for step, _ in flow.iter_nodes():
            step.anticipate()
        return flow

    def _let_go(
        self, journal: lane_journal.LaneJournal, lane: models.Lane
    ) -> None:
        LOG.info('Lane %s (%s) is let go', lane.name, lane.id)
        if journal.lost:
            # The pool gives it up when the database works; sooner it would
            # be claimed and lost again, without end and without pause.
            return
        if journal.release():
            self._on_release(lane.operation_id)


@dataclasses.dataclass(frozen=True)
class _Subject:
    """What a lane is about, as the database has it when it is begun."""

    operation: models.Operation
    group: models.FailoverGroup
    member: models.Member | None
    steps: list[models.Step]


@db_session.reader
def _load(context: Context, lane: models.Lane) -> _Subject:
    operation = operations.get_operation(context, lane.operation_id)
    return _Subject(
        operation=operation,
        group=groups.get_group(context, operation.group_id),
        member=_member(context, operation, lane),
        steps=steps.list_lane_steps(context, lane.id, lane.attempt),
    )


def operation_context(operation: models.Operation) -> Context:
    """An administrator's context for a run; the thread's from now on.

    Log lines carry the request id and, as their resource, the operation.
    """
    return aegis_context.RequestContext(
        is_admin=True,
        user_id=operation.user_id,
        project_id=operation.project_id,
        request_id=operation.request_id,
        resource_uuid=operation.id,
        overwrite=True,
    )


def _has_nothing_to_do(context: Context, operation_id: str) -> bool:
    operation = operations.get_operation(context, operation_id)
    if operation.state is models.OperationState.RUNNING:
        found = lanes.list_lanes(context, operation_id)
        return not _decide(context, operation, found)
    return operation.state in states.OPERATION_ENDED


@db_session.writer
def _end_and_advance(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    event: str,
    reason: str | None,
) -> None:
    """End a lane that did not succeed, and decide what that means.

    One transaction: otherwise the next wave could be claimed between the
    failure and the decision that it must not run.
    """
    operations.lock_active(context, claim.operation_id)
    lanes.end_lane(context, claim, ended, event, reason)
    _advance_once(context, claim.operation_id)


@db_session.writer
def _advance_once(context: Context, operation_id: str) -> bool:
    """Take one decision under the lock; whether there may be another one."""
    operation = operations.lock_active(context, operation_id)
    if operation is None:
        return False
    if operation.state is models.OperationState.QUEUED:
        return _start(context, operation)
    found = lanes.list_lanes(context, operation_id)
    decision = _decide(context, operation, found)
    for change in decision.changes:
        _carry_out(context, operation, change)
    if decision.verdict is not None:
        _end(context, operation, decision.verdict)
    return bool(decision.changes)


def _start(context: Context, operation: models.Operation) -> bool:
    """Plan a new operation, or anew what is retried."""
    operations.start_operation(context, operation)
    found = lanes.list_lanes(context, operation.id)
    try:
        planned = _plan(context, operation)
    except Exception as error:
        LOG.exception('Operation %s could not be planned', operation.id)
        failure = aegis_failure.describe(error)
        state = (
            models.OperationState.FAILED
            if found
            else models.OperationState.REVERTED
        )
        _end(
            context,
            operation,
            decisions.Verdict(state, failure.reason, failure.code),
        )
        return False
    known = {lane.id for lane in found}
    fresh = [lane for lane in planned if lane.id not in known]
    lanes.insert_lanes(context, fresh)
    _requeue(context, operation, found, planned)
    LOG.info('Operation %s has %d lanes', operation.id, len(planned))
    return bool(found)


def _plan(context: Context, operation: models.Operation) -> list[models.Lane]:
    plans = registry.operation_flow(operation.type).plan(
        groups.get_group(context, operation.group_id),
        members.list_members(context, operation.group_id),
    )
    return [
        models.Lane(
            id=names.record_id(
                operation.id, plan.member_id, plan.flow, plan.name
            ),
            operation_id=operation.id,
            member_id=plan.member_id,
            name=plan.name,
            flow=plan.flow,
            wave=plan.wave,
            state=models.LaneState.QUEUED,
            direction=models.LaneDirection.EXECUTE,
            attempt=operation.attempt,
            reason=None,
            error_code=None,
            owner=None,
            lease_expires_at=None,
            fence=0,
            started_at=None,
            finished_at=None,
        )
        for plan in plans
    ]


def _requeue(
    context: Context,
    operation: models.Operation,
    found: list[models.Lane],
    planned: list[models.Lane],
) -> None:
    """Queue again what did not succeed, for the members of today."""
    waves = {lane.id: lane.wave for lane in planned}
    for lane in found:
        if decisions.runs_again(lane):
            values = (
                {
                    **lanes.requeue_values(operation.attempt),
                    'wave': waves[lane.id],
                }
                if lane.id in waves
                else _removed_values(lane)
            )
            lanes.change_lane(context, lane, values)


def _removed_values(lane: models.Lane) -> dict[str, Any]:
    """What changes in the row of a lane whose member is none any more."""
    removed = exception.MemberRemoved(name=lane.name)
    return {
        'state': models.LaneState.SKIPPED,
        'reason': f'{removed.detail} {removed.remedy}',
        'error_code': removed.code,
        'owner': None,
        'lease_expires_at': None,
    }


def _decide(
    context: Context, operation: models.Operation, found: list[models.Lane]
) -> decisions.Decision:
    group = groups.get_group(context, operation.group_id)
    committed = (
        steps.lanes_past_return(context, operation.id)
        if decisions.is_unsettled(operation, found)
        else frozenset()
    )
    return decisions.decide(
        operation, group.on_member_failure, found, committed
    )


def _carry_out(
    context: Context,
    operation: models.Operation,
    change: decisions.LaneChange,
) -> None:
    LOG.info(
        'Lane %s (%s): %s. %s',
        change.lane.name,
        change.lane.id,
        change.order.value,
        change.reason,
    )
    lanes.change_lane(context, change.lane, _changed_values(operation, change))


def _changed_values(
    operation: models.Operation, change: decisions.LaneChange
) -> dict[str, Any]:
    cancelled = operation.cancel_requested
    values: dict[str, Any] = {
        'reason': change.reason,
        'error_code': (
            exception.OperationCancelled.code if cancelled else None
        ),
    }
    if change.order is decisions.LaneOrder.STOP:
        return values | {'direction': models.LaneDirection.REVERT}
    if change.order is decisions.LaneOrder.UNDO:
        return values | {
            'state': models.LaneState.QUEUED,
            'direction': models.LaneDirection.REVERT,
            'finished_at': None,
        }
    return values | {
        'state': _UNRUN[change.order],
        'finished_at': clock.now(),
    }


def _end(
    context: Context,
    operation: models.Operation,
    verdict: decisions.Verdict,
) -> None:
    ended = dataclasses.replace(
        operation,
        state=verdict.state,
        state_reason=verdict.reason,
        error_code=verdict.error_code,
        finished_at=clock.now(),
    )
    operations.end_operation(context, ended, _report(context, ended))
    LOG.info(
        'Operation %s ended: %s %s',
        ended.id,
        ended.state,
        ended.state_reason or '',
    )


def _report(context: Context, operation: models.Operation) -> dict[str, Any]:
    try:
        return registry.operation_flow(operation.type).report(
            operation,
            lanes.list_lanes(context, operation.id),
            steps.list_steps(context, operation.id),
        )
    except Exception:
        # Better an end without a report than no end.
        LOG.exception('Operation %s has no report', operation.id)
        return {}


def _member(
    context: Context, operation: models.Operation, lane: models.Lane
) -> models.Member | None:
    if lane.member_id is None:
        return None
    return members.get_member(context, operation.group_id, lane.member_id)
