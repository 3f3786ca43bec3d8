# SPDX-License-Identifier: Apache-2.0
"""Destroyed objects vanish when their time is over."""

from typing import Any

from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    group_snapshots,
    pods,
    protection,
    volumes,
)

_HOUR = 3_600_000


def sweep(array: FlashArray) -> None:
    """Eradicate all that was destroyed longer ago than the delay."""
    now = array.now()
    limit = now - array.settings.eradication_delay
    for snapshot in array.group_snapshots.by('fading', True):
        if snapshot.for_replication and snapshot.destroyed is None:
            if now - snapshot.created >= _HOUR:
                group_snapshots.destroy_snapshot(array, snapshot)
        elif _over(snapshot, limit):
            group_snapshots.eradicate_snapshot(array, snapshot)
    for part in array.volume_snapshots.by('fading', True):
        if part.group_snapshot_id is None and _over(part, limit):
            volumes.eradicate_snapshot(array, part)
    for volume in array.volumes.by('fading', True):
        if _over(volume, limit):
            volumes.eradicate(array, volume)
    for group in array.protection_groups.by('fading', True):
        if _over(group, limit):
            protection.eradicate(array, group)
    for volume_group in array.volume_groups.by('fading', True):
        if _over(volume_group, limit):
            array.volume_groups.remove(volume_group.id)
    for pod in array.pods.by('fading', True):
        if _over(pod, limit):
            pods.eradicate(array, pod)


def _over(stored: Any, limit: int) -> bool:
    return stored.destroyed is not None and stored.destroyed <= limit
