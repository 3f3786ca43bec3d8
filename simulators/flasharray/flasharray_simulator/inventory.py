# SPDX-License-Identifier: Apache-2.0
"""Everything an array keeps, readable, to compare before and after."""

from collections.abc import Callable, Iterable
from typing import Any

from flasharray_simulator import codec
from flasharray_simulator.array import FlashArray

Row = dict[str, Any]


def take(array: FlashArray, kinds: Iterable[str] = ()) -> dict[str, list[Row]]:
    """Return objects by kind; every row names what it refers to.

    Of all kinds unless some are given; KeyError for one that there is not.
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

    makers: dict[str, Callable[[], list[Row]]] = {
        'volumes': lambda: rows(array.volumes.ordered()),
        'volume_snapshots': lambda: rows(array.volume_snapshots.ordered()),
        'volume_groups': lambda: rows(array.volume_groups.ordered()),
        'hosts': lambda: rows(
            array.hosts.ordered(),
            lambda host: {
                'host_password': bool(host.host_password),
                'target_password': bool(host.target_password),
            },
        ),
        'host_groups': lambda: rows(array.host_groups.ordered()),
        'connections': lambda: rows(
            array.connections.ordered(),
            lambda c: {
                'volume': name(array.volumes, c.volume_id),
                'host': name(array.hosts, c.host_id),
                'host_group': name(array.host_groups, c.host_group_id),
            },
        ),
        'protection_groups': lambda: rows(array.protection_groups.ordered()),
        'protection_group_members': lambda: rows(
            array.group_members.ordered(), member
        ),
        'protection_group_targets': lambda: rows(
            array.group_targets.ordered(),
            lambda t: {'group': name(array.protection_groups, t.group_id)},
        ),
        'protection_group_snapshots': lambda: rows(
            array.group_snapshots.ordered()
        ),
        'transfers': lambda: rows(
            array.transfers.ordered(),
            lambda t: {
                'snapshot': name(array.group_snapshots, t.group_snapshot_id),
                'progress': t.progress,
            },
        ),
        'array_connections': lambda: rows(
            array.array_connections.ordered(),
            lambda c: {'connected': array.is_reachable(c.name)},
        ),
        'pods': lambda: rows(array.pods.ordered()),
        'pod_links': lambda: rows(
            array.pod_links.ordered(),
            lambda link: {'pod': name(array.pods, link.pod_id)},
        ),
        'tags': lambda: rows(
            array.tags.ordered(),
            lambda tag: {
                'resource': name(
                    getattr(array, tag.resource_kind.replace('-', '_')),
                    tag.resource_id,
                )
            },
        ),
        'network_interfaces': lambda: rows(array.network_interfaces.ordered()),
        'subnets': lambda: rows(array.subnets.ordered()),
    }
    return {kind: makers[kind]() for kind in kinds or makers}
