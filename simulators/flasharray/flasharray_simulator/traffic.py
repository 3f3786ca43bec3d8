# SPDX-License-Identifier: Apache-2.0
"""How many bytes per second went by lately, by what they belonged to."""

from collections import deque

WINDOW = 30_000
_STEP = 1000


class Traffic:
    """Counts bytes in steps of one second; keeps the last 30 s of each.

    Lost at the end of the program. To be used under the array's lock.
    """

    def __init__(self) -> None:
        self._steps: dict[str, deque[tuple[int, int]]] = {}

    def add(self, key: str, now: int, count: int) -> None:
        """Count bytes that went at a time (virtual ms)."""
        steps = self._steps.setdefault(key, deque())
        moment = now - now % _STEP
        if steps and steps[-1][0] == moment:
            count += steps.pop()[1]
        steps.append((moment, count))
        self._forget(steps, now)

    def rate(self, key: str, now: int) -> int:
        """Return the bytes per second, the mean of the last 30 s."""
        steps = self._steps.get(key)
        if not steps:
            return 0
        self._forget(steps, now)
        if not steps:
            del self._steps[key]
        return sum(count for _, count in steps) * 1000 // WINDOW

    def _forget(self, steps: deque[tuple[int, int]], now: int) -> None:
        while steps and steps[0][0] <= now - WINDOW:
            steps.popleft()
