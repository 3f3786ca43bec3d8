# SPDX-License-Identifier: Apache-2.0
"""What Aegis reads from the clouds, free of any client library.

Frozen, hashable where it matters, and convertible to and from JSON by
:mod:`aegis.common.documents`, because a checkpoint is made of them.
"""

import dataclasses
import datetime


@dataclasses.dataclass(frozen=True)
class Pair:
    """One entry of a key and value collection."""

    key: str
    value: str


@dataclasses.dataclass(frozen=True)
class Attachment:
    """A volume at a server, in the server's own order."""

    volume_id: str
    device: str | None
    tag: str | None
    delete_on_termination: bool
    boot_index: int | None


@dataclasses.dataclass(frozen=True)
class Flavor:
    """``id`` is empty when the flavor itself is gone."""

    id: str
    name: str
    vcpus: int
    ram_mib: int
    disk_gib: int
    ephemeral_gib: int
    swap_mib: int
    extra_specs: tuple[Pair, ...]


@dataclasses.dataclass(frozen=True)
class Server:
    """A Nova server with all that is needed to build it again.

    ``user_data`` is base64 as Nova keeps it; ``flavor`` is the flavor's
    name, ``fault`` Nova's own words when the server is in ERROR.
    ``user_id`` owns the key pair. ``mac_addresses`` are the interfaces in
    Nova's order, which Neutron does not know. A list of servers tells
    nothing of ``server_groups`` nor of the details of ``attachments``.
    ``embedded_flavor`` is the flavor as it was when the server was built.
    ``interface_tags`` are port ids with the tags their interfaces have;
    only a capture looks for them.
    """

    id: str
    name: str
    project_id: str
    status: str
    task_state: str | None
    created_at: datetime.datetime | None
    launched_at: datetime.datetime | None
    flavor: str
    description: str | None
    hostname: str | None
    keypair: str | None
    user_data: str | None
    config_drive: bool
    availability_zone: str | None
    locked: bool
    metadata: tuple[Pair, ...]
    tags: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    server_groups: tuple[str, ...]
    boots_from_image: bool
    fault: str | None = None
    user_id: str = ''
    mac_addresses: tuple[str, ...] = ()
    embedded_flavor: Flavor | None = None
    root_device: str | None = None
    interface_tags: tuple[Pair, ...] = ()


@dataclasses.dataclass(frozen=True)
class Keypair:
    name: str
    type: str
    public_key: str
    fingerprint: str


@dataclasses.dataclass(frozen=True)
class ServerGroup:
    """``members`` are the ids of its servers."""

    id: str
    name: str
    policy: str
    members: tuple[str, ...] = ()
    max_server_per_host: int | None = None


@dataclasses.dataclass(frozen=True)
class Volume:
    """A Cinder volume; ``array`` and ``array_volume`` as Cinder knows them.

    ``host`` is Cinder's ``host@backend#pool``.
    """

    id: str
    name: str
    description: str | None
    project_id: str
    status: str
    size_gib: int
    volume_type: str | None
    bootable: bool
    encrypted: bool
    multiattach: bool
    availability_zone: str | None
    host: str | None
    replication_status: str | None
    metadata: tuple[Pair, ...]
    image_metadata: tuple[Pair, ...]
    attached_to: tuple[str, ...]
    array: str | None
    array_volume: str | None
    created_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class VolumeType:
    """A Cinder volume type that the project may use.

    ``backend`` is what the type asks of a backend's
    ``volume_backend_name``. A list of types does not say whether one
    encrypts: ``encrypted`` is true only of a type that was asked for.
    """

    id: str
    name: str
    description: str | None
    is_public: bool
    backend: str | None
    replication_enabled: bool
    replication_type: str | None
    encrypted: bool


@dataclasses.dataclass(frozen=True)
class VolumePool:
    """A Cinder backend pool; ``name`` is ``host@backend#pool``.

    ``backend`` is its ``volume_backend_name``. ``free_gib`` is None when
    the backend does not know it.
    """

    name: str
    backend: str
    free_gib: float | None

    @property
    def id(self) -> str:
        """What makes it unique: Cinder gives pools no ids."""
        return self.name


@dataclasses.dataclass(frozen=True)
class FixedIp:
    subnet_id: str
    ip_address: str


@dataclasses.dataclass(frozen=True)
class AddressPair:
    ip_address: str
    mac_address: str | None


@dataclasses.dataclass(frozen=True)
class Port:
    id: str
    name: str
    description: str
    project_id: str
    network_id: str
    device_id: str
    status: str
    mac_address: str
    fixed_ips: tuple[FixedIp, ...]
    security_groups: tuple[str, ...]
    allowed_address_pairs: tuple[AddressPair, ...]
    port_security_enabled: bool
    admin_state_up: bool
    vnic_type: str
    dns_name: str | None
    tags: tuple[str, ...]
    device_owner: str = ''


@dataclasses.dataclass(frozen=True)
class AllocationPool:
    start: str
    end: str


@dataclasses.dataclass(frozen=True)
class HostRoute:
    destination: str
    nexthop: str


@dataclasses.dataclass(frozen=True)
class Subnet:
    id: str
    name: str
    description: str
    project_id: str
    network_id: str
    ip_version: int
    cidr: str
    gateway_ip: str | None
    enable_dhcp: bool
    dns_nameservers: tuple[str, ...]
    allocation_pools: tuple[AllocationPool, ...]
    host_routes: tuple[HostRoute, ...]
    ipv6_address_mode: str | None
    ipv6_ra_mode: str | None
    tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Network:
    id: str
    name: str
    description: str
    project_id: str
    is_external: bool
    is_shared: bool
    mtu: int | None
    port_security_enabled: bool
    dns_domain: str | None
    tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Router:
    """``interfaces`` are the ids of the subnets it joins."""

    id: str
    name: str
    description: str
    project_id: str
    external_network_id: str | None
    enable_snat: bool
    interfaces: tuple[str, ...]
    routes: tuple[HostRoute, ...]
    tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class SecurityGroupRule:
    """``remote_group`` is a security group's id.

    ``id`` is Neutron's own and no part of what the rule says.
    """

    direction: str
    ethertype: str
    protocol: str | None
    port_range_min: int | None
    port_range_max: int | None
    remote_ip_prefix: str | None
    remote_group: str | None
    description: str
    id: str = dataclasses.field(default='', compare=False)


@dataclasses.dataclass(frozen=True)
class SecurityGroup:
    id: str
    name: str
    description: str
    project_id: str
    stateful: bool
    rules: tuple[SecurityGroupRule, ...]
    tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class FloatingIp:
    id: str
    address: str
    project_id: str
    floating_network_id: str
    port_id: str | None
    fixed_ip: str | None
    description: str
    tags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Image:
    id: str
    name: str
    status: str
    visibility: str
    size_bytes: int | None
    properties: tuple[Pair, ...]


@dataclasses.dataclass(frozen=True)
class Project:
    id: str
    name: str
    domain_id: str
    domain_name: str
    enabled: bool


@dataclasses.dataclass(frozen=True)
class QuotaLine:
    """A quota; ``limit`` is -1 when there is none."""

    resource: str
    limit: int
    used: int

    @property
    def free(self) -> float:
        """What is left, infinity without a limit."""
        return float('inf') if self.limit < 0 else self.limit - self.used
