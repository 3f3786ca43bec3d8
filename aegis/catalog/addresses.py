# SPDX-License-Identifier: Apache-2.0
"""Where an address of one subnet belongs in another."""

import ipaddress

from aegis.clouds import objects

# Neutron gives addresses on these by itself and refuses to be told one.
_AUTOMATIC = frozenset({'slaac', 'dhcpv6-stateless'})


def wanted(
    address: str, source: objects.Subnet, target: objects.Subnet
) -> str | None:
    """The address to ask for on a subnet; None lets Neutron choose."""
    if target.ipv6_address_mode in _AUTOMATIC:
        return None
    return translate(address, source.cidr, target.cidr)


def translate(address: str, source_cidr: str, target_cidr: str) -> str | None:
    """The address a host keeps, or gets, when its subnet is another one.

    It stays the same where the target subnet holds it; else the host keeps
    its number within the subnet (10.1.0.7/16 becomes 10.2.0.7). None when
    the target subnet is too small for that or of another IP version.
    """
    host = ipaddress.ip_address(address)
    source = ipaddress.ip_network(source_cidr)
    target = ipaddress.ip_network(target_cidr)
    if host.version != target.version:
        return None
    if host in target:
        return str(host)
    number = int(host) - int(source.network_address)
    if not 0 < number < target.num_addresses - 1:
        return None
    return str(target.network_address + number)


def holds(cidr: str, address: str) -> bool:
    """Whether a subnet's range has the address."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)
