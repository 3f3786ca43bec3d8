# SPDX-License-Identifier: Apache-2.0
"""What an engine process does to itself at a point of a step."""

import dataclasses
import os
import signal
import threading
from collections.abc import Callable

from aegis.common import context as aegis_context
from aegis.common import faults
from aegis.db import operations


@dataclasses.dataclass(frozen=True)
class Point:
    """A moment of a step; see :mod:`aegis.common.faults`."""

    step: str
    moment: str

    def __str__(self) -> str:
        return f'{self.step}.{self.moment}'


class Arrival:
    """Calls an action once, when a point is passed for the first time."""

    def __init__(self, point: Point, action: Callable[[], None]) -> None:
        self._point = point
        self._action = action
        self._lock = threading.Lock()
        self._passed = False

    def __call__(self, step: str, moment: str) -> None:
        if Point(step, moment) != self._point:
            return
        with self._lock:
            if self._passed:
                return
            self._passed = True
        self._action()


class Several:
    """Several hooks, one after the other."""

    def __init__(self, *hooks: faults.Hook) -> None:
        self._hooks = hooks

    def __call__(self, step: str, moment: str) -> None:
        for hook in self._hooks:
            hook(step, moment)


class Recorder:
    """Notes the points that are passed, each once, in their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passed: dict[Point, None] = {}

    def __call__(self, step: str, moment: str) -> None:
        with self._lock:
            self._passed[Point(step, moment)] = None

    @property
    def points(self) -> list[Point]:
        with self._lock:
            return list(self._passed)


def send_self(number: signal.Signals) -> Callable[[], None]:
    """An action: the process gets a signal from itself."""
    return lambda: os.kill(os.getpid(), number)


def cancel(operation_id: str) -> Callable[[], None]:
    """An action: the user asks for the operation to be cancelled."""

    def act() -> None:
        operations.request_cancel(
            aegis_context.admin_context(overwrite=False), operation_id
        )

    return act
