# SPDX-License-Identifier: Apache-2.0
"""One API call as the families see it, and the answer they give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flasharray_simulator import errors, profiles

if TYPE_CHECKING:
    from flasharray_simulator.array import FlashArray

Item = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """The query parameters of a call, by type."""

    values: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """Return the value; None if absent or empty."""
        return self.values.get(name) or None

    def many(self, name: str) -> list[str]:
        """Return the comma-separated values; [] if absent or empty."""
        return [v for v in self.values.get(name, '').split(',') if v]

    def required(self, name: str) -> list[str]:
        """Return the values; raise ApiError if there is none."""
        found = self.many(name)
        if not found:
            raise errors.missing_parameter(name)
        return found

    def boolean(self, name: str) -> bool | None:
        value = self.values.get(name)
        if not value:
            return None
        if value.casefold() not in ('true', 'false'):
            raise errors.invalid_parameter(f'{name} must be true or false.')
        return value.casefold() == 'true'

    def integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if not value:
            return None
        if not value.isdecimal():
            raise errors.invalid_parameter(f'{name} must be a number.')
        return int(value)


@dataclass(frozen=True)
class Call:
    array: 'FlashArray'
    method: str
    path: str
    query: Query
    body: Any
    version: profiles.Version
    user: str
    location: str = ''

    def fields(self, *allowed: str) -> Item:
        """Return the body, an object with no other than these fields.

        Raises ApiError for anything else; no body is an empty object.
        """
        body = {} if self.body is None else self.body
        return check_fields(body, allowed)


def check_fields(body: Any, allowed: tuple[str, ...]) -> Item:
    """Return body if it is an object that has only allowed fields."""
    if not isinstance(body, dict):
        raise errors.missing_parameter()
    unknown = sorted(body.keys() - set(allowed))
    if unknown:
        raise errors.invalid_parameter(f'unknown field {unknown[0]}.')
    return body


@dataclass(frozen=True)
class Answer:
    """A 200: the items and the rest of the envelope; None: no body."""

    items: list[Item] | None = None
    more: bool = False
    continuation_token: str | None = None
    total_item_count: int | None = None
    total: list[Item] | None = None
    extra: Item = field(default_factory=dict)
    status: int = 200


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """A method and path, and its own query parameters.

    The handler runs inside the array's transaction unless ``locked`` is
    false: one that waits for another array opens its own. ``ignored`` are
    body fields that a version which does not have them yet passes over.
    """

    method: str
    path: str
    handler: Handler
    parameters: tuple[str, ...] = ()
    locked: bool = True
    ignored: tuple[str, ...] = ()
