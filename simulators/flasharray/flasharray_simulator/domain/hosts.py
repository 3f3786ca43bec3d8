# SPDX-License-Identifier: Apache-2.0
"""Hosts: their initiators, their settings and their host group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.domain import group_members

LABEL = 'Host'
GROUP_LABEL = 'Host group'
PERSONALITIES = (
    'aix',
    'esxi',
    'hitachi-vsp',
    'hpux',
    'oracle-vm-server',
    'solaris',
    'vms',
)
# What a host calls each kind of its initiators, and what the array does.
KINDS: Mapping[str, str] = {'iqns': 'iqn', 'nqns': 'nqn', 'wwns': 'wwn'}
_WWN_DIGITS = 16
_SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 255
_ANY_VLAN = ('any', 'untagged')
_HIGHEST_VLAN = 4094
_NVME_STRETCHES = ('disallow', 'allow', 'allow-only-with-fleet')


@dataclass(frozen=True)
class Change:
    """Initiators to set, add and remove, by kind; None sets none."""

    wanted: Mapping[str, tuple[str, ...] | None]
    added: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, tuple[str, ...]]


def find(array: FlashArray, name: str) -> model.Host:
    return any_state(LABEL, array.hosts, name)


def find_group(array: FlashArray, name: str) -> model.HostGroup:
    return any_state(GROUP_LABEL, array.host_groups, name)


def new(array: FlashArray, name: str) -> model.Host:
    """Return a host that is not stored yet; raise ApiError for its name."""
    if not names.well_formed(name):
        raise errors.refused('Invalid host name.', name)
    free_name(LABEL, array.hosts, name)
    return model.Host(id=array.new_id(), name=name, created=array.now())


def initiators_of(host: model.Host) -> tuple[str, tuple[str, ...]]:
    """Return the kind and the names of a host's initiators."""
    for kind in KINDS:
        found: tuple[str, ...] = getattr(host, kind)
        if found:
            return kind, found
    return 'iqns', ()


def expect_local(host: model.Host) -> None:
    """Raise ApiError for the host of another array."""
    if not host.is_local:
        raise errors.refused(
            'Host belongs to another array and cannot be changed here.',
            host.name,
        )


def normal(kind: str, name: str) -> str:
    """Return an initiator as hosts list it; raise ApiError if bad."""
    if kind != 'wwns':
        return name
    digits = name.replace(':', '').upper()
    if len(digits) != _WWN_DIGITS or set(digits) - set('0123456789ABCDEF'):
        raise errors.invalid_parameter('wwns.', name)
    return digits


def with_initiators(
    array: FlashArray, host: model.Host, change: Change
) -> model.Host:
    """Return the host with its initiators changed.

    Raises ApiError for one that another host has, one that is not there
    to be removed, and for initiators of two protocols.
    """
    for kind in KINDS:
        found = _changed(host, kind, change)
        _refuse_taken(array, host, kind, found)
        host = replace(host, **{kind: found})  # type: ignore[arg-type]
    if sum(bool(getattr(host, kind)) for kind in KINDS) > 1:
        raise errors.refused(
            'A host can have ports of one protocol only.', host.name
        )
    return host


def _changed(host: model.Host, kind: str, change: Change) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(host, kind)
    wanted = change.wanted.get(kind)
    if wanted is not None:
        found = wanted
    found = (*found, *change.added.get(kind, ()))
    present = {name.casefold() for name in found}
    removed = {name.casefold() for name in change.removed.get(kind, ())}
    if removed - present:
        missing = sorted(removed - present)[0]
        raise errors.does_not_exist(KINDS[kind].upper(), missing)
    kept = {
        name.casefold(): name
        for name in found
        if name.casefold() not in removed
    }
    return tuple(kept.values())


def _refuse_taken(
    array: FlashArray, host: model.Host, kind: str, found: Iterable[str]
) -> None:
    index = KINDS[kind]
    for name in found:
        owners = array.hosts.by(index, name.casefold())
        if any(o.id != host.id and o.is_local for o in owners):
            raise errors.refused(
                f'The specified {index.upper()} is already in use.', name
            )


def personality(wanted: object, context: str) -> str | None:
    """Return a personality, None for none; raise ApiError if unknown."""
    if wanted in (None, '', 'delete'):
        return None
    if wanted not in PERSONALITIES:
        raise errors.invalid_parameter('personality.', context)
    return str(wanted)


def vlan(wanted: object, context: str) -> str:
    """Return a VLAN as hosts show it; raise ApiError for a bad one."""
    text = str(wanted).casefold()
    if text in _ANY_VLAN:
        return text
    if not text.isdecimal() or not 1 <= int(text) <= _HIGHEST_VLAN:
        raise errors.invalid_parameter('vlan.', context)
    return str(int(text))


