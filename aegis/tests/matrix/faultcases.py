# SPDX-License-Identifier: Apache-2.0
"""Which fault cases a flow has: read off the calls of its clean run."""

import dataclasses
import enum
import re
from collections.abc import Iterable, Iterator

from aegis.tests.matrix import cases as crash_cases

ARRAY = 'array'
_VARYING = re.compile(r'\\\{[a-z]+\\\}')
_VERSION = re.compile(r'^/v[0-9.]+')


class Effect(enum.StrEnum):
    """What becomes of a call; ``LATE`` is no answer after the work."""

    BAD_REQUEST = '400'
    FORBIDDEN = '403'
    NOT_FOUND = '404'
    CONFLICT = '409'
    BROKEN = '500'
    UNAVAILABLE = '503'
    LATE = 'late'
    RESET = 'reset'
    GARBAGE = 'garbage'

    @property
    def status(self) -> int | None:
        """The HTTP status, if it is one."""
        return int(self.value) if self.value.isdecimal() else None


class Times(enum.StrEnum):
    """How often it happens."""

    ONCE = 'once'
    THRICE = 'thrice'
    EVER = 'ever'

    @property
    def number(self) -> int | None:
        """None when there is no end of it."""
        return {Times.ONCE: 1, Times.THRICE: 3}.get(self)


@dataclasses.dataclass(frozen=True)
class Request:
    """A call to a service of a site, or to an array.

    ``path`` has ``{id}`` for what varies and the name of an action behind
    it; a service that is asked for its versions has none.
    """

    place: str
    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f'{self.place}:{self.service} {self.method} {self.path}'.strip()

    def is_named_in(self, text: str) -> bool:
        """Whether a sentence tells which call of which service it was.

        A session with a Keystone, and the versions of a service, are asked
        for by the way: then it tells for the sake of which call of that
        service, or of Keystone. And to whom arrays belong is not for
        everybody to see, so that no more is told than that it was one.
        """
        if self.service == ARRAY:
            return 'storage array' in text.lower()
        if self.service not in text:
            return False
        path = _VERSION.sub('', self.path).partition(' ')[0]
        if not path or self.service == 'keystone':
            return True
        pattern = _VARYING.sub('[^/ ]+', re.escape(path))
        return (
            re.search(rf'{self.method} (/v[0-9.]+)?{pattern}', text)
            is not None
        )


@dataclasses.dataclass(frozen=True)
class FaultCase:
    """A call of a run that fails."""

    run: crash_cases.Run
    request: Request
    effect: Effect
    times: Times

    def __str__(self) -> str:
        return f'{self.run} {self.request} {self.effect} {self.times}'


def cases(
    run: crash_cases.Run, calls: Iterable[Request]
) -> Iterator[FaultCase]:
    """All fault cases of a run that makes these calls."""
    for request in calls:
        for effect in Effect:
            for times in Times:
                yield FaultCase(run, request, effect, times)
