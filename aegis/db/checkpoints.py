# SPDX-License-Identifier: Apache-2.0
"""Captured metadata of failover groups, in versions."""

from collections.abc import Sequence

import sqlalchemy as sa
from oslo_utils import uuidutils
from sqlalchemy import orm

from aegis import models
from aegis.common import clock
from aegis.db import groups, session
from aegis.db import models as tables


@session.writer
def save_checkpoint(
    context: session.Context,
    group_id: str,
    site: str,
    resources: Sequence[models.CheckpointResource],
) -> models.Checkpoint:
    """Keep what was captured at a site as the group's next version.

    :raises FailoverGroupNotFound: when the context sees no such group.
    """
    groups.lock_group(context, group_id)
    newest = context.session.scalar(
        sa.select(sa.func.max(tables.Checkpoint.version)).where(
            tables.Checkpoint.group_id == group_id
        )
    )
    row = tables.Checkpoint(
        id=uuidutils.generate_uuid(),
        group_id=group_id,
        site=site,
        version=(newest or 0) + 1,
        created_at=clock.now(),
    )
    context.session.add(row)
    context.session.flush()
    context.session.add_all(_to_row(row.id, item) for item in resources)
    context.session.flush()
    return _to_model(row, tuple(resources))


@session.reader
def latest_checkpoint(
    context: session.Context, group_id: str, member_id: str | None = None
) -> models.Checkpoint | None:
    """The group's newest checkpoint with its resources, if it has any.

    :param member_id: leave the other members' own resources out.
    :raises FailoverGroupNotFound: when the context sees no such group.
    """
    groups.get_group(context, group_id)
    row = context.session.scalars(
        sa.select(tables.Checkpoint)
        .where(tables.Checkpoint.group_id == group_id)
        .order_by(tables.Checkpoint.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return _to_model(row, _resources(context.session, row.id, member_id))


@session.writer
def prune(context: session.Context, group_id: str, keep: int) -> int:
    """Delete all but the newest versions; returns how many went.

    :param keep: how many stay, at least one.
    :raises FailoverGroupNotFound: when the context sees no such group.
    """
    groups.lock_group(context, group_id)
    newest = context.session.scalar(
        sa.select(sa.func.max(tables.Checkpoint.version)).where(
            tables.Checkpoint.group_id == group_id
        )
    )
    old = context.session.scalars(
        sa.select(tables.Checkpoint).where(
            tables.Checkpoint.group_id == group_id,
            tables.Checkpoint.version <= (newest or 0) - max(keep, 1),
        )
    ).all()
    for row in old:
        context.session.delete(row)
    return len(old)


def _resources(
    database: orm.Session, checkpoint_id: str, member_id: str | None
) -> tuple[models.CheckpointResource, ...]:
    resource = tables.CheckpointResource
    statement = sa.select(resource).where(
        resource.checkpoint_id == checkpoint_id
    )
    if member_id is not None:
        statement = statement.where(
            sa.or_(
                resource.member_id == member_id, resource.member_id.is_(None)
            )
        )
    rows = database.scalars(statement.order_by(resource.id))
    return tuple(
        models.CheckpointResource(
            member_id=row.member_id,
            service=row.service,
            resource_type=row.resource_type,
            resource_id=row.resource_id,
            name=row.name,
            document=row.document,
        )
        for row in rows
    )


def _to_row(
    checkpoint_id: str, resource: models.CheckpointResource
) -> tables.CheckpointResource:
    return tables.CheckpointResource(
        checkpoint_id=checkpoint_id,
        member_id=resource.member_id,
        service=resource.service,
        resource_type=resource.resource_type,
        resource_id=resource.resource_id,
        name=resource.name,
        document=resource.document,
    )


def _to_model(
    row: tables.Checkpoint, resources: tuple[models.CheckpointResource, ...]
) -> models.Checkpoint:
    return models.Checkpoint(
        id=row.id,
        group_id=row.group_id,
        site=row.site,
        version=row.version,
        created_at=row.created_at,
        resources=resources,
    )
