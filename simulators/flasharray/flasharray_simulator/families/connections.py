# SPDX-License-Identifier: Apache-2.0
"""/connections: which host sees which volume, and as what number."""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import connections, hosts, volumes
from flasharray_simulator.domain.connections import Side
from flasharray_simulator.families import connection_rows, rendering


def get(call: Call) -> Answer:
    array = call.array
    sides = _sides(call)
    chosen = _volumes(call, 'volume_names')
    endpoints = _volumes(call, 'protocol_endpoint_names')
    listing = connection_rows.listing(array)
    if not sides and not chosen and not endpoints:
        return listing.answer(call)
    host_ids = {side.host.id for side in sides if side.host}
    return listing.answer(
        call,
        [
            shown
            for connection in _candidates(array, sides, chosen, endpoints)
            for shown in connection_rows.rows_of(array, connection)
            if not host_ids or (shown.host and shown.host.id in host_ids)
        ],
    )


def _candidates(
    array: FlashArray,
    sides: list[Side],
    chosen: list[model.Volume],
    endpoints: list[model.Volume],
) -> list[model.Connection]:
    """Return the connections of all that is given, from the rarest."""
    groups = {side.group.id for side in sides if side.group}
    behind = {endpoint.id for endpoint in endpoints}
    if chosen:
        found = [
            c for v in chosen for c in array.connections.by('volume', v.id)
        ]
    elif behind:
        found = [
            c for e in behind for c in array.connections.by('endpoint', e)
        ]
    else:
        return _of_sides(array, sides)
    return [
        c
        for c in found
        if (not groups or c.host_group_id in groups)
        and (not behind or c.protocol_endpoint_id in behind)
    ]


def _of_sides(array: FlashArray, sides: list[Side]) -> list[model.Connection]:
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
            call.query.many('host_names'), lambda n: hosts.find(array, n)
        )
    ]
    found += [
        Side(group=group)
        for group in errors.for_each(
            call.query.many('host_group_names'),
            lambda n: hosts.find_group(array, n),
        )
    ]
    return found


def _volumes(call: Call, parameter: str) -> list[model.Volume]:
    return errors.for_each(
        call.query.many(parameter),
        lambda name: volumes.find(call.array, name),
    )


def _required(call: Call) -> tuple[list[Side], list[model.Volume]]:
    sides = _sides(call)
    if not sides:
        raise errors.missing_parameter('host_names')
    chosen = _volumes(call, 'volume_names')
    if not chosen:
        raise errors.missing_parameter('volume_names')
    return sides, chosen


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields('lun', 'protocol_endpoint')
    sides, chosen = _required(call)
    errors.for_each(chosen, lambda v: volumes.find_live(array, v.name))
    lun = connections.check_lun(body.get('lun'), chosen[0].name)
    if lun is not None and len(chosen) > 1:
        raise errors.invalid_parameter('lun.', chosen[0].name)
    endpoint = _endpoint(array, body)
    made = errors.for_each(
        [(side, volume) for side in sides for volume in chosen],
        lambda pair: connections.connect(array, *pair, lun, endpoint),
    )
    return Answer(
        [
            connection_rows.render(array, shown)
            for connection in made
            for shown in connection_rows.rows_of(array, connection)
        ]
    )


def _endpoint(array: FlashArray, body: Item) -> model.Volume | None:
    given = body.get('protocol_endpoint')
    name = rendering.read_reference(given, '') if given else ''
    if not name:
        return None
    found = volumes.find_live(array, name)
    if found.subtype != connections.ENDPOINT:
        raise errors.refused('Volume is no protocol endpoint.', name)
    return found


def delete(call: Call) -> Answer:
    sides, chosen = _required(call)
    errors.for_each(
        [(side, volume) for side in sides for volume in chosen],
        lambda pair: connections.disconnect(call.array, *pair),
    )
    return Answer()


_SIDES = ('host_names', 'host_group_names', 'volume_names')

ROUTES = (
    Route('GET', 'connections', get, (*_SIDES, 'protocol_endpoint_names')),
    Route('POST', 'connections', post, _SIDES),
    Route('DELETE', 'connections', delete, _SIDES),
)
