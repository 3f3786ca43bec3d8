# SPDX-License-Identifier: Apache-2.0
"""Programs as processes of their own, and what they cost."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_SECONDS = 0.05
_ENDING_SECONDS = 60.0


@dataclass(frozen=True)
class Cost:
    """What a process and its children have used since they began.

    cpu is in seconds, memory the most bytes that one of them was resident
    with.
    """

    cpu: float
    memory: int


class Running:
    """A program that runs until it is told to end."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def cost(self) -> Cost:
        """Add up what it and its children cost so far."""
        return cost_of(self.process.pid)

    def require(self) -> None:
        """Raise RuntimeError with its last words if it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(
                f'{self.process.args!r} has ended:\n'
                f'{self.log.read_text()[-4000:]}'
            )


@contextlib.contextmanager
def running(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Run a program until the end of the context; what it says goes to log.

    It is asked to end with SIGTERM and killed after a minute.
    """
    with log.open('ab') as stream:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=None if environment is None else dict(environment),
        )
    try:
        yield Running(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cost_of(pid: int) -> Cost:
    """Add up what a process and its children cost so far."""
    root = psutil.Process(pid)
    family = (root, *root.children(recursive=True))
    return Cost(
        cpu=sum(_cpu(each) for each in family),
        memory=max(_peak(each.pid) for each in family),
    )


def until(
    look: Callable[[], bool],
    what: str,
    seconds: float = 60.0,
    poll: float = _POLL_SECONDS,
) -> None:
    """Return when look says yes; TimeoutError when it never does."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f'{what} did not happen in {seconds:g} s')
        pause.wait(poll)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peak(pid: int) -> int:
    """VmHWM of a process, which psutil does not tell."""
    status = Path(f'/proc/{pid}/status').read_text()
    for line in status.splitlines():
        if line.startswith('VmHWM:'):
            return int(line.split()[1]) * 1024
    return 0
