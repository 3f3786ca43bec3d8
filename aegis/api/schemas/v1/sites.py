# SPDX-License-Identifier: Apache-2.0
from aegis.api.schemas import types

SITE = types.closed(
    {
        'name': types.IDENTIFIER,
        'region': types.nullable(types.TEXT),
        'local': types.BOOLEAN,
        'reachable': types.nullable(types.BOOLEAN),
        'reason': types.nullable(types.TEXT),
        'checked_at': types.nullable(types.TIME),
    }
)

SHOW_RESPONSE = types.closed({'site': SITE})
LIST_RESPONSE = types.collection('sites', SITE)
