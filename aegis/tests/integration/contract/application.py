# SPDX-License-Identifier: Apache-2.0
"""What Aegis makes of it: captured here, ensured there."""

from typing import Any

from aegis import models
from aegis.catalog import (
    capture,
    keypairs,
    networks,
    security_groups,
    server_groups,
)
from aegis.catalog import manifest as catalog
from aegis.clouds import requests
from aegis.tests.fixtures import clouds as fakes
from aegis.tests.integration.contract import scaffolding
from aegis.tests.integration.contract.scaffolding import PUBLIC_KEY


class ApplicationContract(scaffolding.Scaffolding):
    """An application of one server, at one site and then the other."""

    def capture_application(self) -> catalog.GroupManifest:
        neutron = self.cloud.network
        nova = self.cloud.compute
        network = self.make_network()
        router = self.make_router(network)
        group = self.make_security_group()
        remote = neutron.create_security_group(
            requests.SecurityGroupRequest(name=self.name('remote'))
        )
        self._later(neutron.delete_security_group, remote.id)
        neutron.create_security_group_rules(
            group.id, [fakes.ingress(22, remote_group=remote.id)]
        )
        port = self.make_port(network, security_groups=(group.id,))
        volume = self.make_volume(self.cloud, 'root')
        servers = nova.create_server_group(self.name('group'), 'affinity')
        self._later(nova.delete_server_group, servers.id)
        nova.create_keypair(self.name('key'), PUBLIC_KEY)
        self._later(nova.delete_keypair, self.name('key'))
        server_id = self.make_server(
            [volume],
            [port],
            keypair=self.name('key'),
            server_group=servers.id,
        )
        address = neutron.create_floating_ip(
            requests.FloatingIpRequest(
                router.external_network_id, port_id=port.id
            )
        )
        self._later(neutron.delete_floating_ip, address.id)
        return capture.capture(self.cloud, [('member', server_id)])

    def ensure_all(self, manifest: catalog.GroupManifest) -> tuple[Any, ...]:
        return (
            networks.ensure(self.other, manifest, (), self.birth),
            security_groups.ensure(self.other, manifest, self.birth),
            keypairs.ensure(self.other, manifest),
            server_groups.ensure(self.other, manifest, self.birth),
        )

    def remove_all(self) -> tuple[models.Leftover, ...]:
        return (
            *networks.remove(self.other, self.birth),
            *security_groups.remove(self.other, self.birth),
            *server_groups.remove(self.other, self.birth),
        )

    def test_an_application_is_captured_and_ensured_at_the_other_site(
        self,
    ) -> None:
        before = self._inventory()
        manifest = self.capture_application()
        self.addCleanup(
            self._tolerate,
            self.other.compute.delete_keypair,
            self.name('key'),
        )
        self.addCleanup(self.remove_all)

        first = self.ensure_all(manifest)
        second = self.ensure_all(manifest)

        self.assertEqual(first, second)
        self._compare(manifest, *first)
        self.assertEqual((), self.remove_all())
        self.assertEqual((), self.remove_all())
        self.assertEqual(before, self._inventory())

    def _inventory(self) -> tuple[Any, ...]:
        neutron = self.other.network
        return (
            neutron.list_networks(),
            neutron.list_routers(),
            neutron.list_security_groups(),
            neutron.list_ports(),
            self.other.compute.list_server_groups(),
        )

    def _compare(
        self,
        manifest: catalog.GroupManifest,
        network_translation: Any,
        group_translation: Any,
        keypair_translation: Any,
        server_group_translation: Any,
    ) -> None:
        (member,) = manifest.members
        neutron = self.other.network
        (source,) = manifest.subnets
        (subnet,) = neutron.list_subnets(
            [network_translation.network_of(source.network_id)]
        )
        self.assertEqual(
            (source.cidr, source.gateway_ip, source.allocation_pools),
            (subnet.cidr, subnet.gateway_ip, subnet.allocation_pools),
        )
        self.assertEqual(network_translation.subnet_of(source.id), subnet.id)
        (router,) = [
            each
            for each in neutron.list_routers()
            if subnet.id in each.interfaces
        ]
        self.assertEqual(
            network_translation.external_of(
                member.floating_ips[0].floating_network_id
            ),
            router.external_network_id,
        )
        groups = {group.id: group for group in neutron.list_security_groups()}
        self.assertEqual(2, len(manifest.security_groups))
        for group in manifest.security_groups:
            found = groups[group_translation.id_of(group.id)]
            self.assertEqual(group.name, found.name)
            self.assertEqual(len(group.rules), len(found.rules))
        keypair = self.other.compute.find_keypair(
            keypair_translation.name_of(member.keypair)
        )
        self.assertEqual(PUBLIC_KEY, keypair.public_key)
        self.assertIn(
            server_group_translation.id_of(member.server_groups[0].id),
            [g.id for g in self.other.compute.list_server_groups()],
        )
