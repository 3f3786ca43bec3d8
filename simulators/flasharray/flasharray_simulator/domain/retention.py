# SPDX-License-Identifier: Apache-2.0
"""What time does to protection groups: schedules and retentions."""

from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    protection,
    schedules,
)


def run_due_schedules(array: FlashArray) -> None:
    """Take the scheduled snapshots whose time has come."""
    now = array.now()
    for group in array.protection_groups.until('schedule', now):
        if group.replication_due is not None and group.replication_due <= now:
            _run_replication(array, group, now)
        group = array.protection_groups[group.id]
        if group.snapshot_due is not None and group.snapshot_due <= now:
            _run_snapshot(array, group, now)


def _run_replication(
    array: FlashArray, group: model.ProtectionGroup, now: int
) -> None:
    due = schedules.next_due(
        group.replication_schedule, group.replication_due or now, now
    )
    group = array.protection_groups.put(replace(group, replication_due=due))
    targets = protection.allowed_targets(array, group)
    if targets and group_members.volumes_of(array, group):
        snapshot = group_snapshots.take_snapshot(array, group, retained=True)
        group_snapshots.queue_transfers(array, snapshot, targets)


def _run_snapshot(
    array: FlashArray, group: model.ProtectionGroup, now: int
) -> None:
    due = schedules.next_due(
        group.snapshot_schedule, group.snapshot_due or now, now
    )
    group = array.protection_groups.put(replace(group, snapshot_due=due))
    if group_members.volumes_of(array, group):
        group_snapshots.take_snapshot(array, group, retained=True)


def next_deadline(array: FlashArray) -> int | None:
    """Return the earliest due time of all schedules (ms), or None."""
    return array.protection_groups.earliest('schedule')


def apply_retention(array: FlashArray) -> None:
    """Destroy the snapshots that no retention keeps any longer."""
    now = array.now()
    for group in array.protection_groups:
        if group.destroyed is not None:
            continue
        retention = (
            group.source_retention if group.local else group.target_retention
        )
        kept = _under_retention(array, group)
        for snapshot in schedules.expired(kept, retention, now):
            group_snapshots.destroy_snapshot(array, snapshot)


def _under_retention(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.GroupSnapshot]:
    return [
        snapshot
        for snapshot in array.group_snapshots.by('group', group.id)
        if snapshot.destroyed is None
        and (snapshot.retained if group.local else snapshot.complete)
    ]
