# SPDX-License-Identifier: Apache-2.0
"""Read all that is needed to build servers again. Nothing is changed.

Whole lists of a project are read once, however many servers there are; per
server there are only the two calls that Nova has no list for.
"""

import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from aegis.catalog import concurrency, manifest
from aegis.clouds import errors, factory, objects


@dataclasses.dataclass(frozen=True)
class _Compute:
    """What Nova says of the project and of the captured servers."""

    servers: Mapping[str, objects.Server]
    flavors: Mapping[str, objects.Flavor]
    keypairs: Mapping[tuple[str, str], objects.Keypair]
    server_groups: tuple[objects.ServerGroup, ...]


@dataclasses.dataclass(frozen=True)
class _Network:
    """What Neutron says of the project.

    ``ports`` are by the id of the server, ``floating_ips`` by that of the
    port: each server looks up its own, however many there are.
    """

    ports: Mapping[str, list[objects.Port]]
    floating_ips: Mapping[str | None, list[objects.FloatingIp]]
    networks: Mapping[str, objects.Network]
    routers: tuple[objects.Router, ...]
    security_groups: Mapping[str, objects.SecurityGroup]


def capture(
    cloud: factory.Cloud, servers: Sequence[tuple[str, str]]
) -> manifest.GroupManifest:
    """Capture servers of a cloud's project.

    A server that boots from an image or has local disks is captured like
    any other; whether it may be a member is for others to judge.

    :param servers: pairs of a member id and a server id.
    :raises aegis.common.exception.CloudNotFound: when a server, or a volume
        of one, is not in the project.
    """
    compute = _read_compute(cloud, [server_id for _, server_id in servers])
    volumes = {volume.id: volume for volume in cloud.volume.list_volumes()}
    network = _read_network(cloud)
    members = tuple(
        _member(
            cloud,
            member_id,
            compute.servers[server_id],
            compute,
            volumes,
            network,
        )
        for member_id, server_id in servers
    )
    ports = [port for member in members for port in member.ports]
    own = {port.network_id for port in ports}
    subnets = cloud.network.list_subnets(sorted(own)) if own else ()
    routers = _routers(network.routers, subnets)
    external = {
        floating_ip.floating_network_id
        for member in members
        for floating_ip in member.floating_ips
    }
    external.update(
        router.external_network_id
        for router in routers
        if router.external_network_id is not None
    )
    return manifest.GroupManifest(
        site=cloud.site,
        members=members,
        networks=tuple(
            network.networks[network_id]
            for network_id in sorted(own | external)
            if network_id in network.networks
        ),
        subnets=tuple(sorted(subnets, key=lambda subnet: subnet.id)),
        routers=routers,
        security_groups=_security_groups(network.security_groups, ports),
        volume_types=_volume_types(cloud, members),
    )


def _read_compute(cloud: factory.Cloud, server_ids: Sequence[str]) -> _Compute:
    nova = cloud.compute
    listed = nova.list_servers(ids=frozenset(server_ids))
    groups = nova.list_server_groups()
    missing = set(server_ids) - {server.id for server in listed}
    for server_id in sorted(missing):
        raise errors.not_found(cloud.site, 'nova', 'server', server_id)

    def complete(server: objects.Server) -> objects.Server:
        return dataclasses.replace(
            server,
            attachments=nova.list_attachments(server),
            interface_tags=nova.interface_tags(server.id),
            server_groups=tuple(
                group.id for group in groups if server.id in group.members
            ),
        )

    owned = {
        (server.user_id, server.keypair)
        for server in listed
        if server.keypair is not None
    }
    servers = concurrency.each('nova', complete, listed)
    keypairs = {
        (user_id, name): nova.find_keypair(name, user_id=user_id)
        for user_id, name in sorted(owned)
    }
    return _Compute(
        servers={server.id: server for server in servers},
        flavors={flavor.name: flavor for flavor in nova.list_flavors()},
        keypairs={
            owner: keypair
            for owner, keypair in keypairs.items()
            if keypair is not None
        },
        server_groups=groups,
    )


def _read_network(cloud: factory.Cloud) -> _Network:
    neutron = cloud.network
    ports = collections.defaultdict(list)
    for port in neutron.list_ports():
        ports[port.device_id].append(port)
    floating_ips = collections.defaultdict(list)
    for floating_ip in neutron.list_floating_ips():
        floating_ips[floating_ip.port_id].append(floating_ip)
    return _Network(
        ports=ports,
        floating_ips=floating_ips,
        networks={network.id: network for network in neutron.list_networks()},
        routers=neutron.list_routers(),
        security_groups={
            group.id: group for group in neutron.list_security_groups()
        },
    )


def _member(
    cloud: factory.Cloud,
    member_id: str,
    server: objects.Server,
    compute: _Compute,
    volumes: Mapping[str, objects.Volume],
    network: _Network,
) -> manifest.MemberManifest:
    for attachment in server.attachments:
        if attachment.volume_id not in volumes:
            raise errors.not_found(
                cloud.site, 'cinder', 'volume', attachment.volume_id
            )
    ports = network.ports.get(server.id, [])
    own_volumes = [volumes[each.volume_id] for each in server.attachments]
    return manifest.MemberManifest(
        member_id=member_id,
        server=server,
        flavor=_flavor(server, compute.flavors),
        keypair=compute.keypairs.get((server.user_id, server.keypair or '')),
        volumes=manifest.order_volumes(server, own_volumes),
        ports=manifest.order_ports(server, ports),
        floating_ips=tuple(
            floating_ip
            for port in ports
            for floating_ip in network.floating_ips.get(port.id, [])
        ),
        server_groups=tuple(
            group
            for group in compute.server_groups
            if group.id in server.server_groups
        ),
    )


def _flavor(
    server: objects.Server, flavors: Mapping[str, objects.Flavor]
) -> objects.Flavor:
    """The flavor the server was built with, with its id if it still exists.

    A flavor of the same name may have been made anew with other sizes.
    """
    present = flavors.get(server.flavor)
    if server.embedded_flavor is None:
        raise ValueError(f'server {server.id} has no embedded flavor')
    return dataclasses.replace(
        server.embedded_flavor, id=present.id if present else ''
    )


def _routers(
    routers: Iterable[objects.Router], subnets: Iterable[objects.Subnet]
) -> tuple[objects.Router, ...]:
    wanted = {subnet.id for subnet in subnets}
    return tuple(
        router for router in routers if wanted & set(router.interfaces)
    )


def _security_groups(
    known: Mapping[str, objects.SecurityGroup],
    ports: Iterable[objects.Port],
) -> tuple[objects.SecurityGroup, ...]:
    """The groups of ports, and those their rules refer to, and so on."""
    found: dict[str, objects.SecurityGroup] = {}
    waiting = [group_id for port in ports for group_id in port.security_groups]
    while waiting:
        group_id = waiting.pop()
        if group_id in found or group_id not in known:
            continue
        found[group_id] = known[group_id]
        waiting.extend(
            rule.remote_group
            for rule in known[group_id].rules
            if rule.remote_group is not None
        )
    return tuple(found[group_id] for group_id in sorted(found))


def _volume_types(
    cloud: factory.Cloud, members: Iterable[manifest.MemberManifest]
) -> tuple[objects.VolumeType, ...]:
    used = {
        volume.volume_type for member in members for volume in member.volumes
    }
    return tuple(
        volume_type
        for volume_type in cloud.volume.list_types()
        if volume_type.name in used
    )
