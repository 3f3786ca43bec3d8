# SPDX-License-Identifier: Apache-2.0
"""Members of failover groups and where they live."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from oslo_db import exception as db_exception
from sqlalchemy import orm

from aegis import models
from aegis.common import clock, exception, states
from aegis.db import groups, session
from aegis.db import models as tables


@session.writer
def add_member(
    context: session.Context,
    group_id: str,
    member: models.Member,
    placement: models.Placement,
) -> models.Member:
    """Add a member and where it lives now; the group becomes protected.

    :raises FailoverGroupNotFound: when there is no such group.
    :raises FailoverGroupBusy: when an operation runs on the group.
    :raises FailoverGroupState: when the group takes no members now.
    :raises MemberExists: when a group has a member with that server.
    """
    group = groups.lock_group(context, group_id)
    groups.require_idle(context, group)
    state = models.GroupState(group.state)
    try:
        group.state = states.group_after(state, 'member.added').value
    except states.TransitionRefused as error:
        raise exception.FailoverGroupState(
            group=group.name,
            state=state.value,
            action='adding a member',
            needed=_one_of(states.group_states_before('member.added')),
            remedy='Put the server into another group, or a new one.',
        ) from error
    groups.touch(group)
    context.session.add(
        tables.Member(
            id=member.id,
            group_id=group_id,
            kind=member.kind.value,
            name=member.name,
            wave=member.wave,
            created_at=member.created_at,
        )
    )
    context.session.flush()
    save_placement(context, placement)
    return member


@session.reader
def get_member(
    context: session.Context, group_id: str, member_id: str
) -> models.Member:
    """The member of an id.

    :raises FailoverGroupNotFound: when the context sees no such group.
    :raises MemberNotFound: when the group has no such member.
    """
    groups.get_group(context, group_id)
    return _to_model(_get(context.session, group_id, member_id))


@session.reader
def find_member(
    context: session.Context, group_id: str, name_or_id: str
) -> models.Member:
    """The member of an id, or the only one of a name.

    :raises FailoverGroupNotFound: when the context sees no such group.
    :raises MemberNotFound: when the group has no such member.
    :raises Conflict: when several members have that name.
    """
    found = list_members(context, group_id)
    for member in found:
        if member.id == name_or_id:
            return member
    named = [member for member in found if member.name == name_or_id]
    if not named:
        raise _not_found(name_or_id)
    if len(named) > 1:
        raise exception.Conflict(
            reason=f'{len(named)} members are named {name_or_id}.',
            remedy='Use the id of the member.',
        )
    return named[0]


@session.reader
def list_members(
    context: session.Context, group_id: str
) -> list[models.Member]:
    """All members of a group, in the order in which they start.

    :raises FailoverGroupNotFound: when the context sees no such group.
    """
    groups.get_group(context, group_id)
    rows = context.session.scalars(
        sa.select(tables.Member)
        .where(tables.Member.group_id == group_id)
        .order_by(
            tables.Member.wave, tables.Member.created_at, tables.Member.id
        )
    )
    return [_to_model(row) for row in rows]


@session.writer
def remove_member(
    context: session.Context, group_id: str, member_id: str
) -> None:
    """Forget a member; nothing outside the database changes.

    A protected group that loses its last member is unprotected again and
    free to take members from other storage.

    :raises FailoverGroupNotFound: when the context sees no such group.
    :raises FailoverGroupBusy: when an operation runs on the group.
    :raises MemberNotFound: when the group has no such member.
    """
    group = groups.lock_group(context, group_id)
    groups.require_idle(context, group)
    context.session.delete(_get(context.session, group_id, member_id))
    context.session.flush()
    groups.touch(group)
    if not groups.count_members(context, [group_id]):
        _unprotect(group)


@session.reader
def member_by_server(
    context: session.Context, site: str, server_id: str
) -> models.Member | None:
    """The member that a server at a site is, in any group of any project."""
    row = context.session.scalars(
        sa.select(tables.Member)
        .join(tables.Placement, tables.Placement.member_id == tables.Member.id)
        .where(
            tables.Placement.site == site,
            tables.Placement.server_id == server_id,
        )
    ).one_or_none()
    return None if row is None else _to_model(row)


@session.writer
def save_placement(
    context: session.Context, placement: models.Placement
) -> None:
    """Write where a member lives at a site, instead of what was known.

    :raises MemberExists: when another member has that server.
    """
    database = context.session
    row = database.scalars(
        sa.select(tables.Placement).where(
            tables.Placement.member_id == placement.member_id,
            tables.Placement.site == placement.site,
        )
    ).one_or_none()
    if row is None:
        row = tables.Placement(
            member_id=placement.member_id, site=placement.site
        )
        database.add(row)
    row.server_id = placement.server_id
    row.updated_at = clock.now()
    try:
        database.flush()
    except db_exception.DBDuplicateEntry as error:
        raise exception.MemberExists(
            message=(
                f'Server {placement.server_id} is already a member of a '
                'failover group.'
            )
        ) from error
    _replace_details(database, row.id, placement)


@session.writer
def remove_placement(
    context: session.Context, member_id: str, site: str
) -> None:
    """Forget where a member lives at a site. Idempotent."""
    context.session.execute(
        sa.delete(tables.Placement).where(
            tables.Placement.member_id == member_id,
            tables.Placement.site == site,
        )
    )


@session.reader
def placements(
    context: session.Context,
    member_ids: Iterable[str],
    site: str | None = None,
) -> list[models.Placement]:
    """Where members live, at one site or at all, by member and site."""
    statement = sa.select(tables.Placement).where(
        tables.Placement.member_id.in_(list(member_ids))
    )
    if site is not None:
        statement = statement.where(tables.Placement.site == site)
    rows = context.session.scalars(
        statement.order_by(tables.Placement.member_id, tables.Placement.site)
    ).all()
    return _with_details(context.session, rows)


def _unprotect(group: tables.FailoverGroup) -> None:
    state = models.GroupState(group.state)
    if state in states.group_states_before('members.gone'):
        group.state = states.group_after(state, 'members.gone').value
        group.replication_array = None
        group.replication_group = None


def _one_of(values: Iterable[models.GroupState]) -> str:
    return ' or '.join(sorted(value.value for value in values))


def _get(
    database: orm.Session, group_id: str, member_id: str
) -> tables.Member:
    row = database.get(tables.Member, member_id)
    if row is None or row.group_id != group_id:
        raise _not_found(member_id)
    return row


def _not_found(name: str) -> exception.MemberNotFound:
    return exception.MemberNotFound(resource='member', name=name)


def _replace_details(
    database: orm.Session, placement_id: int, placement: models.Placement
) -> None:
    for table in (tables.PlacedVolume, tables.PlacedPort):
        database.execute(
            sa.delete(table).where(table.placement_id == placement_id)
        )
    database.add_all(
        tables.PlacedVolume(
            placement_id=placement_id,
            ordinal=volume.ordinal,
            volume_id=volume.volume_id,
            name=volume.name,
            size_gib=volume.size_gib,
            array=volume.array,
            array_volume=volume.array_volume,
        )
        for volume in placement.volumes
    )
    database.add_all(
        tables.PlacedPort(
            placement_id=placement_id,
            ordinal=port.ordinal,
            port_id=port.port_id,
            network_id=port.network_id,
            mac_address=port.mac_address,
            fixed_ips=list(port.fixed_ips),
            floating_ip=port.floating_ip,
        )
        for port in placement.ports
    )
    database.flush()


def _with_details(
    database: orm.Session, rows: Sequence[tables.Placement]
) -> list[models.Placement]:
    ids = [row.id for row in rows]
    volumes: dict[int, list[models.PlacedVolume]] = {key: [] for key in ids}
    ports: dict[int, list[models.PlacedPort]] = {key: [] for key in ids}
    for volume in database.scalars(
        sa.select(tables.PlacedVolume)
        .where(tables.PlacedVolume.placement_id.in_(ids))
        .order_by(tables.PlacedVolume.ordinal)
    ):
        volumes[volume.placement_id].append(_to_volume(volume))
    for port in database.scalars(
        sa.select(tables.PlacedPort)
        .where(tables.PlacedPort.placement_id.in_(ids))
        .order_by(tables.PlacedPort.ordinal)
    ):
        ports[port.placement_id].append(_to_port(port))
    return [
        models.Placement(
            member_id=row.member_id,
            site=row.site,
            server_id=row.server_id,
            volumes=tuple(volumes[row.id]),
            ports=tuple(ports[row.id]),
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def _to_model(row: tables.Member) -> models.Member:
    return models.Member(
        id=row.id,
        group_id=row.group_id,
        kind=models.MemberKind(row.kind),
        name=row.name,
        wave=row.wave,
        created_at=row.created_at,
    )


def _to_volume(row: tables.PlacedVolume) -> models.PlacedVolume:
    return models.PlacedVolume(
        ordinal=row.ordinal,
        volume_id=row.volume_id,
        name=row.name,
        size_gib=row.size_gib,
        array=row.array,
        array_volume=row.array_volume,
    )


def _to_port(row: tables.PlacedPort) -> models.PlacedPort:
    return models.PlacedPort(
        ordinal=row.ordinal,
        port_id=row.port_id,
        network_id=row.network_id,
        mac_address=row.mac_address,
        fixed_ips=tuple(row.fixed_ips),
        floating_ip=row.floating_ip,
    )
