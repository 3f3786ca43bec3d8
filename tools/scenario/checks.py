# SPDX-License-Identifier: Apache-2.0
"""Is what stands at west what was lost at east? A line for each answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openstack
from flasharray_simulator import door

from deployment import facts
from scenario import blueprint, build, data

Connection = openstack.connection.Connection


@dataclass(frozen=True)
class Check:
    """One question and its answer; ``found`` explains a no."""

    question: str
    passed: bool
    found: str = ''


def same(question: str, wanted: Any, found: Any) -> Check:
    """Whether two things are equal."""
    return Check(question, wanted == found, f'wanted {wanted}, found {found}')


@dataclass(frozen=True)
class Recovered:
    """A recovered server with its volumes and ports, as west shows them."""

    server: Any
    volumes: tuple[Any, ...]
    ports: tuple[Any, ...]


def find(cloud: Connection, name: str) -> list[Any]:
    """All servers of a name in the project."""
    return [
        server for server in cloud.compute.servers() if server.name == name
    ]


def read(cloud: Connection, operator: Connection, server: Any) -> Recovered:
    """Look at a server; only an operator is shown its user data."""
    attachments = list(cloud.compute.volume_attachments(server))
    return Recovered(
        server=operator.compute.get_server(server.id),
        volumes=tuple(
            cloud.block_storage.get_volume(attachment.volume_id)
            for attachment in attachments
        ),
        ports=tuple(cloud.network.ports(device_id=server.id)),
    )


def application(
    cloud: Connection,
    operator: Connection,
    array: facts.Array,
    built: build.Application,
    contents: tuple[data.Content, ...],
) -> Iterator[Check]:
    """Every server, volume and port of an application at its new site."""
    digests = {content.volume: content.digest for content in contents}
    side_door = door.Door(array.door_url)
    for server in built.servers:
        found = find(cloud, server.plan.name)
        yield same(f'one server {server.plan.name}', 1, len(found))
        if not found:
            continue
        recovered = read(cloud, operator, found[0])
        yield from _server(built.plan, server, recovered)
        yield from _ports(server, recovered)
        yield from _floating_ips(cloud, server, recovered)
        yield from _volumes(server, recovered, side_door, digests)
    yield from _networks(cloud, built.plan)


def _server(
    plan: blueprint.ApplicationPlan,
    built: build.BuiltServer,
    recovered: Recovered,
) -> Iterator[Check]:
    server, name = recovered.server, built.plan.name
    yield same(f'{name} is ACTIVE', 'ACTIVE', server.status)
    yield same(f'{name}: flavor', built.plan.flavor, server.flavor.name)
    yield same(
        f'{name}: description', built.plan.description, server.description
    )
    metadata = dict(built.plan.metadata)
    kept = {key: server.metadata.get(key) for key in metadata}
    yield same(f'{name}: metadata', metadata, kept)
    missing = set(built.plan.tags) - set(server.tags)
    yield Check(f'{name}: tags', not missing, f'missing {missing}')
    yield same(f'{name}: key pair', plan.keypair, server.key_name)
    yield same(f'{name}: user data', build.USER_DATA, server.user_data)
    yield same(
        f'{name}: config drive',
        built.plan.config_drive,
        bool(server.has_config_drive),
    )


def _ports(built: build.BuiltServer, recovered: Recovered) -> Iterator[Check]:
    wanted = {
        (interface.mac_address, interface.address)
        for interface in built.plan.interfaces
    }
    found = {
        (port.mac_address, fixed['ip_address'])
        for port in recovered.ports
        for fixed in port.fixed_ips
    }
    yield same(f'{built.plan.name}: addresses and MACs', wanted, found)
    yield Check(
        f'{built.plan.name}: security groups on every port',
        all(
            len(port.security_group_ids) == len(built.plan.security_groups)
            for port in recovered.ports
        ),
        f'{[port.security_group_ids for port in recovered.ports]}',
    )


def _floating_ips(
    cloud: Connection, built: build.BuiltServer, recovered: Recovered
) -> Iterator[Check]:
    ids = {port.id for port in recovered.ports}
    found = [
        address
        for address in cloud.network.ips(project_id=cloud.current_project_id)
        if address.port_id in ids
    ]
    if built.plan.floating_ip:
        yield same(f'{built.plan.name}: one floating IP', 1, len(found))
    else:
        yield same(f'{built.plan.name}: no floating IP', 0, len(found))


def _volumes(
    built: build.BuiltServer,
    recovered: Recovered,
    side_door: door.Door,
    digests: dict[str, str],
) -> Iterator[Check]:
    found = {volume.name: volume for volume in recovered.volumes}
    yield same(
        f'{built.plan.name}: volumes in order',
        [volume.plan.name for volume in built.volumes],
        [volume.name for volume in recovered.volumes],
    )
    for volume in built.volumes:
        name = volume.plan.name
        there = found.get(name)
        if there is None:
            yield Check(f'{name} is there', False, 'it is not')
            continue
        yield same(
            f'{name} holds the bytes of the recovery point',
            digests[name],
            side_door.digest(f'volume-{there.id}-cinder'),
        )
        yield same(f'{name}: size', volume.plan.size_gib, there.size)
        yield same(
            f'{name}: bootable',
            volume.plan.bootable,
            there.is_bootable in (True, 'true'),
        )
        yield same(
            f'{name}: description and metadata',
            (f'Disk {name}', name.rpartition('-')[2]),
            (there.description, there.metadata.get('purpose')),
        )
        if volume.plan.bootable:
            image = there.volume_image_metadata or {}
            kept = {key: image.get(key) for key in build.IMAGE_METADATA}
            yield same(f'{name}: image metadata', build.IMAGE_METADATA, kept)


def _networks(
    cloud: Connection, plan: blueprint.ApplicationPlan
) -> Iterator[Check]:
    project_id = cloud.current_project_id
    subnets = {
        subnet.cidr for subnet in cloud.network.subnets(project_id=project_id)
    }
    for network in plan.networks:
        found = [
            each
            for each in cloud.network.networks(project_id=project_id)
            if each.name == network.name
        ]
        yield same(f'one network {network.name}', 1, len(found))
        yield Check(
            f'network {network.name} has {network.cidr}',
            network.cidr in subnets,
            f'found {sorted(subnets)}',
        )
    groups = {
        group.name: group
        for group in cloud.network.security_groups(project_id=project_id)
    }
    for wanted in plan.security_groups:
        group = groups.get(wanted.name)
        rules = [
            rule
            for rule in (group.security_group_rules if group else [])
            if rule['direction'] == 'ingress'
        ]
        yield same(
            f'security group {wanted.name}: rules',
            len(wanted.rules),
            len(rules),
        )


def nothing_left_over(
    cloud: Connection,
    array: facts.Array,
    servers: int,
    volumes: int,
    ports: int,
) -> Iterator[Check]:
    """The project has exactly its own objects, and the array no strays."""
    yield same(
        'servers in the project', servers, len(list(cloud.compute.servers()))
    )
    yield same(
        'volumes in the project',
        volumes,
        len(list(cloud.block_storage.volumes())),
    )
    found = [
        port
        for port in cloud.network.ports(project_id=cloud.current_project_id)
        if not (port.device_owner or '').startswith('network:')
    ]
    yield same('ports in the project', ports, len(found))
    yield Check(
        'every port belongs to a server',
        all(port.device_id for port in found),
        f'{[port.id for port in found if not port.device_id]}',
    )
    strays = [
        volume['name']
        for volume in door.Door(array.door_url).objects()['volumes']
        if not volume['destroyed'] and _is_stray(volume['name'])
    ]
    yield Check(
        'no half-made volume on the array', not strays, f'found {strays}'
    )


def _is_stray(name: str) -> bool:
    return name.startswith('aegis-') or name.endswith('-unmanaged')
