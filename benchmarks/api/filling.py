# SPDX-License-Identifier: Apache-2.0
"""Many groups with many members, put straight into the tables."""

import uuid
from typing import Any, cast

import sqlalchemy as sa

from aegis import models
from aegis.common import clock
from aegis.db import models as tables
from aegis.db import session

_VOLUMES = 2
_GROUPS_AT_ONCE = 50


def fill(project: str, groups: int, members: int) -> list[str]:
    """Make groups of a project; returns their ids."""
    ids = [str(uuid.uuid4()) for _ in range(groups)]
    for start in range(0, groups, _GROUPS_AT_ONCE):
        with session.engine().begin() as connection:
            _fill(connection, project, ids[start:][:_GROUPS_AT_ONCE], members)
    return ids


def _fill(
    connection: sa.Connection, project: str, groups: list[str], members: int
) -> None:
    owned = [
        (group, str(uuid.uuid4()), number)
        for group in groups
        for number in range(members)
    ]
    _insert(connection, tables.FailoverGroup, map(_group(project), groups))
    _insert(connection, tables.Member, map(_member, owned))
    _insert(connection, tables.Placement, map(_placement, owned))
    table = cast(sa.Table, tables.Placement.__table__)
    places = connection.scalars(
        sa.select(table.c.id).where(
            table.c.member_id.in_([member for _, member, _ in owned])
        )
    ).all()
    _insert(
        connection,
        tables.PlacedVolume,
        (
            _volume(place, number)
            for place in places
            for number in range(_VOLUMES)
        ),
    )
    _insert(connection, tables.PlacedPort, map(_port, places))


def _insert(connection: sa.Connection, model: Any, rows: Any) -> None:
    connection.execute(sa.insert(model.__table__), list(rows))


def _group(project: str) -> Any:
    now = clock.now()

    def make(group: str) -> dict[str, Any]:
        return {
            'id': group,
            'project_id': project,
            'user_id': '9' * 32,
            'name': f'group-{group[:13]}',
            'description': 'An application of a tenant.',
            'protected_site': 'east',
            'recovery_site': 'west',
            'active_site': 'east',
            'replication_type': models.ReplicationType.ASYNC,
            'on_member_failure': models.MemberFailurePolicy.CONTINUE,
            'protected_project_id': project,
            'replication_array': 'fa-east',
            'replication_group': 'tenant-east',
            'state': models.GroupState.PROTECTED,
            'epoch': 0,
            'revision': 1,
            'created_at': now,
            'updated_at': now,
        }

    return make


def _member(owned: tuple[str, str, int]) -> dict[str, Any]:
    group, member, number = owned
    return {
        'id': member,
        'group_id': group,
        'kind': models.MemberKind.SERVER,
        'name': f'server-{number}',
        'wave': 1,
        'created_at': clock.now(),
    }


def _placement(owned: tuple[str, str, int]) -> dict[str, Any]:
    return {
        'member_id': owned[1],
        'site': 'east',
        'server_id': str(uuid.uuid4()),
        'updated_at': clock.now(),
    }


def _volume(place: int, number: int) -> dict[str, Any]:
    volume = str(uuid.uuid4())
    return {
        'placement_id': place,
        'ordinal': number,
        'volume_id': volume,
        'name': f'disk-{number}',
        'size_gib': 10,
        'array': 'fa-east',
        'array_volume': f'volume-{volume}-cinder',
    }


def _port(place: int) -> dict[str, Any]:
    return {
        'placement_id': place,
        'ordinal': 0,
        'port_id': str(uuid.uuid4()),
        'network_id': str(uuid.uuid4()),
        'mac_address': 'fa:16:3e:00:00:01',
        'fixed_ips': ['10.61.1.10'],
        'floating_ip': None,
    }
