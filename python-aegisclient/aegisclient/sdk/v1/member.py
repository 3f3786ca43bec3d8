# SPDX-License-Identifier: Apache-2.0
"""Members: a server and its volumes in a failover group."""

from openstack import resource


class Member(resource.Resource):
    resource_key = 'member'
    resources_key = 'members'
    base_path = '/v1/failover-groups/%(failover_group_id)s/members'

    allow_create = True
    allow_delete = True
    allow_list = True

    failover_group_id = resource.URI('failover_group_id')
    kind = resource.Body('kind')
    #: The server to add, by name or id; only in requests.
    server = resource.Body('server')
    #: Members of a lower wave are brought up first.
    wave = resource.Body('wave', type=int)
    #: The server at the group's active site.
    server_id = resource.Body('server_id')
    #: Where the member lives, per site: server, volumes and ports.
    placements = resource.Body('placements', type=list)
    created_at = resource.Body('created_at')
