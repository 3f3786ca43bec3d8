# SPDX-License-Identifier: Apache-2.0
"""All that stands at clouds and arrays, in one form."""

import collections
import dataclasses
from collections.abc import Iterable

from aegis.common import names
from aegis.tests.fixtures.emulator import inventory
from aegis.tests.matrix import ends, landscape

_SHORT = 8
_TIES = ('attached_to', 'device_id', 'port_id', 'volumes')


@dataclasses.dataclass(frozen=True)
class Resident:
    """A thing with all that nobody else may change.

    :param operation: the first part of the id of the operation that it was
        born in, empty when it was born in none.
    :param member: the same of its member or group.
    :param ties: ids of what it is attached to.
    :param said: all else that is said of it.
    """

    place: str
    kind: str
    id: str
    name: str
    operation: str
    member: str
    status: str
    ties: frozenset[str]
    said: frozenset[str]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.place, self.kind, self.id

    @property
    def standing(self) -> landscape.Standing:
        """The same as verdicts have it."""
        return landscape.Standing(
            self.id,
            self.member,
            ends.Thing(self.place, self.kind, self.name, self.status),
        )

    def __str__(self) -> str:
        return f'{self.standing} {self.id}'


@dataclasses.dataclass(frozen=True)
class Census:
    """All residents of all places but the unseen ones."""

    residents: tuple[Resident, ...]
    unseen: frozenset[str]

    def born(self, operation_id: str) -> tuple[Resident, ...]:
        """Those that were born in an operation."""
        short = operation_id[:_SHORT]
        return tuple(e for e in self.residents if e.operation == short)

    def landscape(self, unseen: Iterable[str]) -> landscape.Landscape:
        """The same as verdicts have it, without some places."""
        left_out = frozenset(unseen)
        return landscape.Landscape(
            tuple(
                each.standing
                for each in self.residents
                if each.place not in left_out
            )
        )

    def count(self, operation_id: str, member_id: str) -> dict[str, int]:
        """How many of each kind were born for a member."""
        return collections.Counter(
            each.kind
            for each in self.born(operation_id)
            if each.member == member_id[:_SHORT]
        )


def birth(words: Iterable[str], name: str) -> tuple[str, str]:
    """Of which operation, and of whose in it, something was born."""
    said = dict(
        word.split('=', 1) for word in words if word.startswith(names.PREFIX)
    )
    if names.OPERATION_KEY in said:
        operation = said[names.OPERATION_KEY]
        return operation[:_SHORT], said.get(names.MEMBER_KEY, '')[:_SHORT]
    parts = name.split('-')
    if parts[0] == 'aegis' and len(parts) > 2:
        return parts[1], parts[2]
    return '', ''


def of_entry(place: str, kind: str, entry: inventory.Entry) -> Resident:
    """What a site lists as a resident."""
    words = words_of(entry)
    operation, member = birth(words, entry['name'])
    return Resident(
        place=place,
        kind=kind,
        id=entry['id'],
        name=entry['name'],
        operation=operation,
        member=member,
        status=status_of(entry),
        ties=frozenset(_ties(entry)),
        said=frozenset(words),
    )


def words_of(entry: inventory.Entry) -> list[str]:
    """Everything in which something may carry its birth."""
    return [
        *entry['tags'],
        *(entry['description'] or '').split(),
        *(entry.get('device_owner') or '').split(),
        *(f'{key}={value}' for key, value in entry['metadata'].items()),
    ]


def status_of(entry: inventory.Entry) -> str:
    """What a service says of something, and what Aegis wrote on it."""
    marks = {key for key in entry['metadata'] if key.startswith(names.PREFIX)}
    locked = ('locked',) if entry.get('locked') else ()
    return ' '.join(
        (
            str(entry['project_id']),
            str(entry['status']),
            *locked,
            *sorted(marks),
        )
    )


def _ties(entry: inventory.Entry) -> Iterable[str]:
    for key in _TIES:
        value = entry.get(key) or ()
        yield from (value,) if isinstance(value, str) else value
