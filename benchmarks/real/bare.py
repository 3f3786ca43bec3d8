# SPDX-License-Identifier: Apache-2.0
"""The limit: the calls that Aegis makes, and nothing else.

No journal, no checks, no looking before leaping: a script that a crash
leaves in pieces. It makes every call that changes something as Aegis does,
with as many servers at a time, and polls as often.
"""

import time
import uuid
from collections.abc import Sequence
from concurrent import futures
from dataclasses import dataclass
from typing import Any

from benchmarks.real import calls, rig
from scenario import blueprint, build, data

# What Aegis has for [engine] max_concurrent_lanes_per_operation, and the
# watch_interval with which the sites' own Aegis is configured.
AT_ONCE = 16
INTERVAL = 1.0


@dataclass(frozen=True)
class _Shared:
    """What all servers have in common at the recovery site."""

    network: str
    subnet: str
    security_group: str
    flavors: dict[str, str]


class Bare:
    """The bare script."""

    name = 'bare'
    title = 'bare script'

    def __init__(self, running: rig.Rig) -> None:
        self._rig = running
        self._plan: blueprint.ApplicationPlan
        self._pool = ''

    def prepare(self, shares: Sequence[rig.Share]) -> None:
        """Note where Cinder takes volumes over."""
        cloud, _ = calls.connect(self._rig)
        self._pool = volume_pool(cloud)

    def learn(self, source: rig.Source) -> None:
        self._plan = source.application.plan

    def fail_over(self, share: rig.Share) -> dict[str, Any]:
        began = time.monotonic()
        cloud, array = calls.connect(self._rig)
        run = _Run(
            cloud, array, self._plan, self._pool, self._rig.sites.west, share
        )
        run.promote(self._group())
        run.prepare()
        prepared = time.monotonic()
        with futures.ThreadPoolExecutor(AT_ONCE) as pool:
            ids = list(pool.map(run.recover, share.servers))
        built = time.monotonic()
        run.read_back(ids)
        return {
            'prepare': prepared - began,
            'servers': built - prepared,
            'read back': time.monotonic() - built,
        }

    def _group(self) -> str:
        east = self._rig.sites.east
        group = east.protection_group(rig.VOLUME_TYPE)
        return f'{east.array.name}:{group}'


