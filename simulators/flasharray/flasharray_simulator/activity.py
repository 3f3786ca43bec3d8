# SPDX-License-Identifier: Apache-2.0
"""How much each object was read and written, and when.

Counted in steps of the array's clock: for an hour in steps of a second,
for a day in steps of 30 s, for a year in steps of an hour. Kept in memory
only: a restart forgets it.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

_SECOND = 1000
_HOUR = 3600 * _SECOND
_DAY = 24 * _HOUR
# The length of a step, and how long steps of that length are kept.
_TIERS = (
    (_SECOND, _HOUR + 60 * _SECOND),
    (30 * _SECOND, _DAY + _HOUR),
    (_HOUR, 366 * _DAY),
)

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Load:
    """Operations and bytes; mirrored writes are counted in writes too."""

    reads: int = 0
    writes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    mirrored_writes: int = 0
    mirrored_bytes: int = 0

    def plus(self, other: 'Load') -> 'Load':
        return Load(
            self.reads + other.reads,
            self.writes + other.writes,
            self.read_bytes + other.read_bytes,
            self.written_bytes + other.written_bytes,
            self.mirrored_writes + other.mirrored_writes,
            self.mirrored_bytes + other.mirrored_bytes,
        )


NOTHING = Load()


class _Series:
    """The loads of one object, by the number of the step."""

    def __init__(self, step: int, span: int) -> None:
        self.span = span
        self._step = step
        self._loads: OrderedDict[int, Load] = OrderedDict()

    def add(self, time: int, load: Load) -> None:
        slot = time // self._step
        self._loads[slot] = self._loads.get(slot, NOTHING).plus(load)
        oldest = (time - self.span) // self._step
        while next(iter(self._loads)) < oldest:
            self._loads.popitem(last=False)

    def between(self, start: int, end: int) -> Load:
        """Return the load of the steps in an interval, its end without.

        Both ends count from the step they are in, so that intervals that
        follow one another count everything once.
        """
        first, last = start // self._step, end // self._step
        slots: Iterable[int] = range(first, last)
        if last - first > len(self._loads):
            slots = [slot for slot in self._loads if first <= slot < last]
        total = NOTHING
        for slot in slots:
            found = self._loads.get(slot)
            if found is not None:
                total = total.plus(found)
        return total


class Activity:
    """Every object's load over time; used under the array's lock."""

    def __init__(self) -> None:
        self._series: dict[Key, tuple[_Series, ...]] = {}
        self._turns: dict[Key, int] = {}

    def add(self, keys: Iterable[Key], time: int, load: Load) -> None:
        """Count a load for all these objects at a time."""
        for key in keys:
            found = self._series.get(key)
            if found is None:
                found = tuple(_Series(step, span) for step, span in _TIERS)
                self._series[key] = found
            for series in found:
                series.add(time, load)

    def turn(self, key: Key, steps: int) -> int:
        """Return how many turns an object has had, and add some."""
        taken = self._turns.get(key, 0)
        self._turns[key] = taken + steps
        return taken

    def between(self, key: Key, start: int, end: int, now: int) -> Load:
        """Return the load in an interval, its end without.

        As exact as what is still known of that time.
        """
        for series in self._series.get(key, ()):
            if now - start <= series.span:
                return series.between(start, end)
        return NOTHING
