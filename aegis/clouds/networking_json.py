# SPDX-License-Identifier: Apache-2.0
"""Neutron's JSON, from requests of ours and into objects of ours.

The ``*_body`` functions make what Neutron is sent; the others read what it
answers.
"""

import dataclasses
import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aegis.clouds import objects, requests

ADDRESS_GROUP = 'remote_address_group_id'


def port_body(
    request: requests.PortRequest, device_owner: str
) -> dict[str, Any]:
    """A port to make, with its birth as its device owner."""
    body: dict[str, Any] = {
        'network_id': request.network_id,
        'name': request.name,
        'description': request.description,
        'admin_state_up': request.admin_state_up,
        'binding:vnic_type': request.vnic_type,
        'device_owner': device_owner,
    }
    if request.mac_address:
        body['mac_address'] = request.mac_address
    if request.fixed_ips is not None:
        body['fixed_ips'] = [_fixed_ip_body(ip) for ip in request.fixed_ips]
    if request.allowed_address_pairs:
        body['allowed_address_pairs'] = [
            _address_pair_body(pair) for pair in request.allowed_address_pairs
        ]
    if request.port_security_enabled:
        body['security_groups'] = list(request.security_groups)
    else:
        # A port without port security can be in no security group.
        body['port_security_enabled'] = False
    if request.dns_name:
        body['dns_name'] = request.dns_name
    return body


def _fixed_ip_body(request: requests.FixedIpRequest) -> dict[str, str]:
    body = {'subnet_id': request.subnet_id}
    if request.ip_address:
        body['ip_address'] = request.ip_address
    return body


def _address_pair_body(pair: objects.AddressPair) -> dict[str, str]:
    body = {'ip_address': pair.ip_address}
    if pair.mac_address:
        body['mac_address'] = pair.mac_address
    return body


def network_body(request: requests.NetworkRequest) -> dict[str, Any]:
    body: dict[str, Any] = {'name': request.name}
    if request.mtu is not None:
        body['mtu'] = request.mtu
    if not request.port_security_enabled:
        body['port_security_enabled'] = False
    if request.dns_domain:
        body['dns_domain'] = request.dns_domain
    return body


def subnet_body(request: requests.SubnetRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        'network_id': request.network_id,
        'name': request.name,
        'cidr': request.cidr,
        'ip_version': request.ip_version,
        'gateway_ip': request.gateway_ip,
        'enable_dhcp': request.enable_dhcp,
        'dns_nameservers': list(request.dns_nameservers),
        'host_routes': [route_body(route) for route in request.host_routes],
    }
    if request.allocation_pools:
        body['allocation_pools'] = [
            {'start': pool.start, 'end': pool.end}
            for pool in request.allocation_pools
        ]
    if request.ipv6_address_mode:
        body['ipv6_address_mode'] = request.ipv6_address_mode
    if request.ipv6_ra_mode:
        body['ipv6_ra_mode'] = request.ipv6_ra_mode
    return body


def router_body(request: requests.RouterRequest) -> dict[str, Any]:
    body: dict[str, Any] = {'name': request.name}
    if request.external_network_id:
        gateway: dict[str, Any] = {'network_id': request.external_network_id}
        # The attribute needs an extension and a right; most have true.
        if not request.enable_snat:
            gateway['enable_snat'] = False
        body['external_gateway_info'] = gateway
    return body


def route_body(route: objects.HostRoute) -> dict[str, str]:
    return {'destination': route.destination, 'nexthop': route.nexthop}


def security_group_body(
    request: requests.SecurityGroupRequest,
) -> dict[str, Any]:
    body: dict[str, Any] = {'name': request.name}
    if not request.stateful:
        body['stateful'] = False
    return body


def rule_body(
    security_group_id: str, rule: objects.SecurityGroupRule
) -> dict[str, Any]:
    return {
        'security_group_id': security_group_id,
        'direction': rule.direction,
        'ethertype': rule.ethertype,
        'protocol': rule.protocol,
        'port_range_min': rule.port_range_min,
        'port_range_max': rule.port_range_max,
        'remote_ip_prefix': rule.remote_ip_prefix,
        'remote_group_id': rule.remote_group,
        'description': rule.description,
    }


