# SPDX-License-Identifier: Apache-2.0
"""Services: the running parts of Aegis."""

from openstack import resource


class Service(resource.Resource):
    resources_key = 'services'
    base_path = '/v1/services'

    allow_list = True

    binary = resource.Body('binary')
    host = resource.Body('host')
    version = resource.Body('version')
    #: ``up`` or ``down``, judged by the last heartbeat.
    state = resource.Body('state')
    started_at = resource.Body('started_at')
    heartbeat_at = resource.Body('heartbeat_at')
