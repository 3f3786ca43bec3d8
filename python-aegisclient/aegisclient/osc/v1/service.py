# SPDX-License-Identifier: Apache-2.0
"""``openstack dr service``"""

from typing import Any

from aegisclient.osc import columns, command


class ListService(command.Lister):
    """List the running parts of Aegis (administrators only)"""

    def take_action(self, parsed_args: Any) -> tuple[Any, Any]:
        headers = (
            'ID',
            'Binary',
            'Host',
            'Version',
            'State',
            'Started At',
            'Heartbeat At',
        )
        return headers, (
            (
                service.id,
                service.binary,
                service.host,
                service.version,
                service.state,
                columns.Time(service.started_at),
                columns.Time(service.heartbeat_at),
            )
            for service in self.client.services()
        )
