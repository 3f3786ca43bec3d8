# SPDX-License-Identifier: Apache-2.0
"""Makes here what another array did in the pods that both have."""

from typing import Any

from flasharray_simulator import errors, model, switches
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import capacity, volumes
from flasharray_simulator.replication import mirror_changes, pod_objects
from flasharray_simulator.replication.wire import Header, Rejected


def apply(array: FlashArray, header: Header, payload: bytes) -> None:
    """Store the changed objects with their bytes, in this transaction.

    Raises ApiError if an object here stands against it or there is no room
    for the bytes, Rejected if they do not become what they are said to be.
    """
    before = array.content.stored_bytes()
    puts = [pod_objects.from_plain(plain) for plain in header['puts']]
    for kind, stored in puts:
        _check(array, kind, stored)
    _build(array, header, payload)
    roots = [stored.content for _, stored in puts if _has_content(stored)]
    for root in roots:
        if not array.content.has(root):
            raise Rejected('content is missing')
        array.content.retain(root)
    for kind, identifier in header['removes']:
        pod_objects.remove(array, kind, identifier)
    for kind, stored in puts:
        pod_objects.put(array, kind, stored)
    for root in roots:
        array.content.release(root)
    capacity.expect_room(array, before, array.name)


def _has_content(stored: Any) -> bool:
    return isinstance(stored, model.Volume | model.VolumeSnapshot)


def _build(array: FlashArray, header: Header, payload: bytes) -> None:
    for root, base, blocks in mirror_changes.unpack(header, payload):
        if array.content.replace(base, blocks) != root:
            raise Rejected('content did not arrive as it was sent')


def _check(array: FlashArray, kind: str, stored: Any) -> None:
    if kind == 'pod':
        _check_name(array, stored)
    if kind == 'volume' and stored.destroyed is not None:
        _check_connections(array, stored)


def _check_name(array: FlashArray, pod: model.Pod) -> None:
    present = array.pods.find(pod.name)
    if present is not None and present.id != pod.id:
        raise errors.already_exists('Pod', pod.name)


def _check_connections(array: FlashArray, volume: model.Volume) -> None:
    present = array.volumes.get(volume.id)
    if present is None or present.destroyed is not None:
        return
    if not volumes.connection_count(array, present):
        return
    if switches.DESTROY_CONNECTED_VOLUME.of(array) == 'refused':
        raise errors.refused(
            'Volume cannot be destroyed while it is connected.',
            volume.name,
        )
    for connection in array.connections.by('volume', volume.id):
        array.connections.remove(connection.id)
