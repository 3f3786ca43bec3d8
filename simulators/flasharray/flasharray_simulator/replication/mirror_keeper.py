# SPDX-License-Identifier: Apache-2.0
"""Looks after the stretched pods that this array shares with one other."""

import logging
import time
from dataclasses import replace

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import pod_status
from flasharray_simulator.replication import mirror_meeting, mirror_state
from flasharray_simulator.replication.mirror import Mirror
from flasharray_simulator.replication.mirror_resync import Resync
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.wire import (
    Header,
    LinkDown,
    Rejected,
    Send,
)

LOG = logging.getLogger(__name__)

_BEAT_EVERY = 1.0
_IDLE = 1.0
_RETRY = 0.5


class MirrorKeeper:
    """A worker of the link to one array: greets, elects and resyncs."""

    def __init__(
        self,
        array: FlashArray,
        pacer: Pacer,
        connection_id: str,
        beat_every: float = _BEAT_EVERY,
    ) -> None:
        self._beat_every = beat_every
        self._array = array
        self._pacer = pacer
        self._connection_id = connection_id
        self._next_beat = 0.0
        self._mark: tuple[object, ...] = ()
        self._resyncs: dict[str, Resync] = {}

    def greeted(self, answer: Header) -> None:
        """Nothing to learn from a greeting."""

    def step(self, connection: model.ArrayConnection, send: Send) -> float:
        """Do the next thing; return how long to wait for another (s)."""
        mirror = self._mirror()
        peer_id = connection.peer_id
        if mirror is None or peer_id is None:
            return _IDLE
        if not self._array.pod_replicas.count('peer', peer_id):
            self._close()
            return _IDLE
        mirror.arbiter.connected(peer_id)
        self._beat(mirror, peer_id, send)
        return self._resync(mirror, peer_id, send)

    def lose(self) -> None:
        """Decide without the other array; look at it from afar."""
        self._next_beat = 0.0
        self._close()
        mirror = self._mirror()
        connection = self._array.array_connections.get(self._connection_id)
        peer_id = connection.peer_id if connection else None
        if mirror is None or peer_id is None:
            return
        mirror.confirmed.discard(peer_id)
        if not self._array.pod_replicas.count('peer', peer_id):
            return
        mirror.links.to(peer_id).pair_lock.end_lease()
        mirror.arbiter.parted(peer_id)
        self._look_from_afar(mirror, peer_id)

    def _mirror(self) -> Mirror | None:
        mirror = self._array.mirror
        return mirror if isinstance(mirror, Mirror) else None

    def _close(self) -> None:
        for resync in self._resyncs.values():
            resync.close()
        self._resyncs.clear()

    def _beat(self, mirror: Mirror, peer_id: str, send: Send) -> None:
        now = time.monotonic()
        mirror.arbiter.look()
        mark = self._state()
        if now < self._next_beat and mark == self._mark:
            return
        if not self._meet(mirror, peer_id, send, careful=False):
            with mirror.links.to(peer_id).held():
                self._meet(mirror, peer_id, send, careful=True)
        mirror.confirmed.add(peer_id)
        self._elect(mirror, peer_id, send)
        self._next_beat = now + self._beat_every
        self._mark = self._state()

    def _state(self) -> tuple[object, ...]:
        array = self._array
        return pod_status.states(array), array.mediator_status

    def _meet(
        self, mirror: Mirror, peer_id: str, send: Send, careful: bool
    ) -> bool:
        views = mirror_meeting.views_for(mirror, peer_id)
        header: Header = {
            'views': mirror_meeting.to_plain(views),
            'careful': careful,
            'source_id': self._array.settings.array_id,
        }
        answer = send('mirror-beat', header, b'')
        told = mirror_meeting.from_plain(answer['views'])
        return mirror_meeting.take(mirror, peer_id, told, careful)

    def _elect(self, mirror: Mirror, peer_id: str, send: Send) -> None:
        """Agree on who goes on while no array reaches the mediator."""
        if self._array.settings.array_id > peer_id:
            return
        for replica in self._array.pod_replicas.by('peer', peer_id):
            if replica.in_sync and replica.id not in mirror.busy:
                elected = self._to_elect(replica)
                if elected != replica.pre_elected:
                    self._put_elected(mirror, replica, elected, send)

    def _to_elect(self, replica: model.PodReplica) -> str:
        if 'online' in (self._array.mediator_status, replica.peer_mediator):
            return ''
        pod = self._array.pods[replica.id]
        if pod.failover_preferences:
            return pod.failover_preferences[0]
        return self._array.settings.array_id

    def _put_elected(
        self,
        mirror: Mirror,
        replica: model.PodReplica,
        elected: str,
        send: Send,
    ) -> None:
        """Change who is elected; it is nobody in between.

        The array that is not elected learns first of an election, and
        last of its end.
        """
        own = self._array.settings.array_id
        if replica.pre_elected:
            elected = ''
            own_first = replica.pre_elected == own
        else:
            own_first = elected != own
        if own_first:
            self._keep_elected(mirror, replica, elected)
        send('mirror-elect', {'pod': replica.id, 'elected': elected}, b'')
        if not own_first:
            self._keep_elected(mirror, replica, elected)

    def _keep_elected(
        self, mirror: Mirror, replica: model.PodReplica, elected: str
    ) -> None:
        with mirror.privately():
            present = self._array.pod_replicas.get(replica.id)
            if present is not None and present.in_sync:
                self._array.pod_replicas.put(
                    replace(present, pre_elected=elected)
                )

    def _resync(self, mirror: Mirror, peer_id: str, send: Send) -> float:
        waiting = {
            replica.id
            for replica in self._array.pod_replicas.by('peer', peer_id)
            if replica.status == 'online'
            and replica.peer_status == 'resyncing'
        }
        for pod_id in self._resyncs.keys() - waiting:
            self._resyncs.pop(pod_id).close()
        for pod_id in waiting - self._resyncs.keys():
            self._resyncs[pod_id] = Resync(mirror, self._pacer, pod_id)
        waits = [
            self._step_of(resync, send) for resync in self._resyncs.values()
        ]
        beat = max(0.0, self._next_beat - time.monotonic())
        return min([beat, _IDLE, *waits])

    def _step_of(self, resync: Resync, send: Send) -> float:
        try:
            return resync.step(send)
        except Rejected as error:
            LOG.warning('resync of %s was rejected: %s', resync.pod_id, error)
            resync.close()
            return _RETRY

    def _look_from_afar(self, mirror: Mirror, peer_id: str) -> None:
        """Learn over the management network how the other copies are."""
        try:
            answer = mirror.links.to(peer_id).send_managing('mirror-view', {})
            views = mirror_meeting.from_plain(answer['views'])
        except (LinkDown, Rejected):
            views = {}
        for replica in self._array.pod_replicas.by('peer', peer_id):
            if not replica.in_sync:
                self._show(mirror, replica, views.get(replica.id))

    def _show(
        self,
        mirror: Mirror,
        replica: model.PodReplica,
        view: mirror_state.View | None,
    ) -> None:
        theirs = view.replica if view else None
        shown = replace(
            replica,
            peer_status='unknown' if theirs is None else theirs.status,
            peer_frozen_at=theirs.frozen_at if theirs else None,
            peer_mediator=view.mediator if view and theirs else 'unknown',
        )
        if replica.status == 'online' and shown.peer_status == 'online':
            shown = replace(shown, peer_status='unknown')
        if shown != replica:
            with mirror.privately():
                if self._array.pod_replicas.get(replica.id) == replica:
                    self._array.pod_replicas.put(shown)
