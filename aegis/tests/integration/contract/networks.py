# SPDX-License-Identifier: Apache-2.0
"""What else Aegis relies on at every Neutron."""

from collections.abc import Callable, Iterable
from typing import Any

from aegis.clouds import networking, objects, requests
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
        external = self.external()

        self.assertRaises(
            exception.CloudNotFound,
            neutron.create_floating_ip,
            requests.FloatingIpRequest(external.id, port_id=port.id),
        )

    def test_a_network_keeps_its_size_and_security(self) -> None:
        neutron = self.cloud.network
        made = neutron.create_network(
            requests.NetworkRequest(
                self.name('net'), mtu=1400, port_security_enabled=False
            )
        )
        self._later(neutron.delete_network, made.id)

        (found,) = [
            each for each in neutron.list_networks() if each.id == made.id
        ]

        self.assertEqual(
            (1400, False), (found.mtu, found.port_security_enabled)
        )

    def test_a_subnet_is_made_with_all_it_should_have(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        wanted = requests.SubnetRequest(
            network_id=network.id,
            name=self.name('subnet6'),
            cidr='fd77::/64',
            ip_version=6,
            gateway_ip=None,
            description='described',
            host_routes=(objects.HostRoute('fd78::/64', 'fd77::9'),),
            ipv6_address_mode='slaac',
            ipv6_ra_mode='slaac',
            tags=self.birth.tags,
        )

        made = neutron.create_subnet(wanted)

        (found,) = [
            each
            for each in neutron.list_subnets([network.id])
            if each.id == made.id
        ]
        for field in (
            'name',
            'cidr',
            'ip_version',
            'gateway_ip',
            'description',
            'host_routes',
            'ipv6_address_mode',
            'ipv6_ra_mode',
        ):
            self.assertEqual(
                getattr(wanted, field), getattr(found, field), field
            )
        self.assertEqual(tuple(sorted(self.birth.tags)), found.tags)

    def test_subnets_of_a_network_do_not_overlap(self) -> None:
        network = self.make_network()

        error = self.assertRaises(
            exception.CloudError,
            self.cloud.network.create_subnet,
            requests.SubnetRequest(
                network.id,
                self.name('again'),
                '10.77.0.0/25',
                4,
                gateway_ip=None,
            ),
        )

        self.assertEqual(400, self.status_of(error))

    def test_a_subnet_in_use_is_not_deleted(self) -> None:
        network = self.make_network()
        self.make_port(network)
        (subnet,) = self.cloud.network.list_subnets([network.id])

        self.assertRaises(
            exception.CloudConflict,
            self.cloud.network.delete_subnet,
            subnet.id,
        )

    def test_a_router_without_address_translation_stays_so(self) -> None:
        neutron = self.cloud.network
        made = neutron.create_router(
            requests.RouterRequest(
                self.name('router'),
                external_network_id=self.external().id,
                enable_snat=False,
            )
        )
        self._later(neutron.delete_router, made.id)

        (found,) = [
            each for each in neutron.list_routers() if each.id == made.id
        ]

        self.assertEqual(False, found.enable_snat)

    def test_a_route_leads_to_where_the_router_is(self) -> None:
        network = self.make_network()
        router = self.make_router(network)

        error = self.assertRaises(
            exception.CloudError,
            self.cloud.network.set_router_routes,
            router.id,
            [objects.HostRoute('10.99.0.0/24', '10.66.0.9')],
        )

        self.assertEqual(400, self.status_of(error))

    def test_what_was_half_made_is_known_and_finished(self) -> None:
        neutron = self.cloud.network
        tags = self.birth.tags
        group = neutron.create_security_group(
            requests.SecurityGroupRequest(self.name('sg'), tags=tags)
        )
        self._later(neutron.delete_security_group, group.id)
        network = neutron.create_network(
            requests.NetworkRequest(self.name('net'), tags=tags)
        )
        self._later(neutron.delete_network, network.id)
        router = neutron.create_router(
            requests.RouterRequest(self.name('router'), tags=tags)
        )
        self._later(neutron.delete_router, router.id)
        address = neutron.create_floating_ip(
            requests.FloatingIpRequest(self.external().id, tags=tags)
        )
        self._later(neutron.delete_floating_ip, address.id)

        for kind, id, listing in (
            ('security-groups', group.id, neutron.list_security_groups),
            ('networks', network.id, neutron.list_networks),
            ('routers', router.id, neutron.list_routers),
            ('floatingips', address.id, neutron.list_floating_ips),
        ):
            neutron.set_tags(kind, id, ())
            neutron.describe(kind, id, networking.mark(tags))
            half = self._one(listing, id)
            self.assertTrue(networking.born(half, tags), kind)
            self.assertEqual((), half.tags)

            neutron.finish_birth(kind, half, 'described', tags)

            whole = self._one(listing, id)
            self.assertEqual(
                (tuple(sorted(tags)), 'described'),
                (whole.tags, whole.description),
                kind,
            )

    def _one(self, listing: Callable[[], Iterable[Any]], id: str) -> Any:
        (found,) = [each for each in listing() if each.id == id]
        return found

    def test_each_project_has_a_default_security_group(self) -> None:
        neutron = self.cloud.network

        names = [each.name for each in neutron.list_security_groups()]

        self.assertEqual(1, names.count('default'))
        self.assertRaises(
            exception.CloudConflict,
            neutron.create_security_group,
            requests.SecurityGroupRequest('default'),
        )

    def test_rules_for_a_group_that_goes_go_with_it(self) -> None:
        neutron = self.cloud.network
        group = self.make_security_group()
        other = self.make_security_group()
        neutron.create_security_group_rules(
            group.id, [fakes.ingress(22, remote_group=other.id)]
        )

        neutron.delete_security_group(other.id)

        found = self._one(neutron.list_security_groups, group.id)
        self.assertEqual(
            {fakes.egress('IPv4'), fakes.egress('IPv6')}, set(found.rules)
        )

    def test_a_port_has_one_floating_ip_for_an_address(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        router = self.make_router(network)
        port = self.make_port(network)
        request = requests.FloatingIpRequest(
            router.external_network_id, port_id=port.id
        )
        made = neutron.create_floating_ip(request)
        self._later(neutron.delete_floating_ip, made.id)

        self.assertRaises(
            exception.CloudConflict, neutron.create_floating_ip, request
        )
        (subnet,) = neutron.list_subnets([network.id])
        self.assertRaises(
            exception.CloudConflict,
            neutron.remove_router_interface,
            router.id,
            subnet.id,
        )

    def test_a_floating_ip_given_back_can_be_asked_for(self) -> None:
        neutron = self.cloud.network
        external = self.external()
        first = neutron.create_floating_ip(
            requests.FloatingIpRequest(external.id)
        )
        self._later(neutron.delete_floating_ip, first.id)
        neutron.delete_floating_ip(first.id)

        second = neutron.create_floating_ip(
            requests.FloatingIpRequest(external.id, address=first.address)
        )

        self._later(neutron.delete_floating_ip, second.id)
        self.assertEqual(first.address, second.address)
        self.assertIn(second, neutron.list_floating_ips())

    def test_networks_and_routers_count(self) -> None:
        neutron = self.cloud.network
        before = {q.resource: q.used for q in neutron.quotas()}
        self.make_router(self.make_network())

        after = {q.resource: q.used for q in neutron.quotas()}

        for resource in ('network', 'subnet', 'router'):
            self.assertEqual(before[resource] + 1, after[resource], resource)
