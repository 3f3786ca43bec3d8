# SPDX-License-Identifier: Apache-2.0
"""/v1/services"""

from typing import Any

from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.schemas.v1 import services as schema
from aegis.api.views import services as view
from aegis.db import services
from aegis.policies import services as policy


class ServicesController(base.Controller):
    @decorators.expose(policy.LIST)
    @decorators.validate(response=schema.LIST_RESPONSE)
    def get_all(self) -> dict[str, Any]:
        """List the parts of Aegis that run, or ran."""
        found = services.list_services(
            base.context(), base.services().conf.engine.heartbeat_interval
        )
        return {
            'services': [view.show(service) for service in found],
            'services_links': [],
        }
