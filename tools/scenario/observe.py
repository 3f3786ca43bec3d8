# SPDX-License-Identifier: Apache-2.0
"""Everything a project has at a site, to compare before with after."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openstack
from flasharray_simulator import door

from deployment import facts

Connection = openstack.connection.Connection

# What moves by itself while nobody touches the object.
_RESTLESS = frozenset({'updated_at', 'location', 'progress', 'usage'})
_ARRAY_RESTLESS = frozenset({'space', 'time_remaining'})


@dataclass(frozen=True)
class Thing:
    """One object and all it says of itself, as sorted text."""

    kind: str
    id: str
    facts: tuple[tuple[str, str], ...]


def project(cloud: Connection) -> tuple[Thing, ...]:
    """Everything that the project of a connection owns."""
    project_id = cloud.current_project_id
    lists: tuple[tuple[str, Any], ...] = (
        ('server', cloud.compute.servers()),
        ('volume', cloud.block_storage.volumes()),
        ('snapshot', cloud.block_storage.snapshots()),
        ('port', cloud.network.ports(project_id=project_id)),
        ('network', cloud.network.networks(project_id=project_id)),
        ('subnet', cloud.network.subnets(project_id=project_id)),
        ('router', cloud.network.routers(project_id=project_id)),
        (
            'security group',
            cloud.network.security_groups(project_id=project_id),
        ),
        ('floating IP', cloud.network.ips(project_id=project_id)),
        ('key pair', cloud.compute.keypairs()),
    )
    return tuple(
        _thing(kind, resource.to_dict(), _RESTLESS)
        for kind, resources in lists
        for resource in resources
    )


def everything(site: facts.Site) -> tuple[Thing, ...]:
    """All live objects of an array but snapshots, which schedules make."""
    return tuple(thing for thing, _ in _array(site))


def bystanders(site: facts.Site, volumes: frozenset[str]) -> tuple[Thing, ...]:
    """The live objects of an array that speak of some volumes."""
    return tuple(
        thing
        for thing, text in _array(site)
        if any(volume in text for volume in volumes)
    )


def _array(site: facts.Site) -> Iterator[tuple[Thing, str]]:
    for kind, objects in door.Door(site.array.door_url).objects().items():
        if 'snapshot' in kind:
            continue
        for entry in objects:
            if not entry.get('destroyed'):
                yield _thing(kind, entry, _ARRAY_RESTLESS), repr(entry)


def _thing(
    kind: str, values: dict[str, Any], restless: frozenset[str]
) -> Thing:
    identity = values.get('id') or values.get('name') or repr(values)
    return Thing(
        kind,
        str(identity),
        tuple(
            sorted(
                (key, repr(_ordered(value)))
                for key, value in values.items()
                if key not in restless
            )
        ),
    )


def _ordered(value: Any) -> Any:
    """Lists in one order: no API promises to repeat its own."""
    if isinstance(value, list):
        return sorted(map(_ordered, value), key=repr)
    return value


def differences(
    before: tuple[Thing, ...], after: tuple[Thing, ...]
) -> list[str]:
    """Say what came, went or changed, a line each."""
    old = {(thing.kind, thing.id): thing for thing in before}
    new = {(thing.kind, thing.id): thing for thing in after}
    lines = [f'{kind} {key} has gone' for kind, key in old.keys() - new.keys()]
    lines += [f'{kind} {key} is new' for kind, key in new.keys() - old.keys()]
    for key in old.keys() & new.keys():
        was, now = dict(old[key].facts), dict(new[key].facts)
        lines += [
            f'{key[0]} {key[1]}: {name} was {was.get(name)}, '
            f'is {now.get(name)}'
            for name in sorted(was.keys() | now.keys())
            if was.get(name) != now.get(name)
        ]
    return sorted(lines)
