# SPDX-License-Identifier: Apache-2.0
"""The recovery site as it was before a contender worked there."""

from collections.abc import Callable
from concurrent import futures
from typing import Any

from openstack import exceptions
from pypureclient import flasharray

from benchmarks.real import rig
from scenario import build, data
from sites import waiting

_PARALLEL = 8
_SECONDS = 600.0


def clean(running: rig.Rig) -> None:
    """Remove everything of the project, on the array as well. Idempotent."""
    cloud = running.connect()
    waiter = waiting.Waiter(running.output)
    with running.output.step(f'clean {running.sites.west.name}'):
        _remove(list(cloud.compute.servers()), cloud.compute.delete_server)
        waiter.until(
            'the servers to go',
            lambda: not list(cloud.compute.servers()),
            _SECONDS,
        )
        _remove(list(cloud.block_storage.volumes()), _deleting(cloud))
        _remove_networks(cloud)
        _remove(list(cloud.compute.keypairs()), cloud.compute.delete_keypair)
        waiter.until(
            'the volumes to go',
            lambda: not list(cloud.block_storage.volumes()),
            _SECONDS,
        )
        _eradicate(data.client(running.sites.west.array))


def _deleting(cloud: build.Connection) -> Callable[[Any], None]:
    def delete(volume: Any) -> None:
        cloud.block_storage.delete_volume(volume, force=True)

    return delete


def _remove_networks(cloud: build.Connection) -> None:
    project = {'project_id': cloud.current_project_id}
    neutron = cloud.network
    for router in list(neutron.routers(**project)):
        for port in list(neutron.ports(device_id=router.id)):
            if port.device_owner == 'network:router_interface':
                neutron.remove_interface_from_router(router, port_id=port.id)
        neutron.delete_router(router)
    ports = [
        port
        for port in neutron.ports(**project)
        if not (port.device_owner or '').startswith('network:')
    ]
    _remove(ports, neutron.delete_port)
    _remove(
        list(neutron.networks(**project)),
        neutron.delete_network,
    )


def _remove(things: list[Any], delete: Callable[[Any], Any]) -> None:
    with futures.ThreadPoolExecutor(_PARALLEL) as pool:
        for ended in [pool.submit(delete, thing) for thing in things]:
            ended.result()


def _eradicate(array: Any) -> None:
    found = array.get_volumes(destroyed=True)
    if not isinstance(found, flasharray.ValidResponse):
        raise exceptions.SDKException(f'the array answers {found.errors}')
    for volume in list(found.items):
        array.delete_volumes(names=[volume.name])
