# SPDX-License-Identifier: Apache-2.0
"""The list of connections: a host group's counts once for each host."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item
from flasharray_simulator.collections import Key
from flasharray_simulator.domain import hosts
from flasharray_simulator.families import rendering
from flasharray_simulator.listing import Listing

LABEL = 'Connection'


@dataclass(frozen=True)
class Shown:
    """A connection as one of its hosts sees it; no host: an empty group."""

    connection: model.Connection
    host: model.Host | None

    @property
    def id(self) -> str:
        host_id = '' if self.host is None else self.host.id
        return f'{self.connection.id}/{host_id}'


def render(array: FlashArray, shown: Shown) -> Item:
    connection = shown.connection
    group = array.host_groups.get(connection.host_group_id)
    return {
        'host': {'name': shown.host.name if shown.host else None},
        'host_group': {'name': group.name if group else None},
        'lun': connection.lun,
        'nsid': connection.nsid,
        'protocol_endpoint': rendering.reference(
            array.volumes.get(connection.protocol_endpoint_id)
        ),
        'volume': rendering.reference(array.volumes[connection.volume_id]),
    }


def rows_of(array: FlashArray, connection: model.Connection) -> list[Shown]:
    if connection.host_id is not None:
        return [Shown(connection, array.hosts[connection.host_id])]
    members = array.hosts.by('host_group', connection.host_group_id)
    rows = [Shown(connection, host) for host in members]
    return sorted(rows, key=lambda row: row.id) or [Shown(connection, None)]


class Rows:
    """The part of Collection that Listing needs, over all connections."""

    named = False

    def __init__(self, array: FlashArray) -> None:
        self._array = array

    def key_of(self, shown: Shown) -> Key:
        return (shown.id,)

    def ordered(self, after: Key | None = None) -> Iterator[Shown]:
        """Yield the rows behind a key, from the middle of a group too."""
        behind = after[0] if after else ''
        # The id of the connection without its end comes just before it.
        start = (behind.rpartition('/')[0][:-1],) if behind else None
        for connection in self._array.connections.ordered(start):
            for shown in rows_of(self._array, connection):
                if shown.id > behind:
                    yield shown

    def find(self, name: str) -> Shown | None:
        return None

    def get(self, identifier: str) -> Shown | None:
        return None


def listing(array: FlashArray) -> Listing[Shown]:
    return Listing(
        label=LABEL,
        collection=Rows(array),  # type: ignore[arg-type]
        render=lambda shown: render(array, shown),
        indexed={
            'volume.name': lambda name: _of_volume(array, name),
            'host.name': lambda name: _of_host(array, name),
            'host_group.name': lambda name: _of_group(array, name),
        },
    )


def _of_volume(array: FlashArray, name: str) -> Iterable[Shown]:
    volume = array.volumes.find(name)
    if volume is None:
        return []
    return _rows(array, array.connections.by('volume', volume.id))


def _of_host(array: FlashArray, name: str) -> Iterable[Shown]:
    host = array.hosts.find(name)
    if host is None:
        return []
    return _rows(array, hosts.connections_of(array, host))


def _of_group(array: FlashArray, name: str) -> Iterable[Shown]:
    group = array.host_groups.find(name)
    if group is None:
        return []
    return _rows(array, array.connections.by('host_group', group.id))


def _rows(array: FlashArray, found: Iterable[model.Connection]) -> list[Shown]:
    return [shown for one in found for shown in rows_of(array, one)]
