# SPDX-License-Identifier: Apache-2.0
"""What is on an array: volumes, hosts, protection groups, their copies."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from typing import Any

from aegis.common import names
from aegis.storage import base as storage
from aegis.tests.fixtures import arrays
from aegis.tests.fixtures.emulator import purearrays
from aegis.tests.matrix import residents

Call = Callable[..., list[dict[str, Any]]]

_sessions: dict[str, purearrays.Session] = {}


@dataclasses.dataclass(frozen=True)
class Point:
    """A copy of a protection group; without ``completed`` it has not come."""

    id: str
    created: datetime.datetime
    completed: datetime.datetime | None


def of_array(array: arrays.Array) -> Iterator[residents.Resident]:
    """All that an array lists as not destroyed."""
    call = _session(array)
    yield from _volumes(array, call)
    yield from _groups(array, call)
    for host in call('hosts'):
        yield _resident(array, 'host', host['name'], host['name'])
    for copy in call('protection-group-snapshots', destroyed='false'):
        yield _resident(array, 'recovery point', copy['id'], copy['name'])


def points(array: arrays.Array) -> list[Point]:
    """All copies of protection groups that were sent to an array."""
    call = _session(array)
    completed = {
        each['name']: _moment(each['completed'])
        for each in call('protection-group-snapshots/transfer')
        if each.get('progress') == 1.0
    }
    return [
        Point(
            names.recovery_point_id(each['name']),
            _moment(each['created']),
            completed.get(each['name']),
        )
        for each in call('protection-group-snapshots', destroyed='false')
    ]


def marks(array: arrays.Array) -> dict[str, list[str]]:
    """Our tags of live volumes, as birth tags are elsewhere."""
    found: dict[str, list[str]] = {}
    for tag in _session(array)(
        'volumes/tags',
        namespaces=storage.TAG_NAMESPACE,
        resource_destroyed='false',
    ):
        found.setdefault(tag['resource']['name'], []).append(
            f'{names.PREFIX}{tag["key"]}={tag["value"]}'
        )
    return found


def _session(array: arrays.Array) -> Call:
    """How to ask an array, plainly: models of it cost more than answers."""
    session = _sessions.setdefault(
        array.management_address,
        purearrays.Session(
            purearrays.Login(
                array.management_address, array.api_token, str(array.ca_file)
            )
        ),
    )
    return lambda path, **parameters: session.call('GET', path, parameters)


def _volumes(array: arrays.Array, call: Call) -> Iterator[residents.Resident]:
    tags = marks(array)
    hosts: dict[str, set[str]] = {}
    for connection in call('connections'):
        hosts.setdefault(connection['volume']['name'], set()).add(
            connection['host']['name']
        )
    for volume in call('volumes', destroyed='false'):
        name = volume['name']
        words = tags.get(name, [])
        ties = frozenset(hosts.get(name, ()))
        operation, member = residents.birth(words, name)
        yield dataclasses.replace(
            _resident(array, 'array volume', volume['serial'], name),
            operation=operation,
            member=member,
            status=f'{len(ties)} connections',
            ties=ties,
            said=frozenset(words),
        )


def _groups(array: arrays.Array, call: Call) -> Iterator[residents.Resident]:
    held: dict[str, set[str]] = {}
    for each in call('protection-groups/volumes'):
        held.setdefault(each['group']['name'], set()).add(
            each['member']['name']
        )
    for group in call('protection-groups', destroyed='false'):
        schedule = group.get('replication_schedule') or {}
        yield dataclasses.replace(
            _resident(array, 'replication', group['id'], group['name']),
            status='on' if schedule.get('enabled') else 'off',
            ties=frozenset(held.get(group['name'], ())),
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
