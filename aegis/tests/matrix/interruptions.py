# SPDX-License-Identifier: Apache-2.0
"""What an engine process does to itself at a point of a step."""

import dataclasses
import multiprocessing
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


def kill_self() -> None:
    """An action: ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)


class Halt:
    """An action: the process halts there until it is let go.

    Nothing is locked while it halts, so it may be stopped meanwhile.
    """

    def __init__(self) -> None:
        pipe = multiprocessing.get_context('fork').Pipe
        self._arrivals, self._arriving = pipe(duplex=False)
        self._permits, self._permitting = pipe(duplex=False)

    def __call__(self) -> None:
        self._arriving.send(None)
        self._permits.recv()

    @property
    def arrived(self) -> bool:
        return self._arrivals.poll()

    def let_go(self) -> None:
        self._permitting.send(None)


def cancel(operation_id: str) -> Callable[[], None]:
    """An action: the user asks for the operation to be cancelled."""

    def act() -> None:
        operations.request_cancel(
            aegis_context.admin_context(overwrite=False), operation_id
        )

    return act
