# SPDX-License-Identifier: Apache-2.0
"""Faults that the side door asks for: calls that are slow or fail."""

import threading
from dataclasses import dataclass, replace

from flasharray_simulator import names


@dataclass(frozen=True)
class Fault:
    """For the next ``count`` calls of ``method`` on ``path``.

    ``path`` is relative to the API version and may hold ``*``; ``delay``
    is in real seconds; with ``after`` the work is done before the failure.
    """

    method: str
    path: str
    count: int
    status: int | None = None
    message: str | None = None
    delay: float | None = None
    after: bool = False

    def hits(self, method: str, path: str) -> bool:
        return self.method.upper() in ('*', method.upper()) and names.matches(
            self.path.strip('/'), path.strip('/')
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

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for this call and count it down."""
        with self._lock:
            for position, fault in enumerate(self._faults):
                if not fault.hits(method, path):
                    continue
                if fault.count <= 1:
                    del self._faults[position]
                else:
                    self._faults[position] = replace(
                        fault, count=fault.count - 1
                    )
                return fault
        return None
