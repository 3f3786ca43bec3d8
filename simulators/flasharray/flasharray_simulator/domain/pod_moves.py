# SPDX-License-Identifier: Apache-2.0
"""Volumes that move into a pod, out of it, or to another one."""

from dataclasses import replace

from flasharray_simulator import errors, model, names, switches
from flasharray_simulator.array import FlashArray, free_name
from flasharray_simulator.domain import group_members, pod_quota, pods, volumes


def move(
    array: FlashArray, volume: model.Volume, pod_name: str
) -> model.Volume:
    """Move a volume with its snapshots; '' moves it out of its pod.

    It leaves its volume group and the protection groups of its old pod.
    Raises ApiError when the two places are not on the same arrays, for a
    taken name, a full pod, or a membership in a group outside of pods.
    """
    pod = pods.find_live(array, pod_name) if pod_name else None
    pod_id = None if pod is None else pod.id
    if pod_id == volume.pod_id:
        return volume
    _expect_same_arrays(array, volume, pod)
    _leave_groups(array, volume)
    base = names.parse(volume.name).base
    name = base if pod is None else f'{pod.name}::{base}'
    free_name(volumes.LABEL, array.volumes, name)
    moved = volumes.put_name(
        array, replace(volume, pod_id=pod_id, volume_group_id=None), name
    )
    pod_quota.expect_room(array, pod_id, name)
    return moved


def rename(
    array: FlashArray, volume: model.Volume, wanted: str
) -> model.Volume:
    """Rename a volume; move it first where a switch allows that."""
    new = names.parse(wanted)
    old = names.parse(volume.name)
    elsewhere = (new.pod, new.group) not in (
        (None, None),
        (old.pod, old.group),
    )
    if elsewhere and switches.RENAME_ACROSS.of(array) == 'moves':
        volume = move(array, volume, new.pod or '')
        volume = volumes.move_to_group(array, volume, new.container or '')
    return volumes.rename(array, volume, wanted)


def arrays_of(array: FlashArray, pod_id: str | None) -> frozenset[str]:
    """Return the ids of the other arrays that a pod is on."""
    replica = array.pod_replicas.get(pod_id)
    return frozenset() if replica is None else frozenset((replica.peer_id,))


def _expect_same_arrays(
    array: FlashArray, volume: model.Volume, pod: model.Pod | None
) -> None:
    target = arrays_of(array, pod.id if pod else None)
    if arrays_of(array, volume.pod_id) == target:
        return
    if target:
        raise errors.refused(
            'Volume cannot be moved into a stretched pod.', volume.name
        )
    raise errors.refused(
        'Volume cannot be moved out of a stretched pod.', volume.name
    )


def _leave_groups(array: FlashArray, volume: model.Volume) -> None:
    memberships = array.group_members.by('member', volume.id)
    if memberships and volume.pod_id is None:
        raise errors.refused(
            'Volume belongs to a protection group outside of the pod.',
            volume.name,
        )
    for member in memberships:
        group_members.leave(array, member)