def floating_ip_body(request: requests.FloatingIpRequest) -> dict[str, str]:
    wanted = {
        'floating_network_id': request.network_id,
        'port_id': request.port_id,
        'fixed_ip_address': request.fixed_ip,
        'floating_ip_address': request.address,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def port(body: dict[str, Any]) -> objects.Port:
    return objects.Port(
        id=body['id'],
        name=body['name'],
        description=body.get('description') or '',
        project_id=body['project_id'],
        network_id=body['network_id'],
        device_id=body['device_id'],
        device_owner=body['device_owner'],
        status=body['status'],
        mac_address=body['mac_address'],
        fixed_ips=tuple(
            objects.FixedIp(
                subnet_id=fixed['subnet_id'], ip_address=fixed['ip_address']
            )
            for fixed in body['fixed_ips']
        ),
        security_groups=tuple(sorted(body.get('security_groups', ()))),
        allowed_address_pairs=tuple(
            objects.AddressPair(
                ip_address=pair['ip_address'],
                mac_address=pair.get('mac_address'),
            )
            for pair in body.get('allowed_address_pairs', ())
        ),
        port_security_enabled=body.get('port_security_enabled', True),
        admin_state_up=body['admin_state_up'],
        vnic_type=body.get('binding:vnic_type', 'normal'),
        dns_name=body.get('dns_name') or None,
        tags=_tags(body),
    )


def _tags(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(body.get('tags', ())))


def network(body: dict[str, Any]) -> objects.Network:
    return objects.Network(
        id=body['id'],
        name=body['name'],
        description=body.get('description') or '',
        project_id=body['project_id'],
        is_external=body.get('router:external', False),
        is_shared=body.get('shared', False),
        mtu=body.get('mtu'),
        port_security_enabled=body.get('port_security_enabled', True),
        dns_domain=body.get('dns_domain') or None,
        tags=_tags(body),
    )


def _routes(bodies: Iterable[dict[str, str]]) -> tuple[objects.HostRoute, ...]:
    return tuple(
        objects.HostRoute(
            destination=route['destination'], nexthop=route['nexthop']
        )
        for route in bodies
    )


def subnet(body: dict[str, Any]) -> objects.Subnet:
    return objects.Subnet(
        id=body['id'],
        name=body['name'],
        description=body.get('description') or '',
        project_id=body['project_id'],
        network_id=body['network_id'],
        ip_version=body['ip_version'],
        cidr=body['cidr'],
        gateway_ip=body['gateway_ip'],
        enable_dhcp=body['enable_dhcp'],
        dns_nameservers=tuple(body['dns_nameservers']),
        allocation_pools=tuple(
            objects.AllocationPool(start=pool['start'], end=pool['end'])
            for pool in body['allocation_pools']
        ),
        host_routes=_routes(body['host_routes']),
        ipv6_address_mode=body.get('ipv6_address_mode'),
        ipv6_ra_mode=body.get('ipv6_ra_mode'),
        tags=_tags(body),
    )


def router(
    body: dict[str, Any], ports: Iterable[objects.Port]
) -> objects.Router:
    """A router, whose interfaces are told by ports of the project."""
    gateway = body.get('external_gateway_info') or {}
    interfaces = {
        fixed.subnet_id
        for port in ports
        if port.device_id == body['id']
        for fixed in port.fixed_ips
    }
    return objects.Router(
        id=body['id'],
        name=body['name'],
        description=body.get('description') or '',
        project_id=body['project_id'],
        external_network_id=gateway.get('network_id'),
        enable_snat=gateway.get('enable_snat', True),
        interfaces=tuple(sorted(interfaces)),
        routes=_routes(body.get('routes') or ()),
        tags=_tags(body),
    )


def _rules(
    body: dict[str, Any], addresses: Mapping[str, Sequence[str]]
) -> Iterator[objects.SecurityGroupRule]:
    rule = _rule(body)
    group = body.get(ADDRESS_GROUP)
    if not group:
        yield rule
        return
    # An unknown group allows nobody; without this it would allow everybody.
    version = {'IPv4': 4, 'IPv6': 6}[rule.ethertype]
    for address in addresses.get(group, ()):
        if ipaddress.ip_network(address).version == version:
            yield dataclasses.replace(rule, remote_ip_prefix=address)


def _rule(body: dict[str, Any]) -> objects.SecurityGroupRule:
    return objects.SecurityGroupRule(
        id=body['id'],
        direction=body['direction'],
        ethertype=body['ethertype'],
        protocol=body['protocol'],
        port_range_min=body['port_range_min'],
        port_range_max=body['port_range_max'],
        remote_ip_prefix=body['remote_ip_prefix'],
        remote_group=body['remote_group_id'],
        description=body.get('description') or '',
    )


def security_group(
    body: dict[str, Any], addresses: Mapping[str, Sequence[str]]
) -> objects.SecurityGroup:
    """A security group.

    :param addresses: the addresses of each address group, by its id.
    """
    return objects.SecurityGroup(
        id=body['id'],
        name=body['name'],
        description=body.get('description') or '',
        project_id=body['project_id'],
        stateful=body.get('stateful', True),
        rules=tuple(
            rule
            for each in sorted(
                body.get('security_group_rules', ()),
                key=lambda rule: str(rule['id']),
            )
            for rule in _rules(each, addresses)
        ),
        tags=_tags(body),
    )


def floating_ip(body: dict[str, Any]) -> objects.FloatingIp:
    return objects.FloatingIp(
        id=body['id'],
        address=body['floating_ip_address'],
        project_id=body['project_id'],
        floating_network_id=body['floating_network_id'],
        port_id=body.get('port_id'),
        fixed_ip=body.get('fixed_ip_address'),
        description=body.get('description') or '',
        tags=_tags(body),
    )
