# SPDX-License-Identifier: Apache-2.0
"""Operations: how they begin, are asked to stop, are retried and end."""

from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exception
from oslo_log import log as logging
from oslo_utils import uuidutils

from aegis import models
from aegis.common import clock, exception, states
from aegis.db import groups, pagination, rows
from aegis.db import models as tables
from aegis.db import session as db_session

LOG = logging.getLogger(__name__)

Context = db_session.Context

OPERATIONS = rows.OPERATIONS

_LOOK_AT_GROUP = (
    'See "openstack dr failover-group show" for the state of the group and '
    'its reason.'
)


@db_session.writer
def create_operation(
    context: Context,
    group_id: str,
    operation_type: models.OperationType,
    arguments: dict[str, Any],
) -> models.Operation:
    """Queue an operation and move its group, both or neither.

    :param arguments: what the user asked for, as JSON.
    :raises FailoverGroupNotFound: when the context sees no such group.
    :raises FailoverGroupBusy: when another operation runs on the group.
    :raises FailoverGroupEmpty: when the group has no members.
    :raises FailoverGroupState: when its state does not allow the operation.
    """
    group = groups.lock_group(context, group_id)
    groups.require_idle(context, group)
    _require_members(context, group)
    _enter_group(group, operation_type, 'start')
    row = tables.Operation(
        id=uuidutils.generate_uuid(),
        group_id=group_id,
        active_group_id=group_id,
        project_id=group.project_id,
        user_id=context.user_id or '',
        request_id=context.request_id,
        type=operation_type.value,
        state=models.OperationState.QUEUED.value,
        arguments=arguments,
        report={},
        cancel_requested=False,
        attempt=1,
        created_at=clock.now(),
    )
    context.session.add(row)
    _flush_active(context, group, operation_type)
    return rows.to_operation(row)


@db_session.reader
def get_operation(context: Context, operation_id: str) -> models.Operation:
    """The operation of an id.

    :raises OperationNotFound: also for an operation of another project.
    """
    return rows.to_operation(_get(context, operation_id))


