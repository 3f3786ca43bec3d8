# SPDX-License-Identifier: Apache-2.0
"""Protection groups: members, snapshots, transfers, destruction."""

from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import (
    FlashArray,
    any_state,
    expect_container,
    free_name,
    live,
)
from flasharray_simulator.domain import group_snapshots, safemode, volumes

LABEL = 'Protection group'


def find(array: FlashArray, name: str) -> model.ProtectionGroup:
    return any_state(LABEL, array.protection_groups, name)


def find_live(array: FlashArray, name: str) -> model.ProtectionGroup:
    return live(LABEL, array.protection_groups, name)


def find_own(array: FlashArray, name: str) -> model.ProtectionGroup:
    """Return a live group of this array; raise ApiError for a copy."""
    group = find_live(array, name)
    if not group.local:
        raise errors.refused(
            'Operation not permitted on a protection group of another array.',
            name,
        )
    return group


def create(array: FlashArray, name: str) -> model.ProtectionGroup:
    parts = names.check(name, LABEL)
    pod = expect_container(array, parts)
    if pod is not None:
        parts = replace(parts, pod=pod.name)
    free_name(LABEL, array.protection_groups, name)
    return array.protection_groups.put(
        model.ProtectionGroup(
            id=array.new_id(),
            name=str(parts),
            created=array.now(),
            source_array=array.name,
            pod_id=pod.id if pod else None,
        )
    )


def allowed_targets(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.GroupTarget]:
    return [
        target
        for target in array.group_targets.by('group', group.id)
        if target.allowed
    ]


def destroy(
    array: FlashArray, group: model.ProtectionGroup
) -> model.ProtectionGroup:
    """Destroy a group with its snapshots."""
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, group.name)
    safemode.refuse_if_locked(group)
    now = array.now()
    for snapshot in array.group_snapshots.by('group', group.id):
        if snapshot.destroyed is None:
            group_snapshots.destroy_snapshot(array, snapshot, now)
    return array.protection_groups.put(replace(group, destroyed=now))


def recover(
    array: FlashArray, group: model.ProtectionGroup
) -> model.ProtectionGroup:
    if group.destroyed is None:
        return group
    for snapshot in array.group_snapshots.by('group', group.id):
        if snapshot.destroyed == group.destroyed:
            group_snapshots.recover_snapshot(array, snapshot)
    return array.protection_groups.put(replace(group, destroyed=None))


def eradicate(array: FlashArray, group: model.ProtectionGroup) -> None:
    for snapshot in array.group_snapshots.by('group', group.id):
        group_snapshots.eradicate_snapshot(array, snapshot)
    for member in array.group_members.by('group', group.id):
        array.group_members.remove(member.id)
    for target in array.group_targets.by('group', group.id):
        array.group_targets.remove(target.id)
    volumes.remove_tags(array, group.id)
    array.protection_groups.remove(group.id)


def rename(
    array: FlashArray, group: model.ProtectionGroup, wanted: str
) -> model.ProtectionGroup:
    """Rename a group, its snapshots and their parts."""
    name = volumes.within(array, group.name, wanted, LABEL)
    if name.casefold() != group.name.casefold():
        free_name(LABEL, array.protection_groups, name)
    return put_name(array, group, name)


def put_name(
    array: FlashArray, group: model.ProtectionGroup, name: str
) -> model.ProtectionGroup:
    """Store the new full name of a group and all that carries it."""
    for snapshot in array.group_snapshots.by('group', group.id):
        group_snapshots.put_name(array, snapshot, f'{name}.{snapshot.suffix}')
    return array.protection_groups.put(replace(group, name=name))
