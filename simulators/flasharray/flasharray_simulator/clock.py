# SPDX-License-Identifier: Apache-2.0
"""The array's clock, which can be moved and can run at another pace."""

import threading
import time
from collections.abc import Callable


class VirtualClock:
    """Milliseconds since the epoch, as this array believes them to be.

    ``real`` returns seconds and is replaced in tests.
    """

    def __init__(
        self,
        anchor_real: float | None = None,
        anchor_virtual: int | None = None,
        rate: float = 1.0,
        real: Callable[[], float] = time.time,
    ) -> None:
        self._real = real
        self._lock = threading.Lock()
        self._anchor_real = real() if anchor_real is None else anchor_real
        self._anchor_virtual = (
            int(self._anchor_real * 1000)
            if anchor_virtual is None
            else anchor_virtual
        )
        self._rate = rate

    def now(self) -> int:
        """Return the virtual time in ms."""
        with self._lock:
            return self._now()

    def _now(self) -> int:
        elapsed = self._real() - self._anchor_real
        return self._anchor_virtual + int(elapsed * 1000 * self._rate)

    def advance(self, milliseconds: int) -> None:
        """Jump forward; raises ValueError for a jump backward."""
        if milliseconds < 0:
            raise ValueError('the clock only moves forward')
        with self._lock:
            self._anchor_virtual += milliseconds

    def set_rate(self, rate: float) -> None:
        """Let one real second last ``rate`` virtual ones from now on."""
        if rate < 0:
            raise ValueError('the rate must be zero or more')
        with self._lock:
            now = self._now()
            self._anchor_real = self._real()
            self._anchor_virtual = now
            self._rate = rate

    def anchors(self) -> tuple[float, int, float]:
        """Return what another VirtualClock needs to show the same time."""
        with self._lock:
            return self._anchor_real, self._anchor_virtual, self._rate

    def real_seconds(self, milliseconds: float) -> float | None:
        """Return how long a virtual span lasts; None when time stands."""
        with self._lock:
            if self._rate == 0:
                return None
            return max(0.0, milliseconds / 1000 / self._rate)
