# SPDX-License-Identifier: Apache-2.0
"""Changes to stretched pods are made on both of their arrays, or not.

A transaction that touches one is found when it wants to commit. It is
undone then and done again under the lock of the pair, and its changes are
committed at the other array before they are here. Should this array end
in between, the two differ, which the next greeting finds and mends.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from flasharray_simulator import codec, errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.collections import Change
from flasharray_simulator.mediator import Mediator
from flasharray_simulator.replication import (
    mirror_changes,
    mirror_meeting,
    pod_traffic,
)
from flasharray_simulator.replication.arbitration import Arbiter
from flasharray_simulator.replication.mirror_links import (
    Lease,
    MirrorLinks,
    Parted,
)
from flasharray_simulator.replication.wire import (
    Header,
    LinkDown,
    Rejected,
)

R = TypeVar('R')

_PATIENCE = 60.0
_IO_PATIENCE = 20.0
_POLL = 0.2


class NeedsLock(Exception):
    """A transaction touches stretched pods outside of ``array.run``."""

    def __init__(self, peer_ids: frozenset[str]) -> None:
        super().__init__(
            'what is in a stretched pod is changed inside of array.run'
        )
        self.peer_ids = peer_ids


class Again(Exception):
    """The copies had to be put right first; do the work once more."""


class Mirror:
    """Set as ``array.mirror`` while the array is on."""

    def __init__(
        self,
        array: FlashArray,
        mediator: Mediator,
        links: MirrorLinks | None = None,
    ) -> None:
        self.array = array
        self.links = links or MirrorLinks(array)
        self.arbiter = Arbiter(array, mediator)
        self.busy: set[str] = set()
        self.settling: set[str] = set()
        self.confirmed: set[str] = set()
        self._local = threading.local()

    def settles(self, pod_id: str) -> bool:
        """Return whether the other copy is counted on, but not yet made."""
        return pod_id in self.settling

    def run(self, work: Callable[[], R]) -> R:
        """Do work as ``FlashArray.run`` says."""
        peer_ids: frozenset[str] = frozenset()
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                with self.links.held(peer_ids) as leases:
                    return self._attempt(work, leases)
            except NeedsLock as need:
                peer_ids |= need.peer_ids
            except Parted as parted:
                self.arbiter.settle(parted.peer_id)
                peer_ids -= {parted.peer_id}
            except OutOfStep as news:
                mirror_meeting.take(self, news.peer_id, news.views, True)
            except Again:
                continue
        raise errors.refused('Pod is busy: try again.')

    def _attempt(
        self, work: Callable[[], R], leases: Mapping[str, Lease]
    ) -> R:
        self._local.leases = leases
        try:
            with self.array.transaction():
                return work()
        finally:
            self._local.leases = {}

    @contextmanager
    def privately(self) -> Iterator[None]:
        """Hold a transaction whose changes are of this array only."""
        before = getattr(self._local, 'private', False)
        self._local.private = True
        try:
            with self.array.transaction():
                yield
        finally:
            self._local.private = before

    def before_commit(self, changes: list[Change]) -> None:
        """Make the changes at the other arrays, or refuse to commit."""
        if getattr(self._local, 'private', False):
            return
        touched = mirror_changes.touched(self.array, changes)
        if not touched:
            return
        pod_ids = mirror_changes.pods_of(touched)
        shared = self._shared(pod_ids)
        leases: Mapping[str, Lease] = getattr(self._local, 'leases', {})
        needed = frozenset(shared) | self._waited_for(pod_ids)
        missing = needed - leases.keys()
        if missing:
            raise NeedsLock(missing)
        for peer_id, pods in sorted(shared.items()):
            self._send(peer_id, leases[peer_id], pods, touched)

    def _shared(self, pod_ids: set[str]) -> dict[str, set[str]]:
        """Return which pods are in sync with which other array."""
        shared: dict[str, set[str]] = {}
        for pod_id in pod_ids:
            replica = self.array.pod_replicas[pod_id]
            if replica.status != 'online':
                raise self._offline(pod_id)
            if replica.peer_status == 'online':
                shared.setdefault(replica.peer_id, set()).add(pod_id)
        return shared

    def _waited_for(self, pod_ids: set[str]) -> frozenset[str]:
        """Return the other arrays of pods that are about to be in sync."""
        return frozenset(
            self.array.pod_replicas[pod_id].peer_id
            for pod_id in pod_ids & self.busy
        )

    def _offline(self, pod_id: str) -> errors.ApiError:
        pod = self.array.pods.get(pod_id)
        return errors.refused(
            'Pod is offline on this array.', pod.name if pod else pod_id
        )

    def _send(
        self,
        peer_id: str,
        lease: Lease,
        pods: set[str],
        touched: list[mirror_changes.Touched],
    ) -> None:
        link = self.links.to(peer_id)
        message = mirror_changes.Message(touched, pods)
        replicas = [self.array.pod_replicas[pod_id] for pod_id in pods]
        try:
            asked = message.ask()
            if asked:
                answer = link.send('mirror-has', {'roots': asked})
                message.skip(answer['roots'])
            header, payload = message.pack(self.array)
            header['replicas'] = [codec.to_plain(r) for r in replicas]
            header['token'] = lease.token
            answer = link.send('mirror-apply', header, payload)
        except LinkDown as error:
            raise Parted(peer_id) from error
        except Rejected as error:
            raise Again from error
        self._take_answer(peer_id, lease, answer)
        for replica in replicas:
            self.array.pod_replicas.put(_advanced(replica))
            count = message.bytes_of(replica.id)
            pod_traffic.sent(self.array, pod_traffic.SYNC, replica.id, count)

    def _take_answer(self, peer_id: str, lease: Lease, answer: Header) -> None:
        if answer['state'] == 'done':
            lease.used = True
        elif answer['state'] == 'refused':
            raise errors.refused(answer['message'], answer['context'])
        elif answer['state'] == 'expired':
            raise Again
        else:
            raise OutOfStep(peer_id, answer['views'])

    def expect_io(self, pod_id: str | None) -> None:
        """Raise ApiError unless hosts may read and write a pod's volumes.

        Waits while it is not known yet whether this copy is the newest.
        """
        if pod_id is None or self.array.pod_replicas.get(pod_id) is None:
            return
        deadline = time.monotonic() + _IO_PATIENCE
        pause = threading.Event()
        while time.monotonic() < deadline:
            replica = self.array.pod_replicas.get(pod_id)
            if replica is None:
                return
            if replica.status != 'online':
                break
            if not replica.in_sync or replica.peer_id in self.confirmed:
                return
            pause.wait(_POLL)
        raise self._offline(pod_id)


class OutOfStep(Again):
    """The other array's copy is not what this one took it for."""

    def __init__(self, peer_id: str, views: dict[str, Header]) -> None:
        super().__init__(peer_id)
        self.peer_id = peer_id
        self.views = mirror_meeting.from_plain(views)


class MirrorOff:
    """What an array without power does with its stretched pods: nothing."""

    def __init__(self, array: FlashArray) -> None:
        self._array = array

    def run(self, work: Callable[[], R]) -> R:
        with self._array.transaction():
            return work()

    def settles(self, pod_id: str) -> bool:
        return False

    def before_commit(self, changes: list[Change]) -> None:
        for pod_id in mirror_changes.pods_of(
            mirror_changes.touched(self._array, changes)
        ):
            self.expect_io(pod_id)

    def expect_io(self, pod_id: str | None) -> None:
        pod = self._array.pods.get(pod_id)
        if pod and self._array.pod_replicas.get(pod.id) is not None:
            raise errors.refused('Pod is offline on this array.', pod.name)


def _advanced(replica: model.PodReplica) -> model.PodReplica:
    return model.PodReplica(
        **{**vars(replica), 'sequence': replica.sequence + 1}
    )
