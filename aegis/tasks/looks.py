# SPDX-License-Identifier: Apache-2.0
"""How old a look at a service may be and still show what a lane did."""

import functools
from collections.abc import Callable, Iterable

from aegis import models

_WAVES_REMEMBERED = 1000
# Whoever claims a lane first gets this one.
_FIRST_FENCE = 1


class Looks:
    """The moments after which a lane has changed nothing more.

    Nobody but a lane's owner makes or removes what is born in the lane. So a
    list that was asked for after the lane was taken over and after its own
    latest change shows all of it, whoever asked. It belongs to the thread
    that runs the lane.

    What a lane gives birth to needs less: nothing was born in it before its
    first owner, so that any list since the lanes of its wave began is as good.
    And while it knows all that it gave birth to by id, because every call that
    made something was answered, no list has to show it.

    :param begun: when the lane was taken over, by the waiter's clock.
    :param unborn: since when the births of the lane have not changed; for a
        lane that somebody had before it is when it was taken over.
    """

    def __init__(
        self, begun: float = float('inf'), unborn: float = float('inf')
    ) -> None:
        self._begun = begun
        self._unborn = min(begun, unborn)
        self._touched: dict[str, float] = {}
        self._born: dict[str, set[str]] = {}
        self._doubted: set[str] = set()

    def touch(self, service: str, moment: float) -> None:
        """Note that something at a service changes until a moment."""
        self._touched[service] = moment

    def needed(self, service: str, now: float) -> float:
        """The moment after which a look at a service has to be made.

        It is now while nobody said when the lane was taken over.
        """
        return self._since(self._begun, service, now)

    def needed_for_births(self, service: str, now: float) -> float:
        """The same for a look at what was born in the lane."""
        return self._since(self._unborn, service, now)

    def bear(self, kind: str, ids: Iterable[str]) -> None:
        """Note what the lane has made."""
        self._born.setdefault(kind, set()).update(ids)

    def born(self, kind: str) -> frozenset[str]:
        """The ids of what the lane has made since it was taken over."""
        return frozenset(self._born.get(kind, ()))

    def doubt(self, service: str) -> None:
        """Note that something may have been made of which nobody told."""
        self._doubted.add(service)

    def first(self, service: str) -> float | None:
        """The moment after which a look shows all that the lane did not bear.

        None when only a look :meth:`needed_for_births` shows that: somebody
        had the lane before, or there is a doubt about what was made in it.
        """
        doubtful = service in self._doubted or self._unborn >= self._begun
        return None if doubtful else self._unborn

    def _since(self, start: float, service: str, now: float) -> float:
        if start > now:
            return now
        return max(start, self._touched.get(service, start))


class Beginnings:
    """Says since when looks are good for the lanes that a process runs.

    A new lane is shown whole, with what lanes before it made for it, by any
    look since the first lane of its wave began here. Thread safe.

    :param clock: seconds from an arbitrary start, also that of the looks.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # What was forgotten is met again, which only costs another look.
        self._met = functools.lru_cache(_WAVES_REMEMBERED)(self._meet)

    def looks(self, lane: models.Lane) -> Looks:
        """Begin a lane that was claimed just now."""
        met = self._met(lane.operation_id, lane.attempt, lane.wave)
        begun = self._clock()
        return Looks(begun, met if lane.fence == _FIRST_FENCE else begun)

    def _meet(self, operation_id: str, attempt: int, wave: int) -> float:
        return self._clock()
