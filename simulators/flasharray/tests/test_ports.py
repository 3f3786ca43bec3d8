# SPDX-License-Identifier: Apache-2.0
"""Ports, network interfaces, subnets and the controllers they sit on."""

import unittest
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.domain import network
from tests import support
from tests.client_case import ClientCase


class PortTest(ClientCase):
    def ports(self, kind: str) -> list[Any]:
        return [
            port
            for port in self.good(self.client.get_ports())
            if getattr(port, kind, None)
        ]

    def test_all_of_cinders_protocols_are_there_by_default(self) -> None:
        self.assertEqual(
            ['iscsi', 'fc', 'nvme-tcp', 'nvme-roce'],
            self.door.status()['protocols'],
        )

    def test_iscsi_ports_have_an_iqn_and_a_portal(self) -> None:
        ports = self.ports('iqn')
        self.assertEqual(['CT0.ETH4', 'CT1.ETH4'], [p.name for p in ports])
        self.assertTrue(ports[0].iqn.startswith('iqn.2010-06.'))
        self.assertEqual('127.0.0.1:3260', ports[0].portal)

    def test_fibre_channel_ports_have_a_wwn_and_no_nqn(self) -> None:
        ports = self.ports('wwn')
        self.assertEqual(4, len({port.wwn for port in ports}))
        for port in ports:
            self.assertRegex(port.wwn, r'^52:4A:93:7[0-9A-F](:[0-9A-F]{2}){4}')
            self.assertFalse(hasattr(port, 'nqn'))

    def test_nvme_ports_name_their_transport(self) -> None:
        found = {}
        for port in self.ports('nqn'):
            interface = self.good(
                self.client.get_network_interfaces(names=[port.name.lower()])
            )[0]
            self.assertEqual(f'{interface.eth.address}:4420', port.portal)
            found[port.name] = interface.services[0]
        self.assertEqual(
            {
                'CT0.ETH14': 'nvme-tcp',
                'CT0.ETH16': 'nvme-roce',
                'CT1.ETH14': 'nvme-tcp',
                'CT1.ETH16': 'nvme-roce',
            },
            found,
        )

    def test_ports_are_found_by_controller(self) -> None:
        for controller in self.good(
            self.client.get_controllers(filter="status='ready'")
        ):
            found = self.good(
                self.client.get_ports(filter=f"name='{controller.name}.*'")
            )
            self.assertEqual(5, len(found))

    def test_a_virtual_interface_has_no_port(self) -> None:
        found = self.good(
            self.client.get_network_interfaces(
                filter="eth.subtype='lacp_bond' or eth.subtype='vif'"
            )
        )
        self.assertIn('vir0', [interface.name for interface in found])
        self.assertEqual([], self.good(self.client.get_ports(names=['VIR0'])))

    def test_the_switch_unknown_port_name_refuses_them(self) -> None:
        self.addCleanup(self.door.set_switch, 'unknown_port_name', 'empty')
        self.door.set_switch('unknown_port_name', 'refused')
        self.bad(self.client.get_ports(names=['VIR0']), 'Port does not exist.')

    def test_a_failed_controller_takes_its_ports_along(self) -> None:
        self.addCleanup(self.door.set_controller, 'CT0', True)
        self.door.set_controller('CT0', False)
        ready = self.good(self.client.get_controllers(filter="status='ready'"))
        self.assertEqual(['CT1'], [c.name for c in ready])
        self.assertEqual('primary', ready[0].mode)
        self.assertEqual(
            {'CT1'},
            {p.name[:3] for p in self.good(self.client.get_ports())},
        )

    def test_hardware_has_a_piece_for_every_port(self) -> None:
        pieces = {p.name for p in self.good(self.client.get_hardware())}
        ports = {p.name for p in self.good(self.client.get_ports())}
        self.assertLessEqual(ports, pieces)

    def test_an_identification_light_is_switched(self) -> None:
        self.raw(
            'PATCH', 'hardware?names=CH0.BAY3', json={'identify_enabled': True}
        )
        bay = self.good(self.client.get_hardware(names=['CH0.BAY3']))[0]
        self.assertTrue(bay.identify_enabled)

    def test_initiators_are_listed_with_the_ports_they_use(self) -> None:
        self.good(
            self.client.post_hosts(
                names=['seen'],
                host=flasharray.HostPost(iqns=['iqn.2026-01.org:seen']),
            )
        )
        found = [
            row.target.name
            for row in self.good(self.client.get_ports_initiators())
            if getattr(row.initiator, 'iqn', '') == 'iqn.2026-01.org:seen'
        ]
        self.assertEqual(['CT0.ETH4', 'CT1.ETH4'], found)

    def test_every_ethernet_port_has_a_neighbor(self) -> None:
        found = self.good(
            self.client.get_network_interfaces_neighbors(
                local_port_names=['ct1.eth4']
            )
        )
        self.assertEqual('switch-1', found[0].neighbor_chassis.name)


