# SPDX-License-Identifier: Apache-2.0
"""/network-interfaces with neighbors."""

from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, listing, model
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import network
from flasharray_simulator.families import rendering
from flasharray_simulator.listing import Listing

LABEL = 'Network interface'
MADE = (network.VIRTUAL, network.BOND)
_SERVICES = (*network.SERVICES, 'management', 'replication', 'file', 'app')
_ETH_POST = ('address', 'subinterfaces', 'subnet', 'subtype')
_ETH_PATCH = (
    'add_subinterfaces',
    'address',
    'gateway',
    'mtu',
    'netmask',
    'remove_subinterfaces',
    'subinterfaces',
    'subnet',
)
_LARGEST_MTU = 9216
_LEAST_MTU = 568


def render(array: FlashArray, interface: model.NetworkInterface) -> Item:
    subnet = array.subnets.get(interface.subnet_id)
    return {
        'name': interface.name,
        'attached_servers': [],
        'enabled': interface.enabled,
        'eth': {
            'address': interface.address,
            'array_availability': [],
            'gateway': interface.gateway,
            'mac_address': interface.mac_address,
            'mtu': interface.mtu,
            'netmask': interface.netmask,
            'preferred_arrays': [],
            'remediation_mode': None,
            'subinterfaces': [
                {'name': name} for name in interface.subinterfaces
            ],
            'subnet': {'name': subnet.name if subnet else None},
            'subtype': interface.subtype,
            'vlan': subnet.vlan if subnet else interface.vlan,
        },
        'fc': {'wwn': interface.wwn},
        'interface_type': interface.kind,
        'realms': [],
        'server': {**rendering.reference(None), 'resource_type': None},
        'services': list(interface.services),
        'speed': interface.speed,
    }


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.network_interfaces,
        render=lambda interface: render(array, interface),
    ).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields('name', 'eth', 'services')
    wanted: list[Any] = call.query.many('names') or [body.get('name')]
    made = errors.for_each(wanted, lambda name: _create(array, name, body))
    return Answer([render(array, interface) for interface in made])


def _create(array: FlashArray, name: Any, body: Item) -> Any:
    if not isinstance(name, str) or not name:
        raise errors.missing_parameter('names')
    eth = check_fields(body.get('eth') or {}, _ETH_POST)
    if eth.get('subtype') not in MADE:
        raise errors.invalid_parameter('subtype.', name)
    free_name(LABEL, array.network_interfaces, name)
    parent = array.network_interfaces.find(name.rpartition('.')[0])
    is_vlan = parent is not None and name.rpartition('.')[2].isdecimal()
    members = _members(array, eth.get('subinterfaces') or [])
    basis = parent if is_vlan else (members[0] if members else None)
    if eth['subtype'] == network.BOND and not members:
        raise errors.missing_parameter('subinterfaces')
    interface = model.NetworkInterface(
        id=name.casefold(),
        name=name,
        subtype=eth['subtype'],
        mac_address=basis.mac_address if basis else None,
        speed=basis.speed if basis else 0,
        services=parent.services if is_vlan and parent else (),
    )
    return array.network_interfaces.put(_changed(array, interface, body, eth))


def _members(array: FlashArray, given: Any) -> list[model.NetworkInterface]:
    return [
        any_state(
            LABEL, array.network_interfaces, rendering.read_reference(one, '')
        )
        for one in given
    ]


def _changed(
    array: FlashArray,
    interface: model.NetworkInterface,
    body: Item,
    eth: Item,
) -> model.NetworkInterface:
    if body.get('enabled') is not None:
        interface = replace(interface, enabled=bool(body['enabled']))
    if body.get('services') is not None:
        interface = _with_services(interface, body['services'])
    if eth.get('subnet') is not None:
        interface = _in_subnet(array, interface, eth['subnet'])
    for name in ('address', 'gateway', 'netmask'):
        if name in eth:
            change: dict[str, Any] = {name: eth[name] or None}
            interface = replace(interface, **change)
    if eth.get('mtu') is not None:
        interface = replace(interface, mtu=read_mtu(eth['mtu']))
    return _with_members(array, interface, eth)


