# SPDX-License-Identifier: Apache-2.0
"""Everything an array keeps, readable, to compare before and after."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray

Row = dict[str, Any]
More = Callable[[FlashArray, Any], Row]


def take(array: FlashArray, kinds: Iterable[str] = ()) -> dict[str, list[Row]]:
    """Return objects by kind; every row names what it refers to.

    Of all kinds unless some are given; KeyError for one that there is not.
    ``content`` changes if, and only if, the bytes of a volume or snapshot
    change. Must be called inside a transaction.
    """
    return {kind: _rows(array, *_KINDS[kind]) for kind in kinds or _KINDS}


def _rows(array: FlashArray, collection: str, more: More) -> list[Row]:
    return [
        {**codec.to_plain(stored), **more(array, stored)}
        for stored in getattr(array, collection).ordered()
    ]


def _nothing(array: FlashArray, stored: Any) -> Row:
    return {}


def _name(collection: Any, identifier: str | None) -> str | None:
    found = collection.get(identifier)
    return None if found is None else found.name


def _host(array: FlashArray, host: model.Host) -> Row:
    return {
        'host_password': bool(host.host_password),
        'target_password': bool(host.target_password),
    }


def _connection(array: FlashArray, connection: model.Connection) -> Row:
    return {
        'volume': _name(array.volumes, connection.volume_id),
        'host': _name(array.hosts, connection.host_id),
        'host_group': _name(array.host_groups, connection.host_group_id),
    }


def _member(array: FlashArray, member: model.GroupMember) -> Row:
    members = getattr(array, member.kind.replace('-', '_'))
    return {
        'group': _name(array.protection_groups, member.group_id),
        'member': _name(members, member.member_id),
    }


def _target(array: FlashArray, target: model.GroupTarget) -> Row:
    return {'group': _name(array.protection_groups, target.group_id)}


def _transfer(array: FlashArray, transfer: model.Transfer) -> Row:
    return {
        'snapshot': _name(array.group_snapshots, transfer.group_snapshot_id),
        'progress': transfer.progress,
    }


def _peer(array: FlashArray, peer: model.ArrayConnection) -> Row:
    return {'connected': array.is_reachable(peer.name)}


def _link(array: FlashArray, link: model.PodLink) -> Row:
    return {'pod': _name(array.pods, link.pod_id)}


def _tag(array: FlashArray, tag: model.Tag) -> Row:
    tagged = getattr(array, tag.resource_kind.replace('-', '_'))
    return {'resource': _name(tagged, tag.resource_id)}


_KINDS: Mapping[str, tuple[str, More]] = {
    'volumes': ('volumes', _nothing),
    'volume_snapshots': ('volume_snapshots', _nothing),
    'volume_groups': ('volume_groups', _nothing),
    'hosts': ('hosts', _host),
    'host_groups': ('host_groups', _nothing),
    'connections': ('connections', _connection),
    'protection_groups': ('protection_groups', _nothing),
    'protection_group_members': ('group_members', _member),
    'protection_group_targets': ('group_targets', _target),
    'protection_group_snapshots': ('group_snapshots', _nothing),
    'transfers': ('transfers', _transfer),
    'array_connections': ('array_connections', _peer),
    'pods': ('pods', _nothing),
    'pod_links': ('pod_links', _link),
    'tags': ('tags', _tag),
    'network_interfaces': ('network_interfaces', _nothing),
    'subnets': ('subnets', _nothing),
}
