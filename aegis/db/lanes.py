# SPDX-License-Identifier: Apache-2.0
"""Lanes: who may run them, and how they end.

Every statement here is a compare-and-swap: it names the state it expects
and tells by the number of rows it met whether that was so. Nothing depends
on the isolation level, and nothing waits longer than one transaction.
"""

import dataclasses
import datetime
import functools
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from aegis import models
from aegis.common import clock, states
from aegis.common import failure as aegis_failure
from aegis.db import claims, rows, steps
from aegis.db import session as db_session

Context = db_session.Context

LANES = rows.LANES
OPERATIONS = rows.OPERATIONS
_EXECUTE = models.LaneDirection.EXECUTE
_REVERT = models.LaneDirection.REVERT


@db_session.reader
def list_lanes(context: Context, operation_id: str) -> list[models.Lane]:
    """All lanes of an operation, in the order in which they are run."""
    found = context.session.execute(
        sa.select(LANES)
        .where(LANES.c.operation_id == operation_id)
        .order_by(LANES.c.wave, LANES.c.name)
    )
    return [rows.to_lane(row) for row in found]


@db_session.reader
def has_open_siblings(context: Context, lane: models.Lane) -> bool:
    """Whether a lane of the same wave has not ended yet."""
    found = context.session.execute(
        sa.select(LANES.c.id)
        .where(
            LANES.c.operation_id == lane.operation_id,
            LANES.c.wave == lane.wave,
            LANES.c.id != lane.id,
            LANES.c.state.in_(rows.OPEN_LANE_STATES),
        )
        .limit(1)
    )
    return found.first() is not None


@db_session.writer
def claim_lanes(
    context: Context,
    owner: str,
    limit: int,
    limit_per_operation: int,
    lease_seconds: float,
) -> list[models.Lane]:
    """Take over up to ``limit`` lanes that nobody runs.

    A lane can be claimed when its turn has come (every lane of a lower wave
    has ended, of a higher wave for one to be reverted) or when the lease of
    whoever ran it has run out or was given up. A process does not take its
    own lanes over: it gives up those that it does not run any more.

    :param owner: a name no other process has, nor an earlier one of ours.
    :param limit_per_operation: how many lanes of one operation may run at
        all engines together; engines that claim at once may exceed it.
    """
    now = clock.now()
    made = _claims()
    found = context.session.scalars(
        made.find,
        {
            'now': now,
            'claimer': owner,
            'most': limit,
            'most_of_one': limit_per_operation,
        },
    ).all()
    wanted = _lock_free(context.session, now, owner, found)
    if not wanted:
        return []
    lease = now + datetime.timedelta(seconds=lease_seconds)
    claim = {'now': now, 'wanted': wanted, 'claimer': owner, 'lease': lease}
    context.session.execute(made.take, claim)
    won = context.session.execute(made.read, claim)
    claimed = {row.id: rows.to_lane(row) for row in won}
    return [claimed[id_] for id_ in wanted if id_ in claimed]


@db_session.writer
def renew_leases(context: Context, owner: str, lease_seconds: float) -> int:
    """Renew every lease of a process with one statement; tells how many.

    A lease that has run out but that nobody took over is renewed as well.
    """
    lease = clock.now() + datetime.timedelta(seconds=lease_seconds)
    return _count(
        context.session,
        sa.update(LANES)
        .where(
            LANES.c.owner == owner,
            LANES.c.state.in_(rows.HELD_LANE_STATES),
        )
        .values(lease_expires_at=lease),
    )


@db_session.writer
def release_lane(
    context: Context, claim: models.Claim, ended: models.Step | None
) -> None:
    """Give a claim up without ending the lane; see ``JournalStore``."""
    steps.update_lane(
        context.session,
        claim,
        ended,
        {'owner': None, 'lease_expires_at': None},
    )


def release_others(context: Context, owner: str, kept: Collection[str]) -> int:
    """Give up every lane that a process holds but does not run; tells how
    many.

    Usually there is none, and then nothing is written.

    :param kept: ids of the lanes that it runs.
    """
    others = _held(context, owner) - set(kept)
    return _release(context, owner, others) if others else 0


@db_session.reader
def _held(context: Context, owner: str) -> set[str]:
    return set(
        context.session.scalars(
            sa.select(LANES.c.id).where(
                LANES.c.owner == owner,
                LANES.c.state.in_(rows.HELD_LANE_STATES),
            )
        )
    )


