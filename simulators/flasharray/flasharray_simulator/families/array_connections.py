# SPDX-License-Identifier: Apache-2.0
"""/array-connections with their key and paths."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, listing, model
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.listing import Listing
from flasharray_simulator.replication import connecting, peers

LABEL = connecting.LABEL
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


_ENCRYPTION = 'tls-psk-aes-256-gcm'


def _status(array: FlashArray, connection: model.ArrayConnection) -> str:
    if not array.is_reachable(connection.name):
        return 'connecting'
    if array.management_is_cut(connection.name):
        return 'partially_connected'
    return 'connected'


def render(array: FlashArray, connection: model.ArrayConnection) -> Item:
    throttle = connection.throttle
    return {
        'id': connection.id,
        'name': connection.name,
        'encryption': 'encrypted' if connection.encrypted else 'unencrypted',
        'encryption_mode': _ENCRYPTION if connection.encrypted else None,
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
    if kind not in peers.KINDS or not isinstance(address, str) or not address:
        raise errors.missing_parameter('management_address')
    if body.get('replication_transport') not in (None, 'ip'):
        raise errors.invalid_parameter('replication_transport.', address)
    wish = connecting.Wish(
        management_address=address,
        address=_replication_address(array, body, address),
        kind=kind,
        key=str(body.get('connection_key') or ''),
        encrypted=_is_encrypted(body, address),
    )
    connection = connecting.connect(array, wish)
    with array.lock:
        return Answer([render(array, connection)])


def _is_encrypted(body: Item, context: str) -> bool:
    wanted = body.get('encryption') or 'unencrypted'
    if wanted not in ('encrypted', 'unencrypted'):
        raise errors.invalid_parameter('encryption.', context)
    return bool(wanted == 'encrypted')


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
    array = call.array
    body = call.fields(*_PATCH)
    refreshing = bool(call.query.boolean('refresh'))
    renewing = bool(call.query.boolean('renew_encryption_key'))
    wanted = call.query.required('names')
    if (refreshing or renewing) and body:
        raise errors.invalid_parameter(
            'refresh and renew_encryption_key change nothing else.', wanted[0]
        )

    def change(name: str) -> str:
        with array.transaction():
            connection = any_state(LABEL, array.array_connections, name)
            _change(array, connection, body)
        if refreshing:
            connecting.refresh(array, connection)
        if renewing:
            connecting.renew_encryption(array, connection)
        if body.get('type') not in (None, connection.kind):
            connecting.retype(array, connection, body['type'])
        return connection.id

    changed = errors.for_each(wanted, change)
    with array.lock:
        return Answer(
            [render(array, array.array_connections[id_]) for id_ in changed]
        )


def _change(
    array: FlashArray, connection: model.ArrayConnection, body: Item
) -> None:
    if body.get('throttle') is not None:
        throttle = _throttle(
            body['throttle'], connection.throttle, connection.name
        )
        connection = replace(connection, throttle=throttle)
    address = body.get('management_address')
    if isinstance(address, str) and address:
        connection = replace(connection, management_address=address)
    if body.get('replication_addresses'):
        remote = _replication_address(array, body, '')
        connection = replace(connection, replication_address=remote)
    array.array_connections.put(connection)


def _throttle(
    given: Any, present: model.Throttle, context: str
) -> model.Throttle:
    """Return what a body asks for; an empty text takes a limit away."""
    fields = check_fields(given, ('default_limit', 'window', 'window_limit'))
    start, end = present.window_start, present.window_end
    if 'window' in fields:
        window = check_fields(fields['window'] or {}, ('start', 'end'))
        start = _amount(window.get('start'), 'throttle.window', context)
        end = _amount(window.get('end'), 'throttle.window', context)
    limits = [
        _amount(
            fields.get(name, getattr(present, name)),
            f'throttle.{name}',
            context,
        )
        for name in ('default_limit', 'window_limit')
    ]
    if limits[1] and (start is None or end is None):
        raise errors.invalid_parameter(
            'throttle.window_limit needs a window.', context
        )
    return model.Throttle(limits[0] or None, limits[1] or None, start, end)


def _amount(value: Any, name: str, context: str) -> int | None:
    if value is None or value == '':
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise errors.invalid_parameter(f'{name}.', context)
    return value


def delete(call: Call) -> Answer:
    connecting.disconnect(call.array, call.query.required('names'))
    return Answer()


def connection_key(call: Call) -> Answer:
    """Renew and return the key that another array needs to connect.

    Only the last one is valid, and only for a connection that is
    encrypted or not as was said when it was asked for.
    """
    array = call.array
    settings = array.array_settings.put(
        replace(
            array.settings,
            connection_key=str(uuid.uuid4()),
            connection_key_encrypted=bool(call.query.boolean('encrypted')),
        )
    )
    return Answer([{'connection_key': settings.connection_key}])


def paths(call: Call) -> Answer:
    array = call.array
    items = []
    for connection in _wanted(call):
        host, _, port = connection.replication_address.rpartition(':')
        items.append(
            {
                'id': connection.id,
                'name': connection.name,
                'encryption': 'encrypted'
                if connection.encrypted
                else 'unencrypted',
                'encryption_mode': _ENCRYPTION
                if connection.encrypted
                else None,
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
                'status_details': None
                if array.is_reachable(connection.name)
                else 'The remote array does not answer.',
                'type': connection.kind,
            }
        )
    return listing.plain(call, items, LABEL)


def _wanted(call: Call) -> Iterable[model.ArrayConnection]:
    names = call.query.many('remote_names')
    if not names:
        return call.array.array_connections.ordered()
    return errors.for_each(
        names,
        lambda name: any_state(LABEL, call.array.array_connections, name),
    )


ROUTES = (
    Route('GET', 'array-connections', get, ('remote_names',)),
    Route(
        'POST',
        'array-connections',
        post,
        locked=False,
        # purefa_connect sends it to just the arrays that do not have it.
        ignored=('encryption',),
    ),
    Route(
        'PATCH',
        'array-connections',
        patch,
        ('refresh', 'renew_encryption_key'),
        locked=False,
    ),
    Route('DELETE', 'array-connections', delete, locked=False),
    Route(
        'GET',
        'array-connections/connection-key',
        connection_key,
        ('encrypted',),
    ),
    Route(
        'GET',
        'array-connections/path',
        paths,
        ('remote_names',),
    ),
)
