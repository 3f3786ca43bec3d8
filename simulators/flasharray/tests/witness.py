# SPDX-License-Identifier: Apache-2.0
"""A py-pure-client whose every answer is checked as it came off the wire."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests import presence, vendor

# What the models have but an array does not answer: it is only sent.
_LEFT_OUT = frozenset({'ntp_symmetric_key'})


class Witness:
    """Looks at all answers that a client gets; ``problems`` is what it found.

    Each is checked for its status and envelope, the table of fields of
    its kind of item, and the library's own model of that REST version:
    all its fields, with strict types.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.problems: list[str] = []
        self.seen: list[tuple[str, str, int]] = []
        self._operations = vendor.operations(version)

    def watch(self, client: Any) -> Any:
        """Return the client, which from now on is watched."""
        rest = client._api_client.rest_client
        original = rest.pool_manager.request

        def request(method: str, url: str, **options: Any) -> Any:
            response = original(method, url, **options)
            self.look(method, url, response.status, response.data)
            return response

        rest.pool_manager.request = request
        return client

    def look(self, method: str, url: str, status: int, data: bytes) -> None:
        """Check one answer."""
        path = urlsplit(url).path.split('/', 3)[-1]
        self.seen.append((method, path, status))
        label = f'{self.version} {method} {path}'
        found = self._errors(status, data)
        if status == 200:
            found = self._success(method, path, data)
        self.problems.extend(
            f'{label}: {problem}'
            for problem in found
            if f'{label}: {problem}' not in self.problems
        )

    def _errors(self, status: int, data: bytes) -> Iterator[str]:
        body = json.loads(data)
        if status in (403, 429):
            if not isinstance(body.get('message'), str):
                yield f'{status} without a message: {body}'
            return
        if status not in (400, 401, 404, 500, 502, 503, 504):
            yield f'clients cannot read status {status}'
        for error in body.get('errors') or [{}]:
            if not isinstance(error.get('message'), str):
                yield f'{status} without a message: {body}'
            if 'context' not in error:
                yield f'{status} without a context: {body}'

    def _success(self, method: str, path: str, data: bytes) -> Iterator[str]:
        operation = self._operations.get((method, path))
        if operation is None:
            yield 'there is no such call in this version'
            return
        if operation.response is None:
            if data:
                yield f'the body must be empty, is {data[:80]!r}'
            return
        body = json.loads(data)
        for name in presence.ENVELOPE:
            if name not in body:
                yield f'no {name} in the envelope'
        if not isinstance(body.get('items'), list):
            yield 'items must be a list'
            return
        model = vendor.items_of(self.version, operation.response)
        for item in body['items']:
            if model is not None:
                table = presence.kind_of(path)
                yield from presence.problems(table, model, item)
                yield from _modelled(model, item)


def _modelled(model: Any, item: Any, where: str = '') -> Iterator[str]:
    try:
        model.parse_obj(item)
    except ValueError as error:
        yield f'no {model.__name__}: {error}'
        return
    yield from _present(model, item, where)


def _present(model: Any, item: Any, where: str) -> Iterator[str]:
    for field in model.__fields__.values():
        path = f'{where}{field.alias}'
        if field.alias not in item:
            if path not in _LEFT_OUT:
                yield f'{path} of {model.__name__} is missing'
            continue
        inner, value = vendor.model_of(field), item[field.alias]
        if inner is None:
            continue
        if value is None:
            yield f'{path} of {model.__name__} is null'
        for element in value if isinstance(value, list) else [value or {}]:
            yield from _present(inner, element, f'{path}.')
