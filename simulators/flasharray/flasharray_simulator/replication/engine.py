# SPDX-License-Identifier: Apache-2.0
"""Runs one PeerLink for every array connection."""

import threading

from flasharray_simulator.array import FlashArray
from flasharray_simulator.replication.sender import PeerLink

_LOOK_EVERY = 5.0


class ReplicationEngine(threading.Thread):
    def __init__(self, array: FlashArray) -> None:
        super().__init__(name='replication', daemon=True)
        self._array = array
        self._stopping = threading.Event()
        self._links: dict[str, PeerLink] = {}

    def run(self) -> None:
        while not self._stopping.is_set():
            generation = self._array.generation
            self._adjust()
            self._array.wait_for_change(generation, _LOOK_EVERY)
        for link in self._links.values():
            link.stop()
        for link in self._links.values():
            link.join()

    def stop(self) -> None:
        """End all links and wait for them."""
        self._stopping.set()
        self._array.wake()
        self.join()

    def _adjust(self) -> None:
        with self._array.lock:
            wanted = {c.id for c in self._array.array_connections}
        for identifier in wanted - self._links.keys():
            link = PeerLink(self._array, identifier)
            self._links[identifier] = link
            link.start()
        for identifier in self._links.keys() - wanted:
            self._links.pop(identifier).stop()
