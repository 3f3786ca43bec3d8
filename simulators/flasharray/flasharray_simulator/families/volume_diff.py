# SPDX-License-Identifier: Apache-2.0
"""/volumes/diff: where the bytes of two volumes or snapshots differ."""

from collections.abc import Iterator

from flasharray_simulator import errors, identifiers, listing, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Query, Route
from flasharray_simulator.content import BLOCK
from flasharray_simulator.families import performance

_SECTOR = 512


def get(call: Call) -> Answer:
    """List the differing pieces of a segment, in whole blocks.

    Contents are compared in blocks of 32 KiB: a smaller block size finds
    no smaller differences.
    """
    array, query = call.array, call.query
    chosen = _find(array, query.required('names')[0])
    base = _base(array, query)
    size = _number(query, 'block_size')
    start = query.integer('segment_offset') or 0
    end = min(start + _number(query, 'segment_length'), chosen.provisioned)
    if size <= 0 or size % _SECTOR or start % size:
        raise errors.invalid_parameter('block_size.')
    numbers = _blocks(array, base, chosen.content, size, start, end)
    items = list(_pieces(numbers, size, end))
    return listing.plain(
        performance.without(call, 'names', 'ids'), items, 'Volume'
    )


def _base(array: FlashArray, query: Query) -> str:
    """Return the content to compare with; nothing is all zeros."""
    name, identifier = query.text('base_name'), query.text('base_id')
    if identifier is not None:
        name = identifiers.names(array, identifier)
    return '' if name is None else _find(array, name).content


def _find(array: FlashArray, name: str) -> model.Volume | model.VolumeSnapshot:
    stored = array.volumes.find(name) or array.volume_snapshots.find(name)
    if stored is None:
        raise errors.does_not_exist('Volume', name)
    return stored


def _number(query: Query, name: str) -> int:
    found = query.integer(name)
    if found is None:
        raise errors.missing_parameter(name)
    return found


def _blocks(
    array: FlashArray, base: str, root: str, size: int, start: int, end: int
) -> Iterator[int]:
    """Yield the numbers of the differing blocks, each once, in order."""
    last = -1
    for index, _ in array.content.changes(base, root, start // BLOCK - 1):
        first = max(start, index * BLOCK)
        beyond = min(end, (index + 1) * BLOCK)
        if index * BLOCK >= end:
            return
        for number in range(first // size, -(-beyond // size)):
            if number > last:
                yield number
                last = number


def _pieces(numbers: Iterator[int], size: int, end: int) -> Iterator[Item]:
    """Yield runs of blocks as offset and length."""
    first = length = None
    for number in numbers:
        if first is not None and length and number == first + length:
            length += 1
            continue
        if first is not None and length:
            yield _piece(first, length, size, end)
        first, length = number, 1
    if first is not None and length:
        yield _piece(first, length, size, end)


def _piece(first: int, length: int, size: int, end: int) -> Item:
    offset = first * size
    return {'offset': offset, 'length': min(length * size, end - offset)}


ROUTES = (
    Route(
        'GET',
        'volumes/diff',
        get,
        (
            'base_id',
            'base_name',
            'block_size',
            'next_allocated_block_hint',
            'segment_length',
            'segment_offset',
        ),
    ),
)
