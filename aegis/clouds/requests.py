# SPDX-License-Identifier: Apache-2.0
"""What Aegis asks the clouds to make, free of any client library.

``tags`` of a request become the tags of the Neutron object. Everything that
is asked for is owned by the project of the cloud it is asked from.
"""

import dataclasses

from aegis.clouds import objects


@dataclasses.dataclass(frozen=True)
class ServerVolume:
    """An existing volume for a new server; boot index 0 is the root disk."""

    volume_id: str
    boot_index: int | None
    device: str | None = None
    tag: str | None = None
    delete_on_termination: bool = False


@dataclasses.dataclass(frozen=True)
class ServerPort:
    """An existing port for a new server."""

    port_id: str
    tag: str | None = None


@dataclasses.dataclass(frozen=True)
class ServerRequest:
    """A volume-backed server.

    ``volumes`` and ``ports`` are in the order in which the guest sees them.
    ``user_data`` is base64. ``server_group`` is a server group's id.
    """

    name: str
    flavor_id: str
    volumes: tuple[ServerVolume, ...]
    ports: tuple[ServerPort, ...]
    description: str | None = None
    hostname: str | None = None
    keypair: str | None = None
    user_data: str | None = None
    config_drive: bool = False
    availability_zone: str | None = None
    metadata: tuple[objects.Pair, ...] = ()
    tags: tuple[str, ...] = ()
    server_group: str | None = None


@dataclasses.dataclass(frozen=True)
class ManageRequest:
    """An array volume to be taken over by Cinder.

    ``host`` is ``host@backend#pool``, ``reference`` the volume's name on
    the array.
    """

    host: str
    reference: str
    name: str
    volume_type: str
    availability_zone: str | None = None
    bootable: bool = False
    description: str | None = None
    metadata: tuple[objects.Pair, ...] = ()


@dataclasses.dataclass(frozen=True)
class FixedIpRequest:
    """An address on a subnet, any free one when it is None."""

    subnet_id: str
    ip_address: str | None = None


@dataclasses.dataclass(frozen=True)
class PortRequest:
    """``fixed_ips`` None lets Neutron choose, empty means no address."""

    network_id: str
    name: str
    mac_address: str | None = None
    fixed_ips: tuple[FixedIpRequest, ...] | None = None
    security_groups: tuple[str, ...] = ()
    allowed_address_pairs: tuple[objects.AddressPair, ...] = ()
    port_security_enabled: bool = True
    admin_state_up: bool = True
    vnic_type: str = 'normal'
    dns_name: str | None = None
    description: str = ''
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class NetworkRequest:
    name: str
    description: str = ''
    mtu: int | None = None
    port_security_enabled: bool = True
    dns_domain: str | None = None
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SubnetRequest:
    """``gateway_ip`` None means no gateway."""

    network_id: str
    name: str
    cidr: str
    ip_version: int
    gateway_ip: str | None
    description: str = ''
    enable_dhcp: bool = True
    dns_nameservers: tuple[str, ...] = ()
    allocation_pools: tuple[objects.AllocationPool, ...] = ()
    host_routes: tuple[objects.HostRoute, ...] = ()
    ipv6_address_mode: str | None = None
    ipv6_ra_mode: str | None = None
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class RouterRequest:
    name: str
    description: str = ''
    external_network_id: str | None = None
    enable_snat: bool = True
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SecurityGroupRequest:
    name: str
    description: str = ''
    stateful: bool = True
    tags: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class FloatingIpRequest:
    """``address`` None lets Neutron choose."""

    network_id: str
    port_id: str | None = None
    fixed_ip: str | None = None
    address: str | None = None
    description: str = ''
    tags: tuple[str, ...] = ()
