# SPDX-License-Identifier: Apache-2.0
"""Connections: which host or host group sees a volume, and as what."""

from collections.abc import Collection
from dataclasses import dataclass

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import hosts

LABEL = 'Connection'
HIGHEST_LUN = 4095
HIGHEST_SHARED_LUN = 254
ENDPOINT = 'protocol_endpoint'
_SUBLUN_BITS = 32
_HIGHEST_SUBLUN = 16_383
_FIRST_WITH_NSID = (6, 6)


@dataclass(frozen=True)
class Side:
    """The host or the host group that a connection leads to."""

    host: model.Host | None = None
    group: model.HostGroup | None = None

    @property
    def id(self) -> str:
        side = self.host or self.group
        return side.id if side is not None else ''

    @property
    def name(self) -> str:
        side = self.host or self.group
        return side.name if side is not None else ''


def connect(
    array: FlashArray,
    side: Side,
    volume: model.Volume,
    lun: int | None = None,
    endpoint: model.Volume | None = None,
) -> model.Connection:
    """Show a volume to a host or host group.

    Without ``lun`` one is allotted. With ``endpoint`` the volume is seen
    behind that protocol endpoint. Raises ApiError if one of the hosts has
    the volume already, or the LUN is taken.
    """
    affected = _hosts_of(array, side)
    if side.host is not None:
        hosts.expect_local(side.host)
    _refuse_second(array, side, affected, volume)
    if endpoint is None:
        number = _number(array, side, affected, lun, volume.name)
    else:
        number = _sublun(array, side, endpoint, volume.name)
    has_nsid = uses_nsid(array) and any(host.nqns for host in affected)
    return array.connections.put(
        model.Connection(
            id=f'{side.id}/{volume.id}',
            volume_id=volume.id,
            lun=None if has_nsid else number,
            nsid=number if has_nsid else None,
            host_id=side.host.id if side.host else None,
            host_group_id=side.group.id if side.group else None,
            protocol_endpoint_id=endpoint.id if endpoint else None,
        )
    )


def disconnect(array: FlashArray, side: Side, volume: model.Volume) -> None:
    """End a connection; raise ApiError if there is none.

    That of a protocol endpoint stays while volumes are seen behind it.
    """
    identifier = f'{side.id}/{volume.id}'
    if array.connections.get(identifier) is None:
        raise errors.does_not_exist(LABEL, volume.name)
    if volume.subtype == ENDPOINT and _behind(array, side, volume):
        raise errors.refused(
            'Protocol endpoint cannot be disconnected while volumes are'
            ' connected through it.',
            volume.name,
        )
    array.connections.remove(identifier)


def uses_nsid(array: FlashArray) -> bool:
    """Return whether NVMe hosts see a namespace id instead of a LUN."""
    purity = array.purity.split('.')
    return tuple(int(part) for part in purity[:2]) >= _FIRST_WITH_NSID


def check_lun(lun: object, context: str) -> int | None:
    """Return a requested LUN; raise ApiError for one nobody can have."""
    if lun is None:
        return None
    if (
        isinstance(lun, bool)
        or not isinstance(lun, int)
        or not 1 <= lun <= HIGHEST_LUN
    ):
        raise errors.invalid_parameter('lun.', context)
    return lun


def _hosts_of(array: FlashArray, side: Side) -> list[model.Host]:
    if side.host is not None:
        return [side.host]
    return array.hosts.by('host_group', side.id)


def _refuse_second(
    array: FlashArray,
    side: Side,
    affected: list[model.Host],
    volume: model.Volume,
) -> None:
    ids = {side.id, *(host.id for host in affected)}
    ids |= {host.host_group_id for host in affected if host.host_group_id}
    present = array.connections.by('volume', volume.id)
    if any(c.host_id in ids or c.host_group_id in ids for c in present):
        raise errors.already_exists(LABEL, volume.name)


def _number(
    array: FlashArray,
    side: Side,
    affected: list[model.Host],
    lun: int | None,
    context: str,
) -> int:
    taken = _taken(array, side, affected)
    if lun is not None:
        if lun in taken:
            raise errors.refused(
                'The specified LUN is already in use.', context
            )
        return lun
    free = _lowest(taken) if side.group is None else _shared(taken)
    if free is None:
        raise errors.limit_reached(LABEL, context)
    return free


def _taken(
    array: FlashArray, side: Side, affected: list[model.Host]
) -> set[int]:
    found = [
        connection
        for host in affected
        for connection in hosts.connections_of(array, host)
    ]
    if side.group is not None:
        found += array.connections.by('host_group', side.id)
    numbers = {hosts.number_of(connection) for connection in found}
    return {number for number in numbers if number is not None}


def _lowest(taken: Collection[int]) -> int | None:
    return names.unused(taken, 1, HIGHEST_LUN)


def _shared(taken: Collection[int]) -> int | None:
    for number in range(HIGHEST_SHARED_LUN, 0, -1):
        if number not in taken:
            return number
    return names.unused(taken, HIGHEST_SHARED_LUN + 1, HIGHEST_LUN)


def _sublun(
    array: FlashArray, side: Side, endpoint: model.Volume, context: str
) -> int:
    """Return the number of a volume behind a protocol endpoint."""
    own = array.connections.get(f'{side.id}/{endpoint.id}')
    if own is None:
        raise errors.does_not_exist(LABEL, endpoint.name)
    basis = (hosts.number_of(own) or 0) << _SUBLUN_BITS
    taken = {
        (hosts.number_of(c) or 0) - basis
        for c in _behind(array, side, endpoint)
    }
    free = names.unused(taken, 1, _HIGHEST_SUBLUN)
    if free is None:
        raise errors.limit_reached(LABEL, context)
    return basis + free


def _behind(
    array: FlashArray, side: Side, endpoint: model.Volume
) -> list[model.Connection]:
    return [
        connection
        for connection in array.connections.by('endpoint', endpoint.id)
        if side.id in (connection.host_id, connection.host_group_id)
    ]
