# SPDX-License-Identifier: Apache-2.0
"""Copying a protection group, or one snapshot of it, to volumes."""

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    protection,
    volumes,
)


def copy(
    array: FlashArray, name: str, source: str, overwrite: bool
) -> model.ProtectionGroup:
    """Copy a group snapshot to volumes that are members of a group.

    ``source`` names the snapshot, or a group, whose newest snapshot is
    taken. The volumes have the names of those in the snapshot, in the
    pod of the new group. With ``overwrite`` the group and its volumes
    may exist, and the volumes get the contents of the snapshot. Raises
    ApiError for what does not exist, or exists and is not to be
    overwritten.
    """
    snapshot = _snapshot(array, source)
    present = array.protection_groups.find(name)
    if present is not None and overwrite:
        group = protection.find_own(array, name)
    else:
        group = protection.create(array, name)
    errors.for_each(
        group_snapshots.parts_of(array, snapshot),
        lambda part: _copy_part(array, group, snapshot, part, overwrite),
    )
    return array.protection_groups[group.id]


def _snapshot(array: FlashArray, source: str) -> model.GroupSnapshot:
    found = array.group_snapshots.find(source)
    if found is None:
        group = protection.find_live(array, source)
        found = max(
            (
                snapshot
                for snapshot in array.group_snapshots.by('group', group.id)
                if snapshot.complete and snapshot.destroyed is None
            ),
            key=lambda snapshot: snapshot.created,
            default=None,
        )
    if found is None:
        raise errors.does_not_exist(group_snapshots.LABEL, source)
    if found.destroyed is not None:
        raise errors.has_been_destroyed(group_snapshots.LABEL, source)
    return found


def _copy_part(
    array: FlashArray,
    group: model.ProtectionGroup,
    snapshot: model.GroupSnapshot,
    part: model.VolumeSnapshot,
    overwrite: bool,
) -> None:
    source = volumes.source_of(array, part.name)
    base = part.name[len(snapshot.name) + 1 :]
    pod = names.parse(group.name).pod
    name = base if pod is None else f'{pod}::{base}'
    present = array.volumes.find(name)
    if present is not None and overwrite:
        volume = volumes.overwrite(
            array, volumes.find_live(array, name), source
        )
    else:
        new = volumes.NewVolume(name=name, source=source)
        volume = volumes.create(array, new)
    if not group_members.is_member(array, group, volume.id):
        group_members.add_volume(array, group, volume)
