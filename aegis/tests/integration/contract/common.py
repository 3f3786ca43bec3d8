# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every service alike."""

import uuid

from aegis.common import exception
from aegis.tests.integration.contract import scaffolding


class CommonContract(scaffolding.Scaffolding):
    """What is not there, and what is left."""

    def test_unknown_servers_volumes_and_flavors_are_not_found(self) -> None:
        unknown = str(uuid.uuid4())

        for call in (
            self.cloud.compute.get_server,
            self.cloud.compute.find_server,
            self.cloud.compute.delete_server,
            self.cloud.compute.start_server,
            self.cloud.compute.find_flavor,
            self.cloud.compute.delete_server_group,
            self.cloud.volume.get_volume,
            self.cloud.volume.delete_volume,
            self.cloud.volume.unmanage_volume,
            self.cloud.network.delete_port,
            self.cloud.network.delete_network,
            self.cloud.network.delete_router,
            self.cloud.network.delete_security_group,
            self.cloud.network.delete_floating_ip,
        ):
            self.assertRaises(exception.CloudNotFound, call, unknown)

    def test_quotas_count_what_a_failover_needs(self) -> None:
        lab = self.laboratory
        compute = {q.resource for q in self.cloud.compute.quotas()}
        volume = {q.resource for q in self.cloud.volume.quotas()}
        network = {q.resource for q in self.cloud.network.quotas()}

        self.assertTrue(compute >= {'instances', 'cores', 'ram'})
        self.assertTrue(network >= {'port', 'floatingip', 'network'})
        self.assertTrue(
            volume
            >= {
                'volumes',
                'gigabytes',
                f'volumes_{lab.volume_type}',
                f'gigabytes_{lab.volume_type}',
            }
        )
