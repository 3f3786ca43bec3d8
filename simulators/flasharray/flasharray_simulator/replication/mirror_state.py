# SPDX-License-Identifier: Apache-2.0
"""The two copies of a stretched pod: which one leads, which one follows.

Both arrays tell each other how they see a pod and change only their own
view of it, by the same rules. A copy that gives way does so first; the
other one goes on when it has seen that. So there are never two that go
on apart from each other.
"""

from dataclasses import dataclass, replace

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication.wire import Header

KEPT = 'kept'
GONE = 'gone'
BUSY = 'busy'
REPLICA = 'replica'


@dataclass(frozen=True)
class View:
    """How an array sees a pod; ``state`` says if it is stretched there.

    REPLICA with the replica; KEPT: the pod is here, alone; GONE: it is
    not here; BUSY: it is about to be one of these.
    """

    state: str
    replica: model.PodReplica | None = None
    mediator: str = 'unknown'
    connections: tuple[str, ...] = ()


def view(array: FlashArray, pod_id: str, busy: bool = False) -> View:
    """Return this array's view; call it under the lock."""
    replica = array.pod_replicas.get(pod_id)
    if replica is not None:
        connected = tuple(
            sorted(connection.name for connection in array.array_connections)
        )
        return View(REPLICA, replica, array.mediator_status, connected)
    if busy:
        return View(BUSY)
    pod = array.pods.get(pod_id)
    if pod is not None and pod.destroyed is None:
        return View(KEPT)
    return View(GONE)


def to_plain(one: View) -> Header:
    return dict(codec.to_plain(one))


def from_plain(plain: Header) -> View:
    found: View = codec.from_plain(View, plain)
    return found


def reconciled(
    mine: model.PodReplica, other: View, own_id: str
) -> model.PodReplica:
    """Return this array's view after it has learnt the other one's."""
    theirs = other.replica
    assert theirs is not None
    told = replace(
        mine,
        peer_mediator=other.mediator,
        peer_connections=other.connections or mine.peer_connections,
    )
    if mine.in_sync and theirs.in_sync and mine.version == theirs.version:
        return told
    if mine.status == 'online' and theirs.status == 'online':
        return _both_online(told, theirs, own_id)
    if mine.status == 'online':
        return _leading(told, theirs)
    if theirs.status == 'online':
        return _following(told, theirs)
    return _neither(told, theirs)


def _both_online(
    mine: model.PodReplica, theirs: model.PodReplica, own_id: str
) -> model.PodReplica:
    if mine.version != theirs.version:
        follows = mine.version < theirs.version
    elif mine.in_sync != theirs.in_sync:
        follows = mine.in_sync
    else:
        follows = own_id > mine.peer_id
    return _step_down(mine) if follows else mine


def _leading(
    mine: model.PodReplica, theirs: model.PodReplica
) -> model.PodReplica:
    if mine.in_sync and mine.version == theirs.version and not theirs.behind:
        return mine
    return replace(
        mine,
        peer_status=theirs.status,
        peer_frozen_at=theirs.frozen_at,
        progress=mine.progress if mine.peer_status == 'resyncing' else None,
    )


def _following(
    mine: model.PodReplica, theirs: model.PodReplica
) -> model.PodReplica:
    if mine.version == theirs.version and theirs.in_sync and not mine.behind:
        return synced(mine)
    stepped = _step_down(mine)
    if mine.status == 'resyncing':
        stepped = replace(stepped, progress=theirs.progress)
    return stepped


def _neither(
    mine: model.PodReplica, theirs: model.PodReplica
) -> model.PodReplica:
    shown = replace(
        mine, peer_status=theirs.status, peer_frozen_at=theirs.frozen_at
    )
    if mine.version < theirs.version:
        return replace(_step_down(mine), peer_status=theirs.status)
    if mine.version > theirs.version:
        if theirs.status != 'resyncing':
            return shown
        return replace(alone(mine), peer_status='resyncing')
    if mine.behind and not theirs.behind:
        return shown
    return synced(mine)


def _step_down(mine: model.PodReplica) -> model.PodReplica:
    return replace(
        mine,
        status='resyncing',
        peer_status='online',
        frozen_at=None,
        peer_frozen_at=None,
        behind=True,
        pre_elected='',
    )


def synced(mine: model.PodReplica) -> model.PodReplica:
    """Return the view of a copy that is the same as the other one."""
    return replace(
        mine,
        status='online',
        peer_status='online',
        frozen_at=None,
        peer_frozen_at=None,
        behind=False,
        progress=None,
    )


def alone(mine: model.PodReplica) -> model.PodReplica:
    """Return the view of a copy that goes on without the other one."""
    return replace(
        mine,
        status='online',
        peer_status='unknown',
        epoch=mine.epoch + 1,
        sequence=0,
        frozen_at=None,
        peer_frozen_at=None,
        behind=False,
        progress=None,
        pre_elected='',
    )


def frozen(mine: model.PodReplica, now: int, behind: bool) -> model.PodReplica:
    """Return the view of a copy that may not go on by itself."""
    return replace(
        mine,
        status='offline',
        peer_status='unknown',
        frozen_at=mine.frozen_at or now,
        behind=behind or mine.behind,
    )
