# SPDX-License-Identifier: Apache-2.0
"""Recovery of single objects: not into a container that is destroyed.

They would be eradicated with it, alive.
"""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import protection, volumes

_POD = 'Pod'
_VOLUME_GROUP = 'Volume group'


def recover_volume(array: FlashArray, volume: model.Volume) -> model.Volume:
    """Recover a volume; raise ApiError if its container is destroyed."""
    if volume.destroyed is not None:
        group = array.volume_groups.get(volume.volume_group_id)
        _expect_live(_VOLUME_GROUP, group)
        expect_pod(array, volume.pod_id)
    return volumes.recover(array, volume)


def recover_group(
    array: FlashArray, group: model.ProtectionGroup
) -> model.ProtectionGroup:
    """Recover a protection group; raise ApiError if its pod is destroyed."""
    if group.destroyed is not None:
        expect_pod(array, group.pod_id)
    return protection.recover(array, group)


def expect_pod(array: FlashArray, pod_id: str | None) -> None:
    """Raise ApiError if there is such a pod and it is destroyed."""
    _expect_live(_POD, array.pods.get(pod_id))


def _expect_live(
    label: str, container: model.Pod | model.VolumeGroup | None
) -> None:
    if container is not None and container.destroyed is not None:
        raise errors.has_been_destroyed(label, container.name)
