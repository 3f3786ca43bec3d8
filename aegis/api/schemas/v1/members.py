# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.api.schemas import types

_VOLUME = types.closed(
    {
        'volume_id': types.IDENTIFIER,
        'name': types.TEXT,
        'size_gib': types.COUNT,
        'ordinal': types.COUNT,
    }
)

_PORT = types.closed(
    {
        'port_id': types.IDENTIFIER,
        'mac_address': types.TEXT,
        'fixed_ips': types.array(types.TEXT),
        'floating_ip': types.nullable(types.TEXT),
    }
)

_PLACEMENT = types.closed(
    {
        'site': types.IDENTIFIER,
        'server_id': types.nullable(types.IDENTIFIER),
        'volumes': types.array(_VOLUME),
        'ports': types.array(_PORT),
    }
)

MEMBER = types.closed(
    {
        'id': types.UUID,
        'failover_group_id': types.UUID,
        'kind': types.one_of(models.MemberKind),
        'name': types.TEXT,
        'wave': types.COUNT,
        'server_id': types.nullable(types.IDENTIFIER),
        'placements': types.array(_PLACEMENT),
        'created_at': types.TIME,
    }
)

ADD_REQUEST = types.request(
    'member', {'server': types.NAME, 'wave': types.WAVE}, 'server'
)
SHOW_RESPONSE = types.closed({'member': MEMBER})
LIST_RESPONSE = types.collection('members', MEMBER)