def read_mtu(value: Any) -> int:
    """Return a packet size in bytes; raise ApiError for a bad one."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not _LEAST_MTU <= value <= _LARGEST_MTU
    ):
        raise errors.invalid_parameter('mtu.')
    return value


def _with_services(
    interface: model.NetworkInterface, wanted: Any
) -> model.NetworkInterface:
    if not isinstance(wanted, list) or any(
        service not in _SERVICES for service in wanted
    ):
        raise errors.invalid_parameter('services.', interface.name)
    for service in wanted:
        offered = network.SERVICES.get(service)
        if offered and offered.is_fibre != (interface.kind == 'fc'):
            raise errors.invalid_parameter('services.', interface.name)
    return replace(interface, services=tuple(wanted))


def _in_subnet(
    array: FlashArray, interface: model.NetworkInterface, given: Any
) -> model.NetworkInterface:
    name = rendering.read_reference(given, interface.name)
    if not name:
        return replace(interface, subnet_id=None)
    subnet = any_state('Subnet', array.subnets, name)
    return replace(
        interface,
        subnet_id=subnet.id,
        gateway=subnet.gateway,
        mtu=subnet.mtu,
        netmask=network.netmask(subnet.prefix),
    )


def _with_members(
    array: FlashArray, interface: model.NetworkInterface, eth: Item
) -> model.NetworkInterface:
    members = list(interface.subinterfaces)
    if eth.get('subinterfaces') is not None:
        members = [one.name for one in _members(array, eth['subinterfaces'])]
    for one in _members(array, eth.get('add_subinterfaces') or []):
        if one.name not in members:
            members.append(one.name)
    for one in _members(array, eth.get('remove_subinterfaces') or []):
        if one.name in members:
            members.remove(one.name)
    if members and interface.subtype == network.PHYSICAL:
        raise errors.refused(
            'A physical interface has no subinterfaces.', interface.name
        )
    return replace(interface, subinterfaces=tuple(members))


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields('enabled', 'eth', 'override_npiv_check', 'services')
    eth = check_fields(body.get('eth') or {}, _ETH_PATCH)
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: array.network_interfaces.put(
            _changed(
                array,
                any_state(LABEL, array.network_interfaces, name),
                body,
                eth,
            )
        ),
    )
    return Answer([render(array, interface) for interface in changed])


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        interface = any_state(LABEL, array.network_interfaces, name)
        if interface.origin:
            raise errors.refused(
                'A built-in network interface cannot be deleted.', name
            )
        array.network_interfaces.remove(interface.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


def neighbors(call: Call) -> Answer:
    """List what each physical Ethernet port hears: one switch a side."""
    array = call.array
    wanted = [n.casefold() for n in call.query.many('local_port_names')]
    items = [
        _neighbor(interface)
        for interface in array.network_interfaces.ordered()
        if interface.subtype == network.PHYSICAL
        and interface.enabled
        and (not wanted or interface.name.casefold() in wanted)
    ]
    return listing.plain(call, items, LABEL)


def _neighbor(interface: model.NetworkInterface) -> Item:
    side = network.CONTROLLERS.index(network.controller_of(interface.name))
    number = interface.name.rpartition('eth')[2]
    absent = {'enabled': False, 'supported': False}
    return {
        'initial_ttl_in_sec': 120,
        'local_port': {'name': interface.name},
        'neighbor_chassis': {
            'addresses': [],
            'bridge': {'enabled': True, 'supported': True},
            'description': 'simulated switch',
            'docsis_cable_device': absent,
            'id': {'type': 'mac', 'value': f'02:00:00:00:00:{side:02x}'},
            'name': f'switch-{side}',
            'repeater': absent,
            'router': absent,
            'station_only': absent,
            'telephone': absent,
            'wlan_access_point': absent,
        },
        'neighbor_port': {
            'description': f'port {number}',
            'id': {'type': 'ifname', 'value': f'Ethernet{number}'},
        },
    }


ROUTES = (
    Route('GET', 'network-interfaces', get),
    Route('POST', 'network-interfaces', post),
    Route('PATCH', 'network-interfaces', patch),
    Route('DELETE', 'network-interfaces', delete),
    Route(
        'GET',
        'network-interfaces/neighbors',
        neighbors,
        ('local_port_names',),
    ),
)
