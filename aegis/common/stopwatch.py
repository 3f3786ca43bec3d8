# SPDX-License-Identifier: Apache-2.0
"""How long a step waited for which service.

:func:`collect` opens an account for the current thread and :func:`measure`
charges time to it; without an account measuring costs nothing. A measured
stretch inside another one is charged to the inner service only, so that the
sum never exceeds the time that passed.
"""

import contextlib
import contextvars
import time
from collections.abc import Iterator


class Account:
    """Seconds per service."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._services: list[str] = []
        self._since = 0.0

    def enter(self, service: str) -> None:
        """Start to charge a service."""
        self._charge()
        self._services.append(service)

    def leave(self) -> None:
        """Stop to charge the newest service, go on with the one before."""
        self._charge()
        self._services.pop()

    def _charge(self) -> None:
        now = time.monotonic()
        if self._services:
            service = self._services[-1]
            passed = now - self._since
            self._seconds[service] = self._seconds.get(service, 0.0) + passed
        self._since = now

    def seconds(self) -> dict[str, float]:
        """What was charged so far, to the millisecond."""
        return {
            service: round(seconds, 3)
            for service, seconds in sorted(self._seconds.items())
        }


_account: contextvars.ContextVar[Account | None] = contextvars.ContextVar(
    'aegis_stopwatch', default=None
)


@contextlib.contextmanager
def collect() -> Iterator[Account]:
    """Gather what the current thread measures inside the block."""
    account = Account()
    token = _account.set(account)
    try:
        yield account
    finally:
        _account.reset(token)


@contextlib.contextmanager
def measure(service: str) -> Iterator[None]:
    """Charge the time of the block to a service."""
    account = _account.get()
    if account is None:
        yield
        return
    account.enter(service)
    try:
        yield
    finally:
        account.leave()
