# SPDX-License-Identifier: Apache-2.0
"""The array's refusals: every status and every message text."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

T = TypeVar('T')
R = TypeVar('R')

MISSING_OR_INVALID = 'Missing or invalid parameter.'


@dataclass(frozen=True)
class ErrorItem:
    """One element of an ``errors`` list; context is the object's name.

    ``alternative`` is what it says where a switch wants the other text.
    """

    message: str
    context: str | None = None
    alternative: str | None = None


class ApiError(Exception):
    """A refused call: an HTTP status and one or more error items."""

    def __init__(self, *items: ErrorItem, status: int = 400) -> None:
        super().__init__('; '.join(item.message for item in items))
        self.items = items
        self.status = status


def refused(message: str, context: str | None = None) -> ApiError:
    """Return a 400: the status of every refusal that has a meaning."""
    return ApiError(ErrorItem(message, context))


def reworded(items: Iterable[ErrorItem]) -> list[ErrorItem]:
    """Return the items with their alternative texts."""
    return [
        replace(item, message=item.alternative or item.message)
        for item in items
    ]


def does_not_exist(label: str, name: str) -> ApiError:
    return refused(f'{label} does not exist.', name)


def already_exists(label: str, name: str) -> ApiError:
    return refused(f'{label} already exists.', name)


def pending_eradication(label: str, name: str) -> ApiError:
    """Return the refusal of a name that a destroyed object still holds.

    Clients take the words "already exists" for a live object, so this
    text must not contain them, unless a switch wants it so.
    """
    return ApiError(
        ErrorItem(
            f'{label} with the same name is pending eradication.',
            name,
            f'{label} already exists.',
        )
    )


def has_been_destroyed(label: str, name: str) -> ApiError:
    return refused(f'{label} has been destroyed.', name)


def not_destroyed(label: str, name: str) -> ApiError:
    return refused(
        f'{label} must be destroyed before it can be eradicated.', name
    )


def invalid_parameter(detail: str, context: str | None = None) -> ApiError:
    return refused(f'Invalid parameter: {detail}', context)


def missing_parameter(context: str | None = None) -> ApiError:
    return refused(MISSING_OR_INVALID, context)


def limit_reached(what: str, name: str) -> ApiError:
    return refused(f'{what} limit reached.', name)


def unknown_path(path: str) -> ApiError:
    return ApiError(ErrorItem('Not found.', path), status=404)


def unauthorized() -> ApiError:
    return ApiError(ErrorItem('Unauthorized.'), status=401)


class Forbidden(ApiError):
    """A call that the user's role does not allow."""

    def __init__(self) -> None:
        super().__init__(ErrorItem('Forbidden.'), status=403)


def too_many_calls() -> ApiError:
    return ApiError(ErrorItem('API rate limit exceeded.'), status=429)


def rows(items: Iterable[ErrorItem]) -> list[dict[str, str | None]]:
    """Return the ``errors`` list of a body."""
    return [
        {'context': item.context, 'message': item.message} for item in items
    ]


def for_each(names: Iterable[T], action: Callable[[T], R]) -> list[R]:
    """Apply action to all names; raise one ApiError naming all bad ones."""
    results: list[R] = []
    items: list[ErrorItem] = []
    for name in names:
        try:
            results.append(action(name))
        except ApiError as error:
            items.extend(error.items)
    if items:
        raise ApiError(*items)
    return results
