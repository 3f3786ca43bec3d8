# SPDX-License-Identifier: Apache-2.0
"""Requests and responses against the schemas they are published with."""

import datetime
import json
import uuid
from collections.abc import Iterable
from typing import Any, NoReturn

import jsonschema
import webob
from oslo_config import cfg
from oslo_log import log as logging

from aegis.api import contract as api_contract
from aegis.api import errors
from aegis.common import exception

LOG = logging.getLogger(__name__)

_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks('date-time', raises=ValueError)
def _is_moment(value: object) -> bool:
    return (
        not isinstance(value, str)
        or datetime.datetime.fromisoformat(value).tzinfo is not None
    )


@_FORMATS.checks('uuid', raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


class InvalidResponse(Exception):
    """A response breaks its own schema: a bug of ours."""


class Validation:
    """Checks the requests and responses of one method."""

    def __init__(self, contract: api_contract.Contract) -> None:
        self._contract = contract
        self._query = _validator(contract.query)
        self._body = _optional_validator(contract.body)
        self._response = _optional_validator(contract.response)

    def request(self, request: webob.Request) -> dict[str, Any]:
        """The query and the body of a request, converted.

        :raises BadRequest: with everything that is wrong in ``details``.
        """
        query = _read_query(request, self._contract.query)
        _check(self._query, query, 'query')
        return {'query': query, 'body': self._request_body(request)}

    def response(self, result: object, conf: cfg.ConfigOpts) -> None:
        """Check a response as far as ``response_validation`` says.

        :raises InvalidResponse: when it is wrong and that is an error.
        """
        if self._response is None or conf.api.response_validation == 'ignore':
            return
        wrong = [
            f'{_path(error)}: {error.message}'
            for error in self._response.iter_errors(result)
        ]
        if not wrong:
            return
        if conf.api.response_validation == 'error':
            raise InvalidResponse('; '.join(wrong))
        LOG.warning('The response breaks its schema: %s', '; '.join(wrong))

    def _request_body(self, request: webob.Request) -> Any:
        text = request.body
        if self._body is None:
            if text.strip():
                _refuse('this request takes no body.')
            return None
        body = _read_body(request, text)
        _check(self._body, body, 'body')
        return body


def unstorable(text: str) -> bool:
    """Whether a text has characters that no database could store."""
    return '\0' in text or any('\ud800' <= char <= '\udfff' for char in text)


def _validator(
    schema: api_contract.Schema,
) -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=_FORMATS)


def _optional_validator(
    schema: api_contract.Schema | None,
) -> jsonschema.Draft202012Validator | None:
    return None if schema is None else _validator(schema)


def _read_query(
    request: webob.Request, schema: api_contract.Schema
) -> dict[str, Any]:
    try:
        given = request.GET.items()
    except UnicodeDecodeError:
        _refuse('the query is not UTF-8.')
    query: dict[str, Any] = {}
    for name, value in given:
        if name in query:
            _refuse(f'the query has {name} more than once.')
        if unstorable(value):
            _refuse(f'{name} has characters that no text may have.')
        described = schema['properties'].get(name, {})
        query[name] = _converted(value, described.get('type'))
    return query


def _converted(value: str, kind: str | None) -> Any:
    """A value of the query as its schema wants it, or as it is."""
    if kind == 'boolean':
        return {'true': True, 'false': False}.get(value.lower(), value)
    if kind == 'integer' and value.isascii() and value.isdigit():
        # Longer ones are out of every range and slow to convert.
        return int(value[:20])
    return value


def _read_body(request: webob.Request, text: bytes) -> Any:
    if request.content_type not in ('', 'application/json'):
        raise errors.UnsupportedMediaType()
    try:
        body = json.loads(text.decode('utf-8'), parse_constant=_no_constant)
        if any(unstorable(part) for part in _texts(body)):
            _refuse('the body has characters that no text may have.')
    except (ValueError, RecursionError) as error:
        raise exception.BadRequest(reason='the body is not JSON.') from error
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is not JSON')


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)


def _check(
    validator: jsonschema.Draft202012Validator, value: Any, where: str
) -> None:
    wrong = sorted(validator.iter_errors(value), key=_path)
    if not wrong:
        return
    details = [
        {'where': where, 'path': _path(error), 'reason': _reason(error)}
        for error in wrong
    ]
    first = details[0]
    place = first['path'] or f'the {where}'
    raise exception.BadRequest(
        reason=f'{place}: {first["reason"]}.', details=details
    )


def _path(error: jsonschema.ValidationError) -> str:
    return '.'.join(str(part) for part in error.absolute_path)


def _reason(error: jsonschema.ValidationError) -> str:
    if error.validator == 'not':
        return str(error.schema['description'])
    return str(error.message)


def _refuse(reason: str) -> NoReturn:
    raise exception.BadRequest(reason=reason)
