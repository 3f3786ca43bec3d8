# SPDX-License-Identifier: Apache-2.0
from typing import Any

import webob

from aegis import models
from aegis.api import links
from aegis.api.views import common


def show(
    request: webob.Request, group: models.FailoverGroup, member_count: int
) -> dict[str, Any]:
    """A failover group as clients see it."""
    return {
        'id': group.id,
        'name': group.name,
        'description': group.description,
        'project_id': group.project_id,
        'protected_site': group.protected_site,
        'recovery_site': group.recovery_site,
        'active_site': group.active_site,
        'replication_type': group.replication_type.value,
        'on_member_failure': group.on_member_failure.value,
        'mappings': [
            {
                'resource_type': mapping.resource_type.value,
                'source': mapping.source,
                'target': mapping.target,
            }
            for mapping in group.mappings
        ],
        'state': group.state.value,
        'state_reason': group.state_reason,
        'epoch': group.epoch,
        'revision': group.revision,
        'member_count': member_count,
        'created_at': common.moment(group.created_at),
        'updated_at': common.moment(group.updated_at),
        'links': links.self_links(request, 'failover-groups', group.id),
    }
