# SPDX-License-Identifier: Apache-2.0
"""Frozen dataclasses to JSON text and back."""

import dataclasses
import functools
import json
import types
import typing
from typing import Any, TypeVar

T = TypeVar('T')


def encode(value: Any) -> str:
    """Return the JSON text of a dataclass instance."""
    return json.dumps(to_plain(value), separators=(',', ':'))


def decode(kind: type[T], text: str) -> T:
    """Return the dataclass instance that ``encode`` wrote.

    Fields that the text lacks take their defaults, so that a newer
    program reads the data of an older one.
    """
    return typing.cast(T, from_plain(kind, json.loads(text)))


def to_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            name: to_plain(getattr(value, name))
            for name in _hints(type(value))  # type: ignore[arg-type]
        }
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, types.UnionType):
        hint = next(a for a in hint.__args__ if a is not type(None))
    if dataclasses.is_dataclass(hint):
        hints = _hints(typing.cast(type, hint))
        return typing.cast(type, hint)(
            **{
                name: from_plain(hints[name], item)
                for name, item in value.items()
                if name in hints
            }
        )
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(from_plain(inner, item) for item in value)
    return value


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {
        field.name: hints[field.name] for field in dataclasses.fields(kind)
    }