class _Run:
    """One failover of one share."""

    def __init__(
        self,
        cloud: calls.Cloud,
        array: calls.Array,
        plan: blueprint.ApplicationPlan,
        pool: str,
        site: Any,
        share: rig.Share,
    ) -> None:
        self._cloud = cloud
        self._array = array
        self._plan = plan
        self._pool = pool
        self._site = site
        self._share = share
        self._id = str(uuid.uuid4())
        self._tags = [f'bare:run={self._id}', f'bare:share={share.name}']
        self._metadata = {'bare:run': self._id, 'bare:share': share.name}
        self._volumes = calls.Poll(cloud.volumes, INTERVAL)
        self._servers = calls.Poll(cloud.servers, INTERVAL)
        self._shared: _Shared

    def promote(self, group: str) -> None:
        """Bring all volumes to life in one call."""
        point = self._array.newest_point(group)
        self._array.promote(
            {
                self._array_name(volume): (
                    f'{point}.{data.array_volume(volume)}'
                )
                for server in self._share.servers
                for volume in server.volumes
            },
            self._metadata,
        )

    def prepare(self) -> None:
        """Make what the servers share."""
        cloud, plan = self._cloud, self._plan
        (wanted,) = plan.networks
        external = cloud.named('networks', self._site.public_network)
        network = cloud.create(
            'networks', 'network', {'name': wanted.name}, self._tags
        )
        subnet = cloud.create(
            'subnets',
            'subnet',
            {
                'network_id': network,
                'name': f'{wanted.name}-subnet',
                'cidr': wanted.cidr,
                'ip_version': 4,
                'gateway_ip': wanted.gateway,
                'dns_nameservers': ['198.51.100.53'],
            },
            self._tags,
        )
        router = cloud.create(
            'routers',
            'router',
            {
                'name': plan.router,
                'external_gateway_info': {'network_id': external},
            },
            self._tags,
        )
        cloud.join(router, subnet)
        cloud.nova.post(
            '/os-keypairs',
            json={
                'keypair': {
                    'name': plan.keypair,
                    'type': 'ssh',
                    'public_key': build.public_key(),
                }
            },
        )
        flavors = cloud.nova.get('/flavors').json()['flavors']
        groups = cloud.neutron.get(
            f'/v2.0/security-groups?project_id={cloud.project_id}'
        ).json()['security_groups']
        self._shared = _Shared(
            network=network,
            subnet=subnet,
            security_group=groups[0]['id'],
            flavors={each['name']: each['id'] for each in flavors},
        )

    def recover(self, server: build.BuiltServer) -> str:
        """Bring one server up; it is ACTIVE when this returns."""
        ids = [self._manage(volume) for volume in server.volumes]
        managed = self._volumes.until(ids, 'available')
        for found, volume in zip(managed, server.volumes, strict=True):
            self._restore(found, volume.plan)
        port = self._port(server.plan)
        server_id = self._cloud.create_server(
            self._server(server.plan, ids, port)
        )
        self._servers.until([server_id], 'ACTIVE')
        return server_id

    def read_back(self, ids: Sequence[str]) -> None:
        """See that everything is there.

        :raises calls.CallFailed: when it is not.
        """
        servers = {
            server['id']
            for server in self._cloud.servers()
            if server['status'] == 'ACTIVE'
        }
        attached = {
            attachment['server_id']: volume['id']
            for volume in self._cloud.volumes()
            for attachment in volume['attachments']
        }
        bound = {port['device_id'] for port in self._cloud.ports()}
        connected = self._array.connected()
        if not set(ids) <= servers & attached.keys() & bound:
            raise calls.CallFailed('not every server is whole')
        if not {f'volume-{each}-cinder' for each in attached.values()} <= (
            connected
        ):
            raise calls.CallFailed('not every volume is connected')

    def _array_name(self, volume: build.BuiltVolume) -> str:
        return f'bare-{self._id[:8]}-{volume.id[:8]}'

    def _manage(self, volume: build.BuiltVolume) -> str:
        return self._cloud.manage(
            {
                'host': self._pool,
                'ref': {'source-name': self._array_name(volume)},
                'name': self._array_name(volume),
                'volume_type': volume.plan.volume_type,
                'bootable': volume.plan.bootable,
            }
        )

    def _restore(
        self, volume: calls.Body, wanted: blueprint.VolumePlan
    ) -> None:
        purpose = {'purpose': wanted.name.rpartition('-')[2]}
        self._cloud.update(
            volume['id'],
            {
                'name': wanted.name,
                'description': f'Disk {wanted.name}',
                'metadata': {
                    **volume['metadata'],
                    **purpose,
                    **self._metadata,
                },
            },
        )
        if wanted.bootable:
            self._cloud.set_image_metadata(volume['id'], build.IMAGE_METADATA)

    def _port(self, server: blueprint.ServerPlan) -> str:
        (interface,) = server.interfaces
        address = {
            'subnet_id': self._shared.subnet,
            'ip_address': interface.address,
        }
        return self._cloud.create_port(
            {
                'network_id': self._shared.network,
                'name': f'{server.name}-{interface.network}',
                'mac_address': interface.mac_address,
                'fixed_ips': [address],
                'security_groups': [self._shared.security_group],
            },
            [*self._tags, server.name],
        )

    def _server(
        self, server: blueprint.ServerPlan, volumes: Sequence[str], port: str
    ) -> calls.Body:
        return {
            'name': server.name,
            'flavorRef': self._shared.flavors[server.flavor],
            'key_name': self._plan.keypair,
            'user_data': build.USER_DATA,
            'metadata': {**dict(server.metadata), **self._metadata},
            'tags': [*server.tags, self._id],
            'networks': [{'port': port}],
            'block_device_mapping_v2': [
                {
                    'uuid': volume,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'boot_index': 0 if index == 0 else -1,
                    'delete_on_termination': False,
                }
                for index, volume in enumerate(volumes)
            ],
        }


def volume_pool(cloud: calls.Cloud) -> str:
    """Where Cinder keeps the volumes of the farm's type.

    :raises calls.CallFailed: when no backend serves the type.
    """
    types = cloud.cinder.get('/types').json()['volume_types']
    (backend,) = (
        each['extra_specs']['volume_backend_name']
        for each in types
        if each['name'] == rig.VOLUME_TYPE
    )
    pools = cloud.cinder.get('/scheduler-stats/get_pools?detail=True').json()
    for pool in pools['pools']:
        if pool['capabilities']['volume_backend_name'] == backend:
            return str(pool['name'])
    raise calls.CallFailed(f'no pool of backend {backend}')
