# SPDX-License-Identifier: Apache-2.0
"""An application of two servers at a fake site, for the tests here."""

import dataclasses

from aegis.catalog import capture, manifest
from aegis.clouds import factory, objects
from aegis.common import names
from aegis.tests.fixtures import clouds

BIRTH = names.Birth(
    '11111111-1111-1111-1111-111111111111',
    '22222222-2222-2222-2222-222222222222',
)


class Sample:
    """East holds project finance with servers web and db; west is bare."""

    def __init__(self) -> None:
        self.east = clouds.FakeSite('east')
        self.west = clouds.FakeSite('west')
        self.source_id = self.east.add_project('finance').id
        self.target_id = self.west.add_project('finance').id
        self.clouds = clouds.FakeClouds(self.east, self.west)
        self.source: factory.Cloud = self.clouds.cloud('east', self.source_id)
        self.target: factory.Cloud = self.clouds.cloud('west', self.target_id)
        self._fill_east()
        self.external = self.west.add_network(
            'operator', 'public', '198.51.100.0/24', is_external=True
        )
        # A tenant's own default group exists before anything else.
        self.default = self.west.add_security_group(self.target_id, 'default')

    def _fill_east(self) -> None:
        east = self.east
        project = self.source_id
        public = east.add_network(
            'operator', 'public', '203.0.113.0/24', is_external=True
        )
        self.front = east.add_network(project, 'front', '10.1.0.0/24')
        self.back = east.add_network(project, 'back', '10.2.0.0/24')
        self.front_subnet, self.back_subnet = (
            self.subnet_of(east, network.id)
            for network in (self.front, self.back)
        )
        self.router = east.add_router(
            project,
            'edge',
            external_network_id=public.id,
            interfaces=(self.front_subnet.id,),
            routes=(
                objects.HostRoute('10.9.0.0/24', '10.1.0.250'),
                objects.HostRoute('10.8.0.0/24', '203.0.113.9'),
            ),
        )
        default = east.add_security_group(project, 'default')
        monitoring = east.add_security_group(project, 'monitoring')
        self.web_group = east.add_security_group(
            project,
            'web',
            [
                clouds.ingress(443),
                clouds.ingress(9100, remote_group=monitoring.id),
            ],
        )
        self.unused_group = east.add_security_group(project, 'unused')
        self.flavor = east.add_flavor('m1.small', vcpus=2)
        self.volume_type = east.add_volume_type('gold')
        east.add_volume_type('silver')
        self.servers_group = east.add_server_group(project, 'apart')
        self.keypair = east.add_keypair('admin', 'user-1')
        self.web = self._add_server(
            'web',
            ports=[
                east.add_port(
                    project,
                    self.back.id,
                    security_groups=(default.id,),
                ),
                east.add_port(
                    project,
                    self.front.id,
                    security_groups=(self.web_group.id,),
                ),
            ],
            keypair='admin',
            user_id='user-1',
            server_groups=(self.servers_group.id,),
        )
        self.db = self._add_server(
            'db',
            ports=[east.add_port(project, self.back.id)],
            keypair='gone',
            user_id='user-2',
        )
        self.bystander = self._add_server(
            'bystander', ports=[east.add_port(project, self.front.id)]
        )
        front_port = next(
            port
            for port in east.ports.values()
            if port.device_id == self.web.id
            and port.network_id == self.front.id
        )
        self.floating_ip = east.add_floating_ip(
            project,
            public.id,
            '203.0.113.50',
            port_id=front_port.id,
            fixed_ip=front_port.fixed_ips[0].ip_address,
        )

    def _add_server(
        self, name: str, ports: list[objects.Port], **values: object
    ) -> objects.Server:
        volumes = [
            self.east.add_volume(
                self.source_id,
                f'{name}-{stem}',
                volume_type='gold',
                bootable=stem == 'root',
            )
            for stem in ('root', 'data')
        ]
        return self.east.add_server(
            self.source_id, name, self.flavor, volumes, ports, **values
        )

    @staticmethod
    def subnet_of(site: clouds.FakeSite, network_id: str) -> objects.Subnet:
        (found,) = [
            subnet
            for subnet in site.subnets.values()
            if subnet.network_id == network_id
        ]
        return found

    def captured(self) -> manifest.GroupManifest:
        """Both servers, as captured at east."""
        return capture.capture(
            self.source, [('m-web', self.web.id), ('m-db', self.db.id)]
        )

    def snapshot(self, site: clouds.FakeSite) -> dict[str, object]:
        """Everything a site holds, to compare it later."""
        return {
            name: dict(value)
            for name, value in vars(site).items()
            if isinstance(value, dict)
        }

    def changed(self, site_thing: object, **values: object) -> object:
        """A copy of a frozen thing."""
        return dataclasses.replace(site_thing, **values)  # type: ignore[type-var]
