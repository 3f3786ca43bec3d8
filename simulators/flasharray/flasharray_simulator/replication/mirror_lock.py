# SPDX-License-Identifier: Apache-2.0
"""Who may change the pods of a pair of arrays: one thread at a time.

The lock of a pair is kept by the array with the lower id; the other one
asks for it over the channel, one thread at a time.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from flasharray_simulator import errors

PATIENCE = 20.0
LEASE = 30.0


class PairLock:
    """The lock itself, at its keeper; holders are named by tokens.

    A lease of the other array ends by itself, should that array vanish.
    """

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._holder: str | None = None
        self._until: float | None = None

    def acquire(self, seconds: float, leased: bool = False) -> str | None:
        """Return a token once the lock is free; None if it takes longer."""
        deadline = time.monotonic() + seconds
        with self._free:
            while not self._is_free():
                if time.monotonic() >= deadline:
                    return None
                self._free.wait(self._pause(deadline))
            self._holder = uuid.uuid4().hex
            self._until = time.monotonic() + LEASE if leased else None
            return self._holder

    def holds(self, token: str) -> bool:
        with self._free:
            return self._holder == token

    def release(self, token: str) -> None:
        """Let the next one in; idempotent."""
        with self._free:
            if self._holder == token:
                self._holder = None
                self._free.notify_all()

    def end_lease(self) -> None:
        """Take the lock from the other array, which has vanished."""
        with self._free:
            if self._until is not None:
                self._holder = None
                self._until = None
                self._free.notify_all()

    def _is_free(self) -> bool:
        if self._holder is None:
            return True
        return self._until is not None and time.monotonic() >= self._until

    def _pause(self, deadline: float) -> float:
        until = min(deadline, self._until or deadline)
        return max(0.01, until - time.monotonic())


@contextmanager
def patiently(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock; raise ApiError if it is not free for too long."""
    if not lock.acquire(timeout=PATIENCE):
        raise errors.refused('Pod is busy: try again.')
    try:
        yield
    finally:
        lock.release()
