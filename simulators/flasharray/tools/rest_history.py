#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write rest_history.json from the vendor's OpenAPI files.

    rest_history.py DIRECTORY > flasharray_simulator/rest_history.json

DIRECTORY holds FA2.0.spec.yaml and its successors. Of each call, query
parameter, body field and item field only the first minor version is kept,
and that only where it is later than that of what it belongs to.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_METHODS = ('get', 'post', 'put', 'patch', 'delete')
_DEEPEST = 2

Document = dict[str, Any]
Firsts = dict[str, int]


class History:
    """What was seen, with the first version of each."""

    def __init__(self) -> None:
        self.calls: Firsts = {}
        self.parameters: dict[str, Firsts] = {}
        self.body: dict[str, Firsts] = {}
        self.fields: dict[str, Firsts] = {}

    def read(self, minor: int, document: Document) -> None:
        """Add one version; they must come in ascending order."""
        for path, methods in document['paths'].items():
            short = re.sub(r'^/api/2\.\d+/', '', path).lstrip('/')
            shared = methods.get('parameters', [])
            for method in _METHODS:
                if method in methods:
                    call = f'{method.upper()} {short}'
                    self._call(document, minor, call, methods[method], shared)

    def _call(
        self,
        document: Document,
        minor: int,
        call: str,
        operation: Document,
        shared: list[Document],
    ) -> None:
        self.calls.setdefault(call, minor)
        parameters = self.parameters.setdefault(call, {})
        for given in [*shared, *operation.get('parameters', [])]:
            parameter = _resolve(document, given)
            if parameter.get('in') == 'query':
                parameters.setdefault(parameter['name'], minor)
        for schema in _bodies(document, operation, shared):
            known = self.body.setdefault(call, {})
            for name in _names(document, schema):
                known.setdefault(name, minor)
        known = self.fields.setdefault(call.partition(' ')[2], {})
        for schema in _items(document, operation):
            for name in _names(document, schema):
                known.setdefault(name, minor)

    def table(self) -> Document:
        """Return what a simulator needs to know."""
        paths: Firsts = {}
        for call, minor in self.calls.items():
            path = call.partition(' ')[2]
            paths[path] = min(minor, paths.get(path, minor))
        return {
            'calls': self.calls,
            'parameters': _later(self.parameters, self.calls),
            'body': _later(self.body, self.calls),
            'fields': _later(self.fields, paths),
        }


def _later(found: dict[str, Firsts], owners: Firsts) -> dict[str, Firsts]:
    kept = {}
    for owner, firsts in found.items():
        later = {
            name: minor
            for name, minor in sorted(firsts.items())
            if minor > firsts.get(name.rpartition('.')[0], owners[owner])
        }
        if later:
            kept[owner] = later
    return kept


def _resolve(document: Document, given: Any) -> Document:
    while isinstance(given, dict) and '$ref' in given:
        node: Any = document
        for part in given['$ref'].removeprefix('#/').split('/'):
            node = node[part.replace('~1', '/')]
        given = node
    return given if isinstance(given, dict) else {}


def _properties(document: Document, given: Any) -> Document:
    schema = _resolve(document, given)
    found: Document = {}
    for part in schema.get('allOf', []):
        found.update(_properties(document, part))
    found.update(schema.get('properties') or {})
    return found


def _names(document: Document, given: Any, depth: int = 0) -> Iterator[str]:
    for name, value in _properties(document, given).items():
        yield name
        inner = _resolve(document, value)
        if inner.get('type') == 'array':
            inner = _resolve(document, inner.get('items'))
        if depth < _DEEPEST:
            for below in _names(document, inner, depth + 1):
                yield f'{name}.{below}'


def _schema(holder: Document) -> Any:
    content = holder.get('content', {}).get('application/json')
    return (content or holder).get('schema')


def _bodies(
    document: Document, operation: Document, shared: list[Document]
) -> Iterator[Document]:
    holders = [_resolve(document, operation.get('requestBody'))]
    for given in [*shared, *operation.get('parameters', [])]:
        parameter = _resolve(document, given)
        if parameter.get('in') == 'body':
            holders.append(parameter)
    for holder in holders:
        schema = _resolve(document, _schema(holder))
        yield _resolve(document, schema.get('items', schema))


def _items(document: Document, operation: Document) -> Iterator[Document]:
    responses = operation.get('responses') or {}
    answer = _resolve(document, responses.get('200') or responses.get(200))
    items = _properties(document, _schema(answer)).get('items')
    yield _resolve(document, _resolve(document, items).get('items'))


def main(directory: Path) -> None:
    history = History()
    versions = {
        int(path.name.split('.')[1]): path
        for path in directory.glob('FA2.*.spec.yaml')
    }
    for minor in sorted(versions):
        text = versions[minor].read_bytes()
        history.read(minor, yaml.load(text, yaml.CSafeLoader))
    json.dump(history.table(), sys.stdout, indent=0, sort_keys=True)
    print()


if __name__ == '__main__':
    main(Path(sys.argv[1]))
