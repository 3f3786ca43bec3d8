# SPDX-License-Identifier: Apache-2.0
"""Continuous replication: keeps the target of each pod link near."""

import time
from dataclasses import asdict, dataclass, replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_links
from flasharray_simulator.replication import (
    pod_image,
    pod_link_receiver,
    pod_promotion,
    twins,
)
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.pod_marks import PodMarks
from flasharray_simulator.replication.shipment import Shipment, Vanished
from flasharray_simulator.replication.wire import Header, Rejected, Send

IDLE = 1.0
_EVERY = 0.25
_VIRTUAL_SECOND = 1000


@dataclass(frozen=True)
class Job:
    """One state of a pod on its way; ``mark`` tells it from others."""

    image: pod_image.PodImage
    shipment: Shipment
    point: int
    mark: int


class PodLinkSender:
    """A worker: serves all pod links to one peer."""

    def __init__(self, array: FlashArray, pacer: Pacer) -> None:
        self._array = array
        self._marks = PodMarks(array)
        self._pacer = pacer
        self._jobs: dict[str, Job] = {}
        self._shipped: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        self._next = 0.0
        self._told_at = 0
        self._mark: tuple[int, int] = (-1, -1)

    def greeted(self, answer: Header) -> None:
        """Nothing in a greeting is about pod links."""

    def lose(self) -> None:
        """Forget what was under way; what has arrived stays there."""
        for link_id in list(self._jobs):
            self._drop(link_id)
        self._shipped.clear()
        self._mark = (-1, -1)

    def step(self, connection: model.ArrayConnection, send: Send) -> float:
        """Do the next thing; return how long to wait for another (s)."""
        array = self._array
        if not len(array.pod_links):
            return IDLE
        self._exchange(connection, send)
        with array.lock:
            links = array.pod_links.by('peer', connection.peer_id)
        waits = [self._serve(link, send) for link in links]
        return min(waits, default=IDLE)

    def _exchange(self, connection: model.ArrayConnection, send: Send) -> None:
        """Tell the peer of all links, and learn; they may turn round."""
        array = self._array
        now = time.monotonic()
        mark = (array.pod_links.changes, array.pods.changes)
        is_late = array.now() - self._told_at >= _VIRTUAL_SECOND
        if mark == self._mark and now < self._next and not is_late:
            return
        with array.lock:
            links = array.pod_links.by('peer', connection.peer_id)
            header = {
                link.id: asdict(pod_links.told(array, link)) for link in links
            }
        if not header:
            return
        answer = send('link-state', {'links': header}, b'')
        self._mark = mark
        self._next = now + _EVERY
        self._told_at = array.now()
        with array.transaction():
            for link in links:
                self._learn(link, answer['links'].get(link.id))

    def _learn(self, asked: model.PodLink, plain: Header | None) -> None:
        """Keep what the peer said of a link, as it was when it was asked.

        One that it had confirmed before and does not know now is deleted
        there.
        """
        array = self._array
        link = array.pod_links.get(asked.id)
        if link is None:
            return
        if plain is not None:
            pod_links.take_in(array, link, pod_links.Told(**plain))
        elif asked.confirmed:
            pod_link_receiver.forget(array, link)

    def _serve(self, link: model.PodLink, send: Send) -> float:
        array = self._array
        with array.lock:
            present = array.pod_links.get(link.id)
            is_source = (
                present is not None
                and present.outbound
                and not present.paused
                and array.pods[present.pod_id].promotion_status
                == pod_links.PROMOTED
            )
        if present is None or not is_source:
            self._drop(link.id)
            return _EVERY
        try:
            return self._replicate(present, send)
        except (Rejected, Vanished):
            self._drop(link.id)
            return _EVERY

    def _drop(self, link_id: str) -> None:
        job = self._jobs.pop(link_id, None)
        self._shipped.pop(link_id, None)
        if job is not None:
            job.shipment.close()

    def _replicate(self, link: model.PodLink, send: Send) -> float:
        job = self._jobs.get(link.id)
        if job is None:
            mark = self._marks.of(link.pod_id)
            if self._shipped.get(link.id) == mark:
                return self._rest(link)
            job = self._begin(link)
        before = job.shipment.progress.sent
        wait = job.shipment.step(send)
        sent = job.shipment.progress.sent - before
        if sent > 0:
            self._sent[link.id] = self._sent.get(link.id, 0) + sent
            with self._array.lock:
                self._array.traffic.add(link.id, self._array.now(), sent)
        if job.shipment.done:
            self._install(link, job, send)
            return 0.0
        return wait

    def _begin(self, link: model.PodLink) -> Job:
        array = self._array
        with array.transaction():
            image = pod_image.take(array, link.pod_id)
            point = array.now()
            mark = self._marks.of(link.pod_id)
        job = Job(
            image,
            Shipment(
                array,
                self._pacer,
                pod_link_receiver.stage(link),
                twins.contents(image, link.id),
                twins.relatives(image, link.id),
            ),
            point,
            mark,
        )
        self._jobs[link.id] = job
        return job

    def _install(self, link: model.PodLink, job: Job, send: Send) -> None:
        array = self._array
        send(
            'link-install',
            {
                'id': link.id,
                'image': pod_image.to_plain(job.image),
                'point': job.point,
                'sent': self._sent.pop(link.id, 0),
            },
            b'',
        )
        self._drop(link.id)
        self._shipped[link.id] = job.mark
        with array.transaction():
            present = array.pod_links.get(link.id)
            if present is None:
                return
            array.link_points[link.id] = job.point
            known = replace(present, baselined=True, recovery_point=job.point)
            array.pod_links.put(known)

    def _rest(self, link: model.PodLink) -> float:
        """The target has everything: so it has what there is now."""
        array = self._array
        with array.transaction():
            present = array.pod_links.get(link.id)
            unchanged = self._marks.of(link.pod_id) == self._shipped.get(
                link.id
            )
            if present is None or not unchanged:
                return 0.0
            if not array.environment.frozen:
                array.link_points[link.id] = array.now()
            if present.quiesce == pod_links.QUIESCING:
                pod_promotion.finish_quiesce(array, present)
        return _EVERY
