# SPDX-License-Identifier: Apache-2.0
"""The protection groups that a new volume joins by itself."""

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import group_members


def groups(
    array: FlashArray, identifiers: tuple[str, ...]
) -> list[model.ProtectionGroup]:
    """Return those of the groups that are still there, live."""
    found = (array.protection_groups.get(i) for i in identifiers)
    return [g for g in found if g is not None and g.destroyed is None]


def protect(array: FlashArray, volume: model.Volume) -> None:
    """Add a new volume to the default groups of its pod or array."""
    pod = array.pods.get(volume.pod_id)
    identifiers = (
        array.settings.default_protections
        if pod is None
        else pod.default_protections
    )
    for group in groups(array, identifiers):
        group_members.add_volume(array, group, volume)
