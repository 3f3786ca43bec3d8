# SPDX-License-Identifier: Apache-2.0
"""The REST resources, one module per family."""

from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Item, Route
from flasharray_simulator.families import (
    admins,
    alerts,
    array_connections,
    arrays,
    batch,
    certificates,
    connections,
    drives,
    empty,
    file_services,
    fleets,
    group_performance,
    hardware,
    host_figures,
    host_groups,
    hosts,
    network_interfaces,
    offloads,
    pod_defaults,
    pod_members,
    pod_replica_links,
    pods,
    ports,
    protection_group_members,
    protection_group_snapshots,
    protection_groups,
    service_tests,
    services,
    sessions,
    subnets,
    tags,
    targets,
    transfers,
    volume_groups,
    volume_snapshots,
    volumes,
)

ROUTES: tuple[Route, ...] = (
    *admins.ROUTES,
    *alerts.ROUTES,
    *array_connections.ROUTES,
    *arrays.ROUTES,
    *batch.ROUTES,
    *certificates.ROUTES,
    *connections.ROUTES,
    *drives.ROUTES,
    *empty.ROUTES,
    *file_services.ROUTES,
    *fleets.ROUTES,
    *group_performance.ROUTES,
    *hardware.ROUTES,
    *host_figures.ROUTES,
    *host_groups.ROUTES,
    *hosts.ROUTES,
    *network_interfaces.ROUTES,
    *offloads.ROUTES,
    *pod_defaults.ROUTES,
    *pod_members.ROUTES,
    *pod_replica_links.ROUTES,
    *pods.ROUTES,
    *ports.ROUTES,
    *protection_group_members.ROUTES,
    *protection_group_snapshots.ROUTES,
    *protection_groups.ROUTES,
    *service_tests.ROUTES,
    *services.ROUTES,
    *sessions.ROUTES,
    *subnets.ROUTES,
    *tags.ROUTES,
    *targets.ROUTES,
    *transfers.ROUTES,
    *volume_groups.ROUTES,
    *volume_snapshots.ROUTES,
    *volumes.ROUTES,
)


def add_context(array: FlashArray, items: list[Item]) -> None:
    """Name the array in every item, as clients of a fleet expect."""
    context = {**array.reference(), 'resource_type': 'arrays'}
    for item in items:
        item.setdefault('context', context)
