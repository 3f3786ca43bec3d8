# SPDX-License-Identifier: Apache-2.0
import ipaddress

import hypothesis
from hypothesis import strategies
from oslotest import base

from aegis.catalog import addresses
from aegis.clouds import objects
from aegis.tests.fixtures import clouds


def subnet(cidr: str, **values: object) -> objects.Subnet:
    site = clouds.FakeSite()
    network = site.add_network('p', 'n', None)
    return site.add_subnet(network, 's', cidr, **values)


class TranslateTest(base.BaseTestCase):
    def test_what_fits_stays(self) -> None:
        self.assertEqual(
            '10.1.0.7',
            addresses.translate('10.1.0.7', '10.1.0.0/24', '10.1.0.0/16'),
        )

    def test_a_host_keeps_its_number(self) -> None:
        self.assertEqual(
            '10.2.3.7',
            addresses.translate('10.1.3.7', '10.1.0.0/16', '10.2.0.0/16'),
        )

    def test_a_range_that_is_too_small(self) -> None:
        for address in ('10.1.0.255', '10.1.3.7'):
            self.assertIsNone(
                addresses.translate(address, '10.1.0.0/16', '10.2.0.0/24')
            )

    def test_another_ip_version(self) -> None:
        self.assertIsNone(
            addresses.translate('10.1.0.7', '10.1.0.0/24', '2001:db8::/64')
        )

    def test_ipv6(self) -> None:
        self.assertEqual(
            '2001:db8:2::7',
            addresses.translate(
                '2001:db8:1::7', '2001:db8:1::/64', '2001:db8:2::/64'
            ),
        )

    @hypothesis.given(strategies.data())
    def test_it_is_a_host_of_the_target_or_nothing(
        self, data: strategies.DataObject
    ) -> None:
        source, target = (self._network(data) for _ in range(2))
        host = data.draw(strategies.sampled_from(_some_hosts(source)))

        found = addresses.translate(str(host), str(source), str(target))

        if found is not None:
            self.assertIn(ipaddress.ip_address(found), target)

    @hypothesis.given(strategies.data())
    def test_between_ranges_of_one_size_it_goes_there_and_back(
        self, data: strategies.DataObject
    ) -> None:
        source = self._network(data)
        target = ipaddress.ip_network(
            (self._network(data).network_address, source.prefixlen),
            strict=False,
        )
        host = str(data.draw(strategies.sampled_from(_some_hosts(source))))

        there = addresses.translate(host, str(source), str(target))

        self.assertIsNotNone(there)
        back = addresses.translate(there, str(target), str(source))
        self.assertEqual(host, back)

    @hypothesis.given(strategies.data())
    def test_two_hosts_never_become_one(
        self, data: strategies.DataObject
    ) -> None:
        source, target = (self._network(data) for _ in range(2))
        hypothesis.assume(not source.overlaps(target))
        found = [
            addresses.translate(str(host), str(source), str(target))
            for host in _some_hosts(source)
        ]
        kept = [address for address in found if address is not None]
        self.assertEqual(len(set(kept)), len(kept))

    def _network(self, data: strategies.DataObject) -> ipaddress.IPv4Network:
        number = data.draw(strategies.integers(0, 2**32 - 1))
        prefix = data.draw(strategies.integers(8, 29))
        return ipaddress.ip_network((number, prefix), strict=False)


def _some_hosts(
    network: ipaddress.IPv4Network,
) -> list[ipaddress.IPv4Address]:
    last = network.num_addresses - 2
    numbers = sorted({1, 2, last // 2, last - 1, last} - {0})
    return [network.network_address + number for number in numbers]


class WantedTest(base.BaseTestCase):
    def test_an_address_is_translated(self) -> None:
        self.assertEqual(
            '10.2.0.7',
            addresses.wanted(
                '10.1.0.7', subnet('10.1.0.0/24'), subnet('10.2.0.0/24')
            ),
        )

    def test_neutron_chooses_on_subnets_with_automatic_addresses(self) -> None:
        for mode in ('slaac', 'dhcpv6-stateless'):
            target = subnet('2001:db8::/64', ipv6_address_mode=mode)
            self.assertIsNone(addresses.wanted('2001:db8::7', target, target))

    def test_addresses_by_dhcp_can_be_asked_for(self) -> None:
        target = subnet('2001:db8::/64', ipv6_address_mode='dhcpv6-stateful')
        self.assertEqual(
            '2001:db8::7', addresses.wanted('2001:db8::7', target, target)
        )


class HoldsTest(base.BaseTestCase):
    def test_whether_a_range_has_an_address(self) -> None:
        self.assertTrue(addresses.holds('192.0.2.0/24', '192.0.2.9'))
        self.assertFalse(addresses.holds('192.0.2.0/24', '192.0.3.9'))
        self.assertFalse(addresses.holds('192.0.2.0/24', '2001:db8::1'))
