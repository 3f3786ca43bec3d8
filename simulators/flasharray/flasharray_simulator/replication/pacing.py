# SPDX-License-Identifier: Apache-2.0
"""How fast one link may be: throttles, their windows, the side door."""

import math
import threading
from collections.abc import Iterator

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.content import BLOCK

_LONGEST_WAIT = 1.0
_SHORTEST_WAIT = 0.01


def limit_at(
    throttle: model.Throttle, bandwidth: int | None, moment: int
) -> int | None:
    """Return the bytes per second at a time (ms); None is unlimited.

    ``bandwidth`` is what the side door allows. Inside of its window the
    throttle's window limit takes the place of its default limit.
    """
    limit = throttle.default_limit
    if throttle.window_limit is not None and _in_window(throttle, moment):
        limit = throttle.window_limit
    found = [value for value in (limit, bandwidth) if value is not None]
    return min(found, default=None)


def budget(
    throttle: model.Throttle, bandwidth: int | None, start: int, end: int
) -> float:
    """Return how many bytes may go from start to end (ms)."""
    total = 0.0
    for first, last in _spans(throttle, start, end):
        limit = limit_at(throttle, bandwidth, first)
        if limit is None:
            return math.inf
        total += limit * (last - first) / 1000
    return total


def _in_window(throttle: model.Throttle, moment: int) -> bool:
    start, end = throttle.window_start, throttle.window_end
    if start is None or end is None or start == end:
        return False
    offset = moment % model.DAY
    if start < end:
        return start <= offset < end
    return offset >= start or offset < end


def _spans(
    throttle: model.Throttle, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a span in which the limit does not change."""
    edges = sorted(
        {
            edge
            for edge in (throttle.window_start, throttle.window_end)
            if edge is not None
        }
    )
    first = start
    while first < end:
        day = first - first % model.DAY
        borders = [day + edge for edge in edges] + [day + model.DAY]
        last = min(end, next(b for b in borders if b > first))
        yield first, last
        first = last


class Pacer:
    """Grants the blocks that may go over one link; for many threads.

    What is not used while nobody waits for a grant is lost.
    """

    def __init__(self, array: FlashArray, connection_id: str) -> None:
        self._array = array
        self._connection_id = connection_id
        self._lock = threading.Lock()
        self._waiting: set[int] = set()
        self._allowance = 0.0
        self._since = 0

    def take(self, who: object, most: int) -> int:
        """Return how many blocks, up to most, may go now; 0 is to wait."""
        throttle, bandwidth = self._limits()
        now = self._array.now()
        with self._lock:
            since = self._since if self._waiting else now
            self._since = now
            if limit_at(throttle, bandwidth, now) is None:
                self._waiting.clear()
                self._allowance = 0.0
                return most
            if not self._waiting:
                self._allowance = 0.0
            self._waiting.add(id(who))
            self._allowance += budget(throttle, bandwidth, since, now)
            if math.isinf(self._allowance):
                self._allowance = 0.0
                return most
            granted = min(most, int(self._allowance // BLOCK))
            self._allowance -= granted * BLOCK
            return granted

    def give_back(self, blocks: int) -> None:
        """Return blocks that were granted and not sent."""
        with self._lock:
            if self._waiting:
                self._allowance += blocks * BLOCK

    def rest(self, who: object) -> None:
        """Say that nothing waits to be sent."""
        with self._lock:
            self._waiting.discard(id(who))

    def wait(self) -> float:
        """Return the real seconds until another block may go."""
        throttle, bandwidth = self._limits()
        limit = limit_at(throttle, bandwidth, self._array.now())
        if not limit:
            return _LONGEST_WAIT
        with self._lock:
            missing = max(0.0, BLOCK - self._allowance)
        seconds = self._array.clock.real_seconds(missing / limit * 1000)
        if seconds is None:
            return _LONGEST_WAIT
        return min(_LONGEST_WAIT, max(_SHORTEST_WAIT, seconds))

    def _limits(self) -> tuple[model.Throttle, int | None]:
        connection = self._array.array_connections.get(self._connection_id)
        throttle = connection.throttle if connection else model.Throttle()
        return throttle, self._array.environment.bandwidth
