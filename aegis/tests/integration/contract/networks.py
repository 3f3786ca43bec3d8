# SPDX-License-Identifier: Apache-2.0
"""What else Aegis relies on at every Neutron."""

from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.fixtures import clouds as fakes
from aegis.tests.integration.contract import scaffolding


class NetworksContract(scaffolding.Scaffolding):
    """Networks, routers, security groups, floating IPs."""

    def test_a_network_is_made_with_tags_and_description(self) -> None:
        neutron = self.cloud.network
        made = neutron.create_network(
            requests.NetworkRequest(
                self.name('net'), 'described', tags=self.birth.tags
            )
        )
        self._later(neutron.delete_network, made.id)

        found = next(
            network
            for network in neutron.list_networks()
            if network.id == made.id
        )

        self.assertEqual('described', found.description)
        self.assertEqual(tuple(sorted(self.birth.tags)), found.tags)
        self.assertEqual(self.laboratory.project_id, found.project_id)

    def test_a_network_in_use_is_not_deleted(self) -> None:
        network = self.make_network()
        self.make_port(network)

        self.assertRaises(
            exception.CloudConflict,
            self.cloud.network.delete_network,
            network.id,
        )

    def test_a_router_tells_its_gateway_and_its_interfaces(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        router = self.make_router(network)
        (subnet,) = neutron.list_subnets([network.id])
        routes = (objects.HostRoute('10.99.0.0/24', '10.77.0.9'),)

        neutron.set_router_routes(router.id, routes)

        found = next(
            each for each in neutron.list_routers() if each.id == router.id
        )
        self.assertEqual((subnet.id,), found.interfaces)
        self.assertEqual(router.external_network_id, found.external_network_id)
        self.assertEqual(routes, found.routes)
        self.assertRaises(
            exception.CloudConflict, neutron.delete_router, router.id
        )
        self.assertRaises(
            exception.CloudError,
            neutron.add_router_interface,
            router.id,
            subnet.id,
        )
        neutron.set_router_routes(router.id, ())

    def test_security_group_rules_are_kept_and_not_doubled(self) -> None:
        neutron = self.cloud.network
        group = self.make_security_group()
        rules = [
            fakes.ingress(22, remote_ip_prefix='192.0.2.0/24'),
            fakes.ingress(5432, remote_group=group.id, description='db'),
        ]

        neutron.create_security_group_rules(group.id, rules)

        found = next(
            each
            for each in neutron.list_security_groups()
            if each.id == group.id
        )
        self.assertEqual(
            {*rules, fakes.egress('IPv4'), fakes.egress('IPv6')},
            set(found.rules),
        )
        self.assertRaises(
            exception.CloudConflict,
            neutron.create_security_group_rules,
            group.id,
            rules[:1],
        )
        neutron.delete_security_group_rule(found.rules[0].id)

    def test_a_security_group_in_use_is_not_deleted(self) -> None:
        group = self.make_security_group()
        self.make_port(self.make_network(), security_groups=(group.id,))

        self.assertRaises(
            exception.CloudConflict,
            self.cloud.network.delete_security_group,
            group.id,
        )

    def test_a_floating_ip_leads_to_a_port_and_away(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        router = self.make_router(network)
        port = self.make_port(network)

        made = neutron.create_floating_ip(
            requests.FloatingIpRequest(
                router.external_network_id,
                description='described',
                tags=self.birth.tags,
            )
        )

        self._later(neutron.delete_floating_ip, made.id)
        neutron.associate_floating_ip(made.id, port.id)
        neutron.associate_floating_ip(made.id, port.id)
        (found,) = neutron.list_floating_ips(tags=self.birth.tags)
        self.assertEqual(
            (port.id, port.fixed_ips[0].ip_address, 'described'),
            (found.port_id, found.fixed_ip, found.description),
        )
        self.assertEqual(
            (found,), neutron.list_floating_ips(port_ids=[port.id])
        )
        self.assertRaises(
            exception.CloudConflict,
            neutron.create_floating_ip,
            requests.FloatingIpRequest(
                router.external_network_id, address=made.address
            ),
        )
        neutron.disassociate_floating_ip(made.id)
        self.assertEqual((), neutron.list_floating_ips(port_ids=[port.id]))

    def test_a_floating_ip_needs_a_router(self) -> None:
        neutron = self.cloud.network
        port = self.make_port(self.make_network())
        external = next(
            network
            for network in neutron.list_networks()
            if network.name == self.laboratory.external_network
        )

        self.assertRaises(
            exception.CloudNotFound,
            neutron.create_floating_ip,
            requests.FloatingIpRequest(external.id, port_id=port.id),
        )
