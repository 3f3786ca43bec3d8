# SPDX-License-Identifier: Apache-2.0
"""The ports of an array: which there are, what they speak, who sees them.

Names, addresses and numbers follow what real arrays show: Ethernet ports
``ct0.eth4`` carry iSCSI, ``ct0.eth14`` NVMe over TCP, ``ct0.eth16`` NVMe
over RoCE; ``CT0.FC0`` and ``CT0.FC1`` SCSI over Fibre Channel and
``CT0.FC8`` NVMe over it.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flasharray_simulator import model

CONTROLLERS = ('CT0', 'CT1')
BOND = 'lacp_bond'
VIRTUAL = 'vif'
PHYSICAL = 'physical'

ISCSI_PORT = 3260
NVME_PORT = 4420

_GIGABIT = 1_000_000_000
_NETMASK = '255.255.255.0'


@dataclass(frozen=True)
class Protocol:
    """One way to reach volumes, and the built-in ports that offer it.

    ``ports`` are port numbers on each controller; ``offset`` is what the
    first controller's port adds to the array's address.
    """

    name: str
    service: str
    initiators: str
    ports: tuple[int, ...]
    offset: int = 0
    speed: int = 25 * _GIGABIT

    @property
    def is_fibre(self) -> bool:
        return self.service.endswith('fc')


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol('iscsi', 'iscsi', 'iqns', (4,)),
        Protocol('fc', 'scsi-fc', 'wwns', (0, 1), speed=32 * _GIGABIT),
        Protocol('nvme-tcp', 'nvme-tcp', 'nqns', (14,), 2, 100 * _GIGABIT),
        Protocol('nvme-roce', 'nvme-roce', 'nqns', (16,), 4, 100 * _GIGABIT),
        Protocol('nvme-fc', 'nvme-fc', 'nqns', (8,), speed=32 * _GIGABIT),
    )
}
DEFAULT_PROTOCOLS = ('iscsi', 'fc', 'nvme-tcp', 'nvme-roce')
SERVICES = {protocol.service: protocol for protocol in PROTOCOLS.values()}


@dataclass(frozen=True)
class Port:
    """A port that hosts can log in to."""

    name: str
    protocol: Protocol
    iqn: str | None = None
    nqn: str | None = None
    wwn: str | None = None
    portal: str | None = None

    @property
    def controller(self) -> str:
        return self.name.partition('.')[0]


def parse_protocols(text: str) -> tuple[str, ...]:
    """Return the protocols of a comma-separated list, in our order.

    Raises ValueError for an unknown one, or for none at all.
    """
    wanted = {word.strip().casefold() for word in text.split(',')} - {''}
    unknown = sorted(wanted - PROTOCOLS.keys())
    if unknown or not wanted:
        raise ValueError(
            f'protocols {text!r}: expected one or more of'
            f' {", ".join(PROTOCOLS)}'
        )
    return tuple(name for name in PROTOCOLS if name in wanted)


def built_in(
    array_id: str, address: str, protocols: Collection[str]
) -> list[model.NetworkInterface]:
    """Return the interfaces that an array of that make has."""
    origin = f'{address} {",".join(protocols)}'
    found = [_management(array_id, address, origin)]
    for number, controller in enumerate(CONTROLLERS):
        found.append(
            _ethernet(
                array_id,
                (number, 0),
                'management',
                offset_address(address, 8 + number),
                origin,
                _GIGABIT,
            )
        )
        found.append(
            _ethernet(
                array_id,
                (number, 2),
                'replication',
                offset_address(address, 7 * number),
                origin,
                25 * _GIGABIT,
            )
        )
        for name in protocols:
            found += _offering(
                array_id, address, origin, PROTOCOLS[name], controller
            )
    return found


def _offering(
    array_id: str,
    address: str,
    origin: str,
    protocol: Protocol,
    controller: str,
) -> list[model.NetworkInterface]:
    number = CONTROLLERS.index(controller)
    if protocol.is_fibre:
        return [
            _fibre(array_id, (number, port), protocol, origin)
            for port in protocol.ports
        ]
    return [
        _ethernet(
            array_id,
            (number, port),
            protocol.service,
            offset_address(address, protocol.offset + number),
            origin,
            protocol.speed,
        )
        for port in protocol.ports
    ]


def _management(
    array_id: str, address: str, origin: str
) -> model.NetworkInterface:
    return model.NetworkInterface(
        id='vir0',
        name='vir0',
        services=('management',),
        address=address,
        netmask=_NETMASK,
        mac_address=_mac(array_id, 0xF0, 0),
        subtype=VIRTUAL,
        speed=_GIGABIT,
        origin=origin,
    )


def _ethernet(
    array_id: str,
    place: tuple[int, int],
    service: str,
    address: str,
    origin: str,
    speed: int,
) -> model.NetworkInterface:
    name = f'ct{place[0]}.eth{place[1]}'
    return model.NetworkInterface(
        id=name,
        name=name,
        services=(service,),
        address=address,
        netmask=_NETMASK,
        mac_address=_mac(array_id, *place),
        speed=speed,
        origin=origin,
    )


def _fibre(
    array_id: str, place: tuple[int, int], protocol: Protocol, origin: str
) -> model.NetworkInterface:
    name = f'CT{place[0]}.FC{place[1]}'
    return model.NetworkInterface(
        id=name.casefold(),
        name=name,
        kind='fc',
        services=(protocol.service,),
        mtu=None,
        subtype=None,
        wwn=_wwn(array_id, *place),
        speed=protocol.speed,
        origin=origin,
    )


def offset_address(address: str, offset: int) -> str:
    """Return the address that many places on; itself if there is none."""
    try:
        return str(ipaddress.ip_address(address) + offset)
    except ValueError:
        return address


def _mac(array_id: str, controller: int, port: int) -> str:
    return f'24:a9:37:{array_id[:2]}:{controller:02x}:{port:02x}'


def _wwn(array_id: str, controller: int, port: int) -> str:
    digits = array_id.replace('-', '')[16:23]
    text = f'524a937{digits}{controller:x}{port:x}'.upper()
    return ':'.join(text[at : at + 2] for at in range(0, 16, 2))


def iqn(array_id: str) -> str:
    return f'iqn.2010-06.com.purestorage:flasharray.{_digits(array_id)}'


def nqn(array_id: str) -> str:
    return f'nqn.2010-06.com.purestorage:flasharray.{_digits(array_id)}'


def _digits(array_id: str) -> str:
    return array_id.replace('-', '')[:16]


def ports(
    array_id: str,
    interfaces: Iterable[model.NetworkInterface],
    down: Collection[str] = (),
) -> list[Port]:
    """Return the ports of the interfaces that are in use.

    What is disabled, has no address, is a part of a bond or sits on a
    controller that is down is none.
    """
    present = list(interfaces)
    bonded = {
        name.casefold()
        for interface in present
        if interface.subtype == BOND
        for name in interface.subinterfaces
    }
    return [
        _port(array_id, interface, SERVICES[service])
        for interface in present
        for service in interface.services
        if service in SERVICES
        and interface.enabled
        and (interface.address or interface.kind == 'fc')
        and interface.name.casefold() not in bonded
        and controller_of(interface.name) not in down
    ]


def _port(
    array_id: str, interface: model.NetworkInterface, protocol: Protocol
) -> Port:
    is_nvme = protocol.initiators == 'nqns'
    number = NVME_PORT if is_nvme else ISCSI_PORT
    return Port(
        name=interface.name.upper(),
        protocol=protocol,
        iqn=iqn(array_id) if protocol.initiators == 'iqns' else None,
        nqn=nqn(array_id) if is_nvme else None,
        wwn=interface.wwn,
        portal=None
        if interface.kind == 'fc'
        else f'{_bracketed(interface.address or "")}:{number}',
    )


def _bracketed(address: str) -> str:
    return f'[{address}]' if ':' in address else address


def controller_of(interface_name: str) -> str:
    """Return the controller an interface belongs to; '' for none."""
    name = interface_name.partition('.')[0].upper()
    return name if name in CONTROLLERS else ''


def connectivity(
    initiators: Iterable[tuple[str, tuple[str, ...] | None]],
    offered: list[Port],
    kind: str,
) -> tuple[str, str]:
    """Return status and details of a host's paths, as arrays word them.

    ``initiators`` are pairs of a name and the ports it is logged in to,
    None for all of its protocol; ``kind`` is iqns, nqns or wwns.
    """
    paths = [visible(seen, offered, kind) for _, seen in initiators]
    counts = {len(found) for found in paths}
    controllers = {port.controller for found in paths for port in found}
    if not controllers:
        return 'critical', 'None'
    if 0 in counts:
        return 'unhealthy', 'Unused Port'
    if len(controllers) < len(CONTROLLERS):
        return 'unhealthy', 'Single Controller'
    per_controller = {
        sum(port.controller == name for found in paths for port in found)
        for name in CONTROLLERS
    }
    if len(per_controller) > 1:
        return 'unhealthy', 'Uneven'
    return 'healthy', 'Redundant'


def visible(
    seen: tuple[str, ...] | None, offered: list[Port], kind: str
) -> list[Port]:
    """Return the ports that an initiator of that kind is logged in to."""
    return [
        port
        for port in offered
        if port.protocol.initiators == kind
        and (seen is None or port.name in seen)
    ]


def netmask(prefix: str) -> str:
    """Return the mask of a prefix like ``10.1.0.0/24``."""
    return str(ipaddress.ip_network(prefix).netmask)
