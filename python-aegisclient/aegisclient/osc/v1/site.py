# SPDX-License-Identifier: Apache-2.0
"""``openstack dr site``"""

from typing import Any

from aegisclient.osc import columns, command
from aegisclient.sdk.v1 import site as sites


class ListSite(command.Lister):
    """List the sites and whether they answer"""

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        headers = (
            'Name',
            'Region',
            'Local',
            'Reachable',
            'Checked At',
            'Reason',
        )
        return headers, (
            (
                site.name,
                site.region,
                columns.YesNo(site.is_local),
                columns.YesNo(site.is_reachable),
                columns.Time(site.checked_at),
                site.reason or '',
            )
            for site in self.client.sites()
        )


class ShowSite(command.ShowOne):
    """Show a site"""

    def get_parser(self, prog_name: str) -> Any:
        parser = super().get_parser(prog_name)
        parser.add_argument('site', metavar='<site>', help='Name of the site')
        return parser

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        return self.dict2columns(
            _fields(self.client.get_site(parsed_args.site))
        )


def _fields(site: sites.Site) -> dict[str, Any]:
    return {
        'name': site.name,
        'region': site.region,
        'local': columns.YesNo(site.is_local),
        'reachable': columns.YesNo(site.is_reachable),
        'reason': site.reason,
        'checked_at': columns.Time(site.checked_at),
    }
