# SPDX-License-Identifier: Apache-2.0
"""Failover groups: servers that fail over together."""

from openstack import resource


class FailoverGroup(resource.Resource):
    resource_key = 'failover_group'
    resources_key = 'failover_groups'
    base_path = '/v1/failover-groups'

    allow_create = True
    allow_fetch = True
    allow_commit = True
    allow_delete = True
    allow_list = True
    commit_method = 'PATCH'

    _query_mapping = resource.QueryParameters(
        'name',
        'state',
        'protected_site',
        'recovery_site',
        'active_site',
        'project_id',
        'sort',
        'all_projects',
    )

    description = resource.Body('description')
    #: The owning project at the recovery site.
    project_id = resource.Body('project_id')
    protected_site = resource.Body('protected_site')
    recovery_site = resource.Body('recovery_site')
    #: The site at which the members run now.
    active_site = resource.Body('active_site')
    #: ``async`` or ``sync``.
    replication_type = resource.Body('replication_type')
    #: ``continue``, ``stop`` or ``revert``.
    on_member_failure = resource.Body('on_member_failure')
    #: Dicts of resource_type, source and target.
    mappings = resource.Body('mappings', type=list)
    state = resource.Body('state')
    state_reason = resource.Body('state_reason')
    #: Raised whenever the active site changes.
    epoch = resource.Body('epoch', type=int)
    #: Raised by every change; makes updates conditional.
    revision = resource.Body('revision', type=int)
    member_count = resource.Body('member_count', type=int)
    created_at = resource.Body('created_at')
    updated_at = resource.Body('updated_at')
    #: Sent with an update: the revision that it is meant for.
    if_match = resource.Header('If-Match')
