# SPDX-License-Identifier: Apache-2.0
"""Rows of a run as the frozen dataclasses that leave the database layer."""

from typing import Any, cast

import sqlalchemy as sa

from aegis import models
from aegis.db import models as tables

OPERATIONS = cast(sa.Table, tables.Operation.__table__)
LANES = cast(sa.Table, tables.Lane.__table__)
STEPS = cast(sa.Table, tables.Step.__table__)
SERVICES = cast(sa.Table, tables.Service.__table__)

OPEN_LANE_STATES = (
    models.LaneState.QUEUED,
    models.LaneState.RUNNING,
    models.LaneState.REVERTING,
)
HELD_LANE_STATES = (models.LaneState.RUNNING, models.LaneState.REVERTING)


def to_operation(row: Any) -> models.Operation:
    """An operation from its row."""
    return models.Operation(
        id=row.id,
        group_id=row.group_id,
        project_id=row.project_id,
        user_id=row.user_id,
        request_id=row.request_id,
        type=models.OperationType(row.type),
        state=models.OperationState(row.state),
        state_reason=row.state_reason,
        error_code=row.error_code,
        arguments=row.arguments,
        report=row.report,
        cancel_requested=row.cancel_requested,
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def to_lane(row: Any) -> models.Lane:
    """A lane from its row."""
    return models.Lane(
        id=row.id,
        operation_id=row.operation_id,
        member_id=row.member_id,
        name=row.name,
        flow=row.flow,
        wave=row.wave,
        state=models.LaneState(row.state),
        direction=models.LaneDirection(row.direction),
        attempt=row.attempt,
        reason=row.reason,
        error_code=row.error_code,
        owner=row.owner,
        lease_expires_at=row.lease_expires_at,
        fence=row.fence,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def to_step(row: Any) -> models.Step:
    """A step from its row."""
    return models.Step(
        id=row.id,
        lane_id=row.lane_id,
        attempt=row.attempt,
        ordinal=row.ordinal,
        name=row.name,
        state=models.StepState(row.state),
        intent=row.intent,
        result=row.result,
        message=row.message,
        error_code=row.error_code,
        reversible=row.reversible,
        leftovers=tuple(
            models.Leftover(**leftover) for leftover in row.leftovers
        ),
        service_seconds=row.service_seconds,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
