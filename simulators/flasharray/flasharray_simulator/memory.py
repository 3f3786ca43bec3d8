# SPDX-License-Identifier: Apache-2.0
"""Keeps the garbage collector off what an array keeps for long.

A full collection looks at every object of the process: with 50,000
snapshots, the call during which it happens lasts a third of a second
longer. What was settled is not looked at again; it is still freed when
nothing refers to it any more.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SETTLE_EVERY = 30.0


@contextmanager
def loading() -> Iterator[None]:
    """Do not look for garbage while everything is read, then settle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        settle()


def settle() -> None:
    """Collect what became garbage since the last time; set aside the rest."""
    gc.collect()
    gc.freeze()
