# SPDX-License-Identifier: Apache-2.0
from aegis.api.schemas import types

RECOVERY_POINT = types.closed(
    {
        'id': types.UUID,
        'created_at': types.TIME,
        'completed_at': types.TIME,
        'age_seconds': types.SECONDS,
        'size_bytes': types.COUNT,
        'volume_count': types.COUNT,
    }
)

LIST_QUERY = types.query(
    {'limit': {'type': 'integer', 'minimum': 1, 'maximum': 1000}}
)
LIST_RESPONSE = types.collection('recovery_points', RECOVERY_POINT)
