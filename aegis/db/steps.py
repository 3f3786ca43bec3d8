# SPDX-License-Identifier: Apache-2.0
"""Steps: each change in one transaction with the check of its lane's claim."""

import dataclasses
import functools
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from aegis import models
from aegis.common import failure as aegis_failure
from aegis.common import states
from aegis.db import claims, pagination, rows
from aegis.db import session as db_session

Context = db_session.Context

STEPS = rows.STEPS
LANES = rows.LANES
OPERATIONS = rows.OPERATIONS

_OUTCOME = (
    'state',
    'result',
    'message',
    'error_code',
    'leftovers',
    'service_seconds',
    'finished_at',
)
_ORDER = (
    LANES.c.wave,
    LANES.c.name,
    LANES.c.id,
    STEPS.c.attempt,
    STEPS.c.ordinal,
)
_ALL = tuple(column.name for column in STEPS.columns)
_ORDERED = (
    sa.select(LANES.c.direction, OPERATIONS.c.cancel_requested)
    .join(OPERATIONS, OPERATIONS.c.id == LANES.c.operation_id)
    .where(LANES.c.id == sa.bindparam('claimed_lane'))
)


@db_session.reader
def list_steps(
    context: Context,
    operation_id: str,
    limit: int | None = None,
    marker: str | None = None,
) -> list[models.Step]:
    """Steps of all attempts of an operation, lane by lane.

    :param limit: how many at most; all of them if None.
    :param marker: id of the step behind which the list begins.
    :raises BadRequest: when the operation has no such step.
    """
    statement = _steps_of(STEPS, operation_id).order_by(*_ORDER).limit(limit)
    if marker is not None:
        statement = statement.where(
            sa.tuple_(*_ORDER) > _position(context, operation_id, marker)
        )
    return [rows.to_step(row) for row in context.session.execute(statement)]


def _steps_of(
    wanted: sa.Table | sa.Column[Any], operation_id: str
) -> sa.Select[Any]:
    return (
        sa.select(wanted)
        .select_from(STEPS.join(LANES, LANES.c.id == STEPS.c.lane_id))
        .where(LANES.c.operation_id == operation_id)
    )


def _position(context: Context, operation_id: str, marker: str) -> sa.Tuple:
    found = context.session.execute(
        _steps_of(STEPS.c.id, operation_id)
        .with_only_columns(*_ORDER)
        .where(STEPS.c.id == marker)
    ).one_or_none()
    if found is None:
        raise pagination.unknown_marker(marker)
    return sa.tuple_(*found)


@db_session.reader
def list_lane_steps(
    context: Context, lane_id: str, attempt: int
) -> list[models.Step]:
    """The steps of one attempt of a lane."""
    found = context.session.execute(
        sa.select(STEPS)
        .where(STEPS.c.lane_id == lane_id, STEPS.c.attempt == attempt)
        .order_by(STEPS.c.ordinal)
    )
    return [rows.to_step(row) for row in found]


@db_session.reader
def find_result(
    context: Context, operation_id: str, lane: str, step: str
) -> Any:
    """The newest result of a succeeded step, None without one."""
    return context.session.scalar(
        sa.select(STEPS.c.result)
        .join(LANES, LANES.c.id == STEPS.c.lane_id)
        .where(
            LANES.c.operation_id == operation_id,
            LANES.c.name == lane,
            STEPS.c.name == step,
            STEPS.c.state == models.StepState.SUCCEEDED,
        )
        .order_by(STEPS.c.attempt.desc())
        .limit(1)
    )


@db_session.reader
def lanes_past_return(context: Context, operation_id: str) -> frozenset[str]:
    """The lanes that began, in this attempt, what is never undone."""
    found = context.session.scalars(
        sa.select(LANES.c.id)
        .join(STEPS, STEPS.c.lane_id == LANES.c.id)
        .where(
            LANES.c.operation_id == operation_id,
            STEPS.c.attempt == LANES.c.attempt,
            STEPS.c.reversible.is_(False),
            STEPS.c.state.in_(
                (models.StepState.RUNNING, models.StepState.SUCCEEDED)
            ),
        )
    )
    return frozenset(found)


@db_session.writer
def begin_step(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    step: models.Step | None,
    obey: bool,
) -> models.Order:
    """Record that a step begins; see ``JournalStore``."""
    update_lane(context.session, claim, ended, {})
    order = _order(context.session, claim) if obey else models.Order.PROCEED
    if order is models.Order.PROCEED and step is not None:
        context.session.execute(sa.insert(STEPS), _columns(step, _ALL))
    return order


@db_session.writer
def record_step(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    step: models.Step,
    event: str,
) -> None:
    """Record what became of a step; see ``JournalStore``."""
    beyond = event == 'succeed' and not step.reversible
    update_lane(
        context.session,
        claim,
        ended,
        # Past the point of no return the only way is ahead.
        {'direction': models.LaneDirection.EXECUTE} if beyond else {},
    )
    _update(context.session, step, event)


@db_session.writer
def fail_step(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    step: models.Step,
    failure: aegis_failure.Failure,
) -> None:
    """Record a failed step and its reverting lane; see ``JournalStore``."""
    update_lane(context.session, claim, ended, claims.revert_values(failure))
    _update(context.session, step, 'fail')


def update_lane(
    session: orm.Session,
    claim: models.Claim,
    ended: models.Step | None,
    values: dict[str, Any],
) -> None:
    """Change a held lane's row, and write the end of a step kept until now.

    Within the caller's transaction, as the first thing it writes: it is the
    check of the claim for all the others.

    :param ended: a step that has succeeded; None when no end was kept.
    :raises FenceLost: when the claim no longer holds; nothing was written.
    """
    claims.update_held(session, claim, values)
    if ended is not None:
        _update(session, ended, 'succeed')


def _order(session: orm.Session, claim: models.Claim) -> models.Order:
    found = session.execute(_ORDERED, {'claimed_lane': claim.lane_id}).one()
    if found.cancel_requested:
        return models.Order.CANCEL
    if found.direction == models.LaneDirection.REVERT:
        return models.Order.UNDO
    return models.Order.PROCEED


def _update(session: orm.Session, step: models.Step, event: str) -> None:
    result: Any = session.execute(
        _change(event), {'changed_step': step.id, **_columns(step, _OUTCOME)}
    )
    if result.rowcount != 1:
        raise RuntimeError(f'step {step.id} cannot {event}')


@functools.cache
def _change(event: str) -> sa.Update:
    return sa.update(STEPS).where(
        STEPS.c.id == sa.bindparam('changed_step'),
        sa.or_(
            *(
                STEPS.c.state == state
                for state in sorted(states.step_states_before(event))
            )
        ),
    )


def _columns(step: models.Step, names: tuple[str, ...]) -> dict[str, Any]:
    """Values by column; a result that is not there stays NULL."""
    values = {name: getattr(step, name) for name in names}
    values['leftovers'] = [
        dataclasses.asdict(leftover) for leftover in step.leftovers
    ]
    if step.result is None:
        del values['result']
    return values
