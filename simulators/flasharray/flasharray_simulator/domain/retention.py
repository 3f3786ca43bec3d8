# SPDX-License-Identifier: Apache-2.0
"""What time does to protection groups: schedules and retentions."""

from dataclasses import replace

from flasharray_simulator import model, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    pod_links,
    pod_status,
    protection,
    schedules,
)

_HOUR = 3_600_000


def run_due_schedules(array: FlashArray) -> None:
    """Take the scheduled snapshots whose time has come."""
    now = array.now()
    for group in array.protection_groups.until('schedule', now):
        if not pod_status.acts_for(array, group.pod_id):
            continue
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
    """Destroy the snapshots that no retention keeps any longer.

    Snapshots that are not under retention stay until someone destroys
    them. What the next transfer starts from stays, however old.
    """
    now = array.now()
    for group in array.protection_groups:
        if group.destroyed is None and _acts(array, group):
            _apply_to(array, group, now)


def _acts(array: FlashArray, group: model.ProtectionGroup) -> bool:
    """Return whether retention is up to this array, and to this pod."""
    pod = array.pods.get(group.pod_id)
    if pod is not None and not pod_links.is_writable(array, pod):
        return False
    return pod_status.acts_for(array, group.pod_id)


def _apply_to(
    array: FlashArray, group: model.ProtectionGroup, now: int
) -> None:
    retention = (
        group.source_retention if group.local else group.target_retention
    )
    retained = [
        snapshot
        for snapshot in array.group_snapshots.by('group', group.id)
        if snapshot.retained and snapshot.complete and not snapshot.destroyed
    ]
    expired = schedules.expired(retained, retention, now)
    if not expired:
        return
    needed = _needed(array, group)
    for snapshot in expired:
        if snapshot.id not in needed:
            _expire(array, group, snapshot)


def _expire(
    array: FlashArray,
    group: model.ProtectionGroup,
    snapshot: model.GroupSnapshot,
) -> None:
    gone = group_snapshots.destroy_snapshot(array, snapshot)
    how = switches.EXPIRED_AT_TARGET.of(array)
    if not group.local and how == 'eradicated':
        group_snapshots.eradicate_snapshot(array, gone)


def _needed(array: FlashArray, group: model.ProtectionGroup) -> set[str]:
    """Return the snapshots that transfers use, or will start from."""
    if not group.local:
        newest = max(
            (
                snapshot
                for snapshot in array.group_snapshots.by('group', group.id)
                if snapshot.complete and snapshot.destroyed is None
            ),
            key=lambda snapshot: snapshot.created,
            default=None,
        )
        return {newest.id} if newest else set()
    return needed_at_source(array, group)


def needed_at_source(
    array: FlashArray, group: model.ProtectionGroup
) -> set[str]:
    """Return the snapshots under way, and the newest each target has."""
    found = set()
    newest: dict[str, model.GroupSnapshot] = {}
    for transfer in array.transfers.by('group', group.id):
        snapshot = array.group_snapshots.get(transfer.group_snapshot_id)
        if snapshot is None:
            continue
        if transfer.state == 'running':
            found.add(snapshot.id)
        if transfer.state == 'done' and snapshot.destroyed is None:
            present = newest.get(transfer.peer)
            if present is None or present.created < snapshot.created:
                newest[transfer.peer] = snapshot
    return found | {snapshot.id for snapshot in newest.values()}


def end_temporary(array: FlashArray) -> None:
    """Eradicate the snapshots that were made to be replicated, after 1 h.

    One whose transfer is not over stays until it is.
    """
    limit = array.now() - _HOUR
    for snapshot in array.group_snapshots.until('temporary', limit):
        group = array.protection_groups[snapshot.group_id]
        if pod_status.acts_for(array, group.pod_id) and not any(
            transfer.state in ('queued', 'running')
            for transfer in array.transfers.by('snapshot', snapshot.id)
        ):
            gone = group_snapshots.destroy_snapshot(array, snapshot)
            group_snapshots.eradicate_snapshot(array, gone)