@db_session.writer
def _release(context: Context, owner: str, lane_ids: Collection[str]) -> int:
    return _count(
        context.session,
        sa.update(LANES)
        .where(
            LANES.c.id.in_(lane_ids),
            LANES.c.owner == owner,
            LANES.c.state.in_(rows.HELD_LANE_STATES),
        )
        .values(owner=None, lease_expires_at=None),
    )


@db_session.writer
def release_operation(context: Context, operation_id: str) -> int:
    """Take all lanes of an operation from whoever runs them; tells how many.

    They can be claimed again at once. Whoever ran them can record nothing
    any more.
    """
    return _count(
        context.session,
        sa.update(LANES)
        .where(
            LANES.c.operation_id == operation_id,
            LANES.c.state.in_(rows.HELD_LANE_STATES),
        )
        .values(owner=None, lease_expires_at=None),
    )


@db_session.writer
def start_revert(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    failure: aegis_failure.Failure | None,
) -> None:
    """Let a lane revert from now on; see ``JournalStore``."""
    steps.update_lane(
        context.session, claim, ended, claims.revert_values(failure)
    )


@db_session.writer
def end_lane(
    context: Context,
    claim: models.Claim,
    ended: models.Step | None,
    event: str,
    reason: str | None,
) -> None:
    """End a lane and give its claim up; see ``JournalStore``.

    :param reason: None to leave the one that is there.
    """
    source = (
        models.LaneState.RUNNING
        if event == 'succeed'
        else models.LaneState.REVERTING
    )
    values: dict[str, Any] = {
        'state': states.lane_after(source, event),
        'owner': None,
        'lease_expires_at': None,
        'finished_at': clock.now(),
    }
    if event == 'succeed':
        # An order to undo that came too late is for the next decision.
        values |= {'direction': _EXECUTE, 'error_code': None, 'reason': None}
    elif reason is not None:
        values['reason'] = reason
    steps.update_lane(context.session, claim, ended, values)


def insert_lanes(context: Context, lanes: Collection[models.Lane]) -> None:
    """Add new lanes within the caller's transaction."""
    if lanes:
        context.session.execute(
            sa.insert(LANES), [_values_of(lane) for lane in lanes]
        )


def change_lane(
    context: Context, lane: models.Lane, values: dict[str, Any]
) -> bool:
    """Change a lane that is still as it was read; tells whether it was."""
    return (
        _count(
            context.session,
            sa.update(LANES)
            .where(
                LANES.c.id == lane.id,
                LANES.c.state == lane.state,
                LANES.c.direction == lane.direction,
                LANES.c.attempt == lane.attempt,
            )
            .values(values),
        )
        == 1
    )


def requeue_values(attempt: int) -> dict[str, Any]:
    """What changes in the row of a lane that runs once more."""
    return {
        'state': models.LaneState.QUEUED,
        'direction': _EXECUTE,
        'attempt': attempt,
        'reason': None,
        'error_code': None,
        'owner': None,
        'lease_expires_at': None,
        'started_at': None,
        'finished_at': None,
    }


def _values_of(lane: models.Lane) -> dict[str, Any]:
    return {
        column.name: getattr(lane, column.name) for column in LANES.columns
    }


def _lock_free(
    session: orm.Session,
    now: datetime.datetime,
    owner: str,
    found: Sequence[str],
) -> list[str]:
    """Lock those that are still free and that nobody else has locked.

    Others claim at the same moment, and a frozen engine may hold a lock;
    neither shall hold up the lanes that can be had.
    """
    if not found:
        return []
    locked = set(
        session.scalars(
            _claims().lock, {'wanted': found, 'now': now, 'claimer': owner}
        )
    )
    return [id_ for id_ in found if id_ in locked]


@dataclasses.dataclass(frozen=True)
class _Claims:
    """The statements of a claim, in their order.

    All take ``now`` and ``claimer``, ``find`` also ``most`` and
    ``most_of_one``, the others ``wanted``, ``take`` and ``read`` also
    ``lease``.
    """

    find: sa.Select[tuple[str]]
    lock: sa.Select[tuple[str]]
    take: sa.Update
    read: sa.Select[Any]


