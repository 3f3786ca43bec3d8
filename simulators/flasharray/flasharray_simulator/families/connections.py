# SPDX-License-Identifier: Apache-2.0
"""/connections: which host sees which volume, and as what number."""

from dataclasses import dataclass

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Route
from flasharray_simulator.domain import volumes
from flasharray_simulator.families import connection_rows, hosts

LABEL = connection_rows.LABEL
HIGHEST_LUN = 4095
HIGHEST_SHARED_LUN = 254
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


def get(call: Call) -> Answer:
    array = call.array
    sides = _sides(call)
    wanted = call.query.many('volume_names')
    chosen = errors.for_each(wanted, lambda name: volumes.find(array, name))
    listing = connection_rows.listing(array)
    if not sides and not chosen:
        return listing.answer(call)
    host_ids = {side.host.id for side in sides if side.host}
    return listing.answer(
        call,
        [
            shown
            for connection in _candidates(array, sides, chosen)
            for shown in connection_rows.rows_of(array, connection)
            if not host_ids or (shown.host and shown.host.id in host_ids)
        ],
    )


def _candidates(
    array: FlashArray, sides: list[Side], chosen: list[model.Volume]
) -> list[model.Connection]:
    if chosen:
        found = [
            c for v in chosen for c in array.connections.by('volume', v.id)
        ]
        groups = {side.group.id for side in sides if side.group}
        if groups:
            found = [c for c in found if c.host_group_id in groups]
        return found
    unique: dict[str, model.Connection] = {}
    for side in sides:
        if side.host is not None:
            for connection in hosts.connections_of(array, side.host):
                unique[connection.id] = connection
        for connection in array.connections.by('host_group', side.id):
            unique[connection.id] = connection
    return list(unique.values())


def _sides(call: Call) -> list[Side]:
    array = call.array
    found = [
        Side(host=host)
        for host in errors.for_each(
            call.query.many('host_names'),
            lambda name: any_state(hosts.LABEL, array.hosts, name),
        )
    ]
    found += [
        Side(group=group)
        for group in errors.for_each(
            call.query.many('host_group_names'),
            lambda name: any_state('Host group', array.host_groups, name),
        )
    ]
    return found


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields('lun', 'protocol_endpoint')
    sides = _required_sides(call)
    wanted = call.query.required('volume_names')
    chosen = errors.for_each(
        wanted, lambda name: volumes.find_live(array, name)
    )
    pairs = [(side, volume) for side in sides for volume in chosen]
    lun = body.get('lun')
    if lun is not None and (
        isinstance(lun, bool)
        or not isinstance(lun, int)
        or not 1 <= lun <= HIGHEST_LUN
        or len(chosen) > 1
    ):
        raise errors.invalid_parameter('lun.', wanted[0])
    made = errors.for_each(pairs, lambda p: _connect(array, p[0], p[1], lun))
    return Answer(
        [
            connection_rows.render(array, shown)
            for connection in made
            for shown in connection_rows.rows_of(array, connection)
        ]
    )


def _required_sides(call: Call) -> list[Side]:
    sides = _sides(call)
    if not sides:
        raise errors.missing_parameter('host_names')
    return sides


def _connect(
    array: FlashArray, side: Side, volume: model.Volume, lun: int | None
) -> model.Connection:
    affected = _hosts_of(array, side)
    present = array.connections.by('volume', volume.id)
    ids = {side.id, *(host.id for host in affected)}
    ids |= {host.host_group_id for host in affected if host.host_group_id}
    if any(c.host_id in ids or c.host_group_id in ids for c in present):
        raise errors.already_exists(LABEL, volume.name)
    number = _number(array, side, affected, lun, volume.name)
    has_nsid = uses_nsid(array) and any(host.nqns for host in affected)
    return array.connections.put(
        model.Connection(
            id=f'{side.id}/{volume.id}',
            volume_id=volume.id,
            lun=None if has_nsid else number,
            nsid=number if has_nsid else None,
            host_id=side.host.id if side.host else None,
            host_group_id=side.group.id if side.group else None,
        )
    )


def uses_nsid(array: FlashArray) -> bool:
    """Return whether NVMe hosts see a namespace id instead of a LUN."""
    purity = array.purity.split('.')
    return tuple(int(part) for part in purity[:2]) >= _FIRST_WITH_NSID


def _number_of(connection: model.Connection) -> int | None:
    return connection.lun if connection.nsid is None else connection.nsid


def _hosts_of(array: FlashArray, side: Side) -> list[model.Host]:
    if side.host is not None:
        return [side.host]
    return array.hosts.by('host_group', side.id)


def _number(
    array: FlashArray,
    side: Side,
    affected: list[model.Host],
    lun: int | None,
    context: str,
) -> int:
    used = {
        _number_of(connection)
        for host in affected
        for connection in hosts.connections_of(array, host)
    }
    if side.group is not None:
        used |= {
            _number_of(c) for c in array.connections.by('host_group', side.id)
        }
    taken = {number for number in used if number is not None}
    if lun is not None:
        if lun in taken:
            raise errors.refused(
                'The specified LUN is already in use.', context
            )
        return lun
    if side.group is not None:
        for number in range(HIGHEST_SHARED_LUN, 0, -1):
            if number not in taken:
                return number
    lowest = 1 if side.group is None else HIGHEST_SHARED_LUN + 1
    free = names.unused(taken, lowest, HIGHEST_LUN)
    if free is None:
        raise errors.limit_reached('Connection', context)
    return free


def delete(call: Call) -> Answer:
    array = call.array
    sides = _required_sides(call)
    wanted = call.query.required('volume_names')
    chosen = errors.for_each(wanted, lambda name: volumes.find(array, name))

    def disconnect(pair: tuple[Side, model.Volume]) -> None:
        identifier = f'{pair[0].id}/{pair[1].id}'
        if array.connections.get(identifier) is None:
            raise errors.does_not_exist(LABEL, pair[1].name)
        array.connections.remove(identifier)

    errors.for_each([(s, v) for s in sides for v in chosen], disconnect)
    return Answer()


_SIDES = (
    'host_names',
    'host_group_names',
    'volume_names',
    'protocol_endpoint_names',
)

ROUTES = (
    Route('GET', 'connections', get, _SIDES),
    Route('POST', 'connections', post, _SIDES),
    Route('DELETE', 'connections', delete, _SIDES),
)
