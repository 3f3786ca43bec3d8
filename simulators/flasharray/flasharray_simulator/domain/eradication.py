# SPDX-License-Identifier: Apache-2.0
"""Destroyed objects vanish when their time is over."""

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
    for snapshot in array.group_snapshots.until('temporary', now - _HOUR):
        group_snapshots.destroy_snapshot(array, snapshot)
    for snapshot in array.group_snapshots.until('destroyed', limit):
        group_snapshots.eradicate_snapshot(array, snapshot)
    for part in array.volume_snapshots.until('destroyed', limit):
        volumes.eradicate_snapshot(array, part)
    for volume in array.volumes.until('destroyed', limit):
        volumes.eradicate(array, volume)
    for group in array.protection_groups.until('destroyed', limit):
        protection.eradicate(array, group)
    for volume_group in array.volume_groups.until('destroyed', limit):
        array.volume_groups.remove(volume_group.id)
    for pod in array.pods.until('destroyed', limit):
        pods.eradicate(array, pod)
