# SPDX-License-Identifier: Apache-2.0
"""What an array does by itself as time goes by."""

import logging
import threading
import time

from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import eradication, retention
from flasharray_simulator.replication import pod_promotion

LOG = logging.getLogger(__name__)

_LONGEST_WAIT = 1.0
_SHORTEST_WAIT = 0.02
_RETENTION_EVERY = 60_000  # and once a real second when time flies


class Housekeeper(threading.Thread):
    """Runs schedules, retentions and eradications when they are due."""

    def __init__(self, array: FlashArray) -> None:
        super().__init__(name='housekeeping', daemon=True)
        self._array = array
        self._stopping = threading.Event()
        self._retention_due = 0
        self._not_before = 0.0

    def run(self) -> None:
        while not self._stopping.is_set():
            generation = self._array.generation
            try:
                self.work()
            except Exception:
                LOG.exception('housekeeping failed')
            self._array.wait_for_change(generation, self._wait())

    def stop(self) -> None:
        self._stopping.set()
        self._array.wake()
        self.join()

    def work(self, thoroughly: bool = False) -> None:
        """Do all that is due; ``thoroughly`` looks at retentions too."""
        now = self._array.now()
        moment = time.monotonic()
        is_due = now >= self._retention_due and moment >= self._not_before
        retain = thoroughly or is_due
        if retain:
            self._retention_due = now + _RETENTION_EVERY
            self._not_before = moment + _LONGEST_WAIT
        self._array.run(lambda: self._work(retain))

    def _work(self, retain: bool) -> None:
        pod_promotion.settle(self._array)
        retention.run_due_schedules(self._array)
        if retain:
            retention.apply_retention(self._array)
        eradication.sweep(self._array)

    def _wait(self) -> float:
        with self._array.lock:
            deadline = retention.next_deadline(self._array)
        if deadline is None:
            return _LONGEST_WAIT
        seconds = self._array.clock.real_seconds(deadline - self._array.now())
        if seconds is None:
            return _LONGEST_WAIT
        return min(_LONGEST_WAIT, max(_SHORTEST_WAIT, seconds))
