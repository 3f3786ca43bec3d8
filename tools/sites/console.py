# SPDX-License-Identifier: Apache-2.0
"""Progress for people: one line per event, with the time since the start."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO


class Console:
    """Print progress lines from any thread to one stream."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._started = time.monotonic()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print one line with the seconds since the command began."""
        elapsed = time.monotonic() - self._started
        with self._lock:
            print(f'[{elapsed:6.1f}s] {text}', file=self._stream, flush=True)

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Say that something begins, and how long it took once it ended."""
        began = time.monotonic()
        self.say(f'{text} ...')
        yield
        self.say(f'{text}: done in {time.monotonic() - began:.1f} s')
