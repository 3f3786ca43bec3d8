# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.api.schemas import types

SORT_KEYS = frozenset({'type', 'state', 'created_at'})
# What a client filters by, and the column it is.
FILTERS = {
    'failover_group_id': 'group_id',
    'state': 'state',
    'type': 'type',
}

_ARGUMENTS = {
    'recovery_point': types.UUID,
    'force': types.BOOLEAN,
    'reason': {'type': 'string', 'maxLength': 1024},
}

_LEFTOVER = types.closed(
    {
        'service': types.TEXT,
        'resource_type': types.TEXT,
        'resource_id': types.TEXT,
        'name': types.TEXT,
        'reason': types.TEXT,
    }
)

_STEP = {
    'name': types.TEXT,
    'state': types.one_of(models.StepState),
    'message': types.nullable(types.TEXT),
    'error_code': types.nullable(types.TEXT),
    'started_at': types.TIME,
    'finished_at': types.nullable(types.TIME),
    'leftovers': types.array(_LEFTOVER),
    'service_seconds': {
        'type': 'object',
        'additionalProperties': types.SECONDS,
    },
}

_LANE = types.closed(
    {
        'id': types.UUID,
        'name': types.TEXT,
        'member_id': types.nullable(types.UUID),
        'wave': types.COUNT,
        'state': types.one_of(models.LaneState),
        'direction': types.one_of(models.LaneDirection),
        'attempt': types.COUNT,
        'reason': types.nullable(types.TEXT),
        'error_code': types.nullable(types.TEXT),
        'started_at': types.nullable(types.TIME),
        'finished_at': types.nullable(types.TIME),
        'steps': types.array(types.closed(_STEP)),
    }
)

_OPERATION = {
    'id': types.UUID,
    'failover_group_id': types.UUID,
    'type': types.one_of(models.OperationType),
    'state': types.one_of(models.OperationState),
    'state_reason': types.nullable(types.TEXT),
    'error_code': types.nullable(types.TEXT),
    'arguments': types.closed(_ARGUMENTS, optional=_ARGUMENTS),
    # What a report says is the affair of each type of operation.
    'report': {'type': 'object'},
    'attempt': types.COUNT,
    'cancel_requested': types.BOOLEAN,
    'user_id': types.TEXT,
    'request_id': types.nullable(types.TEXT),
    'created_at': types.TIME,
    'started_at': types.nullable(types.TIME),
    'finished_at': types.nullable(types.TIME),
    'links': types.LINKS,
}

OPERATION = types.closed(_OPERATION)

CREATE_REQUEST = types.request(
    'operation',
    {'type': types.one_of(models.OperationType), **_ARGUMENTS},
    'type',
)

LIST_QUERY = types.page_query(
    SORT_KEYS,
    {
        'all_projects': types.BOOLEAN,
        'project_id': types.IDENTIFIER,
        'failover_group_id': types.UUID,
        'state': types.one_of(models.OperationState),
        'type': types.one_of(models.OperationType),
    },
)

ACTION_RESPONSE = types.closed({'operation': OPERATION})
SHOW_RESPONSE = types.closed(
    {'operation': types.closed({**_OPERATION, 'lanes': types.array(_LANE)})}
)
LIST_RESPONSE = types.collection('operations', OPERATION)
STEPS_QUERY = types.query(types.PAGE)
STEPS_RESPONSE = types.collection(
    'steps',
    types.closed(
        {
            **_STEP,
            'id': types.UUID,
            'lane_id': types.UUID,
            'lane': types.TEXT,
            'member_id': types.nullable(types.UUID),
            'attempt': types.COUNT,
        }
    ),
)
