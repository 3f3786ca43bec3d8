# SPDX-License-Identifier: Apache-2.0
"""How many calls each user may make in a second."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW = 1.0


@dataclass(frozen=True)
class Verdict:
    """Whether a call is served, and the headers that tell of the limit."""

    served: bool
    headers: tuple[tuple[str, str], ...] = ()


_UNLIMITED = Verdict(True)


@dataclass
class _Budget:
    left: float
    filled: float


class RateLimits:
    """A budget of ``burst`` calls for each user, refilled all the time.

    ``limit`` calls come back in each second; another limit or burst
    starts with a full budget. The seconds are real ones,
    for clients wait in them; ``real`` is replaced in tests.
    """

    def __init__(self, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._budgets: dict[tuple[str, int, int], _Budget] = {}
        self._lock = threading.Lock()

    def take(self, user: str, limit: int, burst: int) -> Verdict:
        """Count one call; a limit of 0 is none."""
        if not limit:
            return _UNLIMITED
        size = max(1, burst)
        with self._lock:
            budget = self._refilled(user, limit, size)
            served = budget.left >= 1
            if served:
                budget.left -= 1
            left = budget.left
        wait = math.ceil((size - left) / limit)
        headers = [
            ('RateLimit-Limit', f'{limit};w={int(_WINDOW)};burst={burst}'),
            ('RateLimit-Remaining', str(int(left))),
            ('RateLimit-Reset', str(wait)),
        ]
        if not served:
            missing = math.ceil((1 - left) / limit)
            headers.append(('Retry-After', str(max(1, missing))))
        return Verdict(served, tuple(headers))

    def _refilled(self, user: str, limit: int, size: int) -> _Budget:
        now = self._real()
        budget = self._budgets.setdefault(
            (user, limit, size), _Budget(size, now)
        )
        gained = (now - budget.filled) / _WINDOW * limit
        budget.left = min(size, budget.left + gained)
        budget.filled = now
        return budget
