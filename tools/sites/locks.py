# SPDX-License-Identifier: Apache-2.0
"""Locks between processes."""

import fcntl
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held(path: pathlib.Path) -> Iterator[None]:
    """Hold a lock file, so that runs at the same time wait for each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
