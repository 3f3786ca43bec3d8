# SPDX-License-Identifier: Apache-2.0
"""One list call that answers everybody who waits."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class _Look:
    """What one list call gave; ``started`` is when it was sent."""

    started: float
    found: Mapping[str, Any]


class Watch:
    """Looks at all objects of a kind for many threads at once.

    There is no thread of its own: of those who wait, one makes the call and
    the others get its answer. An error goes to the one who made the call;
    the next one makes another.

    :param list_function: lists the objects.
    :param interval: least seconds between the starts of two calls.
    :param clock: seconds from an arbitrary start.
    """

    def __init__(
        self,
        list_function: Callable[[], Iterable[Identified]],
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._list = list_function
        self._interval = interval
        self._clock = clock
        self._changed = threading.Condition()
        self._busy = False
        self._tried = float('-inf')
        self._look = _Look(started=float('-inf'), found={})

    def latest(self, newer_than: float) -> Mapping[str, Any]:
        """All objects by id, as they were after a moment of the clock.

        Returns at once when a look is new enough already, else after the
        next one, at the latest one interval and one call later.
        """
        with self._changed:
            while self._look.started < newer_than:
                if self._busy:
                    self._changed.wait()
                    continue
                pause = self._tried + self._interval - self._clock()
                if pause <= 0:
                    self._busy = True
                    break
                self._changed.wait(pause)
            else:
                return self._look.found
        return self._make_call()

    def _make_call(self) -> Mapping[str, Any]:
        look = None
        started = self._clock()
        try:
            found = {thing.id: thing for thing in self._list()}
            look = _Look(started=started, found=found)
            return found
        finally:
            with self._changed:
                self._busy = False
                self._tried = started
                if look is not None:
                    self._look = look
                self._changed.notify_all()
