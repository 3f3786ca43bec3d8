# SPDX-License-Identifier: Apache-2.0
"""Commands with a proxy that refuses what the real one has not."""

import contextlib
import io
import types
from typing import Any
from unittest import mock

from osc_lib.test import base as osc_base

from aegisclient.sdk.v1 import failover_group, member, operation, proxy
from aegisclient.tests import documents


class CommandTest(osc_base.TestCommand):
    def setUp(self) -> None:
        super().setUp()
        self.client = mock.create_autospec(proxy.Proxy, instance=True)
        self.group = failover_group.FailoverGroup.existing(**documents.group())
        self.client.find_failover_group.return_value = self.group
        self.app = types.SimpleNamespace(
            client_manager=types.SimpleNamespace(dr=self.client),
            stdout=mock.sentinel.stdout,
            stderr=mock.sentinel.stderr,
        )

    def act(
        self, command_class: type[Any], arguments: str, **expected: Any
    ) -> tuple[Any, Any]:
        """Parse, check what was parsed, and run; the command, its result."""
        command = command_class(self.app, None)
        parsed = self.check_parser(
            command, arguments.split(), list(expected.items())
        )
        return command, command.take_action(parsed)

    def refuse(self, command_class: type[Any], arguments: str) -> None:
        """Check that the parser refuses the arguments."""
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertRaises(
                osc_base.ParserException,
                self.check_parser,
                command_class(self.app, None),
                arguments.split(),
                [],
            )


def an_operation(**values: Any) -> operation.Operation:
    return operation.Operation.existing(**documents.operation(**values))


def a_member(**values: Any) -> member.Member:
    return member.Member.existing(**documents.member(**values))
