# SPDX-License-Identifier: Apache-2.0
"""Snapshots of protection groups: take, send, destroy, eradicate."""

from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, free_name
from flasharray_simulator.domain import group_members, volumes

LABEL = 'Protection group snapshot'


@dataclass(frozen=True)
class Wish:
    """A snapshot that someone asks for; ``urgent`` overtakes others."""

    suffix: str | None = None
    retained: bool = False
    for_replication: bool = False
    replicate: bool = False
    urgent: bool = False


def request(
    array: FlashArray, group: model.ProtectionGroup, wish: Wish
) -> model.GroupSnapshot:
    """Take a snapshot and send it if that is wished.

    Raises ApiError if it is to be sent and no target allows it.
    """
    targets = [
        target
        for target in array.group_targets.by('group', group.id)
        if target.allowed
    ]
    if wish.replicate and not targets:
        raise errors.refused(
            'Protection group has no target that allows replication.',
            group.name,
        )
    snapshot = take_snapshot(
        array, group, wish.suffix, wish.retained, wish.for_replication
    )
    if wish.replicate:
        queue_transfers(array, snapshot, targets, wish.urgent)
    return snapshot


def take_snapshot(
    array: FlashArray,
    group: model.ProtectionGroup,
    suffix: str | None = None,
    retained: bool = False,
    for_replication: bool = False,
) -> model.GroupSnapshot:
    """Take a consistent snapshot of all the group's volumes.

    ``retained`` puts it under the group's source retention.
    """
    if suffix is None:
        suffix = _next_suffix(array, group)
    name = f'{group.name}.{names.check_suffix(suffix, group.name)}'
    free_name(LABEL, array.group_snapshots, name)
    snapshot = array.group_snapshots.put(
        model.GroupSnapshot(
            id=array.new_id(),
            name=name,
            suffix=suffix,
            group_id=group.id,
            created=array.now(),
            retained=retained,
            for_replication=for_replication,
        )
    )
    for volume in group_members.volumes_of(array, group):
        volumes.keep_content(
            array,
            volume,
            f'{name}.{names.member_part(volume.name)}',
            suffix,
            snapshot.created,
            snapshot.id,
        )
    return snapshot


def _next_suffix(array: FlashArray, group: model.ProtectionGroup) -> str:
    number = group.next_suffix
    while array.group_snapshots.find(f'{group.name}.{number}') is not None:
        number += 1
    array.protection_groups.put(replace(group, next_suffix=number + 1))
    return str(number)


def queue_transfers(
    array: FlashArray,
    snapshot: model.GroupSnapshot,
    targets: list[model.GroupTarget],
    urgent: bool = False,
) -> None:
    """Queue a snapshot for its targets; the replication engine sends it."""
    for target in targets:
        array.transfers.put(
            model.Transfer(
                id=f'{snapshot.id}>{target.array_name.casefold()}',
                group_snapshot_id=snapshot.id,
                group_id=snapshot.group_id,
                peer=target.array_name,
                outbound=True,
                queued=array.now(),
                urgent=urgent,
            )
        )


def parts_of(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> list[model.VolumeSnapshot]:
    """Return the volume snapshots of a group snapshot, by name."""
    parts = array.volume_snapshots.by('group_snapshot', snapshot.id)
    return sorted(parts, key=lambda part: part.name.casefold())


def destroy_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, now: int | None = None
) -> model.GroupSnapshot:
    """Destroy a group snapshot with its parts; its transfers end."""
    if snapshot.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, snapshot.name)
    moment = array.now() if now is None else now
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(replace(part, destroyed=moment))
    for transfer in array.transfers.by('snapshot', snapshot.id):
        if transfer.outbound and transfer.state in ('queued', 'running'):
            array.transfers.put(replace(transfer, state='dropped'))
    return array.group_snapshots.put(replace(snapshot, destroyed=moment))


def recover_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> model.GroupSnapshot:
    if snapshot.destroyed is None:
        return snapshot
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(replace(part, destroyed=None))
    return array.group_snapshots.put(replace(snapshot, destroyed=None))


def eradicate_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> None:
    """Remove for good; a target that has a part of it is yet to be told."""
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        volumes.eradicate_snapshot(array, part)
    for transfer in array.transfers.by('snapshot', snapshot.id):
        if transfer.state != 'dropped':
            forget_transfer(array, transfer)
    volumes.remove_tags(array, snapshot.id)
    array.group_snapshots.remove(snapshot.id)


def forget_transfer(array: FlashArray, transfer: model.Transfer) -> None:
    for part in array.part_transfers.by('transfer', transfer.id):
        array.part_transfers.remove(part.id)
    array.transfers.remove(transfer.id)


def rename_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, suffix: str
) -> model.GroupSnapshot:
    """Give a snapshot another suffix (bare, or after the group's name)."""
    group = array.protection_groups[snapshot.group_id]
    prefix = f'{group.name}.'
    if suffix.casefold().startswith(prefix.casefold()):
        suffix = suffix[len(prefix) :]
    name = prefix + names.check_suffix(suffix, snapshot.name)
    free_name(LABEL, array.group_snapshots, name)
    return put_name(array, replace(snapshot, suffix=suffix), name)


def put_name(
    array: FlashArray, snapshot: model.GroupSnapshot, name: str
) -> model.GroupSnapshot:
    old = array.group_snapshots[snapshot.id].name
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(
            replace(
                part,
                name=name + part.name[len(old) :],
                suffix=snapshot.suffix,
            )
        )
    return array.group_snapshots.put(replace(snapshot, name=name))


def group_of(
    array: FlashArray, part: model.VolumeSnapshot
) -> model.ProtectionGroup | None:
    """Return the group that a volume snapshot is a part of, if any."""
    snapshot = array.group_snapshots.get(part.group_snapshot_id)
    if snapshot is None:
        return None
    return array.protection_groups[snapshot.group_id]


def is_needed(array: FlashArray, snapshot: model.GroupSnapshot) -> bool:
    """Return whether replication uses a snapshot, or has brought it."""
    return snapshot.origin_id is not None or any(
        transfer.state in ('queued', 'running', 'done')
        for transfer in array.transfers.by('snapshot', snapshot.id)
    )
