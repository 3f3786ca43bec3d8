# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.api.schemas import types

SORT_KEYS = frozenset({'name', 'state', 'created_at', 'updated_at'})
# What a client filters by, and the column it is.
FILTERS = {
    name: name
    for name in (
        'name',
        'state',
        'protected_site',
        'recovery_site',
        'active_site',
    )
}

# A tenant who could map projects could reach the servers of other tenants.
MAPPABLE = frozenset(models.MappedResource) - {models.MappedResource.PROJECT}

_DESCRIPTION = {'type': 'string', 'maxLength': 1024}

_MAPPING = types.closed(
    {
        'resource_type': types.one_of(MAPPABLE),
        'source': types.NAME,
        'target': types.NAME,
    }
)

_MAPPINGS = {
    'type': 'array',
    'items': _MAPPING,
    'maxItems': 500,
    'uniqueItems': True,
}

FAILOVER_GROUP = types.closed(
    {
        'id': types.UUID,
        'name': types.TEXT,
        'description': types.TEXT,
        'project_id': types.IDENTIFIER,
        'protected_site': types.IDENTIFIER,
        'recovery_site': types.IDENTIFIER,
        'active_site': types.IDENTIFIER,
        'replication_type': types.one_of(models.ReplicationType),
        'on_member_failure': types.one_of(models.MemberFailurePolicy),
        'mappings': types.array(
            types.closed(
                {
                    'resource_type': types.one_of(models.MappedResource),
                    'source': types.TEXT,
                    'target': types.TEXT,
                }
            )
        ),
        'state': types.one_of(models.GroupState),
        'state_reason': types.nullable(types.TEXT),
        'epoch': types.COUNT,
        'revision': types.COUNT,
        'member_count': types.COUNT,
        'created_at': types.TIME,
        'updated_at': types.TIME,
        'links': types.LINKS,
    }
)

CREATE_REQUEST = types.request(
    'failover_group',
    {
        'name': types.NAME,
        'description': _DESCRIPTION,
        'protected_site': types.NAME,
        'recovery_site': types.NAME,
        'replication_type': types.one_of(models.ReplicationType),
        'on_member_failure': types.one_of(models.MemberFailurePolicy),
        'mappings': _MAPPINGS,
    },
    'name',
    'protected_site',
)

UPDATE_REQUEST = types.request(
    'failover_group',
    {
        'name': types.NAME,
        'description': _DESCRIPTION,
        'on_member_failure': types.one_of(models.MemberFailurePolicy),
        'mappings': _MAPPINGS,
    },
)

LIST_QUERY = types.page_query(
    SORT_KEYS,
    {
        'all_projects': types.BOOLEAN,
        'project_id': types.IDENTIFIER,
        **{name: types.IDENTIFIER for name in FILTERS},
        'state': types.one_of(models.GroupState),
    },
)

SHOW_RESPONSE = types.closed({'failover_group': FAILOVER_GROUP})
LIST_RESPONSE = types.collection('failover_groups', FAILOVER_GROUP)
