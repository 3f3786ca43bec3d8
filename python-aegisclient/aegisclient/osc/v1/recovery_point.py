# SPDX-License-Identifier: Apache-2.0
"""``openstack dr recovery-point``"""

from typing import Any

from aegisclient.osc import columns, command, options


class ListRecoveryPoint(command.Lister):
    """List the recovery points of a failover group, newest first

    Only complete ones are listed. The age is the data that a failover to it
    would lose, by the clock of the recovery site's array.
    """

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'failover_group',
            metavar='<failover-group>',
            help='Failover group (name or id)',
        )
        parser.add_argument(
            '--limit',
            metavar='<number>',
            type=options.positive_integer,
            help='Show at most so many (default: 50)',
        )
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        group = self.client.find_failover_group(parsed_args.failover_group)
        points = self.client.recovery_points(group, parsed_args.limit)
        headers = (
            'ID',
            'Created At',
            'Completed At',
            'Age',
            'Size',
            'Volumes',
        )
        return headers, (
            (
                point.id,
                columns.Time(point.created_at),
                columns.Time(point.completed_at),
                columns.Duration(point.age_seconds),
                columns.Size(point.size_bytes),
                point.volume_count,
            )
            for point in points
        )
