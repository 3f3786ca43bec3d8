# SPDX-License-Identifier: Apache-2.0
"""Which cases a flow has: read off its clean runs, never written down."""

import dataclasses
import enum
from collections.abc import Iterable, Iterator

from aegis import models
from aegis.tests.matrix import interruptions


class World(enum.StrEnum):
    """What has become of the protected site when the run begins."""

    ALIVE = 'alive'
    DARK = 'dark'


class Way(enum.StrEnum):
    """Whether the run is left alone or its user cancels it at its end."""

    FORWARD = 'forward'
    REVERT = 'revert'


class Manner(enum.StrEnum):
    """What happens to the engine at the place of interruption."""

    KILL = 'kill'
    KILL_TWICE = 'kill-twice'
    STALL = 'stall'


class Successor(enum.StrEnum):
    """Who goes on."""

    SAME = 'same'
    ANOTHER = 'another'


@dataclasses.dataclass(frozen=True)
class Run:
    """A clean run: what is started where, and how it goes."""

    flow: models.OperationType
    world: World
    way: Way

    def __str__(self) -> str:
        return f'{self.flow}/{self.world}/{self.way}'


@dataclasses.dataclass(frozen=True)
class Call:
    """The n-th (from 0) call of a name at a place: site or array."""

    place: str
    name: str
    number: int

    def __str__(self) -> str:
        return f'{self.place}:{self.name}#{self.number}'


@dataclasses.dataclass(frozen=True)
class Case:
    """An interruption of a run."""

    run: Run
    place: interruptions.Point | Call
    manner: Manner
    successor: Successor

    def __str__(self) -> str:
        return f'{self.run} {self.place} {self.manner} {self.successor}'


def cases(
    run: Run,
    points: Iterable[interruptions.Point],
    calls: Iterable[Call],
) -> Iterator[Case]:
    """All cases of a run that passes these points and makes these calls."""
    for point in points:
        for successor in Successor:
            yield Case(run, point, Manner.KILL, successor)
        yield Case(run, point, Manner.KILL_TWICE, Successor.SAME)
        yield Case(run, point, Manner.STALL, Successor.ANOTHER)
    for call in calls:
        yield Case(run, call, Manner.KILL, Successor.ANOTHER)
