# SPDX-License-Identifier: Apache-2.0
"""A picture of everything in a pod, to be made the same elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import pod_objects
from flasharray_simulator.replication.wire import Header

HAVE_CONTENT = ('volume', 'volume_snapshot')


class MissingContent(Exception):
    """An image refers to bytes that are not kept here."""


@dataclass(frozen=True)
class PodImage:
    """A pod and all its objects, as (kind, object) with the pod first.

    Kinds are those of ``pod_objects.KINDS``.
    """

    pod: model.Pod
    objects: tuple[tuple[str, Any], ...]

    def of_kind(self, kind: str) -> list[Any]:
        return [stored for name, stored in self.objects if name == kind]

    def contents(self) -> dict[str, str]:
        """Return the content of every volume and snapshot, by its id."""
        return {
            stored.id: stored.content
            for kind, stored in self.objects
            if kind in HAVE_CONTENT
        }

    def relatives(self) -> dict[str, str]:
        """Return for snapshots the id of the volume they are like."""
        return {
            snapshot.id: snapshot.source_id
            for snapshot in self.of_kind('volume_snapshot')
            if snapshot.source_id is not None
        }

    def mapped(self, change: Callable[[str, Any], Any]) -> 'PodImage':
        """Return the image with change(kind, object) for every object.

        Objects for which it returns None are left out.
        """
        changed = (
            (kind, change(kind, stored)) for kind, stored in self.objects
        )
        objects = tuple(pair for pair in changed if pair[1] is not None)
        pod = next(stored for kind, stored in objects if kind == 'pod')
        return PodImage(pod, objects)


def take(array: FlashArray, pod_id: str) -> PodImage:
    """Return the present state of a pod; call it in a transaction."""
    objects = tuple(pod_objects.members_of(array, pod_id))
    return PodImage(array.pods[pod_id], objects)


def to_plain(image: PodImage) -> Header:
    """Return the image as what JSON can say."""
    return {
        'objects': [
            pod_objects.to_plain(kind, stored)
            for kind, stored in image.objects
        ]
    }


def from_plain(plain: Header) -> PodImage:
    objects = tuple(pod_objects.from_plain(p) for p in plain['objects'])
    return PodImage(objects[0][1], objects)


def install(array: FlashArray, image: PodImage) -> None:
    """Make the pod with the image's id here exactly what the image says.

    Objects that the image has not are removed; connections of hosts to
    volumes that stay, stay. Call it in a transaction; raises
    MissingContent, with nothing changed, if bytes have not arrived.
    """
    roots = list(image.contents().values())
    if not all(array.content.has(root) for root in roots):
        raise MissingContent(image.pod.name)
    for root in roots:
        array.content.retain(root)
    wanted = {(kind, stored.id) for kind, stored in image.objects}
    present = [
        (kind, stored.id)
        for kind, stored in pod_objects.members_of(array, image.pod.id)
    ]
    for kind, identifier in present:
        if (kind, identifier) not in wanted:
            pod_objects.remove(array, kind, identifier)
    for kind, stored in image.objects:
        pod_objects.put(array, kind, stored)
    for root in roots:
        array.content.release(root)


def renamed(image: PodImage, pod: model.Pod) -> PodImage:
    """Return the image as the contents of another pod.

    The pod takes the place of the image's; names and pod ids follow.
    """
    old = image.pod

    def change(kind: str, stored: Any) -> Any:
        if kind == 'pod':
            return pod
        fields: dict[str, Any] = {}
        name = getattr(stored, 'name', None)
        if name is not None and name.startswith(f'{old.name}::'):
            fields['name'] = pod.name + name[len(old.name) :]
        if getattr(stored, 'pod_id', None) == old.id:
            fields['pod_id'] = pod.id
        if kind == 'tag' and stored.resource_id == old.id:
            return None
        return replace(stored, **fields)

    return image.mapped(change)