@functools.cache
def _claims() -> _Claims:
    """Make them once: it takes longer than to run them."""
    wanted = LANES.c.id.in_(sa.bindparam('wanted', expanding=True))
    lease = sa.bindparam('lease', type_=LANES.c.lease_expires_at.type)
    return _Claims(
        find=_claimable(),
        lock=sa.select(LANES.c.id)
        .where(wanted, _free())
        .with_for_update(skip_locked=True),
        take=sa.update(LANES)
        .where(wanted, _free())
        .values(
            owner=sa.bindparam('claimer'),
            lease_expires_at=lease,
            fence=LANES.c.fence + 1,
            started_at=sa.func.coalesce(LANES.c.started_at, _now()),
            state=sa.case(
                (
                    LANES.c.direction == _REVERT,
                    models.LaneState.REVERTING.value,
                ),
                else_=models.LaneState.RUNNING.value,
            ),
        ),
        read=sa.select(LANES).where(
            wanted,
            LANES.c.owner == sa.bindparam('claimer'),
            LANES.c.lease_expires_at == lease,
        ),
    )


def _now() -> sa.BindParameter[datetime.datetime]:
    return sa.bindparam('now', type_=LANES.c.lease_expires_at.type)


def _is_one_of(
    states: Collection[models.LaneState],
) -> sa.ColumnElement[bool]:
    return sa.or_(*(LANES.c.state == state for state in states))


def _free() -> sa.ColumnElement[bool]:
    return sa.or_(
        LANES.c.state == models.LaneState.QUEUED,
        sa.and_(
            _is_one_of(rows.HELD_LANE_STATES),
            sa.or_(
                LANES.c.lease_expires_at.is_(None),
                sa.and_(
                    LANES.c.lease_expires_at <= _now(),
                    LANES.c.owner != sa.bindparam('claimer'),
                ),
            ),
        ),
    )


def _claimable() -> sa.Select[tuple[str]]:
    gate = _gate()
    turn = sa.or_(
        LANES.c.state != models.LaneState.QUEUED,
        sa.and_(
            LANES.c.direction == _EXECUTE,
            LANES.c.wave == gate.c.lowest,
            OPERATIONS.c.cancel_requested.is_(False),
        ),
        sa.and_(
            LANES.c.direction == _REVERT,
            LANES.c.wave == gate.c.highest,
        ),
    )
    ranked = (
        sa.select(
            LANES.c.id,
            LANES.c.wave,
            LANES.c.name,
            OPERATIONS.c.created_at,
            (
                gate.c.busy
                + sa.func.row_number().over(
                    partition_by=LANES.c.operation_id,
                    order_by=(LANES.c.wave, LANES.c.name),
                )
            ).label('place'),
        )
        .join(OPERATIONS, OPERATIONS.c.id == LANES.c.operation_id)
        .join(gate, gate.c.operation_id == LANES.c.operation_id)
        .where(
            OPERATIONS.c.state == models.OperationState.RUNNING,
            _free(),
            turn,
        )
        .subquery()
    )
    return (
        sa.select(ranked.c.id)
        .where(ranked.c.place <= sa.bindparam('most_of_one'))
        .order_by(ranked.c.created_at, ranked.c.wave, ranked.c.name)
        .limit(sa.bindparam('most', type_=sa.Integer()))
    )


def _gate() -> sa.Subquery:
    """Per operation: which waves are open, and how many lanes run.

    A lane that succeeds while what it stands on is queued to be reverted
    will be queued for it too, by the next decision: ``highest`` counts it
    already, or the lower wave would be undone below it.
    """
    is_open = _is_one_of(rows.OPEN_LANE_STATES)
    stands = sa.and_(
        LANES.c.state == models.LaneState.SUCCEEDED,
        LANES.c.direction == _EXECUTE,
        LANES.c.attempt == OPERATIONS.c.attempt,
    )
    runs = sa.and_(
        _is_one_of(rows.HELD_LANE_STATES),
        LANES.c.lease_expires_at > _now(),
    )
    return (
        sa.select(
            LANES.c.operation_id,
            sa.func.min(sa.case((is_open, LANES.c.wave))).label('lowest'),
            sa.func.max(LANES.c.wave).label('highest'),
            sa.func.sum(sa.case((runs, 1), else_=0)).label('busy'),
        )
        .join(OPERATIONS, OPERATIONS.c.id == LANES.c.operation_id)
        .where(
            OPERATIONS.c.state == models.OperationState.RUNNING,
            sa.or_(is_open, stands),
        )
        .group_by(LANES.c.operation_id)
        .subquery()
    )


def _count(session: orm.Session, statement: sa.Update) -> int:
    result: Any = session.execute(statement)
    return int(result.rowcount)
