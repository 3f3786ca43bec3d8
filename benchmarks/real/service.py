# SPDX-License-Identifier: Apache-2.0
"""Aegis itself, run as a service of two engines and asked over its API."""

from collections.abc import Sequence
from typing import Any

from aegisclient.sdk import service
from aegisclient.sdk.v1 import proxy

from benchmarks.real import rig
from sites import waiting

# Its end is noticed this much late, in the mean half of it.
_INTERVAL = 0.5
_SECONDS = 3600.0


class OperationFailed(Exception):
    """The run did not end well."""


class Aegis:
    """One failover group for each share."""

    name = 'aegis'
    title = 'Aegis'

    def __init__(self, running: rig.Rig) -> None:
        self._rig = running

    def prepare(self, shares: Sequence[rig.Share]) -> None:
        client = self._client()
        for share in shares:
            group = client.create_failover_group(
                name=share.name, protected_site=self._rig.sites.east.name
            )
            for server in share.servers:
                client.add_server(group, server.id)
            operation = client.start_capture(group)
            self._follow(client, operation)

    def learn(self, source: rig.Source) -> None:
        """Nothing: it has kept what it needs."""

    def fail_over(self, share: rig.Share) -> dict[str, Any]:
        client = self._client()
        group = client.find_failover_group(share.name)
        ended = self._follow(client, client.start_failover(group))
        return dict(ended.report)

    def _client(self) -> proxy.Proxy:
        connection = self._rig.owner()
        connection.add_service(service.DisasterRecoveryService())
        found: proxy.Proxy = connection.disaster_recovery
        return found

    def _follow(self, client: proxy.Proxy, operation: Any) -> Any:
        """Wait for the end; the list leaves lanes and steps out."""
        waiter = waiting.Waiter(self._rig.output, remind_after=60.0)
        waiter.until(
            f'the {operation.type} to end',
            lambda: self._has_ended(client, operation),
            _SECONDS,
            _INTERVAL,
        )
        operation = client.get_operation(operation)
        if operation.state != 'succeeded':
            raise OperationFailed(
                f'{operation.type} {operation.state}: {operation.state_reason}'
            )
        return operation

    def _has_ended(self, client: proxy.Proxy, operation: Any) -> bool:
        return any(
            each.is_ended
            for each in client.operations(
                failover_group_id=operation.failover_group_id
            )
            if each.id == operation.id
        )
