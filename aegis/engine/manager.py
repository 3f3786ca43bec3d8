# SPDX-License-Identifier: Apache-2.0
"""What the API asks of engines over the bus. The work is elsewhere."""

from collections.abc import Callable
from typing import Any

import oslo_messaging as messaging

from aegis.common import context as aegis_context
from aegis.common import documents, exception
from aegis.db import groups
from aegis.engine import membership, probes, recovery_points, services

Context = aegis_context.RequestContext

# They are answers to the caller and no news for our log.
_expected = messaging.expected_exceptions(exception.AegisError)


class EngineManager:
    """The endpoint of topic ``aegis-engine``.

    Nothing here takes longer than the calls it makes to clouds and arrays;
    operations are handed to the pool.

    :param submit: sees to an operation soon, and returns at once.
    """

    target = messaging.Target(version='1.0')

    def __init__(
        self,
        engine_services: services.Services,
        submit: Callable[[str], None],
    ) -> None:
        self._services = engine_services
        self._submit = submit

    def run_operation(self, context: Context, operation_id: str) -> None:
        """See to an operation: it is new, retried, or to be cancelled."""
        self._submit(operation_id)

    @_expected
    def add_member(
        self, context: Context, group_id: str, server: str, wave: int
    ) -> str:
        """Make a server a member of a group; its id there."""
        group = groups.get_group(context, group_id)
        member = membership.add_member(
            self._services, context, group, server, wave
        )
        return member.id

    @_expected
    def list_recovery_points(
        self, context: Context, group_id: str, limit: int
    ) -> list[dict[str, Any]]:
        """The newest complete recovery points of a group as documents."""
        group = groups.get_group(context, group_id)
        points = recovery_points.list_points(self._services, group, limit)
        return [documents.to_document(point) for point in points]

    @_expected
    def probe_sites(self, context: Context) -> list[dict[str, Any]]:
        """Look at all sites now; their statuses as documents."""
        statuses = probes.probe_sites(self._services)
        return [documents.to_document(status) for status in statuses]

    @_expected
    def resolve_protected_project(
        self, context: Context, protected_site: str
    ) -> str:
        """The id of the caller's project at the protected site."""
        return membership.resolve_protected_project(
            self._services,
            context.project_id or '',
            self._services.conf.local_site,
            protected_site,
        )
