# SPDX-License-Identifier: Apache-2.0
"""Points at which a test can hold a process and kill it.

A step passes three points: ``before`` it acts, ``acting`` when the act has
returned and its end was not seen yet, ``after`` that is known, and not always
written yet, see :mod:`aegis.journal.lane`. When it is reverted these are
``undoing`` and ``undone``, before and after the undo.
Points do nothing unless ``[engine] test_hooks`` names a directory: then a
process that comes to a point for which ``<step>.<moment>.pause`` exists
there creates ``<step>.<moment>.reached`` and waits until the former is gone.
"""

import pathlib
import threading
from typing import Protocol

_PAUSE_CHECK_SECONDS = 0.02


class Hook(Protocol):
    """What happens at a point."""

    def __call__(self, step: str, moment: str) -> None: ...


class PauseFiles:
    """Holds the thread while a file exists; see the module."""

    def __init__(self, directory: str) -> None:
        self._directory = pathlib.Path(directory)

    def __call__(self, step: str, moment: str) -> None:
        pause = self._directory / f'{step}.{moment}.pause'
        if not pause.exists():
            return
        (self._directory / f'{step}.{moment}.reached').touch()
        never = threading.Event()
        while pause.exists():
            never.wait(_PAUSE_CHECK_SECONDS)


def _nothing(step: str, moment: str) -> None:
    pass


_hook: Hook = _nothing


def install(hook: Hook | None) -> None:
    """Set what happens at points in this process; None for nothing."""
    global _hook
    _hook = hook or _nothing


def install_directory(directory: str | None) -> None:
    """Follow ``[engine] test_hooks``; None for nothing."""
    install(PauseFiles(directory) if directory else None)


def point(step: str, moment: str) -> None:
    """Pass a point."""
    _hook(step, moment)
