# SPDX-License-Identifier: Apache-2.0
"""Whether a thread may still change what is outside of Aegis.

A process may be stopped between any two of its instructions, for longer than
it holds what it works on. Whoever makes a call that changes something asks
right before it; whoever works under a lease says, around such calls, what is
to be asked.
"""

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

P = ParamSpec('P')
T = TypeVar('T')
Check = Callable[[], None]

_check: contextvars.ContextVar[Check | None] = contextvars.ContextVar(
    'aegis_permit', default=None
)


@contextlib.contextmanager
def checked(check: Check | None) -> Iterator[None]:
    """Have :func:`require` call this inside the block, in this thread.

    :param check: raises when nothing may be changed any more.
    """
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def require() -> None:
    """See that something may be changed; without a check it always may.

    :raises Exception: that of the check.
    """
    check = _check.get()
    if check is not None:
        check()


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """The function, checked in other threads as in this one now."""
    check = _check.get()

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with checked(check):
            return function(*args, **kwargs)

    return call
