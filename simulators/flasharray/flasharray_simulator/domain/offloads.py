# SPDX-License-Identifier: Apache-2.0
"""Snapshots that are kept outside of the array, in offload targets."""

from dataclasses import replace

from flasharray_simulator import errors, model, names, offload_model
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    volumes,
)

LABEL = 'Offload'
GROUP_LABEL = 'Protection group snapshot'


def find(array: FlashArray, name: str) -> offload_model.Offload:
    return any_state(LABEL, array.offloads, name)


def in_target(offload: offload_model.Offload, name: str) -> str:
    """Return the full name of what a target knows as ``ARRAY:NAME``."""
    return f'{offload.name}:{name}'


def without_target(name: str) -> str:
    return name.partition(':')[2]


def keep_volume(
    array: FlashArray,
    offload: offload_model.Offload,
    volume: model.Volume,
    suffix: str | None,
) -> offload_model.OffloadSnapshot:
    """Copy a volume as it is now into a target."""
    taken = volumes.snapshot(array, volume, suffix)
    volumes.eradicate_snapshot(array, taken)
    name = in_target(offload, f'{array.name}:{taken.name}')
    free_name(volumes.SNAPSHOT_LABEL, array.offload_snapshots, name)
    return _keep(array, offload, volume, name, taken.suffix, None)


def _keep(
    array: FlashArray,
    offload: offload_model.Offload,
    volume: model.Volume,
    name: str,
    suffix: str,
    group_snapshot_id: str | None,
) -> offload_model.OffloadSnapshot:
    return array.offload_snapshots.put(
        offload_model.OffloadSnapshot(
            id=array.new_id(),
            name=name,
            offload_id=offload.id,
            suffix=suffix,
            created=array.now(),
            provisioned=volume.provisioned,
            source_id=volume.id,
            source_name=f'{array.name}:{volume.name}',
            data_transferred=array.content.allocated(volume.content),
            content=volume.content,
            group_snapshot_id=group_snapshot_id,
        )
    )


def keep_group(
    array: FlashArray,
    offload: offload_model.Offload,
    group: model.ProtectionGroup,
    suffix: str | None,
) -> offload_model.OffloadGroupSnapshot:
    """Copy all volumes of a group as they are now into a target."""
    taken = group_snapshots.take_snapshot(array, group, suffix)
    group_snapshots.eradicate_snapshot(array, taken)
    name = in_target(offload, f'{array.name}:{taken.name}')
    free_name(GROUP_LABEL, array.offload_group_snapshots, name)
    kept = array.offload_group_snapshots.put(
        offload_model.OffloadGroupSnapshot(
            id=array.new_id(),
            name=name,
            offload_id=offload.id,
            suffix=taken.suffix,
            created=array.now(),
            source_id=group.id,
            source_name=f'{array.name}:{group.name}',
        )
    )
    for volume in group_members.volumes_of(array, group):
        part = f'{name}.{names.member_part(volume.name)}'
        _keep(array, offload, volume, part, taken.suffix, kept.id)
    return kept


def parts_of(
    array: FlashArray, kept: offload_model.OffloadGroupSnapshot
) -> list[offload_model.OffloadSnapshot]:
    return array.offload_snapshots.by('group_snapshot', kept.id)


def restore(
    array: FlashArray, kept: offload_model.OffloadSnapshot
) -> model.VolumeSnapshot:
    """Bring a snapshot back as ``ARRAY:VOL.SUFFIX``, to copy it from."""
    if kept.destroyed is not None:
        raise errors.has_been_destroyed(volumes.SNAPSHOT_LABEL, kept.name)
    name = without_target(kept.name)
    free_name(volumes.SNAPSHOT_LABEL, array.volume_snapshots, name)
    return array.volume_snapshots.put(
        model.VolumeSnapshot(
            id=array.new_id(),
            name=name,
            suffix=kept.suffix,
            created=kept.created,
            provisioned=kept.provisioned,
            serial=array.new_serial(),
            content=kept.content,
            source_name=kept.source_name,
        )
    )


def set_destroyed(
    array: FlashArray, kept: offload_model.OffloadSnapshot, destroyed: bool
) -> offload_model.OffloadSnapshot:
    """Destroy or recover; raise ApiError for what is destroyed already."""
    if destroyed and kept.destroyed is not None:
        raise errors.has_been_destroyed(volumes.SNAPSHOT_LABEL, kept.name)
    when = array.now() if destroyed else None
    return array.offload_snapshots.put(replace(kept, destroyed=when))


def set_group_destroyed(
    array: FlashArray,
    kept: offload_model.OffloadGroupSnapshot,
    destroyed: bool,
) -> offload_model.OffloadGroupSnapshot:
    """Destroy or recover with all parts."""
    if destroyed and kept.destroyed is not None:
        raise errors.has_been_destroyed(GROUP_LABEL, kept.name)
    when = array.now() if destroyed else None
    for part in parts_of(array, kept):
        array.offload_snapshots.put(replace(part, destroyed=when))
    return array.offload_group_snapshots.put(replace(kept, destroyed=when))


def eradicate(array: FlashArray, kept: offload_model.OffloadSnapshot) -> None:
    array.offload_snapshots.remove(kept.id)


def eradicate_group(
    array: FlashArray, kept: offload_model.OffloadGroupSnapshot
) -> None:
    for part in parts_of(array, kept):
        eradicate(array, part)
    array.offload_group_snapshots.remove(kept.id)


def disconnect(array: FlashArray, offload: offload_model.Offload) -> None:
    """Forget a target with all that is in it."""
    for group in array.offload_group_snapshots.by('offload', offload.id):
        array.offload_group_snapshots.remove(group.id)
    for kept in array.offload_snapshots.by('offload', offload.id):
        eradicate(array, kept)
    array.offloads.remove(offload.id)


def sweep(array: FlashArray, limit: int) -> None:
    """Eradicate what was destroyed before a time."""
    for group in array.offload_group_snapshots.until('destroyed', limit):
        eradicate_group(array, group)
    for kept in array.offload_snapshots.until('destroyed', limit):
        eradicate(array, kept)
    for records in array.records.values():
        for record in records.until('destroyed', limit):
            records.remove(record.id)