@db_session.reader
def list_operations(
    context: Context,
    filters: pagination.Filters | None = None,
    sort: pagination.Sort | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> list[models.Operation]:
    """A page of the operations that the context sees."""
    found = pagination.page(
        context.session,
        _visible(context),
        tables.Operation,
        filters=filters,
        sort=sort,
        limit=limit,
        marker=marker,
    )
    return [rows.to_operation(row) for row in found]


@db_session.reader
def list_active(context: Context) -> list[str]:
    """The ids of all operations that have not ended, oldest first."""
    return list(
        context.session.scalars(
            sa.select(OPERATIONS.c.id)
            .where(OPERATIONS.c.active_group_id.is_not(None))
            .order_by(OPERATIONS.c.created_at)
        )
    )


@db_session.writer
def request_cancel(context: Context, operation_id: str) -> models.Operation:
    """Ask for an operation to stop and be undone. Idempotent.

    Lanes look at it before each step; engines decide the rest.

    :raises OperationNotFound: when the context sees no such operation.
    :raises OperationState: when it has ended.
    """
    row = _get(context, operation_id, lock=True)
    if row.active_group_id is None:
        raise exception.OperationState(
            operation=row.id,
            state=row.state,
            action='cancelled',
            remedy='It has ended; nothing is left to be cancelled.',
        )
    row.cancel_requested = True
    return rows.to_operation(row)


@db_session.writer
def retry_operation(context: Context, operation_id: str) -> models.Operation:
    """Queue an operation that did not succeed once more.

    It keeps its id, so the names derived from it stay the same. What had
    succeeded stays; an engine queues the other lanes again, those of members
    that were added since, and none of members that were removed.

    :raises OperationNotFound: when the context sees no such operation.
    :raises OperationState: when there is nothing to retry, or when a newer
        operation has changed the group since.
    :raises FailoverGroupBusy: when another operation runs on the group.
    :raises FailoverGroupEmpty: when the group has no members any more.
    :raises FailoverGroupState: when its state does not allow it.
    """
    row = _get(context, operation_id)
    group = groups.lock_group(context, row.group_id)
    groups.require_idle(context, group)
    _require_members(context, group)
    row = _get(context, operation_id, lock=True)
    operation_type = models.OperationType(row.type)
    try:
        state = states.operation_after(
            models.OperationState(row.state), 'retry'
        )
    except states.TransitionRefused as error:
        raise exception.OperationState(
            operation=row.id,
            state=row.state,
            action='retried',
            remedy='Start a new operation if it is wanted once more.',
        ) from error
    _require_newest(context, row)
    _enter_group(group, operation_type, 'retry')
    row.state = state.value
    row.state_reason = None
    row.error_code = None
    row.report = {}
    row.cancel_requested = False
    row.attempt += 1
    row.started_at = None
    row.finished_at = None
    row.active_group_id = row.group_id
    _flush_active(context, group, operation_type)
    return rows.to_operation(row)


def lock_active(
    context: Context, operation_id: str
) -> models.Operation | None:
    """An operation that has not ended, held until the transaction ends.

    An update rather than a locking select: it locks on every database.
    """
    locked: Any = context.session.execute(
        sa.update(OPERATIONS)
        .where(
            OPERATIONS.c.id == operation_id,
            OPERATIONS.c.active_group_id.is_not(None),
        )
        .values(attempt=OPERATIONS.c.attempt)
    )
    if locked.rowcount != 1:
        return None
    return rows.to_operation(
        context.session.execute(
            sa.select(OPERATIONS).where(OPERATIONS.c.id == operation_id)
        ).one()
    )


def start_operation(context: Context, operation: models.Operation) -> None:
    """Note that a locked operation runs."""
    context.session.execute(
        sa.update(OPERATIONS)
        .where(OPERATIONS.c.id == operation.id)
        .values(
            state=states.operation_after(operation.state, 'start'),
            started_at=clock.now(),
        )
    )


def end_operation(
    context: Context, operation: models.Operation, report: dict[str, Any]
) -> None:
    """Write how a locked operation ended, and move its group.

    :param operation: with its final state, reason and times.
    """
    context.session.execute(
        sa.update(OPERATIONS)
        .where(OPERATIONS.c.id == operation.id)
        .values(
            state=operation.state,
            state_reason=operation.state_reason,
            error_code=operation.error_code,
            finished_at=operation.finished_at,
            report=report,
            active_group_id=None,
        )
    )
    if states.changes_group(operation.type):
        _leave_group(context, operation)


def _require_members(context: Context, group: tables.FailoverGroup) -> None:
    if not groups.count_members(context, [group.id]):
        raise exception.FailoverGroupEmpty(group=group.name)


def _enter_group(
    group: tables.FailoverGroup,
    operation_type: models.OperationType,
    event: str,
) -> None:
    if not states.changes_group(operation_type):
        return
    event = f'{operation_type}.{event}'
    state = models.GroupState(group.state)
    try:
        group.state = states.group_after(state, event).value
    except states.TransitionRefused as error:
        needed = states.group_states_before(event)
        raise exception.FailoverGroupState(
            group=group.name,
            state=state.value,
            action=f'a {operation_type}',
            needed=' or '.join(sorted(needed)),
            remedy=_LOOK_AT_GROUP,
        ) from error
    group.state_reason = None
    groups.touch(group)


def _leave_group(context: Context, operation: models.Operation) -> None:
    try:
        group = groups.lock_group(context, operation.group_id)
        group.state = states.group_after(
            models.GroupState(group.state),
            f'{operation.type}.{operation.state}',
        ).value
    except (
        exception.FailoverGroupNotFound,
        states.TransitionRefused,
    ) as error:
        LOG.error(
            'Operation %s ended %s and its group could not follow: %s',
            operation.id,
            operation.state,
            error,
        )
        return
    group.state_reason = _group_reason(operation)
    groups.touch(group)
    context.session.flush()


def _group_reason(operation: models.Operation) -> str | None:
    if operation.state not in (
        models.OperationState.FAILED,
        models.OperationState.PARTIAL,
    ):
        return None
    return (
        f'{operation.state_reason} When the cause is mended: '
        f'openstack dr operation retry {operation.id}'
    )


def _require_newest(context: Context, row: tables.Operation) -> None:
    others = context.session.execute(
        sa.select(OPERATIONS.c.id, OPERATIONS.c.type).where(
            OPERATIONS.c.group_id == row.group_id,
            OPERATIONS.c.created_at > row.created_at,
        )
    )
    for other in others:
        if states.changes_group(models.OperationType(other.type)):
            raise exception.OperationState(
                operation=row.id,
                state=row.state,
                action=f'retried: operation {other.id} came after it',
                remedy='Retry the newest operation, or start a new one.',
            )


def _flush_active(
    context: Context,
    group: tables.FailoverGroup,
    operation_type: models.OperationType,
) -> None:
    try:
        context.session.flush()
    except db_exception.DBDuplicateEntry as error:
        raise exception.FailoverGroupBusy(
            operation='started meanwhile', type=operation_type, group=group.id
        ) from error


def _visible(context: Context) -> sa.Select[Any]:
    statement = sa.select(tables.Operation)
    if not context.is_admin:
        statement = statement.where(
            tables.Operation.project_id == context.project_id
        )
    return statement


def _get(
    context: Context, operation_id: str, lock: bool = False
) -> tables.Operation:
    statement = _visible(context).where(tables.Operation.id == operation_id)
    if lock:
        statement = statement.with_for_update().execution_options(
            populate_existing=True
        )
    row = context.session.scalars(statement).one_or_none()
    if row is None:
        raise exception.OperationNotFound(
            resource='operation', name=operation_id
        )
    return row
