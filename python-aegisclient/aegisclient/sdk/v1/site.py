# SPDX-License-Identifier: Apache-2.0
"""Sites: OpenStack regions between which groups fail over."""

from openstack import resource


class Site(resource.Resource):
    resource_key = 'site'
    resources_key = 'sites'
    base_path = '/v1/sites'

    allow_fetch = True
    allow_list = True

    #: The site's name, which is also its id.
    name = resource.Body('name', alternate_id=True)
    #: The OpenStack region that the site is.
    region = resource.Body('region')
    #: Whether the answering service runs at this site.
    is_local = resource.Body('local', type=bool)
    #: Whether the site answered last time; None before anybody has looked.
    is_reachable = resource.Body('reachable', type=bool)
    #: Why the site is not reachable.
    reason = resource.Body('reason')
    #: When it was last looked at, ISO 8601, UTC.
    checked_at = resource.Body('checked_at')
