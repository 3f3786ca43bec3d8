# SPDX-License-Identifier: Apache-2.0
"""Which copy of a stretched pod goes on when the two arrays are parted."""

import threading
import time

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.mediator import Mediator, MediatorLost
from flasharray_simulator.replication import mirror_state

HEAD_START = 3.0
_PATIENCE = 20.0
_POLL = 0.1


class Arbiter:
    """Decides for this array's copies, with the mediator's help.

    An array that is preferred has a head start; one that was pre-elected
    needs no mediator. Without either, no copy goes on.
    """

    def __init__(self, array: FlashArray, mediator: Mediator) -> None:
        self._array = array
        self._mediator = mediator
        self._lock = threading.Lock()
        self._parted: dict[str, float] = {}

    def connected(self, peer_id: str) -> None:
        """Say that the other array answers again."""
        self._parted.pop(peer_id, None)

    def parted(self, peer_id: str) -> None:
        """Do what has to be done now that the other does not answer.

        It may take several calls, until a head start is over.
        """
        with self._lock:
            since = self._parted.setdefault(peer_id, time.monotonic())
            for replica in self._array.pod_replicas.by('peer', peer_id):
                self._part(replica, time.monotonic() - since)

    def settle(self, peer_id: str) -> None:
        """Return when it is decided which copies go on."""
        deadline = time.monotonic() + _PATIENCE
        pause = threading.Event()
        while time.monotonic() < deadline:
            self.parted(peer_id)
            replicas = self._array.pod_replicas.by('peer', peer_id)
            if not any(replica.in_sync for replica in replicas):
                return
            pause.wait(_POLL)

    def look(self) -> str:
        """Return and remember how the mediator can be reached."""
        array = self._array
        status = array.environment.mediator
        if status == 'online':
            try:
                self._mediator.check()
            except MediatorLost:
                status = 'unreachable'
        if array.mediator_status != status:
            array.mediator_status = status
            array.wake()
        return status

    def forget(self, pod_id: str) -> None:
        if self.look() == 'online':
            self._mediator.forget(pod_id)

    def _part(self, replica: model.PodReplica, seconds: float) -> None:
        if replica.in_sync or self._is_undecided(replica):
            decided = self._decide(replica, seconds)
        elif replica.status == 'resyncing':
            decided = mirror_state.frozen(replica, self._array.now(), True)
        elif replica.peer_status == 'resyncing':
            decided = _without_peer(replica)
        else:
            return
        self._keep(replica, decided)

    def _is_undecided(self, replica: model.PodReplica) -> bool:
        return replica.status == 'offline' and not replica.behind

    def _decide(
        self, replica: model.PodReplica, seconds: float
    ) -> model.PodReplica:
        own = self._array.settings.array_id
        now = self._array.now()
        if replica.pre_elected:
            if replica.pre_elected == own:
                return mirror_state.alone(replica)
            return mirror_state.frozen(replica, now, True)
        if seconds < self._head_start(replica):
            return replica
        try:
            winner = self._claim(replica)
        except MediatorLost:
            return mirror_state.frozen(replica, now, False)
        if winner == own:
            return mirror_state.alone(replica)
        return mirror_state.frozen(replica, now, True)

    def _head_start(self, replica: model.PodReplica) -> float:
        """Return for how long this array leaves the mediator to the other."""
        pod = self._array.pods.get(replica.id)
        preferred = pod.failover_preferences if pod else ()
        own = self._array.settings.array_id
        if replica.status == 'offline' or not preferred or own in preferred:
            return 0.0
        return HEAD_START

    def _claim(self, replica: model.PodReplica) -> str:
        if self.look() != 'online':
            raise MediatorLost
        return self._mediator.claim(
            replica.id, replica.epoch + 1, self._array.settings.array_id
        )

    def _keep(self, before: model.PodReplica, after: model.PodReplica) -> None:
        if before == after:
            return
        with self._array.transaction():
            if self._array.pod_replicas.get(before.id) == before:
                self._array.pod_replicas.put(after)


def _without_peer(replica: model.PodReplica) -> model.PodReplica:
    return model.PodReplica(
        **{**vars(replica), 'peer_status': 'unknown', 'progress': None}
    )
