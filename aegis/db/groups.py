# SPDX-License-Identifier: Apache-2.0
"""Failover groups with their mappings."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exception
from oslo_utils import uuidutils
from sqlalchemy import orm

from aegis import models
from aegis.common import clock, exception
from aegis.db import models as tables
from aegis.db import pagination, session

_CHANGEABLE = frozenset(
    {
        'name',
        'description',
        'active_site',
        'on_member_failure',
        'mappings',
        'replication_array',
        'replication_group',
        'state',
        'state_reason',
        'epoch',
    }
)


@session.writer
def create_group(
    context: session.Context,
    *,
    name: str,
    protected_site: str,
    recovery_site: str,
    protected_project_id: str,
    description: str = '',
    replication_type: models.ReplicationType = models.ReplicationType.ASYNC,
    on_member_failure: models.MemberFailurePolicy = (
        models.MemberFailurePolicy.CONTINUE
    ),
    mappings: Sequence[models.Mapping] = (),
) -> models.FailoverGroup:
    """Create a group in the project of the context.

    :raises FailoverGroupExists: when the project has one of that name.
    """
    moment = clock.now()
    row = tables.FailoverGroup(
        id=uuidutils.generate_uuid(),
        project_id=context.project_id,
        user_id=context.user_id or '',
        name=name,
        description=description,
        protected_site=protected_site,
        recovery_site=recovery_site,
        active_site=protected_site,
        replication_type=replication_type.value,
        on_member_failure=on_member_failure.value,
        protected_project_id=protected_project_id,
        state=models.GroupState.UNPROTECTED.value,
        epoch=0,
        revision=1,
        created_at=moment,
        updated_at=moment,
    )
    context.session.add(row)
    _flush_name(context.session, name)
    _write_mappings(context.session, row.id, mappings)
    return _to_model(row, mappings)


@session.reader
def get_group(context: session.Context, group_id: str) -> models.FailoverGroup:
    """The group of an id.

    :raises FailoverGroupNotFound: also for a group of another project.
    """
    return _with_mappings(context.session, [_get(context, group_id)])[0]


@session.reader
def find_group(
    context: session.Context, name_or_id: str
) -> models.FailoverGroup:
    """The group of an id, or of a name in the context's project.

    :raises FailoverGroupNotFound: also for a group of another project.
    """
    rows = context.session.scalars(
        _visible(context).where(
            sa.or_(
                tables.FailoverGroup.id == name_or_id,
                sa.and_(
                    tables.FailoverGroup.name == name_or_id,
                    tables.FailoverGroup.project_id == context.project_id,
                ),
            )
        )
    ).all()
    if not rows:
        raise _not_found(name_or_id)
    # A name that looks like the id of another group does not hide it.
    row = next((row for row in rows if row.id == name_or_id), rows[0])
    return _with_mappings(context.session, [row])[0]


@session.reader
def list_groups(
    context: session.Context,
    filters: pagination.Filters | None = None,
    sort: pagination.Sort | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> list[models.FailoverGroup]:
    """A page of the groups that the context sees; see ``pagination.page``."""
    rows = pagination.page(
        context.session,
        _visible(context),
        tables.FailoverGroup,
        filters=filters,
        sort=sort,
        limit=limit,
        marker=marker,
    )
    return _with_mappings(context.session, rows)


@session.writer
def update_group(
    context: session.Context,
    group_id: str,
    values: Mapping[str, Any],
    expected_revision: int | None = None,
) -> models.FailoverGroup:
    """Change a group and raise its revision.

    :param values: names of :class:`aegis.models.FailoverGroup`; ``mappings``
        replaces all of them.
    :param expected_revision: change it only if it still has this revision.
    :raises FailoverGroupNotFound: when there is none.
    :raises RevisionConflict: when it has another revision.
    :raises FailoverGroupExists: when a new name is taken.
    """
    unknown = set(values) - _CHANGEABLE
    if unknown:
        raise ValueError(f'not changeable: {", ".join(sorted(unknown))}')
    row = lock_group(context, group_id)
    if expected_revision not in (None, row.revision):
        raise exception.RevisionConflict(
            resource='failover group', expected=expected_revision
        )
    for name, value in values.items():
        if name != 'mappings':
            setattr(row, name, _plain(value))
    touch(row)
    _flush_name(context.session, row.name)
    if 'mappings' in values:
        _write_mappings(context.session, group_id, values['mappings'])
    return _with_mappings(context.session, [row])[0]


@session.writer
def activate_site(
    context: session.Context, group_id: str, site: str
) -> models.FailoverGroup:
    """Make a site the active one and raise the epoch. Idempotent.

    :raises FailoverGroupNotFound: when there is no such group.
    """
    row = lock_group(context, group_id)
    if row.active_site != site:
        row.active_site = site
        row.epoch += 1
        touch(row)
    return _with_mappings(context.session, [row])[0]


@session.writer
def delete_group(context: session.Context, group_id: str) -> None:
    """Delete a group; the record of its operations stays.

    :raises FailoverGroupNotFound: when there is none.
    :raises FailoverGroupBusy: when an operation runs on it.
    :raises FailoverGroupInUse: when it has members.
    """
    row = lock_group(context, group_id)
    require_idle(context, row)
    if count_members(context, [group_id]).get(group_id):
        raise exception.FailoverGroupInUse(group=row.name)
    context.session.delete(row)


@session.reader
def count_members(
    context: session.Context, group_ids: Iterable[str]
) -> dict[str, int]:
    """How many members each group has; groups without any are left out."""
    member = tables.Member
    counted = context.session.execute(
        sa.select(member.group_id, sa.func.count(member.id))
        .where(member.group_id.in_(list(group_ids)))
        .group_by(member.group_id)
    )
    return {group_id: count for group_id, count in counted}


def lock_group(
    context: session.Context, group_id: str
) -> tables.FailoverGroup:
    """The row of a group, held until the writing transaction ends.

    :raises FailoverGroupNotFound: also for a group of another project.
    """
    return _get(context, group_id, lock=True)


def require_idle(context: session.Context, row: tables.FailoverGroup) -> None:
    """Make sure that no operation runs on a locked group.

    :raises FailoverGroupBusy: when one does.
    """
    operation = context.session.scalars(
        sa.select(tables.Operation).where(
            tables.Operation.active_group_id == row.id
        )
    ).one_or_none()
    if operation is not None:
        raise exception.FailoverGroupBusy(
            operation=operation.id, type=operation.type, group=row.name
        )


def touch(row: tables.FailoverGroup) -> None:
    """Note that a locked group changes."""
    row.revision += 1
    row.updated_at = clock.now()


def _visible(context: session.Context) -> sa.Select[Any]:
    statement = sa.select(tables.FailoverGroup)
    if not context.is_admin:
        statement = statement.where(
            tables.FailoverGroup.project_id == context.project_id
        )
    return statement


def _get(
    context: session.Context, group_id: str, lock: bool = False
) -> tables.FailoverGroup:
    statement = _visible(context).where(tables.FailoverGroup.id == group_id)
    if lock:
        statement = statement.with_for_update().execution_options(
            populate_existing=True
        )
    row = context.session.scalars(statement).one_or_none()
    if row is None:
        raise _not_found(group_id)
    return row


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def _not_found(name: str) -> exception.FailoverGroupNotFound:
    return exception.FailoverGroupNotFound(
        resource='failover group', name=name
    )


def _flush_name(database: orm.Session, name: str) -> None:
    try:
        database.flush()
    except db_exception.DBDuplicateEntry as error:
        raise exception.FailoverGroupExists(name=name) from error


def _write_mappings(
    database: orm.Session, group_id: str, mappings: Sequence[models.Mapping]
) -> None:
    database.execute(
        sa.delete(tables.Mapping).where(tables.Mapping.group_id == group_id)
    )
    database.add_all(
        tables.Mapping(
            group_id=group_id,
            resource_type=mapping.resource_type.value,
            source=mapping.source,
            target=mapping.target,
        )
        for mapping in mappings
    )
    database.flush()


def _with_mappings(
    database: orm.Session, rows: Sequence[tables.FailoverGroup]
) -> list[models.FailoverGroup]:
    mappings: dict[str, list[models.Mapping]] = {row.id: [] for row in rows}
    found = database.scalars(
        sa.select(tables.Mapping)
        .where(tables.Mapping.group_id.in_(list(mappings)))
        .order_by(tables.Mapping.id)
    )
    for mapping in found:
        mappings[mapping.group_id].append(
            models.Mapping(
                resource_type=models.MappedResource(mapping.resource_type),
                source=mapping.source,
                target=mapping.target,
            )
        )
    return [_to_model(row, mappings[row.id]) for row in rows]


def _to_model(
    row: tables.FailoverGroup, mappings: Sequence[models.Mapping]
) -> models.FailoverGroup:
    return models.FailoverGroup(
        id=row.id,
        project_id=row.project_id,
        user_id=row.user_id,
        name=row.name,
        description=row.description,
        protected_site=row.protected_site,
        recovery_site=row.recovery_site,
        active_site=row.active_site,
        replication_type=models.ReplicationType(row.replication_type),
        on_member_failure=models.MemberFailurePolicy(row.on_member_failure),
        mappings=tuple(mappings),
        protected_project_id=row.protected_project_id,
        replication_array=row.replication_array,
        replication_group=row.replication_group,
        state=models.GroupState(row.state),
        state_reason=row.state_reason,
        epoch=row.epoch,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
