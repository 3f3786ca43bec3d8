# SPDX-License-Identifier: Apache-2.0
"""Programs that run until they are told to end."""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE = 20.0


@dataclass
class Daemon:
    """A program with its own session, so that its children end with it."""

    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )

    def check(self) -> None:
        """Raise AssertionError, with the end of its log, if it ended."""
        if self.process is None or self.process.poll() is not None:
            tail = self.text()[-3000:]
            raise AssertionError(f'{self.command[0]} has ended:\n{tail}')

    def text(self, since: int = 0) -> str:
        return self.log.read_bytes()[since:].decode(errors='replace')

    def size(self) -> int:
        """Return the length of the log, to read from later on."""
        return self.log.stat().st_size

    def stop(self) -> None:
        """End it and all that it started; once is enough."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_session(process.pid)
            process.wait()


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
