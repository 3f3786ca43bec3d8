# SPDX-License-Identifier: Apache-2.0
"""One list call that answers everybody who waits."""

import dataclasses
import threading
import time
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any, Protocol

Key = Callable[[Any], Hashable]
Read = Callable[[Collection[str]], Iterable['Identified']]
_REST_PER_OBJECT = 0.001


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class _Glance:
    """One object that was asked for by its id; None when it has gone."""

    started: float
    found: Any | None


@dataclasses.dataclass(frozen=True)
class _Look:
    """What one list call gave; ``started`` is when it was sent."""

    started: float
    found: Mapping[str, Any]
    groups: dict[Key, Mapping[Hashable, Sequence[Any]]] = dataclasses.field(
        default_factory=dict
    )

    def grouped(self, key: Key) -> Mapping[Hashable, Sequence[Any]]:
        # Two threads may do it at once; both come to the same.
        if key not in self.groups:
            groups: dict[Hashable, list[Any]] = {}
            for thing in self.found.values():
                groups.setdefault(key(thing), []).append(thing)
            self.groups[key] = groups
        return self.groups[key]


class Watch:
    """Looks at all objects of a kind for many threads at once.

    There is no thread of its own: of those who wait, one makes the call and
    the others get its answer. An error goes to the one who made the call;
    the next one makes another.

    Between two calls it rests for as long as the last one took, so that
    what is quickly listed is quickly seen, and a service that takes its time
    is left alone half of the time; and for a millisecond per object, which
    bounds what making objects of a long list costs here.

    Where there are so many objects that a list costs more than those who
    wait for some of them gain by sharing it, each asks for his own.

    :param list_function: lists the objects.
    :param interval: most seconds of rest between two calls.
    :param clock: seconds from an arbitrary start.
    :param read_function: gives the objects with some ids that are there
        still, each as the list shows it.
    :param long_list: more objects than this are too many to list for a few.
    """

    def __init__(
        self,
        list_function: Callable[[], Iterable[Identified]],
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        read_function: Read | None = None,
        long_list: float = float('inf'),
    ):
        self._list = list_function
        self._read = read_function
        self._long_list = long_list
        self._interval = interval
        self._clock = clock
        self._changed = threading.Condition()
        self._busy = False
        self._rested = float('-inf')
        self._look = _Look(started=float('-inf'), found={})
        self._glances: dict[str, _Glance] = {}

    @property
    def is_long(self) -> bool:
        """Whether some objects are better asked for than listed with all."""
        return self._read is not None and (
            len(self._look.found) > self._long_list
        )

    def latest(self, newer_than: float) -> Mapping[str, Any]:
        """All objects by id, as they were after a moment of the clock.

        Returns at once when a look is new enough already, else after the
        next one, at the latest one rest and two calls later.
        """
        return self._after(newer_than).found

    def grouped(
        self, newer_than: float, key: Key
    ) -> Mapping[Hashable, Sequence[Any]]:
        """All objects by what a key function says of each.

        As :meth:`latest`; each look is sorted out once for all who ask.
        """
        return self._after(newer_than).grouped(key)

    def some(
        self, ids: Collection[str], newer_than: float
    ) -> Mapping[str, Any]:
        """The objects with some ids that are there, by id, as :meth:`latest`.

        An id that nobody listed before is asked for as well.
        """
        look = self._look
        if look.started < newer_than and self._read and self.is_long:
            return self._ask_for(ids, newer_than, self._read)
        found = self.latest(newer_than)
        return {id: found[id] for id in ids if id in found}

    def _ask_for(
        self, ids: Collection[str], newer_than: float, read: Read
    ) -> Mapping[str, Any]:
        with self._changed:
            known = {
                id: self._glances[id] for id in self._glances.keys() & ids
            }
        old = [
            id
            for id in ids
            if id not in known or known[id].started < newer_than
        ]
        if old:
            started = self._clock()
            found = {thing.id: thing for thing in read(old)}
            known |= {id: _Glance(started, found.get(id)) for id in old}
            with self._changed:
                self._glances |= {id: known[id] for id in old}
        return {
            id: known[id].found for id in ids if known[id].found is not None
        }

    def _after(self, newer_than: float) -> _Look:
        with self._changed:
            while self._look.started < newer_than:
                if self._busy:
                    self._changed.wait()
                    continue
                pause = self._rested - self._clock()
                if pause <= 0:
                    self._busy = True
                    break
                self._changed.wait(pause)
            else:
                return self._look
        return self._make_call()

    def _make_call(self) -> _Look:
        look = None
        found: Mapping[str, Any] = {}
        started = self._clock()
        try:
            found = {thing.id: thing for thing in self._list()}
            look = _Look(started=started, found=found)
            return look
        finally:
            with self._changed:
                ended = self._clock()
                rest = max(ended - started, len(found) * _REST_PER_OBJECT)
                self._busy = False
                self._rested = ended + min(self._interval, rest)
                if look is not None:
                    self._look = look
                    self._glances = {
                        id: glance
                        for id, glance in self._glances.items()
                        if glance.started > started
                    }
                self._changed.notify_all()
