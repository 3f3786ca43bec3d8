# SPDX-License-Identifier: Apache-2.0
"""Waiting that ends when the process has to stop."""

import threading
import time
from typing import Protocol

from aegis.common import exception

_FIRST_SECONDS = 0.05
_SHARE = 0.125


def patience(waited: float, longest: float) -> float:
    """Seconds until the next look at something that takes its time.

    An eighth of the time waited so far: whatever it is, no more than that
    is lost by not having looked earlier, and what takes long is not looked
    at all the time.

    :param longest: never more than this.
    """
    return min(longest, max(_FIRST_SECONDS, waited * _SHARE))


class Waiter(Protocol):
    """How a step lets time pass; a test's own lets none pass."""

    def wait(self, seconds: float) -> None:
        """Return after some seconds.

        :raises aegis.common.exception.Interrupted: as soon as the process
            has to stop, at once when it already has to.
        """

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""


class StoppableWaiter:
    """The waiter of a process, shared by all its threads."""

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End all waiting, now and from now on. Idempotent."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopping.is_set()

    def wait(self, seconds: float) -> None:
        """See :meth:`Waiter.wait`."""
        if self._stopping.wait(seconds):
            raise exception.Interrupted

    def monotonic(self) -> float:
        """See :meth:`Waiter.monotonic`."""
        return time.monotonic()
