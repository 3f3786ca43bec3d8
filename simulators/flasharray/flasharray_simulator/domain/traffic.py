# SPDX-License-Identifier: Apache-2.0
"""Counts what hosts read and write, for every figure that shows it."""

from flasharray_simulator import errors, model
from flasharray_simulator.activity import NOTHING, Key, Load
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import hosts, network

ARRAY: Key = ('array',)


def volume_key(volume_id: str) -> Key:
    return ('volume', volume_id)


def volume_group_key(group_id: str) -> Key:
    return ('volume-group', group_id)


def pod_key(pod_id: str) -> Key:
    return ('pod', pod_id)


def host_key(host_id: str) -> Key:
    return ('host', host_id)


def host_group_key(group_id: str) -> Key:
    return ('host-group', group_id)


def path_key(host_id: str, initiator: str, port: str) -> Key:
    return ('path', host_id, initiator.casefold(), port)


def port_key(port: str) -> Key:
    return ('port', port.upper())


def read(size: int) -> Load:
    """Return the load of one read of that many bytes."""
    return Load(reads=1, read_bytes=size)


def write(size: int) -> Load:
    return Load(writes=1, written_bytes=size)


def record(
    array: FlashArray,
    volume: model.Volume,
    load: Load,
    host: model.Host | None = None,
) -> None:
    """Count a load of a volume, and of the host that made it.

    Without a host it is that of the only host that sees the volume. Raises
    ApiError for a host that does not see it.
    """
    if load == NOTHING:
        return
    if array.pod_replicas.get(volume.pod_id) is not None:
        load = load.plus(
            Load(
                mirrored_writes=load.writes,
                mirrored_bytes=load.written_bytes,
            )
        )
    keys = [ARRAY, volume_key(volume.id)]
    if volume.pod_id is not None:
        keys.append(pod_key(volume.pod_id))
    if volume.volume_group_id is not None:
        keys.append(volume_group_key(volume.volume_group_id))
    seen_by = _host(array, volume, host)
    if seen_by is not None:
        keys.append(host_key(seen_by.id))
        if seen_by.host_group_id is not None:
            keys.append(host_group_key(seen_by.host_group_id))
        _record_paths(array, seen_by, load)
    array.activity.add(keys, array.now(), load)


def _host(
    array: FlashArray, volume: model.Volume, host: model.Host | None
) -> model.Host | None:
    found = {
        one.id: one
        for connection in array.connections.by('volume', volume.id)
        for one in hosts_of(array, connection)
    }
    if host is None:
        return next(iter(found.values())) if len(found) == 1 else None
    if host.id not in found:
        raise errors.does_not_exist('Connection', host.name)
    return host


def hosts_of(
    array: FlashArray, connection: model.Connection
) -> list[model.Host]:
    """Return the hosts that a connection shows its volume to."""
    if connection.host_id is not None:
        return [array.hosts[connection.host_id]]
    return array.hosts.by('host_group', connection.host_group_id)


def _record_paths(array: FlashArray, host: model.Host, load: Load) -> None:
    """Spread a load over the paths of a host, as multipath would."""
    kind, names = hosts.initiators_of(host)
    offered = array.ports()
    paths = [
        (name, port)
        for name in names
        for port in network.visible(array.seen_by(name), offered, kind)
    ]
    if not paths:
        return
    now = array.now()
    turn = array.activity.turn(host_key(host.id), load.reads + load.writes)
    for number, (name, port) in enumerate(paths):
        part = _part(load, (number - turn) % len(paths), len(paths))
        array.activity.add(
            [path_key(host.id, name, port.name), port_key(port.name)],
            now,
            part,
        )


def _part(load: Load, number: int, count: int) -> Load:
    def share(total: int) -> int:
        return total // count + (1 if number < total % count else 0)

    return Load(
        share(load.reads),
        share(load.writes),
        share(load.read_bytes),
        share(load.written_bytes),
    )
