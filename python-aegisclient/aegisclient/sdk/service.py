# SPDX-License-Identifier: Apache-2.0
"""How openstacksdk finds the disaster recovery service."""

from openstack import service_description

from aegisclient.sdk.v1 import proxy

SERVICE_TYPE = 'disaster-recovery'


class DisasterRecoveryService(
    service_description.ServiceDescription  # type: ignore[type-arg]
):
    """Give this to :meth:`openstack.connection.Connection.add_service`."""

    supported_versions = {'1': proxy.Proxy}

    def __init__(self) -> None:
        super().__init__(service_type=SERVICE_TYPE)
