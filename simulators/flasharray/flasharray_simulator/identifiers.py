# SPDX-License-Identifier: Apache-2.0
"""Ids in query parameters, which mean the same as names."""

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray

_IDS = '_ids'
_NAMES = '_names'


def parameter(given: str, method: str) -> str:
    """Return the names parameter that an ids parameter stands for.

    Lists look for ``ids`` themselves.
    """
    if given == 'ids' and method != 'GET':
        return 'names'
    if given.endswith(_IDS):
        return f'{given.removesuffix(_IDS)}{_NAMES}'
    return given


def names(array: FlashArray, identifiers: str) -> str:
    """Return the names of comma-separated ids; raise ApiError for others."""
    return ','.join(
        _name(array, identifier)
        for identifier in identifiers.split(',')
        if identifier
    )


def _name(array: FlashArray, identifier: str) -> str:
    if identifier == array.settings.array_id:
        return array.name
    for collection in array.named_collections():
        stored = collection.get(identifier)
        if stored is not None:
            return str(stored.name)
    for connection in array.array_connections:
        if connection.peer_id == identifier:
            return connection.name
    raise errors.does_not_exist('Object', identifier)
