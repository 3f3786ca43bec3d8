# SPDX-License-Identifier: Apache-2.0
"""How a pod comes to a second array, and leaves one of two."""

from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pods
from flasharray_simulator.replication import pod_objects, pod_stage
from flasharray_simulator.replication.wire import Rejected

NEW = -1


def receive(
    array: FlashArray, pod: model.Pod, peer_id: str, peer_name: str, epoch: int
) -> None:
    """Become the second array of a pod; call it in a transaction.

    What this array had of the pod before is used again. Raises Rejected
    for a pod of the same name.
    """
    present = array.pods.get(pod.id)
    if present is not None and not pods.is_restretch(present):
        raise Rejected('The pod is on the remote array.')
    other = array.pods.find(pod.name)
    if other is not None and other.id != pod.id:
        raise Rejected('A pod of the same name is on the remote array.')
    if present is not None:
        pods.put_name(array, present, pod.name)
    array.pods.put(pod)
    array.pod_replicas.put(
        model.PodReplica(
            id=pod.id,
            peer_id=peer_id,
            peer_name=peer_name,
            status='resyncing',
            peer_status='online',
            epoch=epoch,
            sequence=NEW,
            behind=True,
        )
    )


def keep_alone(array: FlashArray, replica: model.PodReplica) -> None:
    """Have the pod on this array only; call it in a transaction."""
    array.pod_replicas.remove(replica.id)
    pod = array.pods[replica.id]
    array.pods.put(
        replace(
            pod,
            failover_preferences=tuple(
                identifier
                for identifier in pod.failover_preferences
                if identifier != replica.peer_id
            ),
        )
    )


def leave(array: FlashArray, replica: model.PodReplica) -> None:
    """Put this array's copy aside, destroyed, for a later stretch.

    Hosts lose its volumes. Call it in a transaction.
    """
    array.pod_replicas.remove(replica.id)
    pod_stage.clear(array, pod_stage.of_pod(replica.id))
    for volume in array.volumes.by('pod', replica.id):
        for connection in array.connections.by('volume', volume.id):
            array.connections.remove(connection.id)
    pod = array.pods[replica.id]
    pods.put_name(array, pod, _free_name(array, pod))
    now = array.now()
    for kind, stored in list(pod_objects.members_of(array, replica.id)):
        if getattr(stored, 'destroyed', now) is None:
            pod_objects.put(array, kind, replace(stored, destroyed=now))


def _free_name(array: FlashArray, pod: model.Pod) -> str:
    name = f'{pod.name}{pods.RESTRETCH}'
    number = 1
    while array.pods.find(name) is not None:
        name = f'{pod.name}{pods.RESTRETCH}.{number}'
        number += 1
    return name
