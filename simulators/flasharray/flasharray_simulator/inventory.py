# SPDX-License-Identifier: Apache-2.0
"""Everything an array keeps, readable, to compare before and after."""

from collections.abc import Callable, Iterable
from typing import Any

from flasharray_simulator import codec
from flasharray_simulator.array import FlashArray

Row = dict[str, Any]


def take(array: FlashArray) -> dict[str, list[Row]]:
    """Return all objects by kind; every row names what it refers to.

    ``content`` changes if, and only if, the bytes of a volume or snapshot
    change. Must be called inside a transaction.
    """

    def rows(
        stored: Iterable[Any], more: Callable[[Any], Row] = lambda s: {}
    ) -> list[Row]:
        return [{**codec.to_plain(one), **more(one)} for one in stored]

    def name(collection: Any, identifier: str | None) -> str | None:
        found = collection.get(identifier)
        return None if found is None else found.name

    def member(stored: Any) -> Row:
        found = {
            'volumes': array.volumes,
            'hosts': array.hosts,
            'host-groups': array.host_groups,
        }[stored.kind]
        return {
            'group': name(array.protection_groups, stored.group_id),
            'member': name(found, stored.member_id),
        }

    return {
        'volumes': rows(array.volumes.ordered()),
        'volume_snapshots': rows(array.volume_snapshots.ordered()),
        'volume_groups': rows(array.volume_groups.ordered()),
        'hosts': rows(
            array.hosts.ordered(),
            lambda host: {
                'host_password': bool(host.host_password),
                'target_password': bool(host.target_password),
            },
        ),
        'host_groups': rows(array.host_groups.ordered()),
        'connections': rows(
            array.connections.ordered(),
            lambda c: {
                'volume': name(array.volumes, c.volume_id),
                'host': name(array.hosts, c.host_id),
                'host_group': name(array.host_groups, c.host_group_id),
            },
        ),
        'protection_groups': rows(array.protection_groups.ordered()),
        'protection_group_members': rows(
            array.group_members.ordered(), member
        ),
        'protection_group_targets': rows(
            array.group_targets.ordered(),
            lambda t: {'group': name(array.protection_groups, t.group_id)},
        ),
        'protection_group_snapshots': rows(array.group_snapshots.ordered()),
        'transfers': rows(
            array.transfers.ordered(),
            lambda t: {
                'snapshot': name(array.group_snapshots, t.group_snapshot_id),
                'progress': t.progress,
            },
        ),
        'array_connections': rows(
            array.array_connections.ordered(),
            lambda c: {'connected': array.is_reachable(c.name)},
        ),
        'pods': rows(array.pods.ordered()),
        'pod_links': rows(
            array.pod_links.ordered(),
            lambda link: {'pod': name(array.pods, link.pod_id)},
        ),
        'tags': rows(
            array.tags.ordered(),
            lambda tag: {
                'resource': name(
                    getattr(array, tag.resource_kind.replace('-', '_')),
                    tag.resource_id,
                )
            },
        ),
        'network_interfaces': rows(array.network_interfaces.ordered()),
        'subnets': rows(array.subnets.ordered()),
    }
