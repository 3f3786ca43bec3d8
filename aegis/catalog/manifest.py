# SPDX-License-Identifier: Apache-2.0
"""All that is needed to build a group again, as it was captured."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from aegis import models
from aegis.clouds import objects
from aegis.common import documents

_Thing = TypeVar('_Thing')


@dataclasses.dataclass(frozen=True)
class MemberManifest:
    """A server and what is its own.

    ``volumes`` are in the order of the server's attachments, ``ports`` in
    that of its interfaces. ``keypair`` is None when the server has none, or
    when it was deleted since (then the server still names it).
    """

    member_id: str
    server: objects.Server
    flavor: objects.Flavor
    keypair: objects.Keypair | None
    volumes: tuple[objects.Volume, ...]
    ports: tuple[objects.Port, ...]
    floating_ips: tuple[objects.FloatingIp, ...]
    server_groups: tuple[objects.ServerGroup, ...]


@dataclasses.dataclass(frozen=True)
class GroupManifest:
    """Members, and what they share.

    ``networks`` are those of the members' ports, with all their ``subnets``,
    and the external ones that floating IPs and ``routers`` lead to.
    ``security_groups`` include those that only rules refer to.
    """

    site: str
    members: tuple[MemberManifest, ...]
    networks: tuple[objects.Network, ...]
    subnets: tuple[objects.Subnet, ...]
    routers: tuple[objects.Router, ...]
    security_groups: tuple[objects.SecurityGroup, ...]
    volume_types: tuple[objects.VolumeType, ...]


def order_volumes(
    server: objects.Server, volumes: Iterable[objects.Volume]
) -> tuple[objects.Volume, ...]:
    """Volumes in the order of the server's attachments; others are left."""
    known = {volume.id: volume for volume in volumes}
    return tuple(
        known[attachment.volume_id]
        for attachment in server.attachments
        if attachment.volume_id in known
    )


def order_ports(
    server: objects.Server, ports: Iterable[objects.Port]
) -> tuple[objects.Port, ...]:
    """Ports in the order of the server's interfaces, unknown ones last."""
    places = {
        address: place for place, address in enumerate(server.mac_addresses)
    }
    return tuple(
        sorted(
            ports,
            key=lambda port: (
                places.get(port.mac_address, len(places)),
                port.id,
            ),
        )
    )


def to_resources(
    manifest: GroupManifest,
) -> tuple[models.CheckpointResource, ...]:
    """A manifest as the rows of a checkpoint."""
    return (
        *(
            resource
            for member in manifest.members
            for resource in _member_resources(member)
        ),
        *_rows(None, 'neutron', 'network', manifest.networks),
        *_rows(None, 'neutron', 'subnet', manifest.subnets),
        *_rows(None, 'neutron', 'router', manifest.routers),
        *_rows(None, 'neutron', 'security_group', manifest.security_groups),
        *_rows(None, 'cinder', 'volume_type', manifest.volume_types),
    )


def _member_resources(
    member: MemberManifest,
) -> tuple[models.CheckpointResource, ...]:
    owner = member.member_id
    keypairs = (member.keypair,) if member.keypair else ()
    return (
        *_rows(owner, 'nova', 'server', [member.server]),
        *_rows(owner, 'nova', 'flavor', [member.flavor]),
        *_rows(owner, 'nova', 'keypair', keypairs),
        *_rows(owner, 'nova', 'server_group', member.server_groups),
        *_rows(owner, 'cinder', 'volume', member.volumes),
        *_rows(owner, 'neutron', 'port', member.ports),
        *_rows(owner, 'neutron', 'floating_ip', member.floating_ips),
    )


def _rows(
    member_id: str | None,
    service: str,
    resource_type: str,
    things: Sequence[Any],
) -> tuple[models.CheckpointResource, ...]:
    return tuple(
        models.CheckpointResource(
            member_id=member_id,
            service=service,
            resource_type=resource_type,
            # A key pair has no id and neither has a deleted flavor; a
            # floating IP has no name and neither have many ports.
            resource_id=getattr(thing, 'id', '') or thing.name,
            name=getattr(thing, 'name', '') or getattr(thing, 'id', ''),
            document=documents.to_document(thing),
        )
        for thing in things
    )


def from_checkpoint(checkpoint: models.Checkpoint | None) -> GroupManifest:
    """The manifest in a checkpoint, an empty one when there is none.

    A checkpoint that was read for one member gives that member only.
    """
    if checkpoint is None:
        return GroupManifest('', (), (), (), (), (), ())
    owned: dict[str | None, list[models.CheckpointResource]] = {None: []}
    for resource in checkpoint.resources:
        owned.setdefault(resource.member_id, []).append(resource)
    shared = owned[None]
    return GroupManifest(
        site=checkpoint.site,
        members=tuple(
            _member(owner, resources)
            for owner, resources in owned.items()
            if owner is not None
        ),
        networks=_all(shared, 'network', objects.Network),
        subnets=_all(shared, 'subnet', objects.Subnet),
        routers=_all(shared, 'router', objects.Router),
        security_groups=_all(shared, 'security_group', objects.SecurityGroup),
        volume_types=_all(shared, 'volume_type', objects.VolumeType),
    )


def _member(
    member_id: str, resources: Sequence[models.CheckpointResource]
) -> MemberManifest:
    (server,) = _all(resources, 'server', objects.Server)
    (flavor,) = _all(resources, 'flavor', objects.Flavor)
    keypairs = _all(resources, 'keypair', objects.Keypair)
    volumes = _all(resources, 'volume', objects.Volume)
    return MemberManifest(
        member_id=member_id,
        server=server,
        flavor=flavor,
        keypair=keypairs[0] if keypairs else None,
        volumes=order_volumes(server, volumes),
        ports=order_ports(server, _all(resources, 'port', objects.Port)),
        floating_ips=_all(resources, 'floating_ip', objects.FloatingIp),
        server_groups=_all(resources, 'server_group', objects.ServerGroup),
    )


def _all(
    resources: Iterable[models.CheckpointResource],
    resource_type: str,
    kind: type[_Thing],
) -> tuple[_Thing, ...]:
    return tuple(
        documents.from_document(kind, resource.document)
        for resource in resources
        if resource.resource_type == resource_type
    )
