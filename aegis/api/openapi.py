# SPDX-License-Identifier: Apache-2.0
"""The API as an OpenAPI 3.1 document, made from the contracts."""

import http
import re
from collections.abc import Iterable
from typing import Any

from aegis.api import contract as api_contract
from aegis.api import routes, versions
from aegis.api.middleware import microversion
from aegis.api.schemas import types

_JSON = 'application/json'
_TOKEN = 'token'  # noqa: S105
_ERROR = 'Error'

_ERROR_SCHEMA = types.closed(
    {
        'errors': types.array(
            types.closed(
                {
                    'status': types.COUNT,
                    'code': types.TEXT,
                    'title': types.TEXT,
                    'detail': types.TEXT,
                    'remedy': types.TEXT,
                    'details': types.array({'type': 'object'}),
                    'request_id': types.TEXT,
                }
            )
        )
    }
)

Object = dict[str, Any]


def document(found: Iterable[routes.Route]) -> Object:
    """Describe routes.

    :raises ValueError: for a route without a contract.
    """
    paths: dict[str, Object] = {}
    for route in found:
        if route.contract is None:
            raise ValueError(f'{route.name} has no contract')
        item = paths.setdefault(route.path, {})
        item[route.method.lower()] = _operation(route, route.contract)
    return {
        'openapi': '3.1.0',
        'info': {
            'title': 'Aegis: disaster recovery for OpenStack',
            'version': versions.MAX_VERSION,
            'license': {'name': 'Apache-2.0', 'identifier': 'Apache-2.0'},
        },
        'paths': paths,
        'components': {
            'securitySchemes': {
                _TOKEN: {
                    'type': 'apiKey',
                    'in': 'header',
                    'name': 'X-Auth-Token',
                }
            },
            'responses': {
                _ERROR: {
                    'description': 'What went wrong, why and what to do',
                    'content': {_JSON: {'schema': _ERROR_SCHEMA}},
                }
            },
        },
    }


def _operation(route: routes.Route, contract: api_contract.Contract) -> Object:
    described: Object = {
        'operationId': _operation_id(route),
        'summary': contract.summary,
        'parameters': [*_parameters(route, contract)],
        'responses': {
            str(int(contract.status)): _response(contract),
            'default': {'$ref': f'#/components/responses/{_ERROR}'},
        },
        'security': [] if contract.public else [{_TOKEN: []}],
    }
    if contract.body is not None:
        described['requestBody'] = {
            'required': True,
            'content': {_JSON: {'schema': contract.body}},
        }
    if contract.policies:
        described['x-openstack-policies'] = list(contract.policies)
    return described


def _operation_id(route: routes.Route) -> str:
    words = re.sub(r'[^a-z]+', '_', route.path.lower()).strip('_')
    return f'{route.method.lower()}_{words or "versions"}'


def _parameters(
    route: routes.Route, contract: api_contract.Contract
) -> Iterable[Object]:
    for name in re.findall(r'{(\w+)}', route.path):
        yield {
            'name': name,
            'in': 'path',
            'required': True,
            'schema': types.TEXT,
        }
    for name, schema in contract.query['properties'].items():
        yield {
            'name': name,
            'in': 'query',
            'required': False,
            'schema': schema,
        }
    yield {
        'name': microversion.HEADER,
        'in': 'header',
        'required': False,
        'schema': types.TEXT,
        'example': f'{versions.SERVICE_TYPE} {versions.MAX_VERSION}',
    }


def _response(contract: api_contract.Contract) -> Object:
    described: Object = {
        'description': http.HTTPStatus(contract.status).phrase
    }
    if contract.response is not None:
        described['content'] = {_JSON: {'schema': contract.response}}
    return described
