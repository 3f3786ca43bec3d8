# SPDX-License-Identifier: Apache-2.0
"""Purity names: what is well formed, what belongs to what, wildcards."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flasharray_simulator import errors

LONGEST = 63
LONGEST_ARRAY = 56
LONGEST_SUFFIX = 64

_OBJECT = re.compile(r'[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\Z')
_SUFFIX = re.compile(r'[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z')
_HAS_LETTER = re.compile(r'[A-Za-z-]')


@dataclass(frozen=True)
class ObjectName:
    """``pod::group/base``: a name taken apart; parts may be None."""

    base: str
    pod: str | None = None
    group: str | None = None

    def __str__(self) -> str:
        name = self.base
        if self.group is not None:
            name = f'{self.group}/{name}'
        if self.pod is not None:
            name = f'{self.pod}::{name}'
        return name

    @property
    def container(self) -> str | None:
        """Return the full name of the volume group, if there is one."""
        if self.group is None:
            return None
        return str(ObjectName(self.group, self.pod))


def parse(name: str) -> ObjectName:
    """Take a full name apart; the parts are not checked."""
    pod, separator, rest = name.rpartition('::')
    group, slash, base = rest.rpartition('/')
    return ObjectName(
        base, pod if separator else None, group if slash else None
    )


def well_formed(name: str, longest: int = LONGEST) -> bool:
    """Return whether a bare name may be given to an object.

    Letters, digits, ``-`` and ``_``, a letter or digit at both ends, at
    least one letter or ``-``.
    """
    return (
        len(name) <= longest
        and bool(_OBJECT.match(name))
        and bool(_HAS_LETTER.search(name))
    )


def check(name: str, label: str, *, grouped: bool = False) -> ObjectName:
    """Return the parts of a new object's name; raise ApiError if bad.

    ``grouped`` allows ``group/base``.
    """
    parts = parse(name)
    wanted = [part for part in (parts.pod, parts.group) if part is not None]
    if parts.group is not None and not grouped:
        wanted.append('')
    for part in [*wanted, parts.base]:
        if not well_formed(part):
            raise errors.refused(f'Invalid {label.lower()} name.', name)
    return parts


def check_suffix(suffix: str, context: str) -> str:
    """Return a snapshot's suffix; raise ApiError if it is bad."""
    if len(suffix) > LONGEST_SUFFIX or not _SUFFIX.match(suffix):
        raise errors.refused('Invalid snapshot suffix.', context)
    return suffix


def member_part(volume_name: str) -> str:
    """Return a volume's part in a group snapshot's name: no pod."""
    return volume_name.rpartition('::')[2]


def is_pattern(name: str) -> bool:
    return '*' in name


def matches(pattern: str, name: str) -> bool:
    """Return whether name fits; ``*`` is any text, case is ignored.

    Takes each part at its first place, which is enough and, unlike a
    regular expression, never slow.
    """
    first, *rest = pattern.casefold().split('*')
    text = name.casefold()
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(text) - len(last) >= position and text.endswith(last)


def literal_prefix(pattern: str) -> str:
    """Return the text in front of the first wildcard."""
    return pattern.partition('*')[0]


def unused(taken: Iterable[int], lowest: int, highest: int) -> int | None:
    """Return the lowest number in the range that is not taken."""
    used = set(taken)
    return next((n for n in range(lowest, highest + 1) if n not in used), None)
