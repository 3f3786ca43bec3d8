# SPDX-License-Identifier: Apache-2.0
"""Volume groups: their names, their end, and what volumes take from them."""

from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import (
    FlashArray,
    any_state,
    expect_container,
    free_name,
)
from flasharray_simulator.domain import safemode, volumes

LABEL = 'Volume group'
_HIGHEST_PRIORITY = 10


def find(array: FlashArray, name: str) -> model.VolumeGroup:
    return any_state(LABEL, array.volume_groups, name)


def live_volumes(
    array: FlashArray, group: model.VolumeGroup
) -> list[model.Volume]:
    return [
        volume
        for volume in array.volumes.by('volume_group', group.id)
        if volume.destroyed is None
    ]


def create(array: FlashArray, name: str) -> model.VolumeGroup:
    """Create an empty group; raise ApiError for a bad or taken name."""
    parts = names.check(name, LABEL)
    pod = expect_container(array, parts)
    if pod is not None:
        parts = replace(parts, pod=pod.name)
    free_name(LABEL, array.volume_groups, name)
    return array.volume_groups.put(
        model.VolumeGroup(
            id=array.new_id(),
            name=str(parts),
            created=array.now(),
            pod_id=pod.id if pod else None,
        )
    )


def rename(
    array: FlashArray, group: model.VolumeGroup, wanted: str
) -> model.VolumeGroup:
    """Rename inside the pod; the volumes' names follow."""
    name = volumes.within(array, group.name, wanted, LABEL)
    if name.casefold() != group.name.casefold():
        free_name(LABEL, array.volume_groups, name)
    volumes.rename_container(array, group.id, name)
    return array.volume_groups.put(replace(group, name=name))


def destroy(
    array: FlashArray, group: model.VolumeGroup, with_contents: bool
) -> model.VolumeGroup:
    """Destroy a group, and its volumes if told to, at the same time."""
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, group.name)
    members = live_volumes(array, group)
    if members and not with_contents:
        raise errors.refused(
            'Volume group cannot be destroyed while it has volumes.',
            group.name,
        )
    for volume in members:
        volumes.destroy(array, volume)
    return array.volume_groups.put(
        replace(group, destroyed=array.now(), took_volumes=bool(members))
    )


def recover(array: FlashArray, group: model.VolumeGroup) -> model.VolumeGroup:
    """Recover a group; its volumes are recovered one by one."""
    return array.volume_groups.put(
        replace(group, destroyed=None, took_volumes=False)
    )


def eradicate(
    array: FlashArray, group: model.VolumeGroup, with_contents: bool
) -> None:
    """Remove a destroyed group and the destroyed volumes in it.

    Raises ApiError if volumes were destroyed together with it, unless told
    to eradicate them: Cinder eradicates a group without saying so after it
    has destroyed the volumes one by one.
    """
    if group.destroyed is None:
        raise errors.not_destroyed(LABEL, group.name)
    members = array.volumes.by('volume_group', group.id)
    for volume in members:
        groups = safemode.groups_of(array, volume.id)
        safemode.refuse_eradication(array, volume.name, *groups)
    safemode.refuse_eradication(array, group.name)
    if group.took_volumes and members and not with_contents:
        raise errors.refused(
            'Volume group cannot be eradicated while it has volumes.',
            group.name,
        )
    for volume in members:
        volumes.eradicate(array, volume)
    volumes.remove_tags(array, group.id)
    array.volume_groups.remove(group.id)


def priority(array: FlashArray, volume: model.Volume) -> int:
    """Return a volume's priority: its own adjustment on its group's."""
    own = _adjustment(volume.priority_operator, volume.priority_value)
    if volume.priority_operator == '=':
        return own
    group = array.volume_groups.get(volume.volume_group_id)
    if group is not None:
        own += _adjustment(group.priority_operator, group.priority_value)
    return max(-_HIGHEST_PRIORITY, min(_HIGHEST_PRIORITY, own))


def _adjustment(operator: str, value: int) -> int:
    return -value if operator == '-' else value
