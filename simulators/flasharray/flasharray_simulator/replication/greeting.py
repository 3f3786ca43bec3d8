# SPDX-License-Identifier: Apache-2.0
"""What peers tell each other of themselves and of their connection."""

from dataclasses import replace

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import peers
from flasharray_simulator.replication.wire import Header, Rejected, Verb


def verbs(array: FlashArray) -> dict[str, Verb]:
    return {
        'hello': lambda header, _: _hello(array, header),
        'retype': lambda header, _: _retype(array, header),
        'goodbye': lambda header, _: _goodbye(array, header),
    }


def _hello(array: FlashArray, header: Header) -> Header:
    introduced = header['introduction']
    _check_key(array, introduced)
    _refuse_parted(array, introduced)
    if introduced['id'] == array.settings.array_id:
        raise Rejected('An array cannot be connected to itself.')
    if introduced['name'].casefold() == array.name.casefold():
        raise Rejected('The arrays have the same name.')
    connection = peers.learn(array, introduced)
    peers.apply_permissions(array, connection.name, header['allowed'])
    return {
        'introduction': peers.introduction(array, connection),
        'allowed': peers.permissions(array, connection.name),
    }


def _check_key(array: FlashArray, introduced: Header) -> None:
    """Refuse a new connection that has not this array's present key."""
    if introduced['key'] is None:
        return
    settings = array.settings
    if (
        introduced['key'] != settings.connection_key
        or introduced['encrypted'] != settings.connection_key_encrypted
    ):
        raise Rejected('Invalid connection key.')


def _refuse_parted(array: FlashArray, introduced: Header) -> None:
    """Refuse a greeting that was under way when the arrays parted."""
    if introduced['key'] is None and introduced['id'] in array.parted:
        raise Rejected('The arrays are not connected.')
    array.parted.discard(introduced['id'])


def _retype(array: FlashArray, header: Header) -> Header:
    connection = array.array_connections.find(header['source'])
    if connection is None:
        raise Rejected('The arrays are not connected.')
    try:
        peers.check_kind(array, connection, header['kind'])
    except errors.ApiError as error:
        raise Rejected(str(error)) from None
    array.array_connections.put(replace(connection, kind=header['kind']))
    return {}


def _goodbye(array: FlashArray, header: Header) -> Header:
    connection = array.array_connections.find(header['source'])
    if connection is not None:
        peers.forget(array, connection)
    return {}
