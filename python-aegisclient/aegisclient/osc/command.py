# SPDX-License-Identifier: Apache-2.0
"""The bases of all our commands."""

import argparse
import logging
from collections.abc import Callable, Iterable
from typing import Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from aegisclient.osc import errors
from aegisclient.sdk.v1 import proxy

LOG = logging.getLogger(__name__)


class _Clear:
    """Clear errors, and an exit code that may follow a printed result."""

    app: Any
    exit_code = 0

    @property
    def client(self) -> proxy.Proxy:
        """The disaster recovery proxy."""
        return self.app.client_manager.dr

    def run(self, parsed_args: argparse.Namespace) -> int:
        with errors.clear_errors():
            code = super().run(parsed_args)  # type: ignore[misc]
        return self.exit_code or code

    def for_each(
        self, things: Iterable[str], what: str, action: Callable[[str], Any]
    ) -> list[Any]:
        """Do something to each thing, go on after failures, collect results.

        Failures are logged, and the exit code becomes 1.
        """
        done = []
        for thing in things:
            try:
                with errors.clear_errors():
                    done.append(action(thing))
            except osc_exceptions.CommandError as error:
                LOG.error('%s %s: %s', what, thing, error)
                self.exit_code = 1
        return done


class Command(_Clear, command.Command):
    """A command that prints no table."""


class Lister(_Clear, command.Lister):
    """A command that prints a table of many."""


class ShowOne(_Clear, command.ShowOne):
    """A command that prints the fields of one."""
