# SPDX-License-Identifier: Apache-2.0
from aegis.api.schemas import types

VERSION = types.closed(
    {
        'id': types.TEXT,
        'status': types.one_of(['CURRENT', 'SUPPORTED', 'DEPRECATED']),
        'min_version': types.TEXT,
        'version': types.TEXT,
        'links': types.LINKS,
    }
)

ROOT_RESPONSE = types.closed({'versions': types.array(VERSION)})
VERSION_RESPONSE = types.closed({'version': VERSION})
# An OpenAPI document is described by OpenAPI, not by us.
OPENAPI_RESPONSE = {
    'type': 'object',
    'required': ['openapi', 'info', 'paths'],
}
