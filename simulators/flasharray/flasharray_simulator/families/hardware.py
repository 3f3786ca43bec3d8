# SPDX-License-Identifier: Apache-2.0
"""/controllers, /ports, /network-interfaces, /hardware and the like."""

import ipaddress

from flasharray_simulator import listing
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families import rendering

MODEL = 'FA-X20R4'
_ISCSI_PORT = 3260
_SPEED = 25_000_000_000


def iqn(array: FlashArray) -> str:
    digits = array.settings.array_id.replace('-', '')[:16]
    return f'iqn.2010-06.com.purestorage:flasharray.{digits}'


def portals(array: FlashArray) -> list[tuple[str, str]]:
    """Return (controller, address) of the iSCSI ports.

    The first has the array's own address, the second the next one.
    """
    first = array.setup.address
    try:
        second = str(ipaddress.ip_address(first) + 1)
    except ValueError:
        second = first
    return [('CT0', first), ('CT1', second)]


def controllers(call: Call) -> Answer:
    array = call.array
    items = [
        {
            'name': name,
            'type': 'array_controller',
            'status': 'ready',
            'mode': mode,
            'model': MODEL,
            'version': array.setup.profile.purity,
            'mode_since': array.settings.created,
        }
        for name, mode in (('CT0', 'primary'), ('CT1', 'secondary'))
    ]
    return listing.plain(call, items, 'Controller')


def ports(call: Call) -> Answer:
    items = [
        {
            'name': f'{controller}.ETH4',
            'iqn': iqn(call.array),
            'portal': f'{address}:{_ISCSI_PORT}',
            'nqn': None,
            'wwn': None,
            'failover': None,
        }
        for controller, address in portals(call.array)
    ]
    return listing.plain(call, items, 'Port')


def network_interfaces(call: Call) -> Answer:
    items = []
    for number, (controller, address) in enumerate(portals(call.array)):
        for port, service in (
            (0, 'management'),
            (2, 'replication'),
            (4, 'iscsi'),
        ):
            items.append(
                _interface(
                    f'{controller.lower()}.eth{port}',
                    service,
                    address if port == 4 else call.array.setup.address,
                    f'24:a9:37:00:{number:02x}:{port:02x}',
                )
            )
    return listing.plain(call, items, 'Network interface')


def _interface(name: str, service: str, address: str, mac: str) -> Item:
    return {
        'name': name,
        'attached_servers': [],
        'enabled': True,
        'eth': {
            'address': address,
            'gateway': None,
            'mac_address': mac,
            'mtu': 1500,
            'netmask': '255.255.255.0',
            'subinterfaces': [],
            'subnet': rendering.reference(None),
            'subtype': 'physical',
            'vlan': None,
        },
        'fc': {'wwn': None},
        'interface_type': 'eth',
        'realms': [],
        'server': rendering.reference(None),
        'services': [service],
        'speed': _SPEED,
    }


def hardware(call: Call) -> Answer:
    serial = call.array.settings.array_id.replace('-', '')[:12].upper()
    items = [
        _piece('CH0', 'chassis', serial, 0),
        _piece('CT0', 'controller', f'{serial}A', 0),
        _piece('CT1', 'controller', f'{serial}B', 1),
        _piece('CT0.ETH4', 'eth_port', None, 4, _SPEED),
        _piece('CT1.ETH4', 'eth_port', None, 4, _SPEED),
    ]
    return listing.plain(call, items, 'Hardware')


def _piece(
    name: str,
    kind: str,
    serial: str | None,
    index: int,
    speed: int | None = None,
) -> Item:
    return {
        'name': name,
        'details': None,
        'identify_enabled': False,
        'index': index,
        'model': MODEL if serial else None,
        'serial': serial,
        'slot': None,
        'speed': speed,
        'status': 'ok',
        'temperature': None,
        'type': kind,
        'voltage': None,
    }


def subscriptions(call: Call) -> Answer:
    item = {'id': call.array.settings.array_id, 'service': 'FlashArray'}
    return listing.plain(call, [item], 'Subscription')


def support(call: Call) -> Answer:
    item = {
        'phonehome_enabled': False,
        'phonehome_excludes': [],
        'proxy': '',
        'remote_assist_active': False,
        'remote_assist_duration': 86_400_000,
        'remote_assist_expires': None,
        'remote_assist_opened': None,
        'remote_assist_paths': [],
        'remote_assist_status': 'disconnected',
    }
    return listing.plain(call, [item], 'Support')


def no_neighbors(call: Call) -> Answer:
    return listing.plain(call, [], 'Network interface')


ROUTES = (
    Route('GET', 'controllers', controllers),
    Route('GET', 'hardware', hardware),
    Route('GET', 'network-interfaces', network_interfaces, since='2.4'),
    Route('GET', 'network-interfaces/neighbors', no_neighbors, since='2.15'),
    Route('GET', 'ports', ports),
    Route('GET', 'subscriptions', subscriptions, since='2.26'),
    Route('GET', 'support', support, since='2.2'),
)
