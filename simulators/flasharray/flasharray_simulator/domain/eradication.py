# SPDX-License-Identifier: Apache-2.0
"""Destroyed objects vanish when their time is over."""

from typing import Protocol

from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import (
    group_snapshots,
    offloads,
    pod_status,
    pods,
    protection,
    retention,
    safemode,
    volumes,
)


def sweep(array: FlashArray) -> None:
    """Eradicate all that was destroyed longer ago than the delay."""
    retention.end_temporary(array)
    now = array.now()
    settings = array.settings
    delays = (settings.eradication_delay, settings.disabled_delay)
    limit = now - min(delays)
    offloads.sweep(array, now - settings.eradication_delay)
    for snapshot in array.group_snapshots.until('destroyed', limit):
        group = array.protection_groups[snapshot.group_id]
        if not pod_status.acts_for(array, group.pod_id):
            continue
        if _over(array, snapshot, safemode.is_locked(group)):
            group_snapshots.eradicate_snapshot(array, snapshot)
    for part in array.volume_snapshots.until('destroyed', limit):
        if _over(array, part) and pod_status.acts_for(array, part.pod_id):
            volumes.eradicate_snapshot(array, part)
    for volume in array.volumes.until('destroyed', limit):
        if not pod_status.acts_for(array, volume.pod_id):
            continue
        if _over(array, volume, safemode.is_volume_protected(array, volume)):
            volumes.eradicate(array, volume)
    for group in array.protection_groups.until('destroyed', limit):
        if not pod_status.acts_for(array, group.pod_id):
            continue
        if _over(array, group, safemode.is_locked(group)):
            protection.eradicate(array, group)
    for volume_group in array.volume_groups.until('destroyed', limit):
        if not pod_status.acts_for(array, volume_group.pod_id):
            continue
        if _over(array, volume_group):
            array.volume_groups.remove(volume_group.id)
    for pod in array.pods.until('destroyed', limit):
        if _over(array, pod):
            pods.eradicate(array, pod)


class Fading(Protocol):
    @property
    def destroyed(self) -> int | None: ...


def _over(array: FlashArray, stored: Fading, protected: bool = False) -> bool:
    """Return whether the time of a destroyed object is over."""
    return array.time_remaining(stored.destroyed, protected) == 0
