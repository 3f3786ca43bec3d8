# SPDX-License-Identifier: Apache-2.0
"""Frozen dataclasses to JSON text and back."""

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import orjson

T = TypeVar('T')

Converter = Callable[[Any], Any]


def encode(value: Any) -> str:
    """Return the JSON text of a dataclass instance."""
    return orjson.dumps(value).decode()


def decode(kind: type[T], text: str | bytes) -> T:
    """Return the dataclass instance that ``encode`` wrote.

    Fields that the text lacks take their defaults, so that a newer
    program reads the data of an older one.
    """
    return typing.cast(T, from_plain(kind, orjson.loads(text)))


def to_plain(value: Any) -> Any:
    """Return dicts, lists and scalars for a dataclass instance."""
    if dataclasses.is_dataclass(value):
        return {
            name: to_plain(getattr(value, name))
            for name in _hints(type(value))  # type: ignore[arg-type]
        }
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(hint: Any, value: Any) -> Any:
    """Return what ``to_plain`` was given, by its type."""
    convert = _converter(hint)
    return value if convert is None or value is None else convert(value)


@functools.cache
def _converter(hint: Any) -> Converter | None:
    """Return what makes a value of that type, None where nothing does."""
    if isinstance(hint, types.UnionType):
        inner = next(a for a in hint.__args__ if a is not type(None))
        return _converter(inner)
    if dataclasses.is_dataclass(hint):
        return _dataclass_converter(typing.cast(type, hint))
    if typing.get_origin(hint) is tuple:
        return _tuple_converter(typing.get_args(hint)[0])
    return None


def _dataclass_converter(kind: type) -> Converter:
    hints = _hints(kind)
    converters = {
        name: convert
        for name, hint in hints.items()
        if (convert := _converter(hint)) is not None
    }

    def convert_all(value: dict[str, Any]) -> Any:
        known = {name: value[name] for name in value if name in hints}
        for name, convert in converters.items():
            inner = known.get(name)
            if inner is not None:
                known[name] = convert(inner)
        return kind(**known)

    return convert_all


def _tuple_converter(hint: Any) -> Converter:
    convert = _converter(hint)
    if convert is None:
        return tuple
    return lambda value: tuple(convert(item) for item in value)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {
        field.name: hints[field.name] for field in dataclasses.fields(kind)
    }
