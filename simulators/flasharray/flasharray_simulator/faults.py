# SPDX-License-Identifier: Apache-2.0
"""Faults that the side door asks for: calls that are slow or fail."""

import threading
from dataclasses import dataclass, replace

from flasharray_simulator import names

ANSWERS = ('error', 'reset', 'garbage')


@dataclass(frozen=True)
class Fault:
    """For the next ``count`` calls of ``method`` on ``path``.

    ``path`` is relative to the API version and may hold ``*``; a count of
    None is all calls until the faults are cleared. ``delay`` is in real
    seconds. ``answer`` is an error with ``status``, a connection that is
    reset with no answer, or a 200 whose body is garbage. With ``after``
    the work is done before the failure. ``retry_after`` (s) is told to
    the client. With a ``user_agent`` only clients that have it in theirs
    are meant.
    """

    method: str
    path: str
    count: int | None
    status: int | None = None
    message: str | None = None
    delay: float | None = None
    after: bool = False
    answer: str = 'error'
    retry_after: int | None = None
    user_agent: str | None = None

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS:
            raise ValueError(f'answer is one of {ANSWERS}')
        if self.count is not None and self.count < 1:
            raise ValueError('count is one or more, or null for all calls')
        if not (self.fails or self.delay):
            raise ValueError('a fault needs a status, an answer or a delay')

    @property
    def fails(self) -> bool:
        return self.status is not None or self.answer != 'error'

    def hits(self, method: str, path: str, user_agent: str = '') -> bool:
        return (
            self.method.upper() in ('*', method.upper())
            and names.matches(self.path.strip('/'), path.strip('/'))
            and (self.user_agent or '').lower() in user_agent.lower()
        )


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(
        self, method: str, path: str, user_agent: str = ''
    ) -> Fault | None:
        """Return the fault for this call and count it down.

        One that only delays is joined with the next that fails.
        """
        with self._lock:
            taken = [
                fault
                for fault in self._faults
                if fault.hits(method, path, user_agent)
            ]
            failing = next((f for f in taken if f.fails), None)
            slow = next((f for f in taken if not f.fails), None)
            for fault in (failing, slow):
                if fault is not None:
                    self._count_down(fault)
        if failing is None or failing.delay or slow is None:
            return failing or slow
        return replace(failing, delay=slow.delay)

    def _count_down(self, fault: Fault) -> None:
        if fault.count is None:
            return
        position = next(
            n for n, known in enumerate(self._faults) if known is fault
        )
        if fault.count == 1:
            del self._faults[position]
        else:
            self._faults[position] = replace(fault, count=fault.count - 1)
