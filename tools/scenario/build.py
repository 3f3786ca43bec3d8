# SPDX-License-Identifier: Apache-2.0
"""Build an application in a project, the way its owner would."""

import base64
import concurrent.futures
from dataclasses import dataclass

import openstack
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from scenario import blueprint

Connection = openstack.connection.Connection

USER_DATA = base64.b64encode(
    b'#cloud-config\nruncmd:\n- systemctl start application\n'
).decode()
IMAGE_METADATA = {'os_distro': 'debian', 'hw_disk_bus': 'virtio'}
_PARALLEL = 4
_SECONDS = 600


@dataclass(frozen=True)
class BuiltVolume:
    plan: blueprint.VolumePlan
    id: str


@dataclass(frozen=True)
class BuiltServer:
    plan: blueprint.ServerPlan
    id: str
    volumes: tuple[BuiltVolume, ...]
    floating_ip: str | None


@dataclass(frozen=True)
class Application:
    plan: blueprint.ApplicationPlan
    servers: tuple[BuiltServer, ...]

    @property
    def volumes(self) -> tuple[BuiltVolume, ...]:
        return tuple(
            volume for server in self.servers for volume in server.volumes
        )


def build(
    cloud: Connection, plan: blueprint.ApplicationPlan, public: str
) -> Application:
    """Make everything in a plan; servers are ACTIVE when this returns.

    :param public: the name of the external network.
    """
    networks = _networks(cloud, plan, public)
    groups = _security_groups(cloud, plan)
    cloud.compute.create_keypair(name=plan.keypair, public_key=public_key())
    with concurrent.futures.ThreadPoolExecutor(_PARALLEL) as pool:
        servers = tuple(
            pool.map(
                lambda server: _server(
                    cloud, plan, server, networks, groups, public
                ),
                plan.servers,
            )
        )
    return Application(plan, servers)


def _networks(
    cloud: Connection, plan: blueprint.ApplicationPlan, public: str
) -> dict[str, tuple[str, str]]:
    """Network and subnet ids by the network's name."""
    external = cloud.network.find_network(public, ignore_missing=False)
    router = cloud.network.create_router(
        name=plan.router, external_gateway_info={'network_id': external.id}
    )
    made = {}
    for wanted in plan.networks:
        network = cloud.network.create_network(name=wanted.name)
        subnet = cloud.network.create_subnet(
            name=f'{wanted.name}-subnet',
            network_id=network.id,
            ip_version=4,
            cidr=wanted.cidr,
            gateway_ip=wanted.gateway,
            dns_nameservers=['198.51.100.53'],
        )
        cloud.network.add_interface_to_router(router, subnet_id=subnet.id)
        made[wanted.name] = (network.id, subnet.id)
    return made


def _security_groups(
    cloud: Connection, plan: blueprint.ApplicationPlan
) -> dict[str, str]:
    made = {
        wanted.name: cloud.network.create_security_group(
            name=wanted.name, description=f'Rules of {wanted.name}'
        ).id
        for wanted in plan.security_groups
    }
    for wanted in plan.security_groups:
        for rule in wanted.rules:
            cloud.network.create_security_group_rule(
                security_group_id=made[wanted.name],
                direction='ingress',
                ethertype='IPv4',
                protocol=rule.protocol,
                port_range_min=rule.port,
                port_range_max=rule.port,
                remote_ip_prefix=rule.cidr,
                remote_group_id=made.get(rule.remote_group or ''),
            )
    return made


def public_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    ).decode()


def _volume(cloud: Connection, wanted: blueprint.VolumePlan) -> BuiltVolume:
    volume = cloud.block_storage.create_volume(
        name=wanted.name,
        size=wanted.size_gib,
        volume_type=wanted.volume_type,
        description=f'Disk {wanted.name}',
        metadata={'purpose': wanted.name.rpartition('-')[2]},
    )
    cloud.block_storage.wait_for_status(
        volume, 'available', failures=['error'], interval=1, wait=_SECONDS
    )
    if wanted.bootable:
        cloud.block_storage.set_volume_bootable_status(volume, True)
        cloud.block_storage.set_volume_image_metadata(volume, **IMAGE_METADATA)
    return BuiltVolume(wanted, volume.id)


def _server(
    cloud: Connection,
    plan: blueprint.ApplicationPlan,
    wanted: blueprint.ServerPlan,
    networks: dict[str, tuple[str, str]],
    groups: dict[str, str],
    public: str,
) -> BuiltServer:
    volumes = tuple(_volume(cloud, each) for each in wanted.volumes)
    ports = [
        cloud.network.create_port(
            name=f'{wanted.name}-{interface.network}',
            network_id=networks[interface.network][0],
            fixed_ips=[
                {
                    'subnet_id': networks[interface.network][1],
                    'ip_address': interface.address,
                }
            ],
            **_hardware(interface),
            **_groups(wanted, groups),
        )
        for interface in wanted.interfaces
    ]
    flavor = cloud.compute.find_flavor(wanted.flavor, ignore_missing=False)
    server = cloud.compute.create_server(
        name=wanted.name,
        description=wanted.description or None,
        flavor_id=flavor.id,
        key_name=plan.keypair,
        user_data=USER_DATA,
        config_drive=wanted.config_drive,
        metadata=dict(wanted.metadata),
        tags=list(wanted.tags),
        networks=[{'port': port.id} for port in ports],
        block_device_mapping=[
            {
                'uuid': volume.id,
                'source_type': 'volume',
                'destination_type': 'volume',
                'boot_index': 0 if volume.plan.bootable else -1,
                'delete_on_termination': False,
            }
            for volume in volumes
        ],
    )
    cloud.compute.wait_for_server(server, interval=1, wait=_SECONDS)
    return BuiltServer(
        wanted,
        server.id,
        volumes,
        _floating_ip(cloud, public, ports[0].id)
        if wanted.floating_ip
        else None,
    )


def _groups(
    wanted: blueprint.ServerPlan, groups: dict[str, str]
) -> dict[str, list[str]]:
    if not wanted.security_groups:
        return {}
    return {
        'security_group_ids': [groups[name] for name in wanted.security_groups]
    }


def _hardware(interface: blueprint.InterfacePlan) -> dict[str, str]:
    return {'mac_address': interface.mac_address}


def _floating_ip(cloud: Connection, public: str, port_id: str) -> str:
    external = cloud.network.find_network(public, ignore_missing=False)
    floating = cloud.network.create_ip(
        floating_network_id=external.id, port_id=port_id
    )
    return str(floating.floating_ip_address)
