# SPDX-License-Identifier: Apache-2.0
"""Brings the copy of a pod on another array up to date."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.content import BLOCK
from flasharray_simulator.replication import (
    mirror_state,
    pod_image,
    pod_stage,
    pod_traffic,
)
from flasharray_simulator.replication.mirror import Mirror
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.shipment import Shipment, Vanished
from flasharray_simulator.replication.wire import (
    Header,
    LinkDown,
    Rejected,
    Send,
)

_SMALL = 64 * BLOCK
_MOST_PASSES = 8
_STEP = 0.01


class Resync:
    """One pod that follows; sends what differs, then makes it the same.

    The pod goes on being used meanwhile: passes follow each other until
    so little is left that it can be sent while nobody changes the pod.
    """

    def __init__(self, mirror: Mirror, pacer: Pacer, pod_id: str) -> None:
        self.pod_id = pod_id
        self._mirror = mirror
        self._array = mirror.array
        self._pacer = pacer
        self._shipment: Shipment | None = None
        self._passes = 0

    def step(self, send: Send) -> float:
        """Do the next thing; return the seconds to wait before another.

        Raises LinkDown and Rejected.
        """
        replica = self._array.pod_replicas.get(self.pod_id)
        if replica is None or replica.peer_status != 'resyncing':
            return 0.0
        try:
            if self._shipment is None:
                self._shipment = self._ship(self._image())
            wait = self._ship_on(self._shipment, send)
            self._show_progress(replica)
            if not self._shipment.done:
                return wait
            return self._next_pass(replica, send)
        except Vanished:
            self.close()
            return 0.0

    def close(self) -> None:
        if self._shipment is not None:
            self._shipment.close()
            self._shipment = None

    def _image(self) -> pod_image.PodImage:
        with self._array.lock:
            return pod_image.take(self._array, self.pod_id)

    def _ship(self, image: pod_image.PodImage) -> Shipment:
        return Shipment(
            self._array,
            self._pacer,
            pod_stage.of_pod(self.pod_id),
            image.contents(),
            image.relatives(),
        )

    def _ship_on(self, shipment: Shipment, send: Send) -> float:
        before = shipment.progress.sent
        wait = shipment.step(send)
        pod_traffic.sent(
            self._array,
            pod_traffic.RESYNC,
            self.pod_id,
            shipment.progress.sent - before,
        )
        return wait

    def _show_progress(self, replica: model.PodReplica) -> None:
        assert self._shipment is not None
        progress = self._shipment.progress.fraction
        if self._passes:
            return
        shown = replica.progress
        if shown is not None and abs(progress - shown) < _STEP:
            return
        with self._mirror.privately():
            present = self._array.pod_replicas.get(self.pod_id)
            if present == replica:
                self._array.pod_replicas.put(
                    replace(replica, progress=progress)
                )

    def _next_pass(self, replica: model.PodReplica, send: Send) -> float:
        """Send what has changed since, under the lock if that is little."""
        self.close()
        self._passes += 1
        link = self._mirror.links.to(replica.peer_id)
        with self._busy(), link.held():
            image = self._image()
            self._shipment = self._ship(image)
            self._ship_on(self._shipment, send)
            forced = self._passes >= _MOST_PASSES
            if self._shipment.remaining > _SMALL and not forced:
                return 0.0
            while not self._shipment.done:
                wait = self._ship_on(self._shipment, send)
                if wait:
                    return wait
            self._install(image, send)
        self.close()
        return 0.0

    @contextlib.contextmanager
    def _busy(self) -> Iterator[None]:
        self._mirror.busy.add(self.pod_id)
        try:
            yield
        finally:
            self._mirror.busy.discard(self.pod_id)

    def _install(self, image: pod_image.PodImage, send: Send) -> None:
        """Count on the other copy first, so that two never go on apart."""
        self._mirror.settling.add(self.pod_id)
        try:
            replica = self._put_peer('online')
            if replica is not None:
                self._send_image(image, replica, send)
        finally:
            self._mirror.settling.discard(self.pod_id)

    def _send_image(
        self, image: pod_image.PodImage, replica: model.PodReplica, send: Send
    ) -> None:
        header: Header = {
            'image': pod_image.to_plain(image),
            'epoch': replica.epoch,
            'sequence': replica.sequence,
        }
        try:
            send('mirror-install', header, b'')
        except (LinkDown, Rejected):
            self._put_peer('resyncing')
            raise

    def _put_peer(self, status: str) -> model.PodReplica | None:
        with self._mirror.privately():
            replica = self._array.pod_replicas.get(self.pod_id)
            if replica is None or replica.status != 'online':
                return None
            changed = replace(replica, peer_status=status, progress=None)
            if status == 'online':
                changed = mirror_state.synced(replica)
            return self._array.pod_replicas.put(changed)
