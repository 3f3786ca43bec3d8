# SPDX-License-Identifier: Apache-2.0
"""Copies of whole pods."""

from dataclasses import replace

from flasharray_simulator import model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_contents, pod_quota, pods, volumes


def clone(array: FlashArray, new: pods.NewPod, source: model.Pod) -> model.Pod:
    """Create a pod with copies of the volumes and groups of another.

    The source may be destroyed; its snapshots and hosts' connections are
    not copied, its protection groups are, with no target and disabled.
    """
    pod = pods.create(array, replace(new, source=source))
    contents = pod_contents.of(array, source.id)
    if source.destroyed is None:
        contents = contents.live()
    copies = {
        group.id: _copy_volume_group(array, pod, group)
        for group in contents.volume_groups
    }
    made = {
        volume.id: _copy_volume(array, pod, volume, copies)
        for volume in contents.volumes
    }
    for group in contents.protection_groups:
        _copy_group(array, pod, group, made)
    pod_quota.expect_room(array, pod.id, pod.name)
    return pod


def _renamed(pod: model.Pod, name: str) -> str:
    return str(replace(names.parse(name), pod=pod.name))


def _copy_volume_group(
    array: FlashArray, pod: model.Pod, group: model.VolumeGroup
) -> model.VolumeGroup:
    return array.volume_groups.put(
        replace(
            group,
            id=array.new_id(),
            name=_renamed(pod, group.name),
            created=array.now(),
            destroyed=None,
            pod_id=pod.id,
        )
    )


def _copy_volume(
    array: FlashArray,
    pod: model.Pod,
    volume: model.Volume,
    copies: dict[str, model.VolumeGroup],
) -> model.Volume:
    group = copies.get(volume.volume_group_id or '')
    copy = array.volumes.put(
        model.Volume(
            id=array.new_id(),
            name=_renamed(pod, volume.name),
            serial=array.new_serial(),
            created=array.now(),
            provisioned=volume.provisioned,
            content=volume.content,
            source_id=volume.id,
            source_name=volume.name,
            pod_id=pod.id,
            volume_group_id=group.id if group else None,
            qos=volume.qos,
            subtype=volume.subtype,
            priority_operator=volume.priority_operator,
            priority_value=volume.priority_value,
        )
    )
    volumes.copy_tags(array, volume.id, copy)
    return copy


def _copy_group(
    array: FlashArray,
    pod: model.Pod,
    group: model.ProtectionGroup,
    made: dict[str, model.Volume],
) -> None:
    copy = array.protection_groups.put(
        model.ProtectionGroup(
            id=array.new_id(),
            name=_renamed(pod, group.name),
            created=array.now(),
            source_array=array.name,
            pod_id=pod.id,
            replication_schedule=replace(
                group.replication_schedule, enabled=False
            ),
            snapshot_schedule=replace(group.snapshot_schedule, enabled=False),
            source_retention=group.source_retention,
            target_retention=group.target_retention,
        )
    )
    for member in array.group_members.by('group', group.id):
        volume = made.get(member.member_id)
        if volume is not None:
            array.group_members.put(
                model.GroupMember(f'{copy.id}/{volume.id}', copy.id, volume.id)
            )
