# SPDX-License-Identifier: Apache-2.0
"""What the contract tests stand on: a tenant's things, made and removed."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from aegis.clouds import factory, objects, requests
from aegis.common import exception, names

PUBLIC_KEY = (
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGX8nS5g0bV1p8Sfxm0m6Tq2cW5aM0a1'
    'mC0B9mV1rQ5b contract'
)
USER_DATA = 'I2Nsb3VkLWNvbmZpZwo='


class Laboratory(Protocol):
    """Two sites with a tenant each, and what only a tenant can do."""

    clouds: factory.Clouds
    site: str
    project_id: str
    foreign_project_id: str
    other_site: str
    other_project_id: str
    flavor: str
    volume_type: str
    external_network: str
    image: str

    def make_volume(self, site: str, name: str) -> str:
        """Have the tenant make a bootable volume; returns its id."""

    def make_keypair(self, name: str, public_key: str) -> str:
        """Have the tenant's user import a key; returns the user's id."""

    def set_quota(self, service: str, resource: str, limit: int) -> None:
        """Limit what the project may have; -1 for no limit."""

    def wait(self, done: Callable[[], bool]) -> None:
        """Return when a question is answered with yes."""


class Scaffolding:
    """Mixed into a test case that provides ``laboratory``."""

    laboratory: Laboratory
    addCleanup: Callable[..., None]
    assertEqual: Callable[..., None]
    assertRaises: Callable[..., Any]
    assertTrue: Callable[..., None]
    assertIn: Callable[..., None]
    assertNotIn: Callable[..., None]

    def setUp(self) -> None:
        super().setUp()  # type: ignore[misc]
        lab = self.laboratory
        self.run_id = uuid.uuid4().hex[:8]
        self.cloud = lab.clouds.cloud(lab.site, lab.project_id)
        self.other = lab.clouds.cloud(lab.other_site, lab.other_project_id)
        self.birth = names.Birth(str(uuid.uuid4()), str(uuid.uuid4()))

    def name(self, stem: str) -> str:
        return f'contract-{stem}-{self.run_id}'

    def _tolerate(self, call: Callable[..., Any], *arguments: Any) -> None:
        try:
            call(*arguments)
        except exception.CloudNotFound:
            pass

    def _later(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.addCleanup(self._tolerate, call, *arguments)

    def make_network(self, cidr: str = '10.77.0.0/24') -> objects.Network:
        neutron = self.cloud.network
        network = neutron.create_network(
            requests.NetworkRequest(name=self.name('net'))
        )
        self._later(neutron.delete_network, network.id)
        neutron.create_subnet(
            requests.SubnetRequest(
                network_id=network.id,
                name=self.name('subnet'),
                cidr=cidr,
                ip_version=4,
                gateway_ip=cidr.replace('.0/24', '.1'),
                dns_nameservers=('192.0.2.53',),
                allocation_pools=(
                    objects.AllocationPool(
                        cidr.replace('.0/24', '.100'),
                        cidr.replace('.0/24', '.200'),
                    ),
                ),
            )
        )
        return network

    def make_router(self, network: objects.Network) -> objects.Router:
        neutron = self.cloud.network
        (subnet,) = neutron.list_subnets([network.id])
        external = self.external()
        router = neutron.create_router(
            requests.RouterRequest(
                name=self.name('router'), external_network_id=external.id
            )
        )
        self._later(neutron.delete_router, router.id)
        neutron.add_router_interface(router.id, subnet.id)
        self._later(neutron.remove_router_interface, router.id, subnet.id)
        return router

    def make_security_group(self) -> objects.SecurityGroup:
        neutron = self.cloud.network
        group = neutron.create_security_group(
            requests.SecurityGroupRequest(name=self.name('sg'))
        )
        self._later(neutron.delete_security_group, group.id)
        return group

    def make_port(
        self, network: objects.Network, **values: Any
    ) -> objects.Port:
        (port,) = self.cloud.network.create_ports(
            [
                requests.PortRequest(
                    network_id=network.id, name=self.name('port'), **values
                )
            ]
        )
        self._later(self.cloud.network.delete_port, port.id)
        return port

    def make_volume(self, cloud: factory.Cloud, stem: str) -> objects.Volume:
        volume_id = self.laboratory.make_volume(cloud.site, self.name(stem))
        self.addCleanup(self.discard_volume, cloud, volume_id)
        self.await_volume(cloud, volume_id, 'available')
        return cloud.volume.get_volume(volume_id)

    def discard_volume(self, cloud: factory.Cloud, volume_id: str) -> None:
        def free() -> bool:
            listed = cloud.volume.list_volumes(ids=[volume_id])
            return not listed or listed[0].status in ('available', 'error')

        self.laboratory.wait(free)
        self._tolerate(cloud.volume.delete_volume, volume_id)
        self.laboratory.wait(
            lambda: not cloud.volume.list_volumes(ids=[volume_id])
        )

    def await_volume(
        self, cloud: factory.Cloud, volume_id: str, status: str
    ) -> None:
        self.laboratory.wait(
            lambda: cloud.volume.get_volume(volume_id).status == status
        )

    def await_server(self, server_id: str, status: str) -> None:
        def done() -> bool:
            server = self.cloud.compute.get_server(server_id)
            return server.status == status and server.task_state is None

        self.laboratory.wait(done)

    def limit(self, service: str, resource: str, limit: int) -> None:
        """Limit a resource until the end of the test."""
        self.laboratory.set_quota(service, resource, limit)
        self.addCleanup(self.laboratory.set_quota, service, resource, -1)

    def external(self) -> objects.Network:
        return next(
            network
            for network in self.cloud.network.list_networks()
            if network.name == self.laboratory.external_network
        )

    def status_of(self, error: exception.AegisError) -> int:
        """What the service answered."""
        return int(error.details[0]['http_status'])

    def discard_server(self, server_id: str) -> None:
        self._tolerate(self.cloud.compute.delete_server, server_id)
        self.laboratory.wait(
            lambda: not self.cloud.compute.list_servers(ids=[server_id])
        )

    def make_server(
        self,
        volumes: list[objects.Volume],
        ports: list[objects.Port],
        **values: Any,
    ) -> str:
        nova = self.cloud.compute
        server_id = nova.create_server(
            requests.ServerRequest(
                name=self.name('server'),
                flavor_id=nova.find_flavor(self.laboratory.flavor).id,
                volumes=tuple(
                    requests.ServerVolume(
                        volume_id=volume.id,
                        boot_index=None if ordinal else 0,
                        device=f'/dev/vd{"abc"[ordinal]}',
                        tag=f'disk{ordinal}',
                        delete_on_termination=bool(ordinal),
                    )
                    for ordinal, volume in enumerate(volumes)
                ),
                ports=tuple(
                    requests.ServerPort(port.id, tag=f'nic{ordinal}')
                    for ordinal, port in enumerate(ports)
                ),
                **values,
            )
        )
        self.addCleanup(self.discard_server, server_id)
        self.await_server(server_id, 'ACTIVE')
        return server_id
