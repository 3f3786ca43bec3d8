# SPDX-License-Identifier: Apache-2.0
"""On which arrays a pod is, and how it is there."""

from dataclasses import dataclass

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray


@dataclass(frozen=True)
class ArrayStatus:
    """One array of a pod; ``progress`` is 0.0 to 1.0 while it resyncs."""

    name: str
    id: str
    status: str
    mediator_status: str
    pre_elected: bool = False
    frozen_at: int | None = None
    progress: float | None = None


def states(array: FlashArray) -> frozenset[tuple[object, ...]]:
    """Return what differs when any stretched pod has changed its state."""
    with array.lock:
        return frozenset(
            (r.id, r.status, r.peer_status, r.epoch, r.pre_elected)
            for r in array.pod_replicas
        )


def is_online(array: FlashArray, pod_id: str | None) -> bool:
    """Return whether this array's copy of a pod may be changed."""
    replica = array.pod_replicas.get(pod_id)
    return replica is None or replica.status == 'online'


def acts_for(array: FlashArray, pod_id: str | None) -> bool:
    """Return whether this array does what falls due in a pod.

    Of two arrays that have it in sync, the one with the lower id does.
    """
    replica = array.pod_replicas.get(pod_id)
    if replica is None:
        return True
    if replica.in_sync:
        return array.settings.array_id < replica.peer_id
    return replica.status == 'online'


def sends_to(array: FlashArray, pod_id: str | None, target: str) -> bool:
    """Return whether this array replicates a pod's groups to a target.

    Of two arrays that have it in sync, that is the one that acts for the
    pod, unless only the other one is connected to the target.
    """
    replica = array.pod_replicas.get(pod_id)
    if replica is None or not replica.in_sync:
        return replica is None or replica.status == 'online'
    connected = {name.casefold() for name in replica.peer_connections}
    return acts_for(array, pod_id) or target.casefold() not in connected


def of(array: FlashArray, pod: model.Pod) -> list[ArrayStatus]:
    """Return the status on this array first, then on the other one."""
    settings = array.settings
    replica = array.pod_replicas.get(pod.id)
    if replica is None:
        return [
            ArrayStatus(
                settings.name,
                settings.array_id,
                'online',
                array.mediator_status,
            )
        ]
    peer_status = replica.peer_status
    if array.mirror is not None and array.mirror.settles(pod.id):
        peer_status = 'resyncing'
    return [
        ArrayStatus(
            settings.name,
            settings.array_id,
            replica.status,
            array.mediator_status,
            replica.pre_elected == settings.array_id,
            replica.frozen_at,
            replica.progress if replica.status == 'resyncing' else None,
        ),
        ArrayStatus(
            replica.peer_name,
            replica.peer_id,
            peer_status,
            replica.peer_mediator,
            replica.pre_elected == replica.peer_id,
            replica.peer_frozen_at,
            replica.progress if peer_status == 'resyncing' else None,
        ),
    ]
