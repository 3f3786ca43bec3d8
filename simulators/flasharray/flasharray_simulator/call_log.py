# SPDX-License-Identifier: Apache-2.0
"""What was called: every API request with its status, in order."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

LONGEST = 200_000


@dataclass(frozen=True)
class Entry:
    """One call. ``time`` is the array's (ms); ``seconds`` how long."""

    sequence: int
    time: int
    method: str
    path: str
    query: str
    body: Any
    status: int
    user_agent: str
    seconds: float


class CallLog:
    """The last LONGEST calls, in memory."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LONGEST)
        self._next = 1
        self._lock = threading.Lock()

    def add(self, **fields: Any) -> None:
        with self._lock:
            self._entries.append(Entry(sequence=self._next, **fields))
            self._next += 1

    def since(self, sequence: int) -> list[Entry]:
        """Return the entries whose number is greater than sequence."""
        with self._lock:
            return [e for e in self._entries if e.sequence > sequence]

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        with self._lock:
            self._entries.clear()
