# SPDX-License-Identifier: Apache-2.0
"""``openstack dr failover-group``"""

from typing import Any

from osc_lib import exceptions

from aegisclient.osc import columns, command, mappings, options
from aegisclient.osc.v1 import operation as operation_commands
from aegisclient.sdk.v1 import failover_group as groups

_ON_MEMBER_FAILURE = ('continue', 'stop', 'revert')


def _fields(group: groups.FailoverGroup) -> dict[str, Any]:
    return {
        'id': group.id,
        'name': group.name,
        'description': group.description,
        'project_id': group.project_id,
        'protected_site': group.protected_site,
        'recovery_site': group.recovery_site,
        'active_site': group.active_site,
        'replication_type': group.replication_type,
        'on_member_failure': group.on_member_failure,
        'mappings': columns.Mappings(group.mappings),
        'state': group.state,
        'state_reason': group.state_reason,
        'member_count': group.member_count,
        'epoch': group.epoch,
        'revision': group.revision,
        'created_at': columns.Time(group.created_at),
        'updated_at': columns.Time(group.updated_at),
    }


def _add_group(parser: Any, **how: Any) -> None:
    parser.add_argument(
        'failover_group',
        metavar='<failover-group>',
        help='Failover group (name or id)',
        **how,
    )


def _add_attributes(parser: Any) -> None:
    parser.add_argument(
        '--description', metavar='<text>', help='What the group is for'
    )
    parser.add_argument(
        '--on-member-failure',
        choices=_ON_MEMBER_FAILURE,
        help=(
            'When a member fails: go on with the others, stop before those '
            'not yet begun, or revert all (default: continue)'
        ),
    )
    mappings.add_option(parser)


class CreateFailoverGroup(command.ShowOne):
    """Create a failover group"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'name', metavar='<name>', help='Name of the new group'
        )
        parser.add_argument(
            '--protected-site',
            metavar='<site>',
            required=True,
            help='Site at which the servers run',
        )
        parser.add_argument(
            '--recovery-site',
            metavar='<site>',
            help='Site to fail over to (default: the site of this service)',
        )
        parser.add_argument(
            '--replication-type',
            choices=('async', 'sync'),
            help='How the volumes are replicated (default: async)',
        )
        _add_attributes(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.create_failover_group(
            **options.present(
                {
                    'name': parsed_args.name,
                    'description': parsed_args.description,
                    'protected_site': parsed_args.protected_site,
                    'recovery_site': parsed_args.recovery_site,
                    'replication_type': parsed_args.replication_type,
                    'on_member_failure': parsed_args.on_member_failure,
                    'mappings': mappings.merge((), parsed_args.mappings)
                    or None,
                }
            )
        )
        return self.dict2columns(_fields(group))


class ListFailoverGroup(command.Lister):
    """List failover groups"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--name', metavar='<name>', help='Only the group of this name'
        )
        parser.add_argument(
            '--state', metavar='<state>', help='Only groups in this state'
        )
        parser.add_argument(
            '--long', action='store_true', help='Show more of each group'
        )
        options.add_paging(parser, sort='name:asc')
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        found = self.client.failover_groups(
            **options.paging(parsed_args),
            **options.present(
                {'name': parsed_args.name, 'state': parsed_args.state}
            ),
        )
        headers: tuple[str, ...] = (
            'ID',
            'Name',
            'State',
            'Protected Site',
            'Recovery Site',
            'Active Site',
            'Members',
        )
        more: tuple[str, ...] = (
            'Description',
            'Project ID',
            'Replication Type',
            'On Member Failure',
            'State Reason',
            'Updated At',
        )
        if not parsed_args.long:
            return headers, (_short_row(group) for group in found)
        return (*headers, *more), (
            (*_short_row(group), *_more_of_row(group)) for group in found
        )


def _short_row(group: groups.FailoverGroup) -> tuple[Any, ...]:
    return (
        group.id,
        group.name,
        group.state,
        group.protected_site,
        group.recovery_site,
        group.active_site,
        group.member_count,
    )


def _more_of_row(group: groups.FailoverGroup) -> tuple[Any, ...]:
    return (
        group.description,
        group.project_id,
        group.replication_type,
        group.on_member_failure,
        group.state_reason or '',
        columns.Time(group.updated_at),
    )


class ShowFailoverGroup(command.ShowOne):
    """Show a failover group"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.find_failover_group(parsed_args.failover_group)
        return self.dict2columns(_fields(group))


class SetFailoverGroup(command.Command):
    """Change a failover group

    Fails without changing anything if somebody else changes the group at
    the same time.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        parser.add_argument('--name', metavar='<name>', help='New name')
        _add_attributes(parser)
        parser.add_argument(
            '--no-mapping',
            action='store_true',
            help=(
                'Remove all mappings; with --mapping, put those in their place'
            ),
        )
        return parser

    def take_action(self, parsed_args: Any) -> None:
        group = self.client.find_failover_group(parsed_args.failover_group)
        changes = options.present(
            {
                'name': parsed_args.name,
                'description': parsed_args.description,
                'on_member_failure': parsed_args.on_member_failure,
                'mappings': _changed_mappings(group, parsed_args),
            }
        )
        if not changes:
            raise exceptions.CommandError(
                'Nothing to change. Give at least one option, such as --name.'
            )
        self.client.update_failover_group(group, **changes)


def _changed_mappings(
    group: groups.FailoverGroup, parsed_args: Any
) -> list[mappings.Mapping] | None:
    if not parsed_args.no_mapping and not parsed_args.mappings:
        return None
    present = () if parsed_args.no_mapping else group.mappings or ()
    return mappings.merge(present, parsed_args.mappings)


class DeleteFailoverGroup(command.Command):
    """Delete failover groups, which must have no members"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser, nargs='+')
        return parser

    def take_action(self, parsed_args: Any) -> None:
        self.for_each(
            parsed_args.failover_group,
            'failover group',
            lambda name: self.client.delete_failover_group(
                self.client.find_failover_group(name)
            ),
        )


class Capture(operation_commands.StartingCommand):
    """Capture anew what is needed to rebuild the members

    Do this after changing servers, networks or flavors at the protected
    site, so that a failover knows of it.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        options.add_wait(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.find_failover_group(parsed_args.failover_group)
        return self.started(self.client.start_capture(group), parsed_args)


class Failover(operation_commands.StartingCommand):
    """Bring a failover group up at its recovery site

    Uses the newest recovery point unless told otherwise. What happened after
    that point is lost. Needs only the recovery site.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        parser.add_argument(
            '--recovery-point',
            metavar='<id>',
            help='Recovery point to fail over to (default: the newest)',
        )
        parser.add_argument(
            '--force',
            action='store_true',
            help='Go on despite failed readiness checks; needs --reason',
        )
        parser.add_argument(
            '--reason',
            metavar='<text>',
            help='Why, kept with the operation',
        )
        options.add_wait(parser)
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        if parsed_args.force and not parsed_args.reason:
            raise exceptions.CommandError(
                '--force needs --reason, which is kept with the operation.'
            )
        group = self.client.find_failover_group(parsed_args.failover_group)
        operation = self.client.start_failover(
            group,
            recovery_point=parsed_args.recovery_point,
            force=parsed_args.force,
            reason=parsed_args.reason,
        )
        return self.started(operation, parsed_args)
