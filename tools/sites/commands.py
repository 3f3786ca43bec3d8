# SPDX-License-Identifier: Apache-2.0
"""Run a program to its end."""

import os
import pathlib
import subprocess
from collections.abc import Mapping, Sequence

from sites import errors

SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


def clean_environment(
    home: pathlib.Path,
    extra: Mapping[str, str] | None = None,
    first_path: pathlib.Path | None = None,
) -> dict[str, str]:
    """Return an environment that owes nothing to the caller's shell.

    The caller's OS_* variables, proxies and Python settings must not
    change what a service does.
    """
    path = f'{first_path}:{SYSTEM_PATH}' if first_path else SYSTEM_PATH
    environment = {
        'PATH': path,
        'HOME': str(home),
        'LANG': 'C.UTF-8',
        'LC_ALL': 'C.UTF-8',
    }
    if 'TMPDIR' in os.environ:
        environment['TMPDIR'] = os.environ['TMPDIR']
    environment.update(extra or {})
    return environment


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    standard_input: str | None = None,
    what: str | None = None,
    directory: pathlib.Path | None = None,
) -> str:
    """Run a program and return its standard output.

    Raise CommandFailed with the last lines of its output when it fails.
    """
    ended = subprocess.run(
        command,
        env=environment,
        input=standard_input,
        text=True,
        stdin=None if standard_input is not None else subprocess.DEVNULL,
        capture_output=True,
        cwd=directory,
        check=False,
    )
    if ended.returncode:
        raise errors.CommandFailed(
            f'{what or command[0]} failed with exit code '
            f'{ended.returncode}:\n{tail(ended.stdout + ended.stderr)}'
        )
    return ended.stdout


def tail(text: str, lines: int = 25) -> str:
    """Return the last lines of a text, indented for a message."""
    return '\n'.join('    ' + line for line in text.splitlines()[-lines:])
