# SPDX-License-Identifier: Apache-2.0
"""/v1"""

from typing import Any

import pecan

from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.controllers.v1 import groups, operations, services, sites
from aegis.api.schemas.v1 import discovery as schema
from aegis.api.views import discovery as view


class OpenApiController(base.Controller):
    @decorators.expose(public=True)
    @decorators.validate(response=schema.OPENAPI_RESPONSE)
    def get_all(self) -> dict[str, Any]:
        """Show this API as an OpenAPI document."""
        return base.services().description


class V1Controller(base.Directory):
    sites = sites.SitesController()
    operations = operations.OperationsController()
    services = services.ServicesController()

    @decorators.expose(public=True)
    @decorators.validate(response=schema.VERSION_RESPONSE)
    def get_all(self) -> dict[str, Any]:
        """Show version 1 of the API."""
        return {'version': view.version(pecan.request)}


# These paths have characters that no attribute in Python can have.
setattr(V1Controller, 'failover-groups', groups.FailoverGroupsController())
setattr(V1Controller, 'openapi.json', OpenApiController())
