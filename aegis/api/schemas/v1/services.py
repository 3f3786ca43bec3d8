# SPDX-License-Identifier: Apache-2.0
from aegis.api.schemas import types

SERVICE = types.closed(
    {
        'id': types.UUID,
        'binary': types.TEXT,
        'host': types.TEXT,
        'version': types.TEXT,
        'state': types.one_of(['up', 'down']),
        'started_at': types.TIME,
        'heartbeat_at': types.TIME,
    }
)

LIST_RESPONSE = types.collection('services', SERVICE)
