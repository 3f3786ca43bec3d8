# SPDX-License-Identifier: Apache-2.0
"""Asking a connected array for something, on behalf of a client.

It waits for the other array: the caller holds no lock.
"""

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.replication.wire import (
    Channel,
    Header,
    LinkDown,
    Rejected,
)


def ask(array: FlashArray, name: str, verb: str, header: Header) -> Header:
    """Return the answer of a connected array.

    Raises ApiError for an unknown array, one that does not answer, and
    with the words of one that refuses.
    """
    with array.lock:
        connection = any_state(
            'Array connection', array.array_connections, name
        )
    if array.link_is_cut(connection.name) or array.management_is_cut(
        connection.name
    ):
        raise errors.refused('Remote array cannot be reached.', name)
    return ask_at(array, connection.replication_address, verb, header, name)


def ask_at(
    array: FlashArray, address: str, verb: str, header: Header, context: str
) -> Header:
    """Return the answer of the array at an address; raise ApiError."""
    channel = Channel(address)
    try:
        return channel.send(verb, {'source': array.name, **header})
    except LinkDown:
        raise errors.refused(
            'The remote array cannot be reached.', context
        ) from None
    except Rejected as error:
        raise errors.refused(str(error), context) from None
    finally:
        channel.close()
