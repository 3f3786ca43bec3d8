# SPDX-License-Identifier: Apache-2.0
"""What another array asks of the pods that both have.

Each of these runs outside of a transaction and opens its own.
"""

from dataclasses import asdict, replace

from flasharray_simulator import codec, errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import (
    mirror_apply,
    mirror_meeting,
    mirror_membership,
    mirror_state,
    pod_image,
    pod_stage,
    pod_traffic,
)
from flasharray_simulator.replication.mirror import Mirror
from flasharray_simulator.replication.mirror_state import View
from flasharray_simulator.replication.wire import Header, Rejected, Verb

_LOCK_PATIENCE = 8.0

MANAGING = frozenset({'mirror-view'})


def verbs(array: FlashArray) -> dict[str, Verb]:
    def mirror() -> Mirror:
        if not isinstance(array.mirror, Mirror):
            raise Rejected('the array is off')
        return array.mirror

    return {
        'mirror-lock': lambda header, _: _lock(mirror(), header),
        'mirror-unlock': lambda header, _: _unlock(mirror(), header),
        'mirror-has': lambda header, _: _has(array, header),
        'mirror-apply': lambda header, data: _apply(mirror(), header, data),
        'mirror-beat': lambda header, _: _beat(mirror(), header),
        'mirror-view': lambda header, _: _show(mirror(), header),
        'mirror-elect': lambda header, _: _elect(mirror(), header),
        'mirror-invite': lambda header, _: _invite(mirror(), header),
        'mirror-install': lambda header, _: _install(mirror(), header),
        'mirror-leave': lambda header, _: _leave(mirror(), header),
        'mirror-stay': lambda header, _: _stay(mirror(), header),
    }


def _lock(mirror: Mirror, header: Header) -> Header:
    link = mirror.links.to(header['source_id'])
    return {'token': link.pair_lock.acquire(_LOCK_PATIENCE, leased=True)}


def _unlock(mirror: Mirror, header: Header) -> Header:
    mirror.links.to(header['source_id']).pair_lock.release(header['token'])
    return {}


def _has(array: FlashArray, header: Header) -> Header:
    with array.lock:
        roots = [r for r in header['roots'] if array.content.has(r)]
    return {'roots': roots}


def _apply(mirror: Mirror, header: Header, payload: bytes) -> Header:
    array = mirror.array
    peer_id = header['source_id']
    lock = mirror.links.to(peer_id).pair_lock
    keeps_lock = array.settings.array_id < peer_id
    if keeps_lock and not lock.holds(header['token']):
        return {'state': 'expired'}
    theirs = [
        codec.from_plain(model.PodReplica, plain)
        for plain in header['replicas']
    ]
    try:
        done = _apply_in_step(mirror, theirs, header, payload)
    except errors.ApiError as error:
        return {'state': 'refused', **asdict(error.items[0])}
    if not done:
        return _differ(mirror, peer_id, theirs)
    if keeps_lock:
        lock.release(header['token'])
    return {'state': 'done'}


def _apply_in_step(
    mirror: Mirror,
    theirs: list[model.PodReplica],
    header: Header,
    payload: bytes,
) -> bool:
    """Apply changes to pods that are the same here; else return False."""
    array = mirror.array
    with mirror.privately():
        if not all(_in_step(array, replica) for replica in theirs):
            return False
        mirror_apply.apply(array, header, payload)
        _advance(array, theirs)
        pod_traffic.received(
            array, pod_traffic.SYNC, theirs[0].id, len(payload)
        )
    return True


def _in_step(array: FlashArray, theirs: model.PodReplica) -> bool:
    mine = array.pod_replicas.get(theirs.id)
    return mine is not None and mine.in_sync and mine.version == theirs.version


def _advance(array: FlashArray, theirs: list[model.PodReplica]) -> None:
    for replica in theirs:
        mine = array.pod_replicas[replica.id]
        array.pod_replicas.put(replace(mine, sequence=mine.sequence + 1))


def _differ(
    mirror: Mirror, peer_id: str, theirs: list[model.PodReplica]
) -> Header:
    """Give way if this copy is behind; say how it is now."""
    told = {
        replica.id: View(mirror_state.REPLICA, replica, 'online')
        for replica in theirs
    }
    mirror_meeting.take(mirror, peer_id, told, True)
    views = mirror_meeting.views_for(mirror, peer_id, told)
    return {'state': 'differs', 'views': mirror_meeting.to_plain(views)}


def _beat(mirror: Mirror, header: Header) -> Header:
    told = mirror_meeting.from_plain(header['views'])
    peer_id = header['source_id']
    mirror_meeting.take(mirror, peer_id, told, header['careful'])
    views = mirror_meeting.views_for(mirror, peer_id, told)
    return {'views': mirror_meeting.to_plain(views)}


def _show(mirror: Mirror, header: Header) -> Header:
    views = mirror_meeting.views_for(mirror, header['source_id'])
    return {'views': mirror_meeting.to_plain(views)}


def _elect(mirror: Mirror, header: Header) -> Header:
    with mirror.privately():
        replica = mirror.array.pod_replicas.get(header['pod'])
        if replica is None or not replica.in_sync:
            raise Rejected('the pod is not in sync')
        mirror.array.pod_replicas.put(
            replace(replica, pre_elected=header['elected'])
        )
    return {}


def _invite(mirror: Mirror, header: Header) -> Header:
    pod = codec.from_plain(model.Pod, header['pod'])
    with mirror.privately():
        mirror_membership.receive(
            mirror.array,
            pod,
            header['source_id'],
            header['source'],
            header['epoch'],
        )
    return {}


def _install(mirror: Mirror, header: Header) -> Header:
    array = mirror.array
    image = pod_image.from_plain(header['image'])
    with mirror.privately():
        replica = array.pod_replicas.get(image.pod.id)
        if replica is None or replica.status == 'online':
            raise Rejected('the pod does not resync')
        try:
            pod_image.install(array, image)
        except pod_image.MissingContent as error:
            raise Rejected(f'content of {error} is missing') from error
        pod_stage.clear(array, pod_stage.of_pod(replica.id))
        known = replace(
            replica, epoch=header['epoch'], sequence=header['sequence']
        )
        array.pod_replicas.put(mirror_state.synced(known))
    return {}


def _leave(mirror: Mirror, header: Header) -> Header:
    array = mirror.array
    with mirror.privately():
        replica = array.pod_replicas.get(header['pod'])
        if replica is not None and replica.peer_id == header['source_id']:
            mirror_membership.leave(array, replica)
    return {}


def _stay(mirror: Mirror, header: Header) -> Header:
    array = mirror.array
    with mirror.privately():
        replica = array.pod_replicas.get(header['pod'])
        if replica is not None and replica.peer_id == header['source_id']:
            mirror_membership.keep_alone(array, replica)
    return {}
