# SPDX-License-Identifier: Apache-2.0
"""Copies of all that is in a pod, with ids of their own.

The id of a copy is computed from that of the original and a key, and the
same key leads back. So both ends of a link, and a pod and what it was
before its demotion, know each other's objects without keeping a table,
and an object that went there and back is the same one again.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flasharray_simulator import model, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import group_members, volumes
from flasharray_simulator.replication import pod_image
from flasharray_simulator.replication.pod_image import PodImage

_FIXED = 0xF << 76 | 0x3 << 62


def twin(key: str, identifier: str) -> str:
    """Return the id of the twin; twice with one key is the id again."""
    mask = uuid.UUID(key).int & ~_FIXED
    return str(uuid.UUID(int=uuid.UUID(identifier).int ^ mask))


def contents(image: PodImage, key: str) -> dict[str, str]:
    """Return the contents by the ids that the twins have."""
    return {twin(key, id_): root for id_, root in image.contents().items()}


def relatives(image: PodImage, key: str) -> dict[str, str]:
    return {
        twin(key, snapshot): twin(key, volume)
        for snapshot, volume in image.relatives().items()
    }


def copy(
    array: FlashArray, image: PodImage, key: str, pod: model.Pod
) -> PodImage:
    """Return the image as the contents of another pod of this array.

    Objects that are here already keep their serials, new ones get one.
    Targets of protection groups stay behind, schedules wait.
    """
    copier = _Copier(array, image, key, pod)
    return pod_image.renamed(image.mapped(copier.change), pod)


class _Copier:
    def __init__(
        self, array: FlashArray, image: PodImage, key: str, pod: model.Pod
    ) -> None:
        self._array = array
        self._key = key
        self._old = f'{image.pod.name}::'
        self._new = f'{pod.name}::'
        self._known = set(image.contents())
        self._kinds: dict[str, Callable[[Any], Any]] = {
            'pod': lambda stored: stored,
            'volume_group': self._with_id,
            'volume': self._volume,
            'protection_group': self._group,
            'group_member': self._member,
            'group_target': lambda stored: None,
            'group_snapshot': self._group_snapshot,
            'volume_snapshot': self._snapshot,
            'tag': self._tag,
        }

    def change(self, kind: str, stored: Any) -> Any:
        return self._kinds[kind](stored)

    def _twin(self, identifier: str | None) -> str | None:
        return None if identifier is None else twin(self._key, identifier)

    def _with_id(self, stored: Any) -> Any:
        return replace(stored, id=self._twin(stored.id))

    def _source(
        self, stored: model.Volume | model.VolumeSnapshot
    ) -> tuple[str | None, str | None]:
        """Return id and name of where a copy comes from.

        That is the same thing in its own pod, or what is not in a pod.
        """
        name = stored.source_name
        if stored.source_id not in self._known:
            return None, name
        if name is not None and name.startswith(self._old):
            name = self._new + name[len(self._old) :]
        return self._twin(stored.source_id), name

    def _serial(self, present: Any, stored: Any) -> str:
        if present is not None:
            return str(present.serial)
        if switches.ACTIVEDR_SERIALS.of(self._array) == 'source':
            return str(stored.serial)
        return self._array.new_serial()

    def _volume(self, stored: model.Volume) -> model.Volume:
        identifier = twin(self._key, stored.id)
        source_id, source_name = self._source(stored)
        return replace(
            stored,
            id=identifier,
            serial=self._serial(self._array.volumes.get(identifier), stored),
            volume_group_id=self._twin(stored.volume_group_id),
            source_id=source_id,
            source_name=source_name,
        )

    def _snapshot(self, stored: model.VolumeSnapshot) -> model.VolumeSnapshot:
        identifier = twin(self._key, stored.id)
        present = self._array.volume_snapshots.get(identifier)
        return replace(
            stored,
            id=identifier,
            serial=self._serial(present, stored),
            volume_id=self._twin(stored.volume_id),
            group_snapshot_id=self._twin(stored.group_snapshot_id),
            source_id=self._twin(stored.source_id),
            source_name=self._source(stored)[1],
        )

    def _group(self, stored: model.ProtectionGroup) -> model.ProtectionGroup:
        return replace(
            stored,
            id=twin(self._key, stored.id),
            source_array=self._array.name,
            replication_due=None,
            snapshot_due=None,
        )

    def _group_snapshot(
        self, stored: model.GroupSnapshot
    ) -> model.GroupSnapshot:
        return replace(
            stored,
            id=twin(self._key, stored.id),
            group_id=twin(self._key, stored.group_id),
        )

    def _member(self, stored: model.GroupMember) -> model.GroupMember:
        group = twin(self._key, stored.group_id)
        member = twin(self._key, stored.member_id)
        return replace(
            stored,
            id=group_members.member_id(group, member),
            group_id=group,
            member_id=member,
        )

    def _tag(self, stored: model.Tag) -> model.Tag:
        resource = twin(self._key, stored.resource_id)
        return replace(
            stored,
            id=volumes.tag_id(resource, stored.namespace, stored.key),
            resource_id=resource,
        )
