# SPDX-License-Identifier: Apache-2.0
"""/array-connections with their key and paths."""

import contextlib
import uuid
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, listing, model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.listing import Listing
from flasharray_simulator.replication import peers, wire

LABEL = 'Array connection'
KINDS = (peers.ASYNC, peers.SYNC)
_POST = (
    'connection_key',
    'encryption',
    'management_address',
    'replication_addresses',
    'replication_transport',
    'type',
)
_PATCH = (
    'connection_key',
    'encryption',
    'management_address',
    'replication_addresses',
    'throttle',
    'type',
)


def _status(array: FlashArray, connection: model.ArrayConnection) -> str:
    if array.is_reachable(connection.name):
        return 'connected'
    return 'connecting'


def render(array: FlashArray, connection: model.ArrayConnection) -> Item:
    throttle = connection.throttle
    return {
        'id': connection.id,
        'name': connection.name,
        'encryption': 'encrypted' if connection.encrypted else 'unencrypted',
        'encryption_mode': 'full' if connection.encrypted else 'none',
        'management_address': connection.management_address,
        'os': 'Purity//FA',
        'remote': {
            'name': connection.name,
            'id': connection.peer_id,
            'resource_type': 'arrays',
        },
        'replication_addresses': [
            connection.replication_address.rpartition(':')[0]
        ],
        'replication_transport': 'ip',
        'status': _status(array, connection),
        'throttle': {
            'default_limit': throttle.default_limit,
            'window': {
                'start': throttle.window_start,
                'end': throttle.window_end,
            },
            'window_limit': throttle.window_limit,
        },
        'type': connection.kind,
        'version': connection.peer_version,
    }


def get(call: Call) -> Answer:
    array = call.array
    remote = call.query.many('remote_names')
    candidates = None
    if remote:
        candidates = errors.for_each(
            remote,
            lambda name: any_state(LABEL, array.array_connections, name),
        )
    return Listing(
        label=LABEL,
        collection=array.array_connections,
        render=lambda connection: render(array, connection),
    ).answer(call, candidates)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_POST)
    kind = body.get('type')
    address = body.get('management_address')
    if kind not in KINDS or not isinstance(address, str) or not address:
        raise errors.missing_parameter('management_address')
    header: wire.Header = {
        'source': array.name,
        'introduction': {
            **peers.introduction(
                array, key=str(body.get('connection_key') or '')
            ),
            'kind': kind,
            'encrypted': body.get('encryption') == 'encrypted',
        },
        'allowed': {},
    }
    remote = _replication_address(array, body, address)
    with array.lock:
        known = {connection.peer_id for connection in array.array_connections}
    try:
        answer = wire.Channel(remote).send('hello', header)
    except wire.LinkDown:
        raise errors.refused(
            'The remote array cannot be reached.', address
        ) from None
    except wire.Rejected as error:
        raise errors.refused(str(error), address) from None
    introduced = answer['introduction']
    with array.transaction():
        if introduced['id'] in known:
            raise errors.already_exists(LABEL, introduced['name'])
        # The peer may have greeted this array faster than it answered.
        greeted = peers.by_id(array, introduced['id'])
        connection = array.array_connections.put(
            model.ArrayConnection(
                id=greeted.id if greeted else array.new_id(),
                name=introduced['name'],
                kind=kind,
                replication_address=remote,
                peer_id=introduced['id'],
                management_address=address,
                peer_version=introduced['version'],
                encrypted=body.get('encryption') == 'encrypted',
            )
        )
        return Answer([render(array, connection)])


def _replication_address(
    array: FlashArray, body: Item, management: str
) -> str:
    """Return where a peer's replication port is.

    A given replication address may carry its port; without one the peer
    is taken to use the same replication port as this array.
    """
    given = body.get('replication_addresses') or [management.split(':')[0]]
    first = str(given[0])
    if ':' in first:
        return first
    return f'{first}:{array.setup.replication_port}'


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: _patch(call.array, name, body),
    )
    return Answer([render(call.array, connection) for connection in changed])


def _patch(array: FlashArray, name: str, body: Item) -> model.ArrayConnection:
    connection = any_state(LABEL, array.array_connections, name)
    kind = body.get('type')
    if kind is not None:
        if kind not in KINDS:
            raise errors.invalid_parameter('type.', name)
        connection = replace(connection, kind=kind)
    if body.get('throttle') is not None:
        throttle = _throttle(body['throttle'], connection.throttle, name)
        connection = replace(connection, throttle=throttle)
    if isinstance(body.get('management_address'), str):
        connection = replace(
            connection, management_address=body['management_address']
        )
    return array.array_connections.put(connection)


def _throttle(
    given: Any, present: model.Throttle, context: str
) -> model.Throttle:
    fields = check_fields(given, ('default_limit', 'window', 'window_limit'))
    window = check_fields(fields.get('window') or {}, ('start', 'end'))
    for value in (*fields.values(), *window.values()):
        if value is not None and not isinstance(value, int | dict):
            raise errors.invalid_parameter('throttle.', context)
    return model.Throttle(
        fields.get('default_limit', present.default_limit) or None,
        fields.get('window_limit', present.window_limit) or None,
        window.get('start', present.window_start),
        window.get('end', present.window_end),
    )


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> model.ArrayConnection:
        connection = any_state(LABEL, array.array_connections, name)
        if not connection.created_here:
            raise errors.refused(
                'The connection can only be deleted on the array that'
                ' created it.',
                name,
            )
        if array.group_targets.count('array', connection.name.casefold()):
            raise errors.refused(
                'Array connection is in use by a protection group.', name
            )
        peers.forget(array, connection)
        return connection

    with array.transaction():
        gone = errors.for_each(call.query.required('names'), remove)
    for connection in gone:
        with contextlib.suppress(wire.LinkDown, wire.Rejected):
            wire.Channel(connection.replication_address).send(
                'goodbye', {'source': array.name}
            )
    return Answer()


def connection_key(call: Call) -> Answer:
    """Renew and return the key that another array needs to connect."""
    array = call.array
    settings = array.array_settings.put(
        replace(array.settings, connection_key=str(uuid.uuid4()))
    )
    return Answer([{'connection_key': settings.connection_key}])


def paths(call: Call) -> Answer:
    array = call.array
    items = []
    for connection in array.array_connections.ordered():
        host, _, port = connection.replication_address.rpartition(':')
        items.append(
            {
                'id': connection.id,
                'name': connection.name,
                'encryption': 'encrypted'
                if connection.encrypted
                else 'unencrypted',
                'encryption_mode': 'none',
                'local_address': array.setup.address,
                'local_port': 'ct0.eth2',
                'remote': {
                    'name': connection.name,
                    'id': connection.peer_id,
                },
                'remote_address': host,
                'remote_port': port,
                'replication_transport': 'ip',
                'status': _status(array, connection),
                'status_details': None,
                'type': connection.kind,
            }
        )
    return listing.plain(call, items, LABEL)


ROUTES = (
    Route('GET', 'array-connections', get, ('remote_names',), since='2.4'),
    Route('POST', 'array-connections', post, since='2.4', locked=False),
    Route(
        'PATCH',
        'array-connections',
        patch,
        ('refresh', 'renew_encryption_key'),
        since='2.4',
    ),
    Route('DELETE', 'array-connections', delete, since='2.4', locked=False),
    Route(
        'GET',
        'array-connections/connection-key',
        connection_key,
        ('encrypted',),
        since='2.4',
    ),
    Route('GET', 'array-connections/path', paths, since='2.4'),
)
