# SPDX-License-Identifier: Apache-2.0
"""The engines, as the API sees them."""

from typing import Any

from oslo_config import cfg

from aegis.common import context as aegis_context
from aegis.common import rpc

TOPIC = 'aegis-engine'
VERSION = '1.0'

Context = aegis_context.RequestContext


class EngineAPI:
    """Calls any engine that listens. Thread safe; one per process.

    Calls raise what the engine raised, with code, detail, remedy, details
    and status, and :class:`~aegis.common.exception.EngineUnavailable` when
    no engine answers within ``[engine] rpc_timeout``.
    """

    def __init__(self, conf: cfg.ConfigOpts, bus: rpc.Bus) -> None:
        self._client = bus.client(TOPIC, VERSION, conf.engine.rpc_timeout)

    def run_operation(self, context: Context, operation_id: str) -> None:
        """Wake an engine up for an operation that is committed already.

        Does not wait, and raises nothing: engines find it by themselves
        too, only later.
        """
        self._client.cast(context, 'run_operation', operation_id=operation_id)

    def add_member(
        self, context: Context, group_id: str, server: str, wave: int
    ) -> str:
        """Make a server a member of a group.

        :param server: its name or id at the protected site.
        :returns: the member's id.
        """
        return str(
            self._client.call(
                context,
                'add_member',
                group_id=group_id,
                server=server,
                wave=wave,
            )
        )

    def list_recovery_points(
        self, context: Context, group_id: str, limit: int
    ) -> list[dict[str, Any]]:
        """The newest recovery points of a group, newest first.

        :returns: the fields of :class:`aegis.models.RecoveryPoint`, times
            in ISO 8601.
        """
        return list(
            self._client.call(
                context,
                'list_recovery_points',
                group_id=group_id,
                limit=limit,
            )
        )

    def probe_sites(self, context: Context) -> list[dict[str, Any]]:
        """Look at all sites now.

        :returns: the fields of :class:`aegis.models.SiteStatus`, times in
            ISO 8601.
        """
        return list(self._client.call(context, 'probe_sites'))

    def resolve_protected_project(
        self, context: Context, protected_site: str
    ) -> str:
        """The id of the caller's project at the protected site.

        :raises NotFound: when the site has no such project.
        """
        return str(
            self._client.call(
                context,
                'resolve_protected_project',
                protected_site=protected_site,
            )
        )
