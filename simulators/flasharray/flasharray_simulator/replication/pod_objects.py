# SPDX-License-Identifier: Apache-2.0
"""Which objects belong to a pod, and how they come and go as copies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flasharray_simulator import codec, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.collections import Collection


@dataclass(frozen=True)
class Kind:
    """One kind of object that a pod may have; ``name`` is on the wire."""

    name: str
    type: type[Any]
    collection: Callable[[FlashArray], Collection[Any]]


KINDS: tuple[Kind, ...] = (
    Kind('pod', model.Pod, lambda a: a.pods),
    Kind('volume_group', model.VolumeGroup, lambda a: a.volume_groups),
    Kind('volume', model.Volume, lambda a: a.volumes),
    Kind(
        'protection_group',
        model.ProtectionGroup,
        lambda a: a.protection_groups,
    ),
    Kind('group_member', model.GroupMember, lambda a: a.group_members),
    Kind('group_target', model.GroupTarget, lambda a: a.group_targets),
    Kind('group_snapshot', model.GroupSnapshot, lambda a: a.group_snapshots),
    Kind(
        'volume_snapshot', model.VolumeSnapshot, lambda a: a.volume_snapshots
    ),
    Kind('tag', model.Tag, lambda a: a.tags),
    Kind('transfer', model.Transfer, lambda a: a.transfers),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
_IN_GROUP = ('group_member', 'group_target', 'group_snapshot', 'transfer')


class Owners:
    """Finds the pod of an object, also of one that is just gone.

    ``before`` are earlier states of objects, by kind and id.
    """

    def __init__(
        self,
        array: FlashArray,
        before: Mapping[tuple[str, str], Any] | None = None,
    ) -> None:
        self._array = array
        self._before = before or {}

    def pod_of(self, kind: str, stored: Any) -> str | None:
        """Return the id of the pod that an object belongs to, or None."""
        if kind == 'pod':
            return str(stored.id)
        if kind in _IN_GROUP:
            group = self._find('protection_group', stored.group_id)
            return None if group is None else group.pod_id
        if kind == 'tag':
            return self._pod_of_resource(stored.resource_id)
        pod_id: str | None = stored.pod_id
        return pod_id

    def _pod_of_resource(self, identifier: str) -> str | None:
        for kind in KINDS:
            found = self._find(kind.name, identifier)
            if found is not None:
                return self.pod_of(kind.name, found)
        return None

    def _find(self, kind: str, identifier: str) -> Any:
        found = BY_NAME[kind].collection(self._array).get(identifier)
        return found or self._before.get((kind, identifier))


def members_of(array: FlashArray, pod_id: str) -> Iterator[tuple[str, Any]]:
    """Yield kind and object of all that a pod has, itself included."""
    pod = array.pods.get(pod_id)
    if pod is None:
        return
    yield 'pod', pod
    yield from _tags(array, [pod])
    groups = array.protection_groups.by('pod', pod_id)
    snapshots = [
        snapshot
        for group in groups
        for snapshot in array.group_snapshots.by('group', group.id)
    ]
    for kind, found in (
        ('volume_group', array.volume_groups.by('pod', pod_id)),
        ('volume', array.volumes.by('pod', pod_id)),
        ('protection_group', groups),
        ('group_snapshot', snapshots),
        ('volume_snapshot', array.volume_snapshots.by('pod', pod_id)),
    ):
        for stored in found:
            yield kind, stored
        yield from _tags(array, found)
    for group in groups:
        for member in array.group_members.by('group', group.id):
            yield 'group_member', member
        for target in array.group_targets.by('group', group.id):
            yield 'group_target', target


def _tags(
    array: FlashArray, resources: Iterable[Any]
) -> Iterator[tuple[str, Any]]:
    for resource in resources:
        for tag in array.tags.by('resource', resource.id):
            yield 'tag', tag


def to_plain(kind: str, stored: Any) -> list[Any]:
    return [kind, codec.to_plain(stored)]


def from_plain(plain: list[Any]) -> tuple[str, Any]:
    return plain[0], codec.from_plain(BY_NAME[plain[0]].type, plain[1])


def put(array: FlashArray, kind: str, stored: Any) -> None:
    """Store the copy of an object unless it is the same already."""
    collection = BY_NAME[kind].collection(array)
    if collection.get(stored.id) != stored:
        collection.put(stored)
        if kind == 'group_snapshot' and stored.destroyed is not None:
            _drop_transfers(array, stored.id)


def remove(array: FlashArray, kind: str, identifier: str) -> None:
    """Remove the copy of an object, and what only this array adds to it."""
    if kind == 'volume':
        for connection in array.connections.by('volume', identifier):
            array.connections.remove(connection.id)
    if kind == 'group_snapshot':
        for transfer in array.transfers.by('snapshot', identifier):
            array.transfers.remove(transfer.id)
    BY_NAME[kind].collection(array).remove(identifier)


def _drop_transfers(array: FlashArray, snapshot_id: str) -> None:
    for transfer in array.transfers.by('snapshot', snapshot_id):
        if transfer.outbound and transfer.completed is None:
            array.transfers.put(replace(transfer, state='dropped'))
