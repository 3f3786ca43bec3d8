# SPDX-License-Identifier: Apache-2.0
"""``openstack dr operation``"""

from typing import Any

from aegisclient.osc import (
    columns,
    command,
    lanes,
    options,
    progress,
    times,
)
from aegisclient.sdk.v1 import operation as operations


def fields(
    operation: operations.Operation, steps: bool = False
) -> dict[str, Any]:
    """What is shown of an operation; the steps only if wanted.

    Lanes are shown only if they were fetched: an operation that has just
    been started, retried or cancelled comes without them.
    """
    shown = {
        'id': operation.id,
        'type': operation.type,
        'failover_group_id': operation.failover_group_id,
        'state': operation.state,
        'state_reason': operation.state_reason,
        'error_code': operation.error_code,
        'cancel_requested': columns.YesNo(operation.is_cancel_requested),
        'attempt': operation.attempt,
        'arguments': columns.Document(operation.arguments),
        'user_id': operation.user_id,
        'request_id': operation.request_id,
        'created_at': columns.Time(operation.created_at),
        'started_at': columns.Time(operation.started_at),
        'finished_at': columns.Time(operation.finished_at),
        'duration': columns.Duration(_duration(operation)),
    }
    if operation.lanes is not None:
        found = lanes.leftovers(operation.lanes)
        shown['lanes'] = columns.Lanes(operation.lanes)
        shown['leftovers'] = columns.Leftovers(found)
    if steps:
        shown['steps'] = columns.Steps(operation.lanes)
        shown['report'] = columns.Document(operation.report)
    return shown


def _duration(operation: operations.Operation) -> float | None:
    return times.elapsed(operation.started_at, operation.finished_at)


def _add_operation(parser: Any) -> None:
    parser.add_argument(
        'operation', metavar='<operation>', help='Operation (id)'
    )


class StartingCommand(command.ShowOne):
    """Base of what starts an operation and perhaps waits for it."""

    def started(
        self, operation: operations.Operation, parsed_args: Any
    ) -> tuple[Any, Any]:
        """The output, once the operation has ended if that was asked for."""
        if parsed_args.wait:
            ended, self.exit_code = progress.watch(
                self.client,
                operation.id,
                parsed_args.interval,
                self.app.stderr,
            )
            operation = ended or operation
        return self.dict2columns(fields(operation))


class ListOperation(command.Lister):
    """List operations, newest first"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--group',
            metavar='<failover-group>',
            help='Only those of this failover group (name or id)',
        )
        parser.add_argument(
            '--state', metavar='<state>', help='Only those in this state'
        )
        parser.add_argument(
            '--type', metavar='<type>', help='Only those of this type'
        )
        parser.add_argument(
            '--long', action='store_true', help='Show more of each operation'
        )
        options.add_paging(parser, sort='created_at:desc')
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        found = self.client.operations(
            **options.paging(parsed_args),
            **options.present(
                {
                    'failover_group_id': self._group_id(parsed_args),
                    'state': parsed_args.state,
                    'type': parsed_args.type,
                }
            ),
        )
        headers: tuple[str, ...] = (
            'ID',
            'Type',
            'Failover Group ID',
            'State',
            'Created At',
            'Duration',
        )
        more = ('Attempt', 'State Reason', 'Error Code', 'User ID')
        if not parsed_args.long:
            return headers, (_short_row(operation) for operation in found)
        return (*headers, *more), (
            (*_short_row(operation), *_more_of_row(operation))
            for operation in found
        )

    def _group_id(self, parsed_args: Any) -> str | None:
        if parsed_args.group is None:
            return None
        return self.client.find_failover_group(
            parsed_args.group, all_projects=parsed_args.all_projects
        ).id


def _short_row(operation: operations.Operation) -> tuple[Any, ...]:
    return (
        operation.id,
        operation.type,
        operation.failover_group_id,
        operation.state,
        columns.Time(operation.created_at),
        columns.Duration(_duration(operation)),
    )


def _more_of_row(operation: operations.Operation) -> tuple[Any, ...]:
    return (
        operation.attempt,
        operation.state_reason or '',
        operation.error_code or '',
        operation.user_id,
    )


class ShowOperation(command.ShowOne):
    """Show an operation with its lanes"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_operation(parser)
        parser.add_argument(
            '--steps',
            '--long',
            action='store_true',
            help='Also show the steps of each lane and the report',
        )
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        operation = self.client.get_operation(parsed_args.operation)
        return self.dict2columns(fields(operation, parsed_args.steps))


class WatchOperation(command.Command):
    """Watch an operation until it has ended

    On a terminal a table is redrawn; elsewhere each change is a line. Ctrl-C
    stops the watching, not the operation. The exit code is 0 if it succeeded,
    2 if some members succeeded and others did not, 1 if it failed, was
    reverted or was cancelled, 130 after Ctrl-C.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_operation(parser)
        options.add_interval(parser)
        return parser

    def take_action(self, parsed_args: Any) -> int:
        _, code = progress.watch(
            self.client,
            parsed_args.operation,
            parsed_args.interval,
            self.app.stdout,
        )
        return code


class RetryOperation(StartingCommand):
    """Run again what failed in an operation that has ended"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_operation(parser)
        options.add_wait(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        operation = self.client.retry_operation(parsed_args.operation)
        return self.started(operation, parsed_args)


class CancelOperation(command.ShowOne):
    """Ask an operation to stop

    It stops after the step that each member is at, and reverts what can be.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_operation(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        operation = self.client.cancel_operation(parsed_args.operation)
        return self.dict2columns(fields(operation))