class ChangedInterfaceTest(ClientCase):
    def patch(self, name: str, **fields: Any) -> Any:
        return self.raw(
            'PATCH', f'network-interfaces?names={name}', json=fields
        )

    def tearDown(self) -> None:
        self.raw('DELETE', 'network-interfaces?names=ct0.lacp0')
        self.patch('ct0.eth4', enabled=True)
        super().tearDown()

    def test_a_disabled_interface_is_no_port(self) -> None:
        self.assertEqual(
            200, self.patch('ct0.eth4', enabled=False).status_code
        )
        names = [port.name for port in self.good(self.client.get_ports())]
        self.assertNotIn('CT0.ETH4', names)
        self.assertIn('CT1.ETH4', names)

    def test_a_bond_takes_the_place_of_its_parts(self) -> None:
        made = self.raw(
            'POST',
            'network-interfaces?names=ct0.lacp0',
            json={
                'eth': {
                    'subtype': 'lacp_bond',
                    'subinterfaces': [{'name': 'ct0.eth4'}],
                    'address': '127.0.0.99',
                },
                'services': ['iscsi'],
            },
        )
        self.assertEqual(200, made.status_code, made.text)
        names = [port.name for port in self.good(self.client.get_ports())]
        self.assertNotIn('CT0.ETH4', names)
        bond = self.good(self.client.get_ports(names=['CT0.LACP0']))[0]
        self.assertEqual('127.0.0.99:3260', bond.portal)

    def test_a_built_in_interface_stays(self) -> None:
        answer = self.raw('DELETE', 'network-interfaces?names=ct0.eth4')
        self.assertEqual(400, answer.status_code)

    def test_a_fibre_channel_port_speaks_no_iscsi(self) -> None:
        self.assertEqual(
            400, self.patch('CT0.FC0', services=['iscsi']).status_code
        )

    def test_a_vlan_interface_takes_its_subnets_vlan(self) -> None:
        self.good(
            self.client.post_subnets(
                names=['blue'],
                subnet=flasharray.SubnetPost(prefix='10.9.0.0/24', vlan=99),
            )
        )
        made = self.raw(
            'POST',
            'network-interfaces?names=ct1.eth4.99',
            json={'eth': {'subtype': 'vif', 'subnet': {'name': 'blue'}}},
        ).json()['items'][0]
        self.assertEqual(99, made['eth']['vlan'])
        self.assertEqual('255.255.255.0', made['eth']['netmask'])
        subnet = self.good(self.client.get_subnets(names=['blue']))[0]
        self.assertEqual('ct1.eth4.99', subnet.interfaces[0].name)
        self.bad(
            self.client.delete_subnets(names=['blue']),
            'cannot be deleted while it has interfaces',
        )


class ChosenProtocolsTest(ClientCase):
    options = ['--protocols', 'nvme-fc,fc']

    def test_there_are_only_the_ports_asked_for(self) -> None:
        self.assertEqual(['fc', 'nvme-fc'], self.door.status()['protocols'])
        found = self.good(self.client.get_ports())
        self.assertEqual(6, len(found))
        self.assertFalse([p for p in found if getattr(p, 'iqn', None)])

    def test_nvme_over_fibre_channel_has_both_names(self) -> None:
        port = self.good(self.client.get_ports(names=['CT0.FC8']))[0]
        self.assertTrue(port.nqn.startswith('nqn.2010-06.'))
        self.assertTrue(port.wwn.endswith(':08'))


class ProtocolsOptionTest(unittest.TestCase):
    def test_an_unknown_protocol_is_told(self) -> None:
        with self.assertRaisesRegex(ValueError, 'token-ring'):
            network.parse_protocols('iscsi,token-ring')

    def test_no_protocol_is_an_error(self) -> None:
        with self.assertRaises(ValueError):
            network.parse_protocols('')


class ConnectivityTest(unittest.TestCase):
    def status(self, *seen: tuple[str, ...] | None) -> tuple[str, str]:
        interfaces = network.built_in(
            '0' * 8 + '-1', '10.0.0.1', ('iscsi', 'fc')
        )
        return network.connectivity(
            [(str(number), ports) for number, ports in enumerate(seen)],
            network.ports('0' * 32, interfaces),
            'wwns',
        )

    def test_all_ports_are_redundant(self) -> None:
        self.assertEqual(('healthy', 'Redundant'), self.status(None))

    def test_no_initiator_is_critical(self) -> None:
        self.assertEqual(('critical', 'None'), self.status())

    def test_one_controller_is_not_enough(self) -> None:
        self.assertEqual(
            ('unhealthy', 'Single Controller'),
            self.status(('CT0.FC0', 'CT0.FC1')),
        )

    def test_an_initiator_that_is_not_logged_in_is_told(self) -> None:
        self.assertEqual(('unhealthy', 'Unused Port'), self.status(None, ()))

    def test_controllers_must_be_reached_alike(self) -> None:
        self.assertEqual(
            ('unhealthy', 'Uneven'),
            self.status(('CT0.FC0', 'CT0.FC1', 'CT1.FC0')),
        )


class RestartTest(unittest.TestCase):
    def test_another_protocol_changes_the_built_in_ports(self) -> None:
        with support.directory() as path:
            array = support.ArrayProcess('fa-one', path, 'token')
            self.addCleanup(array.kill)
            for protocols, expected in (('iscsi', 2), ('iscsi,fc', 6)):
                array.options = ['--protocols', protocols]
                array.start()
                array.ready()
                found = list(array.client().get_ports().items)
                self.assertEqual(expected, len(found))
                array.terminate()


class PortDetailsTest(ClientCase):
    def test_every_port_has_a_healthy_module(self) -> None:
        found = self.good(self.client.get_network_interfaces_port_details())
        pieces = {p.name for p in self.good(self.client.get_hardware())}
        self.assertLessEqual({port.name for port in found}, pieces)
        self.assertFalse(any(port.rx_los[0].flag for port in found))
