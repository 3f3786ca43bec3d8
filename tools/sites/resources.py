# SPDX-License-Identifier: Apache-2.0
"""Fill a new site with what its operator offers to every tenant."""

from dataclasses import dataclass

from sites import context, plan, rest

IMAGE_NAME = 'tiny-linux'
IMAGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Flavor:
    """A flavor; memory in MiB, disk in GiB."""

    name: str
    processors: int
    memory: int
    disk: int


FLAVORS = (
    Flavor('m1.tiny', 1, 512, 1),
    Flavor('m1.small', 1, 1024, 10),
    Flavor('m1.medium', 2, 2048, 20),
)


def fill(here: context.Context) -> None:
    """Make flavors, volume types, the external network and an image."""
    cloud = rest.log_in(here.administrator())
    _create_flavors(cloud)
    _create_volume_types(cloud)
    _create_public_network(cloud, here.site.public)
    _create_image(cloud)


def _create_flavors(cloud: rest.Cloud) -> None:
    # Without an id Nova invents one: other ids at the other site.
    for flavor in FLAVORS:
        cloud.post(
            'compute',
            '/flavors',
            {
                'flavor': {
                    'name': flavor.name,
                    'vcpus': flavor.processors,
                    'ram': flavor.memory,
                    'disk': flavor.disk,
                }
            },
        )


def _create_volume_types(cloud: rest.Cloud) -> None:
    projects = {
        project['name']: project['id']
        for project in cloud.list('identity', '/projects', 'projects')
    }
    for backend in plan.BACKENDS:
        made = cloud.post(
            'block-storage',
            '/types',
            {
                'volume_type': {
                    'name': backend.volume_type,
                    'os-volume-type-access:is_public': backend.project is None,
                    'extra_specs': _extra_specs(backend),
                }
            },
        )
        if backend.project is not None:
            cloud.post(
                'block-storage',
                f'/types/{made["volume_type"]["id"]}/action',
                {'addProjectAccess': {'project': projects[backend.project]}},
            )
    _remove_stock_type(cloud)


def _remove_stock_type(cloud: rest.Cloud) -> None:
    # It names no backend: its volumes could land in a tenant's protection
    # group. It would also have one id at both sites.
    for found in cloud.list('block-storage', '/types', 'volume_types'):
        if found['name'] == '__DEFAULT__':
            cloud.delete('block-storage', f'/types/{found["id"]}')


def _extra_specs(backend: plan.Backend) -> dict[str, str]:
    specs = {'volume_backend_name': backend.backend_name}
    if backend.project is not None:
        specs['replication_enabled'] = '<is> True'
        specs['replication_type'] = '<in> async'
    return specs


def _create_public_network(cloud: rest.Cloud, network: plan.Network) -> None:
    made = cloud.post(
        'network',
        '/v2.0/networks',
        {
            'network': {
                'name': network.name,
                'router:external': True,
                'provider:network_type': 'flat',
                'provider:physical_network': 'outside',
            }
        },
    )
    cloud.post(
        'network',
        '/v2.0/subnets',
        {
            'subnet': {
                'name': f'{network.name}-addresses',
                'ip_version': 4,
                'network_id': made['network']['id'],
                'cidr': network.cidr,
                'gateway_ip': network.gateway,
                'enable_dhcp': False,
                'allocation_pools': [
                    {'start': network.first, 'end': network.last}
                ],
            }
        },
    )


def _create_image(cloud: rest.Cloud) -> None:
    made = cloud.post(
        'image',
        '/v2/images',
        {
            'name': IMAGE_NAME,
            'disk_format': 'raw',
            'container_format': 'bare',
            'visibility': 'public',
            'min_disk': 1,
            'min_ram': 128,
            'os_distro': 'tiny-linux',
            'hw_disk_bus': 'virtio',
        },
    )
    cloud.put(
        'image', f'/v2/images/{made["id"]}/file', content=bytes(IMAGE_BYTES)
    )
