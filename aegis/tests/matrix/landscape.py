# SPDX-License-Identifier: Apache-2.0
"""What stands at clouds and arrays, and to whom of a run it belongs."""

import collections
import dataclasses
from collections.abc import Collection, Iterable

from aegis.common import names
from aegis.tests.matrix import ends

_SHORT = 8


@dataclasses.dataclass(frozen=True)
class Standing:
    """A thing, its id, and the first part of its member's or group's id.

    ``owner`` is empty for what carries no birth of the run.
    """

    id: str
    owner: str
    thing: ends.Thing

    @property
    def kind(self) -> tuple[str, ends.Thing]:
        """What is the same in each run."""
        return self.owner, self.thing

    def __str__(self) -> str:
        thing = self.thing
        whose = self.owner or 'nobody'
        return (
            f'{thing.kind} {thing.name} of {whose} ({thing.status}) '
            f'at {thing.place}'
        )


def owner(words: Iterable[str], name: str, operation_id: str) -> str:
    """Of which member, or group, something was born in a run.

    :param words: all its tags, and its metadata as ``key=value``.
    """
    said = dict(
        word.split('=', 1) for word in words if word.startswith(names.PREFIX)
    )
    if said.get(names.OPERATION_KEY) == operation_id:
        return said.get(names.MEMBER_KEY, '')[:_SHORT]
    prefix = f'aegis-{operation_id[:_SHORT]}-'
    return (
        name.removeprefix(prefix)[:_SHORT] if name.startswith(prefix) else ''
    )


@dataclasses.dataclass(frozen=True)
class Gap:
    """How a landscape differs from the one that it should be."""

    surplus: tuple[Standing, ...]
    missing: tuple[Standing, ...]

    def __bool__(self) -> bool:
        return bool(self.surplus or self.missing)

    @property
    def all(self) -> tuple[Standing, ...]:
        return (*self.surplus, *self.missing)


@dataclasses.dataclass(frozen=True)
class Landscape:
    """Everything that stands at a time."""

    standings: tuple[Standing, ...]

    def minus(self, other: 'Landscape') -> tuple[Standing, ...]:
        """What is here and not there; the later ones when there are more."""
        left = collections.Counter(each.kind for each in other.standings)
        more = []
        for each in self.standings:
            if left[each.kind]:
                left[each.kind] -= 1
            else:
                more.append(each)
        return tuple(more)

    def gap(self, wanted: 'Landscape') -> Gap:
        return Gap(self.minus(wanted), wanted.minus(self))


def wanted(
    before: Landscape,
    clean: Landscape,
    members: Collection[str],
    succeeded: Collection[str],
) -> Landscape:
    """What has to stand after a run in which some members failed.

    :param members: short ids of all members.
    :param succeeded: those of the members that succeeded.
    """
    gained = clean.minus(before)
    kept = before.standings
    if succeeded:
        changed = set(before.minus(clean))
        kept = tuple(each for each in kept if each not in changed)
    return Landscape(
        (
            *kept,
            *(
                each
                for each in gained
                if each.owner in succeeded
                or (each.owner not in members and succeeded)
            ),
        )
    )
