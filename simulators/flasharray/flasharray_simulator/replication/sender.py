# SPDX-License-Identifier: Apache-2.0
"""One thread per peer array: greets it, then lets the workers work."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication import peers
from flasharray_simulator.replication.group_sender import GroupSender
from flasharray_simulator.replication.mirror_keeper import MirrorKeeper
from flasharray_simulator.replication.pacing import Pacer
from flasharray_simulator.replication.pod_link_sender import PodLinkSender
from flasharray_simulator.replication.remote_hosts import RemoteHosts
from flasharray_simulator.replication.wire import (
    Channel,
    Header,
    LinkDown,
    Rejected,
    Send,
)

LOG = logging.getLogger(__name__)

_HELLO_EVERY = 1.0
_IDLE = 1.0
_RETRY = 0.5


class Worker(Protocol):
    """One kind of work over a link, done in small steps in turn."""

    def step(self, connection: model.ArrayConnection, send: Send) -> float:
        """Do the next thing; return the seconds to the one after it.

        Raises LinkDown when the peer does not answer.
        """
        ...

    def greeted(self, answer: Header) -> None:
        """Take in what the peer answered to a greeting."""
        ...

    def lose(self) -> None:
        """Forget what was under way: the link is lost."""
        ...


def workers(array: FlashArray, connection_id: str) -> list[Worker]:
    """Return all that is done over the link to one peer."""
    pacer = Pacer(array, connection_id)
    return [
        GroupSender(array, pacer),
        PodLinkSender(array, pacer),
        MirrorKeeper(array, pacer, connection_id),
        RemoteHosts(array),
    ]


class PeerLink(threading.Thread):
    """The link to one peer; ``turn`` is what its thread does in a loop."""

    def __init__(
        self,
        array: FlashArray,
        connection_id: str,
        channel: Callable[[str], Channel] = Channel,
        hello_every: float = _HELLO_EVERY,
    ) -> None:
        super().__init__(name=f'replication-{connection_id[:8]}', daemon=True)
        self._array = array
        self._connection_id = connection_id
        self._workers = workers(array, connection_id)
        self._stopping = threading.Event()
        self._open = channel
        self._hello_every = hello_every
        self._channel: Channel | None = None
        self._peer = ''
        self.up = False
        self._next_hello = 0.0
        self._mark: tuple[object, ...] = ()

    def stop(self) -> None:
        """Ask the thread to end; join it afterwards."""
        self._stopping.set()
        self._array.wake()

    def run(self) -> None:
        while not self._stopping.is_set():
            generation = self._array.generation
            wait = self.turn()
            if wait is None:
                break
            if wait:
                # Losing a link is no news that should end the wait.
                if not self.up:
                    generation = self._array.generation
                self._array.wait_for_change(generation, wait)
        self._lose()
        if self._channel is not None:
            self._channel.close()

    def turn(self) -> float | None:
        """Do one step; return the seconds to the next one.

        None when there is no such array connection any more.
        """
        connection = self._array.array_connections.get(self._connection_id)
        if connection is None:
            return None
        self._peer = connection.name
        try:
            wait = self._step(connection)
        except LinkDown as error:
            LOG.debug('no link to %s: %s', self._peer, error)
            self._lose()
            return _RETRY
        except Exception:
            LOG.exception('replication to %s failed', self._peer)
            self.up = False
            return _IDLE
        self.up = True
        self._array.set_reachable(self._peer, True)
        return wait

    def _lose(self) -> None:
        self.up = False
        self._next_hello = 0.0
        for worker in self._workers:
            worker.lose()
        self._array.set_reachable(self._peer, False)

    def _step(self, connection: model.ArrayConnection) -> float:
        if self._channel is None or (
            self._channel.address != connection.replication_address
        ):
            self._channel = self._open(connection.replication_address)
        if not self._array.management_is_cut(connection.name):
            self._greet(connection)
        if self._array.link_is_cut(connection.name):
            raise LinkDown('cut')
        return min(w.step(connection, self._send) for w in self._workers)

    def _send(self, verb: str, header: Header, payload: bytes = b'') -> Header:
        assert self._channel is not None
        header['source'] = self._array.name
        return self._channel.send(verb, header, payload)

    def _greet(self, connection: model.ArrayConnection) -> None:
        array = self._array
        now = time.monotonic()
        mark = (
            array.name,
            connection.kind,
            array.group_targets.changes,
            array.protection_groups.changes,
        )
        if now < self._next_hello and mark == self._mark:
            return
        with array.lock:
            if array.array_connections.get(connection.id) is None:
                raise LinkDown('the connection was deleted')
            header = peers.greeting(array, connection)
        try:
            answer = self._send('hello', header)
        except Rejected as error:
            raise LinkDown(str(error)) from error
        self._next_hello = now + self._hello_every
        self._mark = mark
        if 'introduction' not in answer:
            return
        array.run(lambda: peers.learn(array, answer['introduction']))
        array.set_reachable(connection.name, True)
        for worker in self._workers:
            worker.greeted(answer)
