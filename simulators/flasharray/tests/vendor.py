# SPDX-License-Identifier: Apache-2.0
"""What py-pure-client knows of the REST API, version by version.

The library is generated from the vendor's OpenAPI files, one per version:
its sources tell every path, method and query parameter, and its models
every field with its type.
"""

import functools
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypureclient.flasharray as library

_ROOT = Path(library.__file__).parent
_APIS = _ROOT / '_common' / 'apis'
_MODULE = re.compile(r"_common\.apis\.(\w+)'")
_FACT = re.compile(
    r"_query_params\.append\(\('(?P<parameter>\w+)'"
    r"|'200': \"(?P<response>\w+)\""
    r"|f'/api/\{self\.version\}/(?P<path>[^']+)', '(?P<method>[A-Z]+)'"
)
_MARKS = ('_query_params.append', "'200':", '{self.version}')


@dataclass(frozen=True)
class Operation:
    """A method on a path; ``response`` names the model of its answer."""

    method: str
    path: str
    parameters: frozenset[str]
    response: str | None


def versions() -> list[str]:
    """Return the REST versions that the library speaks, ascending."""
    found = [
        int(path.name.removeprefix('FA_2_'))
        for path in _ROOT.glob('FA_2_*')
        if path.name.removeprefix('FA_2_').isdecimal()
    ]
    return [f'2.{minor}' for minor in sorted(found)]


def operations(version: str) -> dict[tuple[str, str], Operation]:
    """Return what a version offers, by method and path."""
    source = (_ROOT / _folder(version) / 'api' / '__init__.py').read_text()
    return {
        (operation.method, operation.path): operation
        for name in sorted(set(_MODULE.findall(source)))
        for operation in _read(name)
    }


def items_of(version: str, response: str) -> Any:
    """Return the model of the items of a response, None if it has none."""
    models = importlib.import_module(
        f'pypureclient.flasharray.{_folder(version)}.models'
    )
    field = getattr(models, response).__fields__.get('items')
    return None if field is None else model_of(field)


def _folder(version: str) -> str:
    return f'FA_{version.replace(".", "_")}'


@functools.cache
def _read(name: str) -> tuple[Operation, ...]:
    found: list[Operation] = []
    parameters: set[str] = set()
    response: str | None = None
    # Each method names its parameters and its answer before its path.
    for fact in _facts(_APIS / f'{name}.py'):
        if fact['parameter']:
            parameters.add(fact['parameter'])
        elif fact['response']:
            response = fact['response']
        else:
            found.append(
                Operation(
                    fact['method'],
                    fact['path'],
                    frozenset(parameters),
                    response,
                )
            )
            parameters, response = set(), None
    return tuple(found)


def _facts(path: Path) -> Iterator[re.Match[str]]:
    # The library's sources are 100 MB: a search in each line is too slow.
    for line in path.read_text().splitlines():
        if any(mark in line for mark in _MARKS):
            yield from _FACT.finditer(line)


def model_of(field: Any) -> Any:
    """Return the model of a model's field or of its elements, or None."""
    type_ = field.type_
    while hasattr(type_, 'item_type'):
        type_ = type_.item_type
    return type_ if hasattr(type_, '__fields__') else None


def field_of(model: Any, name: str) -> Any:
    """Return the field of that name in JSON, None if there is none."""
    if model is None:
        return None
    fields = model.__fields__.values()
    return next((field for field in fields if field.alias == name), None)
