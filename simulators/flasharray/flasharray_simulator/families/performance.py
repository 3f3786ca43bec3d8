# SPDX-License-Identifier: Apache-2.0
"""Performance items: what was read and written, and how fast.

Rates are per second of the array's clock over one resolution; latencies
are in microseconds. No time really passes in a simulated read or write, so
latencies are those of a quiet array: fixed, but for the size.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flasharray_simulator import errors, listing
from flasharray_simulator.activity import Key, Load
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Query
from flasharray_simulator.collections import Stored
from flasharray_simulator.listing import Listing

T = TypeVar('T', bound=Stored)

TIMES = ('start_time', 'end_time', 'resolution')
RESOLUTION = 30_000
RESOLUTIONS = (
    RESOLUTION,
    300_000,
    1_800_000,
    7_200_000,
    28_800_000,
    86_400_000,
)
ARRAY_RESOLUTIONS = (1000, *RESOLUTIONS)
_MOST_POINTS = 10_000

_READ_LATENCY = 150
_WRITE_LATENCY = 200
_MIRROR_LATENCY = 500
_SAN_LATENCY = 50
_BYTES_PER_MICROSECOND = 2000

_ALWAYS_ZERO = (
    'cached_read_bytes_per_sec',
    'cached_reads_per_sec',
    'local_queue_usec_per_op',
    'mirrored_others_per_sec',
    'others_per_sec',
    'qos_rate_limit_usec_per_mirrored_write_op',
    'qos_rate_limit_usec_per_read_op',
    'qos_rate_limit_usec_per_write_op',
    'qos_scheduling_usec_per_mirrored_write_op',
    'qos_scheduling_usec_per_read_op',
    'qos_scheduling_usec_per_write_op',
    'queue_depth',
    'queue_usec_per_mirrored_write_op',
    'queue_usec_per_read_op',
    'queue_usec_per_write_op',
    'read_cache_hit_ratio',
    'service_usec_per_read_op_cache_reduction',
    'service_usec_per_read_op_cached',
    'usec_per_mirrored_other_op',
    'usec_per_other_op',
)


@dataclass(frozen=True)
class Window:
    """The points in time that a call asks for, oldest first; ms."""

    times: tuple[int, ...]
    resolution: int
    is_range: bool


def window(call: Call, resolutions: tuple[int, ...] = RESOLUTIONS) -> Window:
    """Return the window of a call: now, unless it has a start.

    Raises ApiError for a resolution there is not, and for an end before
    the start.
    """
    now = call.array.now()
    wanted = call.query.integer('end_time') or now
    # A client's clock may be ahead of an array whose time stands still.
    end = min(wanted, now)
    start = call.query.integer('start_time')
    step = call.query.integer('resolution') or RESOLUTION
    if step not in resolutions:
        raise errors.invalid_parameter('resolution.')
    if start is None:
        return Window((end,), step, False)
    if start > max(wanted, now):
        raise errors.invalid_parameter('start_time.')
    first = max(start, call.array.settings.created)
    count = min(_MOST_POINTS, max(0, end - first) // step + 1)
    times = tuple(end - n * step for n in reversed(range(count)))
    return Window(times, step, True)


def load(array: FlashArray, key: Key, time: int, step: int) -> Load:
    """Return what an object did in the step that ends at a time."""
    # What is done in this very moment counts as done before it.
    end = time + 1000 if time >= array.now() - 1000 else time
    return array.activity.between(key, end - step, end, array.now())


def point(
    array: FlashArray,
    key: Key,
    time: int | None = None,
    step: int = RESOLUTION,
) -> Item:
    """Return all rates and latencies of an object at a time, or now."""
    moment = array.now() if time is None else time
    return {
        **_figures(load(array, key, moment, step), step / 1000),
        'time': moment,
    }


def idle(
    array: FlashArray, name: str, identifier: str, time: int | None = None
) -> Item:
    """Return the load of an object that nobody reads or writes."""
    moment = array.now() if time is None else time
    return {
        **_figures(Load(), 1.0),
        'name': name,
        'id': identifier,
        'time': moment,
    }


def _figures(found: Load, seconds: float) -> Item:
    item: Item = dict.fromkeys(_ALWAYS_ZERO, 0)
    read_size = _each(found.read_bytes, found.reads)
    write_size = _each(found.written_bytes, found.writes)
    mirror_size = _each(found.mirrored_bytes, found.mirrored_writes)
    operations = found.reads + found.writes
    item.update(
        bytes_per_mirrored_write=mirror_size,
        bytes_per_op=_each(found.read_bytes + found.written_bytes, operations),
        bytes_per_read=read_size,
        bytes_per_write=write_size,
        mirrored_write_bytes_per_sec=_rate(found.mirrored_bytes, seconds),
        mirrored_writes_per_sec=_rate(found.mirrored_writes, seconds),
        non_cached_read_bytes_per_sec=_rate(found.read_bytes, seconds),
        non_cached_reads_per_sec=_rate(found.reads, seconds),
        read_bytes_per_sec=_rate(found.read_bytes, seconds),
        reads_per_sec=_rate(found.reads, seconds),
        write_bytes_per_sec=_rate(found.written_bytes, seconds),
        writes_per_sec=_rate(found.writes, seconds),
    )
    item.update(_latencies('read', found.reads, read_size, _READ_LATENCY))
    item.update(_latencies('write', found.writes, write_size, _WRITE_LATENCY))
    item.update(
        _latencies(
            'mirrored_write',
            found.mirrored_writes,
            mirror_size,
            _MIRROR_LATENCY,
        )
    )
    item['service_usec_per_read_op_non_cached'] = item[
        'service_usec_per_read_op'
    ]
    return item


def _latencies(kind: str, operations: int, size: int, basis: int) -> Item:
    service = basis + size // _BYTES_PER_MICROSECOND if operations else 0
    san = _SAN_LATENCY if operations else 0
    return {
        f'san_usec_per_{kind}_op': san,
        f'service_usec_per_{kind}_op': service,
        f'usec_per_{kind}_op': service + san,
    }


def _each(total: int, count: int) -> int:
    return total // count if count else 0


def _rate(count: int, seconds: float) -> int:
    """Return a rate as a whole number; never 0 for something."""
    return max(1, round(count / seconds)) if count else 0


def answer(
    call: Call,
    found: Listing[T],
    key_of: Callable[[T], Key],
    *,
    with_id: bool = True,
) -> Answer:
    """Return the load of the objects that a call chooses."""
    asked = window(call)

    def show(stored: Any, time: int) -> Item:
        item = point(call.array, key_of(stored), time, asked.resolution)
        item['name'] = stored.name
        if with_id:
            item['id'] = stored.id
        return item

    if not asked.is_range:
        shown = replace(found, render=lambda s: show(s, asked.times[0]))
        return shown.answer(call)
    rows = [
        show(stored, time)
        for stored in found.chosen(without(call, 'continuation_token'))
        for time in asked.times
    ]
    return listing.plain(without(call, 'names', 'ids', 'destroyed'), rows)


def without(call: Call, *parameters: str) -> Call:
    """Return the call without parameters that are dealt with."""
    values = {
        name: value
        for name, value in call.query.values.items()
        if name not in parameters
    }
    return replace(call, query=Query(values))


def by_array(call: Call, found: Answer) -> Answer:
    """Return loads as one array's part of them: there is no other part."""
    own = call.array.reference()
    items = [{**item, 'array': own} for item in found.items or []]
    return replace(found, items=items)
