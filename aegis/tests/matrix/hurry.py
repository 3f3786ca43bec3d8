# SPDX-License-Identifier: Apache-2.0
"""Waiting that takes less time than it says."""

from aegis.common import waiting

SPEED = 100.0
"""How much faster than in life the engines of a matrix wait."""


class HurriedWaiter(waiting.StoppableWaiter):
    """Waits so many times shorter than asked.

    Its clock is everybody's: looks at clouds are compared with it. So the
    limits of steps are real seconds, which the configuration shortens.
    """

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def wait(self, seconds: float) -> None:
        super().wait(seconds / self._speed)
