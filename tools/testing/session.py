# SPDX-License-Identifier: Apache-2.0
"""Run the programs of a part, show what they do, keep what they say."""

import os
import pathlib
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sites import console, layout, virtualenv
from testing import environment as environments


@dataclass(frozen=True)
class Ended:
    """A program that has ended; ``output`` is stdout and stderr in order."""

    return_code: int
    output: str
    seconds: float

    @property
    def good(self) -> bool:
        return self.return_code == 0


@dataclass(frozen=True)
class Session:
    """One call of tools/test.

    ``verbose`` shows all output as it comes; otherwise only that of what
    failed is shown. Every output is kept in a file below ``logs``.
    """

    environment: virtualenv.Environment
    output: console.Console
    verbose: bool = False
    logs: pathlib.Path = field(
        default_factory=lambda: (
            layout.Layout.from_environment(os.environ).root / 'test-logs'
        )
    )

    def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        extra: Mapping[str, str] | None = None,
        directory: pathlib.Path = environments.REPOSITORY,
        live: bool = False,
    ) -> Ended:
        """Run a program to its end; it reads nothing.

        ``live`` shows the output as it comes, for what takes minutes.
        """
        live = live or self.verbose
        began = time.monotonic()
        self.output.say(f'{name} ...')
        log = self._log(name)
        lines = []
        with (
            log.open('w') as kept,
            subprocess.Popen(
                command,
                env=self._variables(extra or {}),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors='replace',
            ) as process,
        ):
            for line in process.stdout or ():
                lines.append(line)
                kept.write(line)
                kept.flush()
                if live:
                    print(line, end='', flush=True)
        ended = Ended(
            process.returncode, ''.join(lines), time.monotonic() - began
        )
        self._tell(name, ended, log, shown=live)
        return ended

    def program(self, name: str) -> str:
        """The path of a program of the virtual environment."""
        return self.environment.program(name)

    def _tell(
        self, name: str, ended: Ended, log: pathlib.Path, *, shown: bool
    ) -> None:
        word = 'ok' if ended.good else f'FAILED ({ended.return_code})'
        self.output.say(f'{name}: {word} in {ended.seconds:.1f} s')
        if not ended.good and not shown:
            print(ended.output, end='', flush=True)
            self.output.say(f'{name}: the above is kept in {log}')

    def _log(self, name: str) -> pathlib.Path:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f'{re.sub("[^a-z0-9]+", "-", name.lower())}.log'

    def _variables(self, extra: Mapping[str, str]) -> dict[str, str]:
        # Nothing a test does may hang on the caller's cloud or settings.
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(('OS_', 'PYTHON'))
        }
        path = f'{self.environment.programs}:{inherited.get("PATH", "")}'
        return {
            **inherited,
            'PATH': path,
            'VIRTUAL_ENV': str(self.environment.path),
            **extra,
        }
