# SPDX-License-Identifier: Apache-2.0
"""``openstack dr failover-group member``, ``add`` and ``remove``"""

from collections.abc import Iterable
from typing import Any

from aegisclient.osc import columns, command, options
from aegisclient.sdk.v1 import failover_group as groups
from aegisclient.sdk.v1 import member as members

_HEADERS = ('ID', 'Name', 'Wave', 'Server ID', 'Volumes', 'Addresses')


def _add_group(parser: Any) -> None:
    parser.add_argument(
        'failover_group',
        metavar='<failover-group>',
        help='Failover group (name or id)',
    )


def _row(
    group: groups.FailoverGroup, member: members.Member
) -> tuple[Any, ...]:
    placement = _active_placement(group, member)
    return (
        member.id,
        member.name,
        member.wave,
        member.server_id,
        columns.Volumes(placement.get('volumes', [])),
        columns.Ports(placement.get('ports', [])),
    )


def _active_placement(
    group: groups.FailoverGroup, member: members.Member
) -> dict[str, Any]:
    for placement in member.placements or ():
        if placement['site'] == group.active_site:
            return placement
    return {}


def _rows(
    group: groups.FailoverGroup, found: Iterable[members.Member]
) -> list[tuple[Any, ...]]:
    ordered = sorted(found, key=lambda member: (member.wave, member.name))
    return [_row(group, member) for member in ordered]


class ListMember(command.Lister):
    """List the members of a failover group at its active site"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        parser.add_argument(
            '--long',
            action='store_true',
            help='Also show the servers at all sites and the time of adding',
        )
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.find_failover_group(parsed_args.failover_group)
        found = sorted(
            self.client.members(group),
            key=lambda member: (member.wave, member.name),
        )
        rows = _rows(group, found)
        if not parsed_args.long:
            return _HEADERS, rows
        headers = (*_HEADERS, 'Placements', 'Created At')
        return headers, [
            (
                *row,
                columns.Placements(member.placements),
                columns.Time(member.created_at),
            )
            for row, member in zip(rows, found, strict=True)
        ]


class AddServer(command.Lister):
    """Add servers to a failover group

    Servers that cannot be added are told with the reason, the others are
    added; the exit code is 1 if any could not be.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        parser.add_argument(
            'servers',
            metavar='<server>',
            nargs='+',
            help='Server at the protected site (name or id)',
        )
        parser.add_argument(
            '--wave',
            metavar='<number>',
            type=options.positive_integer,
            help='Bring members of a lower wave up first (default: 1)',
        )
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.find_failover_group(parsed_args.failover_group)
        added = self.for_each(
            parsed_args.servers,
            'server',
            lambda server: self.client.add_server(
                group, server, parsed_args.wave
            ),
        )
        return _HEADERS, _rows(group, added)


class RemoveServer(command.Command):
    """Remove servers from a failover group

    The servers themselves stay as they are; they are just no longer
    protected. The exit code is 1 if any could not be removed.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        _add_group(parser)
        parser.add_argument(
            'servers',
            metavar='<server>',
            nargs='+',
            help='Server (name or id) or member id',
        )
        return parser

    def take_action(self, parsed_args: Any) -> None:
        group = self.client.find_failover_group(parsed_args.failover_group)

        def remove(server: str) -> None:
            member = self.client.find_member(group, server)
            self.client.remove_member(group, member.id)

        self.for_each(parsed_args.servers, 'server', remove)
