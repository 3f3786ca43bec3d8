# SPDX-License-Identifier: Apache-2.0
import ipaddress
import unittest

from sites import plan


class PlanTest(unittest.TestCase):
    def test_no_two_listeners_share_an_address_and_port(self) -> None:
        listeners = [
            (plan.SHARED_ADDRESS, port)
            for port in (
                plan.DATABASE_PORT,
                plan.MESSAGING_PORT,
                plan.MESSAGING_CLUSTER_PORT,
                plan.MESSAGING_MAPPER_PORT,
            )
        ]
        for site in plan.SITES:
            listeners += [
                (site.address, site.port(service))
                for service in plan.API_OFFSETS
            ]
            array = site.array
            listeners += [
                (array.address, port)
                for port in (
                    array.port,
                    array.door_port,
                    array.replication_port,
                )
            ]
        self.assertEqual(len(listeners), len(set(listeners)))

    def test_every_address_is_of_the_loopback_network(self) -> None:
        addresses = [plan.SHARED_ADDRESS]
        for site in plan.SITES:
            addresses += [site.address, site.array.address]
        for address in addresses:
            self.assertTrue(ipaddress.ip_address(address).is_loopback)

    def test_ports_are_below_those_of_outgoing_connections(self) -> None:
        for site in plan.SITES:
            for service in plan.API_OFFSETS:
                self.assertLess(site.port(service), 32768)

    def test_the_same_service_has_another_port_at_the_other_site(self) -> None:
        for service in plan.API_OFFSETS:
            self.assertNotEqual(
                plan.EAST.port(service), plan.WEST.port(service)
            )

    def test_protection_groups_have_names_of_their_own(self) -> None:
        names = [
            backend.protection_group(site)
            for site in plan.SITES
            for backend in plan.BACKENDS
            if backend.project
        ]
        self.assertEqual(len(names), len(set(names)))

    def test_the_local_backend_has_no_protection_group(self) -> None:
        local = [
            backend for backend in plan.BACKENDS if backend.project is None
        ]
        self.assertEqual(
            [None], [backend.protection_group(plan.EAST) for backend in local]
        )

    def test_each_tenant_has_a_backend(self) -> None:
        self.assertEqual(
            {tenant.project for tenant in plan.TENANTS},
            {backend.project for backend in plan.BACKENDS if backend.project},
        )

    def test_floating_addresses_lie_in_their_network(self) -> None:
        for site in plan.SITES:
            network = ipaddress.ip_network(site.public.cidr)
            for address in (
                site.public.gateway,
                site.public.first,
                site.public.last,
            ):
                self.assertIn(ipaddress.ip_address(address), network)

    def test_the_external_networks_do_not_overlap(self) -> None:
        east, west = (
            ipaddress.ip_network(site.public.cidr) for site in plan.SITES
        )
        self.assertFalse(east.overlaps(west))

    def test_the_peer_of_the_peer_is_the_site(self) -> None:
        for site in plan.SITES:
            self.assertIsNot(site, plan.peer_of(site))
            self.assertIs(site, plan.peer_of(plan.peer_of(site)))

    def test_an_unknown_site_is_not_found(self) -> None:
        self.assertRaises(KeyError, plan.find_site, 'north')
