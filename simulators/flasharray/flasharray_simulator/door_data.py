# SPDX-License-Identifier: Apache-2.0
"""The data path of the side door: what hosts would read and write."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model
from flasharray_simulator.activity import Load
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    capacity,
    hosts,
    pod_links,
    traffic,
    volumes,
)

Body = dict[str, Any]
Commands = Mapping[str, Callable[[Body], Any]]


def commands(array: FlashArray) -> Commands:
    """Return the commands by name."""
    return {'load': lambda body: _load(array, body)}


def write(
    array: FlashArray, name: str, offset: int, data: bytes, host: str | None
) -> None:
    """Write into a volume; raise ApiError if that is not possible.

    A full array refuses what needs more room.
    """
    expect_io(array, name)
    volume = array.run(lambda: _write(array, name, offset, data))
    with array.transaction():
        traffic.record(
            array, volume, traffic.write(len(data)), _host(array, host)
        )


def _write(
    array: FlashArray, name: str, offset: int, data: bytes
) -> model.Volume:
    volume = _volume(array, name)
    pod_links.expect_writable(array, volume.pod_id)
    _check_range(volume, offset, len(data))
    before = array.content.stored_bytes()
    content = array.content.write(volume.content, offset, data)
    if content != volume.content:
        array.volumes.put(replace(volume, content=content))
    capacity.expect_room(array, before, volume.name)
    return volume


def read(
    array: FlashArray, name: str, offset: int, length: int, host: str | None
) -> bytes:
    """Read from a volume, or from a snapshot, which no host can do."""
    expect_io(array, name)
    with array.transaction():
        stored = find(array, name)
        _check_range(stored, offset, length)
        data = array.content.read(stored.content, offset, length)
        if isinstance(stored, model.Volume):
            traffic.record(
                array, stored, traffic.read(length), _host(array, host)
            )
    return data


def expect_io(array: FlashArray, name: str) -> None:
    """Raise ApiError if the pod of a volume is not served here now."""
    with array.lock:
        pod_id = find(array, name).pod_id
    if array.mirror is not None:
        array.mirror.expect_io(pod_id)


def find(array: FlashArray, name: str) -> model.Volume | model.VolumeSnapshot:
    """Return the volume or snapshot of that name; raise ApiError."""
    stored = array.volumes.find(name) or array.volume_snapshots.find(name)
    if stored is None:
        raise errors.refused(f'There is no volume or snapshot {name}.', name)
    return stored


def _load(array: FlashArray, body: Body) -> None:
    """Count reads and writes that move no data."""
    counts = {
        key: int(body.get(key, 0))
        for key in ('reads', 'writes', 'read_bytes', 'written_bytes')
    }
    if min(counts.values()) < 0:
        raise ValueError('a load has no negative figures')
    with array.transaction():
        traffic.record(
            array,
            _volume(array, body['volume']),
            Load(**counts),
            _host(array, body.get('host')),
        )


def _volume(array: FlashArray, name: str) -> model.Volume:
    return volumes.find_live(array, name)


def _host(array: FlashArray, name: str | None) -> model.Host | None:
    return hosts.find(array, name) if name else None


def _check_range(
    stored: model.Volume | model.VolumeSnapshot, offset: int, length: int
) -> None:
    if offset < 0 or length < 0 or offset + length > stored.provisioned:
        raise errors.refused(
            f'{offset}+{length} is outside of {stored.name},'
            f' which has {stored.provisioned} bytes.',
            stored.name,
        )
