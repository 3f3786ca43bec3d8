# SPDX-License-Identifier: Apache-2.0
"""Our dataclasses as JSON and back."""

from collections.abc import Set
from typing import Any, TypeVar

from cattrs.preconf import json

_Document = TypeVar('_Document')

_CONVERTER = json.make_converter(
    unstruct_collection_overrides={Set: list, tuple: list}
)


def to_document(thing: Any) -> Any:
    """A dataclass, or a collection of them, as what JSON can hold.

    Moments become ISO 8601 text, tuples and sets lists, enumerations their
    values.
    """
    return _CONVERTER.unstructure(thing)


def from_document(kind: type[_Document], document: Any) -> _Document:
    """The opposite of :func:`to_document`.

    Unknown fields are ignored and missing ones get their defaults, so that a
    document of another release can be read.

    :raises cattrs.errors.BaseValidationError: when the document is not one
        of the kind.
    """
    return _CONVERTER.structure(document, kind)
