# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on of ports at every Neutron."""

import ipaddress

from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.integration.contract import scaffolding


class PortsContract(scaffolding.Scaffolding):
    """Ports and their addresses."""

    def test_ports_are_made_in_order_with_all_they_should_have(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        (subnet,) = neutron.list_subnets([network.id])
        group = self.make_security_group()

        made = neutron.create_ports(
            [
                requests.PortRequest(
                    network_id=network.id,
                    name=self.name(f'port{number}'),
                    mac_address=f'fa:16:3e:77:00:0{number}',
                    fixed_ips=(
                        requests.FixedIpRequest(
                            subnet.id, f'10.77.0.{number + 20}'
                        ),
                    ),
                    security_groups=(group.id,),
                    allowed_address_pairs=(
                        objects.AddressPair('10.77.0.99', None),
                    ),
                    description=f'port {number}',
                    tags=self.birth.tags,
                )
                for number in range(3)
            ]
        )

        for port in made:
            self._later(neutron.delete_port, port.id)
        listed = {
            port.id: port for port in neutron.list_ports(tags=self.birth.tags)
        }
        self.assertEqual(3, len(listed))
        for number, port in enumerate(made):
            found = listed[port.id]
            self.assertEqual(
                (
                    self.name(f'port{number}'),
                    f'fa:16:3e:77:00:0{number}',
                    (objects.FixedIp(subnet.id, f'10.77.0.{number + 20}'),),
                    (group.id,),
                    (
                        objects.AddressPair(
                            '10.77.0.99', f'fa:16:3e:77:00:0{number}'
                        ),
                    ),
                    f'port {number}',
                    tuple(sorted(self.birth.tags)),
                    self.laboratory.project_id,
                ),
                (
                    found.name,
                    found.mac_address,
                    found.fixed_ips,
                    found.security_groups,
                    found.allowed_address_pairs,
                    found.description,
                    found.tags,
                    found.project_id,
                ),
            )

    def test_a_port_whose_making_was_cut_short_is_taken_up(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        wanted = [
            requests.PortRequest(
                network.id,
                self.name(f'port{number}'),
                mac_address=f'fa:16:3e:77:00:1{number}',
                tags=(*self.birth.tags, f'aegis:ordinal={number}', 'own'),
            )
            for number in range(2)
        ]
        made = neutron.create_ports(wanted)
        for port in made:
            self._later(neutron.delete_port, port.id)
            neutron.set_tags('ports', port.id, ())

        again = neutron.create_ports(wanted)

        self.assertEqual(
            [port.id for port in made], [port.id for port in again]
        )
        self.assertEqual(
            set(again), set(neutron.list_ports(tags=self.birth.tags))
        )

    def test_a_port_without_port_security_has_no_groups(self) -> None:
        port = self.make_port(self.make_network(), port_security_enabled=False)

        self.assertEqual(
            (False, ()), (port.port_security_enabled, port.security_groups)
        )

    def test_ports_are_made_all_or_none(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        (subnet,) = neutron.list_subnets([network.id])
        taken = self.make_port(network)

        wanted = [
            requests.PortRequest(network.id, self.name('free')),
            requests.PortRequest(
                network.id,
                self.name('taken'),
                fixed_ips=(
                    requests.FixedIpRequest(
                        subnet.id, taken.fixed_ips[0].ip_address
                    ),
                ),
            ),
        ]

        self.assertRaises(
            exception.CloudConflict, neutron.create_ports, wanted
        )
        found = neutron.list_ports(network_ids=[network.id])
        self.assertEqual(
            {taken.id},
            {
                port.id
                for port in found
                if not port.device_owner.startswith('network:')
            },
        )

    def test_a_taken_mac_address_is_refused(self) -> None:
        network = self.make_network()
        taken = self.make_port(network)

        self.assertRaises(
            exception.CloudConflict,
            self.make_port,
            network,
            mac_address=taken.mac_address,
        )

    def test_an_address_outside_the_subnet_is_refused(self) -> None:
        network = self.make_network()
        (subnet,) = self.cloud.network.list_subnets([network.id])

        error = self.assertRaises(
            exception.CloudError,
            self.make_port,
            network,
            fixed_ips=(requests.FixedIpRequest(subnet.id, '10.99.0.1'),),
        )

        self.assertEqual(400, error.details[0]['http_status'])

    def test_a_port_is_changed_only_where_asked(self) -> None:
        port = self.make_port(self.make_network(), description='kept')

        changed = self.cloud.network.update_port(
            port.id, name=self.name('renamed')
        )

        self.assertEqual(
            (self.name('renamed'), 'kept', port.security_groups),
            (changed.name, changed.description, changed.security_groups),
        )

    def test_a_port_gets_an_address_unless_it_wants_none(self) -> None:
        network = self.make_network()
        (subnet,) = self.cloud.network.list_subnets([network.id])
        (pool,) = subnet.allocation_pools

        (fixed,) = self.make_port(network).fixed_ips
        bare = self.make_port(network, fixed_ips=())

        self.assertEqual(subnet.id, fixed.subnet_id)
        first, last, got = (
            ipaddress.ip_address(text)
            for text in (pool.start, pool.end, fixed.ip_address)
        )
        self.assertTrue(first <= got <= last)
        self.assertEqual((), bare.fixed_ips)

    def test_groups_and_state_of_a_port_are_changed(self) -> None:
        group = self.make_security_group()
        port = self.make_port(self.make_network())

        self.cloud.network.update_port(
            port.id,
            description='changed',
            security_groups=[group.id],
            admin_state_up=False,
        )

        (found,) = self.cloud.network.list_ports(network_ids=[port.network_id])
        self.assertEqual(
            ('changed', (group.id,), False),
            (found.description, found.security_groups, found.admin_state_up),
        )

    def test_ports_of_several_networks_come_in_one_list(self) -> None:
        ports = [
            self.make_port(self.make_network(cidr))
            for cidr in ('10.77.0.0/24', '10.78.0.0/24')
        ]

        found = self.cloud.network.list_ports(
            network_ids=[port.network_id for port in ports]
        )

        self.assertEqual(
            {port.id for port in ports}, {port.id for port in found}
        )

    def test_ports_beyond_the_quota_are_refused_all(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        used = {q.resource: q.used for q in neutron.quotas()}['port']
        self.limit('neutron', 'port', used + 1)

        self.assertRaises(
            exception.CloudQuotaExceeded,
            neutron.create_ports,
            [
                requests.PortRequest(network.id, self.name(f'port{number}'))
                for number in range(2)
            ],
        )

        self.assertEqual((), neutron.list_ports(network_ids=[network.id]))