def nvme_stretch(wanted: object, context: str) -> str:
    if wanted not in _NVME_STRETCHES:
        raise errors.invalid_parameter('nvme_stretch.', context)
    return str(wanted)


def with_chap(
    host: model.Host, settings: Mapping[str, str | None]
) -> model.Host:
    """Return the host with CHAP settings; an empty one clears."""
    changed = {key: value or None for key, value in settings.items()}
    for key in ('host_password', 'target_password'):
        password = changed.get(key)
        if password is not None and not (
            _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD
        ):
            raise errors.invalid_parameter(
                f'{key} must have {_SHORTEST_PASSWORD} to'
                f' {_LONGEST_PASSWORD} characters.',
                host.name,
            )
    host = replace(host, **changed)  # type: ignore[arg-type]
    if host.host_password and host.host_password == host.target_password:
        raise errors.refused(
            'The host and target passwords must differ.', host.name
        )
    return host


def with_preferred_arrays(
    array: FlashArray, host: model.Host, wanted: Iterable[str]
) -> model.Host:
    """Return the host with its preferred arrays, of those known here."""
    found = []
    for name in wanted:
        if name.casefold() == array.name.casefold():
            found.append(array.name)
            continue
        peer = any_state('Array', array.array_connections, name)
        found.append(peer.name)
    if found and host.host_group_id is not None:
        raise errors.refused(
            'Preferred arrays cannot be set for a host in a host group.',
            host.name,
        )
    return replace(host, preferred_arrays=tuple(found))


def renamed(array: FlashArray, host: model.Host, wanted: object) -> model.Host:
    if not isinstance(wanted, str) or not names.well_formed(wanted):
        raise errors.refused('Invalid host name.', str(wanted))
    if wanted.casefold() != host.name.casefold():
        free_name(LABEL, array.hosts, wanted)
    return replace(host, name=wanted)


def connections_of(
    array: FlashArray, host: model.Host
) -> list[model.Connection]:
    """Return private connections and those of the host's group."""
    found = array.connections.by('host', host.id)
    if host.host_group_id is not None:
        found = found + array.connections.by('host_group', host.host_group_id)
    return found


def connection_count(array: FlashArray, host: model.Host) -> int:
    count = array.connections.count('host', host.id)
    if host.host_group_id is not None:
        count += array.connections.count('host_group', host.host_group_id)
    return count


def join(
    array: FlashArray, host: model.Host, group: model.HostGroup
) -> model.Host:
    """Put a host into a group; its own connections must fit beside.

    Raises ApiError if it is in a group, or if a volume or a LUN of its own
    is also one of the group's.
    """
    expect_local(host)
    if host.host_group_id is not None:
        raise errors.refused(
            'Host already belongs to a host group.', host.name
        )
    shared = array.connections.by('host_group', group.id)
    numbers = {number_of(connection) for connection in shared}
    seen = {connection.volume_id for connection in shared}
    for own in array.connections.by('host', host.id):
        if own.volume_id in seen:
            raise errors.already_exists('Connection', host.name)
        if number_of(own) in numbers:
            raise errors.refused(
                'The specified LUN is already in use.', host.name
            )
    return array.hosts.put(replace(host, host_group_id=group.id))


def leave(array: FlashArray, host: model.Host) -> model.Host:
    return array.hosts.put(replace(host, host_group_id=None))


def number_of(connection: model.Connection) -> int | None:
    """Return the LUN or namespace id of a connection."""
    return connection.lun if connection.nsid is None else connection.nsid


def delete(array: FlashArray, host: model.Host) -> None:
    """Remove a host; raise ApiError while it has connections."""
    expect_local(host)
    if connection_count(array, host):
        raise errors.refused(
            'Host cannot be deleted due to existing connections.', host.name
        )
    group_members.leave_all(array, host.id)
    remove_tags(array, host.id)
    array.hosts.remove(host.id)


def delete_group(array: FlashArray, group: model.HostGroup) -> None:
    """Remove a host group; raise ApiError unless it is empty."""
    if array.connections.count('host_group', group.id):
        raise errors.refused(
            'Host group cannot be deleted due to existing connections.',
            group.name,
        )
    if array.hosts.count('host_group', group.id):
        raise errors.refused(
            'Host group cannot be deleted while it has hosts.', group.name
        )
    group_members.leave_all(array, group.id)
    remove_tags(array, group.id)
    array.host_groups.remove(group.id)


def remove_tags(array: FlashArray, resource_id: str) -> None:
    for tag in array.tags.by('resource', resource_id):
        array.tags.remove(tag.id)
