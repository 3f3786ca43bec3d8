# SPDX-License-Identifier: Apache-2.0
"""What is in a pod: renamed, destroyed and eradicated as a whole."""

from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import protection, volumes


@dataclass(frozen=True)
class Contents:
    """The objects that are directly in a pod, live or destroyed."""

    volumes: tuple[model.Volume, ...]
    volume_groups: tuple[model.VolumeGroup, ...]
    protection_groups: tuple[model.ProtectionGroup, ...]

    def __bool__(self) -> bool:
        return bool(
            self.volumes or self.volume_groups or self.protection_groups
        )

    def live(self) -> 'Contents':
        return Contents(
            tuple(v for v in self.volumes if v.destroyed is None),
            tuple(g for g in self.volume_groups if g.destroyed is None),
            tuple(g for g in self.protection_groups if g.destroyed is None),
        )


def of(array: FlashArray, pod_id: str) -> Contents:
    return Contents(
        tuple(array.volumes.by('pod', pod_id)),
        tuple(array.volume_groups.by('pod', pod_id)),
        tuple(array.protection_groups.by('pod', pod_id)),
    )


def rename(array: FlashArray, pod_id: str, pod_name: str) -> None:
    """Give all that is in a pod the names that its new name asks for."""
    contents = of(array, pod_id)
    for volume_group in contents.volume_groups:
        array.volume_groups.put(
            replace(volume_group, name=_in(pod_name, volume_group.name))
        )
    for volume in contents.volumes:
        volumes.put_name(array, volume, _in(pod_name, volume.name))
    for group in contents.protection_groups:
        protection.put_name(array, group, _in(pod_name, group.name))


def _in(pod_name: str, name: str) -> str:
    return str(replace(names.parse(name), pod=pod_name))


def destroy(array: FlashArray, pod_id: str) -> None:
    """Destroy all live objects; raise ApiError if one may not be."""
    contents = of(array, pod_id).live()
    errors.for_each(
        contents.protection_groups,
        lambda group: protection.destroy(array, group),
    )
    errors.for_each(
        contents.volumes, lambda volume: volumes.destroy(array, volume)
    )
    now = array.now()
    for group in contents.volume_groups:
        array.volume_groups.put(replace(group, destroyed=now))


def recover(array: FlashArray, pod_id: str, since: int) -> None:
    """Recover what was destroyed at that time or later."""
    contents = of(array, pod_id)
    for volume_group in contents.volume_groups:
        if _fell(volume_group.destroyed, since):
            array.volume_groups.put(replace(volume_group, destroyed=None))
    for volume in contents.volumes:
        if _fell(volume.destroyed, since):
            volumes.recover(array, volume)
    for group in contents.protection_groups:
        if _fell(group.destroyed, since):
            protection.recover(array, group)


def _fell(destroyed: int | None, since: int) -> bool:
    return destroyed is not None and destroyed >= since


def eradicate(array: FlashArray, pod_id: str) -> None:
    """Remove all objects of a pod for good."""
    contents = of(array, pod_id)
    for group in contents.protection_groups:
        protection.eradicate(array, group)
    for volume in contents.volumes:
        volumes.eradicate(array, volume)
    for volume_group in contents.volume_groups:
        volumes.remove_tags(array, volume_group.id)
        array.volume_groups.remove(volume_group.id)
