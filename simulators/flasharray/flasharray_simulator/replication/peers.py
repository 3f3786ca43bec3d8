# SPDX-License-Identifier: Apache-2.0
"""What an array knows of its peers: connections and their groups."""

from dataclasses import replace

from flasharray_simulator import codec, errors, model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_status, protection
from flasharray_simulator.replication.wire import Header

ASYNC = 'async-replication'
SYNC = 'sync-replication'
KINDS = (ASYNC, SYNC)


def introduction(
    array: FlashArray,
    connection: model.ArrayConnection | None = None,
    key: str | None = None,
) -> Header:
    """Return what an array tells a peer about itself.

    ``key`` is that of the peer, for a connection that is to be made.
    """
    return {
        'name': array.name,
        'id': array.settings.array_id,
        'version': array.purity,
        'address': array.setup.replication_address,
        'kind': connection.kind if connection else ASYNC,
        'encrypted': connection.encrypted if connection else False,
        'key': key,
    }


def greeting(array: FlashArray, connection: model.ArrayConnection) -> Header:
    """Return what an array tells a connected peer again and again."""
    return {
        'introduction': introduction(array, connection),
        'allowed': permissions(array, connection.name),
    }


def check_kind(
    array: FlashArray, connection: model.ArrayConnection, kind: str
) -> None:
    """Raise ApiError if the connection cannot become of that kind."""
    if kind not in KINDS:
        raise errors.invalid_parameter('type.', connection.name)
    if kind != SYNC and array.pod_replicas.count('peer', connection.peer_id):
        raise errors.refused(
            'Array connection is in use by a stretched pod.', connection.name
        )


def by_id(array: FlashArray, peer_id: str) -> model.ArrayConnection | None:
    return next(
        (c for c in array.array_connections if c.peer_id == peer_id), None
    )


def configure(array: FlashArray, name: str, address: str) -> None:
    """Connect to a peer as the command line says; idempotent."""
    present = array.array_connections.find(name)
    if present is None:
        present = model.ArrayConnection(
            id=array.new_id(),
            name=name,
            kind=ASYNC,
            replication_address=address,
        )
    array.array_connections.put(replace(present, replication_address=address))


def learn(array: FlashArray, introduced: Header) -> model.ArrayConnection:
    """Keep what a peer told of itself; return the connection to it.

    A connection that is not known yet is made, from the other side.
    """
    present = by_id(array, introduced['id'])
    if present is None:
        present = array.array_connections.find(introduced['name'])
    if present is None:
        present = model.ArrayConnection(
            id=array.new_id(),
            name=introduced['name'],
            kind=introduced['kind'],
            replication_address=introduced['address'],
            created_here=False,
            encrypted=introduced['encrypted'],
        )
    if present.name != introduced['name']:
        present = _rename(array, present, introduced['name'])
    known = replace(
        present,
        peer_id=introduced['id'],
        peer_version=introduced['version'],
    )
    if array.array_connections.get(known.id) != known:
        array.array_connections.put(known)
    return known


def refuse_if_used(
    array: FlashArray, connection: model.ArrayConnection
) -> None:
    """Raise ApiError if something replicates over the connection."""
    peer = connection.name
    if array.group_targets.count('array', peer.casefold()):
        raise errors.refused(
            'Array connection is in use by a protection group.', peer
        )
    if array.pod_links.by('peer', connection.peer_id):
        raise errors.refused(
            'Array connection is in use by a pod replica link.', peer
        )
    if array.pod_replicas.count('peer', connection.peer_id):
        raise errors.refused(
            'Array connection is in use by a stretched pod.', peer
        )


def forget(array: FlashArray, connection: model.ArrayConnection) -> None:
    for host in array.hosts.by('array', connection.peer_id):
        array.hosts.remove(host.id)
    array.array_connections.remove(connection.id)
    array.reachable.pop(connection.name.casefold(), None)
    if connection.peer_id is not None:
        array.parted.add(connection.peer_id)


def _rename(
    array: FlashArray, connection: model.ArrayConnection, name: str
) -> model.ArrayConnection:
    old = connection.name
    for group in copies_from(array, old):
        renamed = group
        if group.source_pod is None:
            base = group.name.partition(':')[2]
            renamed = protection.put_name(array, group, f'{name}:{base}')
        array.protection_groups.put(replace(renamed, source_array=name))
    for target in array.group_targets.by('array', old.casefold()):
        array.group_targets.remove(target.id)
        array.group_targets.put(
            replace(
                target,
                id=f'{target.group_id}>{name.casefold()}',
                array_name=name,
            )
        )
    for transfer in array.transfers:
        if transfer.peer == old:
            array.transfers.put(replace(transfer, peer=name))
    return array.array_connections.put(replace(connection, name=name))


def copies_from(array: FlashArray, peer: str) -> list[model.ProtectionGroup]:
    """Return the groups of a peer that have their copies here."""
    return array.protection_groups.by('source', peer.casefold())


def remote_name(array: FlashArray, group: model.ProtectionGroup) -> str:
    """Return the name of this array's group at its targets.

    That of a pod has the name of the pod, not of the array.
    """
    parts = names.parse(group.name)
    return f'{parts.pod or array.name}:{parts.base}'


def permissions(array: FlashArray, peer: str) -> dict[str, bool]:
    """Return which groups of a peer this array lets replicate to it.

    By their names here. Those of a pod are of any array that has it.
    """
    shared = array.protection_groups.by('source', '*')
    return {
        group.name: target.allowed and group.destroyed is None
        for group in (*copies_from(array, peer), *shared)
        for target in array.group_targets.by('group', group.id)
    }


def apply_permissions(
    array: FlashArray, peer: str, allowed: dict[str, bool]
) -> None:
    """Keep what a peer allows for this array's own groups."""
    for name, value in allowed.items():
        group = _own_group(array, name)
        if group is None or not group.local:
            continue
        if not pod_status.is_online(array, group.pod_id):
            continue
        target = array.group_targets.get(f'{group.id}>{peer.casefold()}')
        if target is not None:
            told = replace(target, allowed=value, announced=True)
            if told != target:
                array.group_targets.put(told)


def _own_group(array: FlashArray, remote: str) -> model.ProtectionGroup | None:
    origin, _, base = remote.partition(':')
    if origin.casefold() == array.name.casefold():
        return array.protection_groups.find(base)
    return array.protection_groups.find(f'{origin}::{base}')


def definition(array: FlashArray, group: model.ProtectionGroup) -> Header:
    """Return what a target has to know of a group."""
    return {
        'source': array.name,
        'name': remote_name(array, group),
        'pod': names.parse(group.name).pod,
        'id': group.id,
        'retention_lock': group.retention_lock,
        'replication_schedule': codec.to_plain(group.replication_schedule),
        'snapshot_schedule': codec.to_plain(group.snapshot_schedule),
        'source_retention': codec.to_plain(group.source_retention),
        'target_retention': codec.to_plain(group.target_retention),
    }
