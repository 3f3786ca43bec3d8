# SPDX-License-Identifier: Apache-2.0
"""/v1/sites"""

from typing import Any

from aegis.api import decorators, sites
from aegis.api.controllers import base
from aegis.api.schemas.v1 import sites as schema
from aegis.api.views import sites as view
from aegis.common import exception
from aegis.policies import sites as policy


class SitesController(base.Controller):
    @decorators.expose(policy.READ)
    @decorators.validate(response=schema.LIST_RESPONSE)
    def get_all(self) -> dict[str, Any]:
        """List the sites."""
        found = sites.known(base.context(), base.services().conf)
        return {
            'sites': [view.show(site) for site in found],
            'sites_links': [],
        }

    @decorators.expose(policy.READ)
    @decorators.validate(response=schema.SHOW_RESPONSE)
    def get_one(self, site_name: str) -> dict[str, Any]:
        """Show a site."""
        for site in sites.known(base.context(), base.services().conf):
            if site.name == site_name:
                return {'site': view.show(site)}
        raise exception.SiteNotFound(resource='site', name=site_name)
