# SPDX-License-Identifier: Apache-2.0
"""/"""

from typing import Any

import pecan

from aegis.api import decorators
from aegis.api.controllers import base
from aegis.api.controllers.v1 import root as v1
from aegis.api.schemas.v1 import discovery as schema
from aegis.api.views import discovery as view


class RootController(base.Directory):
    v1 = v1.V1Controller()

    @decorators.expose(public=True)
    @decorators.validate(response=schema.ROOT_RESPONSE)
    def get_all(self) -> dict[str, Any]:
        """Show the versions of the API."""
        return {'versions': [view.version(pecan.request)]}
