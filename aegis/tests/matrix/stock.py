# SPDX-License-Identifier: Apache-2.0
"""What is on an array: volumes, hosts, protection groups, their copies."""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

from aegis.common import names
from aegis.storage import base as storage
from aegis.tests.fixtures import arrays
from aegis.tests.matrix import residents


@dataclasses.dataclass(frozen=True)
class Point:
    """A copy of a protection group; without ``completed`` it has not come."""

    id: str
    created: datetime.datetime
    completed: datetime.datetime | None


def of_array(array: arrays.Array) -> Iterator[residents.Resident]:
    """All that an array lists as not destroyed."""
    yield from _volumes(array)
    yield from _groups(array)
    client = array.client
    for host in client.get_hosts().items:
        yield _resident(array, 'host', host.name, host.name)
    for copy in client.get_protection_group_snapshots(destroyed=False).items:
        yield _resident(array, 'recovery point', copy.id, copy.name)


def points(array: arrays.Array) -> list[Point]:
    """All copies of protection groups that were sent to an array."""
    completed = {
        each.name: _moment(each.completed)
        for each in array.client.get_protection_group_snapshots_transfer(
            destroyed=False
        ).items
        if each.progress == 1.0
    }
    return [
        Point(
            names.recovery_point_id(each.name),
            _moment(each.created),
            completed.get(each.name),
        )
        for each in array.client.get_protection_group_snapshots(
            destroyed=False
        ).items
    ]


def marks(array: arrays.Array) -> dict[str, list[str]]:
    """Our tags of live volumes, as birth tags are elsewhere."""
    found: dict[str, list[str]] = {}
    for tag in array.client.get_volumes_tags(
        namespaces=[storage.TAG_NAMESPACE], resource_destroyed=False
    ).items:
        found.setdefault(tag.resource.name, []).append(
            f'{names.PREFIX}{tag.key}={tag.value}'
        )
    return found


def _volumes(array: arrays.Array) -> Iterator[residents.Resident]:
    tags = marks(array)
    hosts: dict[str, set[str]] = {}
    for connection in array.client.get_connections().items:
        hosts.setdefault(connection.volume.name, set()).add(
            connection.host.name
        )
    for volume in array.client.get_volumes(destroyed=False).items:
        words = tags.get(volume.name, [])
        ties = frozenset(hosts.get(volume.name, ()))
        operation, member = residents.birth(words, volume.name)
        yield dataclasses.replace(
            _resident(array, 'array volume', volume.serial, volume.name),
            operation=operation,
            member=member,
            status=f'{len(ties)} connections',
            ties=ties,
            said=frozenset(words),
        )


def _groups(array: arrays.Array) -> Iterator[residents.Resident]:
    client = array.client
    held: dict[str, set[str]] = {}
    for each in client.get_protection_groups_volumes().items:
        held.setdefault(each.group.name, set()).add(each.member.name)
    for group in client.get_protection_groups(destroyed=False).items:
        schedule = group.replication_schedule
        yield dataclasses.replace(
            _resident(array, 'replication', group.id, group.name),
            status='on' if schedule and schedule.enabled else 'off',
            ties=frozenset(held.get(group.name, ())),
        )


def _resident(
    array: arrays.Array, kind: str, identity: Any, name: str
) -> residents.Resident:
    return residents.Resident(
        place=array.name,
        kind=kind,
        id=str(identity),
        name=name,
        operation='',
        member='',
        status='',
        ties=frozenset(),
        said=frozenset(),
    )


def _moment(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(
        milliseconds / 1000, tz=datetime.UTC
    )
