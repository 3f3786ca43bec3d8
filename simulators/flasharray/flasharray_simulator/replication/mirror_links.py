# SPDX-License-Identifier: Apache-2.0
"""The channel to each array that shares pods, and the locks on them."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flasharray_simulator import errors
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import peers
from flasharray_simulator.replication.mirror_lock import (
    PATIENCE,
    PairLock,
    patiently,
)
from flasharray_simulator.replication.wire import Channel, Header, LinkDown

_TIMEOUT = (2, 15)
_LONGEST_IDLE = 20.0


Opener = Callable[[str], Channel]


def _patient(address: str) -> Channel:
    return Channel(address, _TIMEOUT)


@dataclass
class Lease:
    """The right to change the pods of a pair; ``used`` if it has ended."""

    token: str
    used: bool = False


class MirrorLink:
    """What this array needs to work on pods together with one other.

    ``open_channel`` makes the channel to an address.
    """

    def __init__(
        self, array: FlashArray, peer_id: str, open_channel: Opener
    ) -> None:
        self._open = open_channel
        self.peer_id = peer_id
        self.pair_lock = PairLock()
        self._array = array
        self._mutex = threading.Lock()
        self._sending = threading.Lock()
        self._channel: Channel | None = None
        self._used = 0.0

    def send(self, verb: str, header: Header, payload: bytes = b'') -> Header:
        """Return the answer; raises LinkDown also for a link that is cut."""
        connection = peers.by_id(self._array, self.peer_id)
        if connection is None or self._array.link_is_cut(connection.name):
            raise LinkDown('cut')
        return self._send(
            connection.replication_address, verb, header, payload
        )

    def send_managing(self, verb: str, header: Header) -> Header:
        """Send over the management network, whatever the other one is."""
        connection = peers.by_id(self._array, self.peer_id)
        if connection is None or self._array.management_is_cut(
            connection.name
        ):
            raise LinkDown('cut')
        return self._send(connection.replication_address, verb, header, b'')

    def _send(
        self, address: str, verb: str, header: Header, payload: bytes
    ) -> Header:
        header = {
            **header,
            'source': self._array.name,
            'source_id': self._array.settings.array_id,
        }
        with self._sending:
            return self._fresh(address).send(verb, header, payload)

    def _fresh(self, address: str) -> Channel:
        """Return a channel that the other array has not closed as idle."""
        now = time.monotonic()
        channel = self._channel
        if (
            channel is None
            or channel.address != address
            or now - self._used > _LONGEST_IDLE
        ):
            if channel is not None:
                channel.close()
            channel = self._channel = self._open(address)
        self._used = now
        return channel

    @property
    def _keeps_lock(self) -> bool:
        return self._array.settings.array_id < self.peer_id

    @contextlib.contextmanager
    def held(self) -> Iterator[Lease]:
        """Hold the lock on the pods of the pair; raises LinkDown."""
        with patiently(self._mutex):
            lease = self._acquire()
            try:
                yield lease
            finally:
                self._release(lease)

    def _acquire(self) -> Lease:
        if self._keeps_lock:
            token = self.pair_lock.acquire(PATIENCE)
        else:
            token = self.send('mirror-lock', {}).get('token')
        if token is None:
            raise errors.refused('Pod is busy: try again.')
        return Lease(token)

    def _release(self, lease: Lease) -> None:
        if self._keeps_lock:
            self.pair_lock.release(lease.token)
        elif not lease.used:
            with contextlib.suppress(LinkDown):
                self.send('mirror-unlock', {'token': lease.token})


class MirrorLinks:
    """All links, made as they are needed."""

    def __init__(
        self, array: FlashArray, open_channel: Opener | None = None
    ) -> None:
        self._array = array
        self._open = open_channel or _patient
        self._links: dict[str, MirrorLink] = {}
        self._lock = threading.Lock()

    def to(self, peer_id: str) -> MirrorLink:
        with self._lock:
            link = self._links.get(peer_id)
            if link is None:
                link = MirrorLink(self._array, peer_id, self._open)
                self._links[peer_id] = link
            return link

    @contextlib.contextmanager
    def held(self, peer_ids: frozenset[str]) -> Iterator[Mapping[str, Lease]]:
        """Hold the locks of several pairs, always in the same order.

        Raises Parted for a pair whose other array does not answer.
        """
        own = self._array.settings.array_id
        order = sorted(peer_ids, key=lambda peer: sorted((own, peer)))
        with contextlib.ExitStack() as stack:
            leases = {}
            for peer_id in order:
                try:
                    leases[peer_id] = stack.enter_context(
                        self.to(peer_id).held()
                    )
                except LinkDown as error:
                    raise Parted(peer_id) from error
            yield leases


class Parted(Exception):
    """The other array of a pair does not answer."""

    def __init__(self, peer_id: str) -> None:
        super().__init__(peer_id)
        self.peer_id = peer_id
