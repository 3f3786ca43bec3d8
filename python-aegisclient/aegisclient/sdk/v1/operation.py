# SPDX-License-Identifier: Apache-2.0
"""Operations: one run of a failover or a capture."""

from openstack import resource

ENDED = frozenset({'succeeded', 'partial', 'failed', 'reverted', 'cancelled'})


class Operation(resource.Resource):
    resource_key = 'operation'
    resources_key = 'operations'
    base_path = '/v1/operations'

    allow_fetch = True
    allow_list = True

    _query_mapping = resource.QueryParameters(
        'failover_group_id',
        'project_id',
        'state',
        'type',
        'sort',
        'all_projects',
    )

    failover_group_id = resource.Body('failover_group_id')
    #: ``failover`` or ``capture``.
    type = resource.Body('type')
    #: One of queued, awaiting_approval, running, paused or :data:`ENDED`.
    state = resource.Body('state')
    state_reason = resource.Body('state_reason')
    error_code = resource.Body('error_code')
    #: What was asked for.
    arguments = resource.Body('arguments', type=dict)
    #: What came of it; filled when the operation has ended.
    report = resource.Body('report', type=dict)
    #: Raised by each retry.
    attempt = resource.Body('attempt', type=int)
    is_cancel_requested = resource.Body('cancel_requested', type=bool)
    user_id = resource.Body('user_id')
    #: The request that started it, to find it in the logs.
    request_id = resource.Body('request_id')
    created_at = resource.Body('created_at')
    started_at = resource.Body('started_at')
    finished_at = resource.Body('finished_at')
    #: One per member and group-wide part, each with its steps; None in lists.
    lanes = resource.Body('lanes', type=list)

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen unless it is retried."""
        return self.state in ENDED
