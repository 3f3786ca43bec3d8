# SPDX-License-Identifier: Apache-2.0
"""Since which REST version calls, parameters and fields exist.

The table is made by tools/rest_history.py from the vendor's OpenAPI files.
"""

import functools
import json
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any

from flasharray_simulator.profiles import Version

_FILE = 'rest_history.json'

Path = tuple[str, ...]


@functools.cache
def _table() -> dict[str, Any]:
    return dict(
        json.loads(resources.files(__package__).joinpath(_FILE).read_text())
    )


def first_version(method: str, path: str) -> Version:
    """Return the first version with a call; raise KeyError if none has."""
    return 2, _table()['calls'][f'{method} {path}']


@functools.cache
def unknown_parameters(
    method: str, path: str, version: Version
) -> frozenset[str]:
    """Return the query parameters that a version does not have yet."""
    known = _table()['parameters'].get(f'{method} {path}', {})
    return frozenset(_later(known, version))


@functools.cache
def unknown_body_fields(
    method: str, path: str, version: Version
) -> frozenset[str]:
    """Return the top fields of a body that a version does not have yet."""
    known = _table()['body'].get(f'{method} {path}', {})
    return frozenset(_later(known, version))


@functools.cache
def unknown_fields(path: str, version: Version) -> tuple[Path, ...]:
    """Return the fields of an item that a version does not have yet."""
    known = _table()['fields'].get(path, {})
    return tuple(tuple(name.split('.')) for name in _later(known, version))


def _later(known: dict[str, int], version: Version) -> Iterable[str]:
    return (name for name, minor in known.items() if (2, minor) > version)


def trimmed(items: list[Any], fields: Sequence[Path]) -> list[Any]:
    """Return the items without these fields; they are not changed."""
    if not fields:
        return items
    return [_without_all(item, fields) for item in items]


def _without_all(item: Any, fields: Sequence[Path]) -> Any:
    for field in fields:
        item = _without(item, field)
    return item


def _without(value: Any, field: Path) -> Any:
    if isinstance(value, list):
        return [_without(element, field) for element in value]
    if not isinstance(value, dict) or field[0] not in value:
        return value
    copy = dict(value)
    if len(field) == 1:
        del copy[field[0]]
    else:
        copy[field[0]] = _without(copy[field[0]], field[1:])
    return copy
