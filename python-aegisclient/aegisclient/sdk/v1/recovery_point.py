# SPDX-License-Identifier: Apache-2.0
"""Recovery points: complete copies of all the volumes of a group."""

from openstack import resource


class RecoveryPoint(resource.Resource):
    resources_key = 'recovery_points'
    base_path = '/v1/failover-groups/%(failover_group_id)s/recovery-points'

    allow_list = True

    failover_group_id = resource.URI('failover_group_id')
    #: The moment that the data is from.
    created_at = resource.Body('created_at')
    #: When the last byte had arrived at the recovery site.
    completed_at = resource.Body('completed_at')
    #: Measured against the clock of the recovery site's array.
    age_seconds = resource.Body('age_seconds', type=float)
    size_bytes = resource.Body('size_bytes', type=int)
    volume_count = resource.Body('volume_count', type=int)
