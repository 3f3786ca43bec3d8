# SPDX-License-Identifier: Apache-2.0
"""How a run ended: everything that it left, without what differs by chance."""

import collections
import dataclasses
import re
from collections.abc import Iterable, Mapping

from aegis import models

_UUID = re.compile(
    r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
)


@dataclasses.dataclass(frozen=True)
class Thing:
    """Something that stands at a cloud or an array.

    ``name`` has no ids, so that things of two runs can be compared.
    """

    place: str
    kind: str
    name: str
    status: str


@dataclasses.dataclass(frozen=True)
class End:
    """What is left of a run: rows in ``states``, and things with counts."""

    states: Mapping[str, str]
    things: Mapping[Thing, int]


@dataclasses.dataclass(frozen=True)
class Difference:
    """How an end differs from the one it should be."""

    orphans: tuple[Thing, ...]
    duplicates: tuple[Thing, ...]
    missing: tuple[Thing, ...]
    states: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))

    def __str__(self) -> str:
        found = [
            f'{kind} {each.kind} {each.name} ({each.status}) at {each.place}'
            for kind, things in (
                ('orphan', self.orphans),
                ('duplicate', self.duplicates),
                ('missing', self.missing),
            )
            for each in things
        ]
        return '; '.join((*found, *self.states))


def without_ids(name: str, operation_id: str) -> str:
    """A name of something made by a run, as it is the same in each run."""
    short = operation_id.split('-')[0]
    return _UUID.sub('<id>', name.replace(short, '<operation>'))


def count(things: Iterable[Thing]) -> Mapping[Thing, int]:
    return collections.Counter(things)


def states(
    operation: models.Operation,
    lanes: Iterable[models.Lane],
    group: models.FailoverGroup,
) -> Mapping[str, str]:
    """What the rows say, by what they are about."""
    return {
        'operation': f'{operation.state} {operation.error_code or ""}'.strip(),
        'group': str(group.state),
        **{f'lane {lane.name}': str(lane.state) for lane in lanes},
    }


def compare(found: End, wanted: End) -> Difference:
    """Tell the differences."""
    surplus = {
        thing: number
        for thing, number in found.things.items()
        if number > wanted.things.get(thing, 0)
    }
    return Difference(
        orphans=tuple(t for t in surplus if t not in wanted.things),
        duplicates=tuple(t for t in surplus if t in wanted.things),
        missing=tuple(
            thing
            for thing, number in wanted.things.items()
            if number > found.things.get(thing, 0)
        ),
        states=tuple(
            f'{key} is {found.states.get(key)}, not {wanted.states.get(key)}'
            for key in sorted({*found.states, *wanted.states})
            if found.states.get(key) != wanted.states.get(key)
        ),
    )
