# SPDX-License-Identifier: Apache-2.0
"""How the target's objects tell who made them, and for what."""

from collections.abc import Iterable
from typing import TypeVar

from aegis.clouds import networking
from aegis.common import names

SOURCE_KEY = 'aegis:source'

_Tagged = TypeVar('_Tagged', bound=networking.Tagged)


def tags(birth: names.Birth, source_id: str) -> tuple[str, ...]:
    """The tags of what stands for one captured object.

    With the captured object's id, two of one name are told apart.
    """
    return (*birth.tags, f'{SOURCE_KEY}={source_id}')


def born(things: Iterable[_Tagged], birth: names.Birth) -> list[_Tagged]:
    """Those of the objects that were made for this birth."""
    return [thing for thing in things if networking.born(thing, birth.tags)]


def born_for(
    things: Iterable[_Tagged], birth: names.Birth, source_id: str
) -> _Tagged | None:
    """The object that was made to stand for a captured one."""
    wanted = tags(birth, source_id)
    return next(
        (thing for thing in things if networking.born(thing, wanted)), None
    )
