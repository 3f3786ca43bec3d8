# SPDX-License-Identifier: Apache-2.0
"""Wait for a condition, and tell people what is waited for."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sites import console, errors

Probe = Callable[[], bool]


@dataclass(frozen=True)
class Clock:
    """Seconds that only grow, and a way to let them pass."""

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Waiter:
    """Poll a probe until it holds.

    ``interval``, ``remind_after`` and the deadline are seconds.
    """

    console: console.Console
    clock: Clock = Clock()
    interval: float = 0.25
    remind_after: float = 5.0

    def until(
        self,
        what: str,
        probe: Probe,
        deadline: float = 120.0,
        interval: float | None = None,
    ) -> float:
        """Return the seconds waited; raise ServiceFailed at the deadline.

        ``interval`` is for probes that cost much more than a connection.
        """
        began = self.clock.now()
        remind = began + self.remind_after
        while not probe():
            now = self.clock.now()
            if now - began > deadline:
                raise errors.ServiceFailed(
                    f'{what} did not come within {deadline:.0f} s'
                )
            if now >= remind:
                self.console.say(
                    f'waiting for {what} ({now - began:.0f} s so far)'
                )
                remind = now + self.remind_after
            self.clock.pause(interval or self.interval)
        return self.clock.now() - began
