# SPDX-License-Identifier: Apache-2.0
"""/v1/failover-groups/{group_id}/recovery-points"""

from typing import Any

from aegis import models
from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.schemas.v1 import recovery_points as schema
from aegis.api.views import recovery_points as view
from aegis.common import documents
from aegis.db import groups
from aegis.policies import recovery_points as policy

_DEFAULT_LIMIT = 50


class RecoveryPointsController(base.Controller):
    @decorators.expose(policy.LIST)
    @decorators.validate(
        query=schema.LIST_QUERY, response=schema.LIST_RESPONSE
    )
    def get_all(self, group_id: str, query: dict[str, Any]) -> dict[str, Any]:
        """List the newest complete recovery points of a failover group."""
        group = groups.get_group(base.context(), group_id)
        points = base.services().engine.list_recovery_points(
            base.context(), group.id, query.get('limit', _DEFAULT_LIMIT)
        )
        return {
            'recovery_points': [
                view.show(documents.from_document(models.RecoveryPoint, point))
                for point in points
            ],
            'recovery_points_links': [],
        }
