# SPDX-License-Identifier: Apache-2.0
"""Connecting arrays, and what concerns both ends of a connection.

All of this waits for the other array: call it outside of a transaction.
"""

import contextlib
from dataclasses import dataclass, replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import asking, peers, wire

LABEL = 'Array connection'


@dataclass(frozen=True)
class Wish:
    """A connection that is to be made; ``address`` has its port."""

    management_address: str
    address: str
    kind: str
    key: str
    encrypted: bool


def connect(array: FlashArray, wish: Wish) -> model.ArrayConnection:
    """Connect to another array.

    Raises ApiError if it does not answer, has another key, or is
    connected already.
    """
    header: wire.Header = {
        'introduction': {
            **peers.introduction(array, key=wish.key),
            'kind': wish.kind,
            'encrypted': wish.encrypted,
        },
        'allowed': {},
    }
    with array.lock:
        known = {connection.peer_id for connection in array.array_connections}
    answer = asking.ask_at(
        array, wish.address, 'hello', header, wish.management_address
    )
    introduced = answer['introduction']
    with array.transaction():
        if introduced['id'] in known:
            raise errors.already_exists(LABEL, introduced['name'])
        # The peer may have greeted this array faster than it answered.
        greeted = peers.by_id(array, introduced['id'])
        array.parted.discard(introduced['id'])
        return array.array_connections.put(
            model.ArrayConnection(
                id=greeted.id if greeted else array.new_id(),
                name=introduced['name'],
                kind=wish.kind,
                replication_address=wish.address,
                peer_id=introduced['id'],
                management_address=wish.management_address,
                peer_version=introduced['version'],
                encrypted=wish.encrypted,
            )
        )


def retype(
    array: FlashArray, connection: model.ArrayConnection, kind: str
) -> None:
    """Make another kind of a connection, on both sides."""
    with array.lock:
        peers.check_kind(array, connection, kind)
    header = {'kind': kind}
    asking.ask(array, connection.name, 'retype', header)
    with array.transaction():
        present = array.array_connections[connection.id]
        array.array_connections.put(replace(present, kind=kind))


def refresh(array: FlashArray, connection: model.ArrayConnection) -> None:
    """Exchange what both arrays have to know of each other, now."""
    with array.lock:
        header = peers.greeting(array, connection)
    answer = asking.ask(array, connection.name, 'hello', header)
    array.run(lambda: peers.learn(array, answer['introduction']))


def renew_encryption(
    array: FlashArray, connection: model.ArrayConnection
) -> None:
    """Agree on a new encryption key; refused if nothing is encrypted."""
    if not connection.encrypted:
        raise errors.refused(
            'Array connection is not encrypted.', connection.name
        )
    refresh(array, connection)


def disconnect(array: FlashArray, names: list[str]) -> None:
    """End connections that were made on this array.

    A peer that is off keeps its end, which stays unconnected.
    """
    with array.transaction():
        gone = errors.for_each(names, lambda name: _forget(array, name))
    for connection in gone:
        with contextlib.suppress(wire.LinkDown, wire.Rejected):
            wire.Channel(connection.replication_address).send(
                'goodbye', {'source': array.name}
            )


def _forget(array: FlashArray, name: str) -> model.ArrayConnection:
    connection = array.array_connections.find(name)
    if connection is None:
        raise errors.does_not_exist(LABEL, name)
    if not connection.created_here:
        raise errors.refused(
            'The connection can only be deleted on the array that created it.',
            name,
        )
    peers.refuse_if_used(array, connection)
    peers.forget(array, connection)
    return connection
