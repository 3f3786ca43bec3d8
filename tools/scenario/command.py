# SPDX-License-Identifier: Apache-2.0
"""The openstack command, run as a user runs it."""

import json
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Any

from deployment import facts
from scenario import clouds
from sites import commands


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    command: tuple[str, ...]
    exit_code: int
    output: str
    errors: str

    def document(self) -> Any:
        """Parse the output of a command that was asked for JSON."""
        return json.loads(self.output)


class CommandFailed(Exception):
    """A command that had to succeed did not."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(
            f'{" ".join(answer.command)} ended with {answer.exit_code}:\n'
            f'{answer.output}{answer.errors}'
        )
        self.answer = answer


@dataclass(frozen=True)
class OpenStack:
    """The command of one person at one site."""

    virtual_environment: pathlib.Path
    site: facts.Site
    account: facts.Account

    def attempt(self, *arguments: str) -> Answer:
        """Run a command, whatever comes of it."""
        ended = subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(
            ('openstack', *arguments),
            ended.returncode,
            ended.stdout,
            ended.stderr,
        )

    def run(self, *arguments: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        answer = self.attempt(*arguments)
        if answer.exit_code:
            raise CommandFailed(answer)
        return answer.output

    def ask(self, *arguments: str) -> Any:
        """Run a command that has to succeed; return its JSON."""
        return json.loads(self.run(*arguments, '-f', 'json'))

    def stream(self, *arguments: str) -> int:
        """Run a command in the open; return its exit code."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode

    def command(self, *arguments: str) -> list[str]:
        program = self.virtual_environment / 'bin' / 'openstack'
        return [str(program), *arguments]

    def environment(self) -> dict[str, str]:
        return commands.clean_environment(
            pathlib.Path.home(),
            clouds.environment(self.site, self.account),
            self.virtual_environment / 'bin',
        )
