# SPDX-License-Identifier: Apache-2.0
"""Steps at the protected side: see that it stays quiet."""

import contextlib

from aegis import models
from aegis.clouds import objects
from aegis.common import exception
from aegis.storage import base as storage
from aegis.storage import errors
from aegis.tasks import access, results

FENCED_KEY = 'aegis:fenced'

_UNREACHABLE = (
    exception.SiteUnreachable,
    exception.SiteAuthenticationFailed,
    exception.CloudUnavailable,
)
_ARRAY_UNREACHABLE = (
    errors.ArrayUnreachable,
    errors.ArrayAuthenticationFailed,
)


class FenceProtectedSite(access.GroupTask):
    """Stop and lock the old servers, and pause the old replication.

    A protected site that does not answer is what an unplanned failover is
    for: then the step succeeds, and its result says that nothing was
    fenced. Servers that were running are marked before they are stopped, so
    that undoing starts those and no others.

    The replication is paused only when nobody but the members is in it.

    Reversion strategy: unlock and start the marked servers, resume the
    replication.
    """

    step = 'fence_protected_site'
    service = 'nova'
    result_type = results.FenceReport
    provides = 'fence'

    def observe(
        self, point: results.ChosenPoint, preflight: results.PreflightReport
    ) -> results.FenceReport | None:
        try:
            self.environment.clouds.identity(self.group.protected_site).probe()
            servers = self._servers()
        except _UNREACHABLE as error:
            return results.FenceReport(
                fenced=False,
                reason=error.detail,
                servers=(),
                replication_paused=False,
            )
        if any(not _is_quiet(server) for server in servers):
            self.pending = 'servers of the protected site are still running'
            return None
        running = self._is_ours_alone(point) and self._replication_runs()
        if running:
            self.pending = 'the old replication is not paused yet'
            return None
        return results.FenceReport(
            fenced=True,
            reason=None,
            servers=tuple(
                server.id for server in servers if self._is_marked(server)
            ),
            replication_paused=running is False and self._is_ours_alone(point),
        )

    def act(self, point: results.ChosenPoint) -> None:
        compute = self.source.compute
        for server in self._servers():
            if not _is_quiet(server):
                self._mark(server)
                if server.status == 'ACTIVE':
                    compute.stop_server(server.id)
                compute.lock_server(
                    server.id, f'Failed over by {self.birth.name()}'
                )
        if self._is_ours_alone(point):
            with contextlib.suppress(*_ARRAY_UNREACHABLE):
                self._source_driver().pause(self.replication)

    def undo(
        self,
        result: results.FenceReport | None,
        point: results.ChosenPoint,
    ) -> tuple[models.Leftover, ...]:
        if result is not None and not result.fenced:
            return ()
        try:
            return self._release(point)
        except _UNREACHABLE as error:
            return (
                models.Leftover(
                    service='nova',
                    resource_type='site',
                    resource_id=self.group.protected_site,
                    name=self.group.protected_site,
                    reason=(
                        'Its servers may be stopped and locked and its '
                        f'replication paused: {error.detail}'
                    ),
                ),
            )

    def _release(
        self, point: results.ChosenPoint
    ) -> tuple[models.Leftover, ...]:
        compute = self.source.compute
        for server in self._servers():
            if self._is_marked(server):
                compute.unlock_server(server.id)
                if self._had_run(server) and server.status == 'SHUTOFF':
                    compute.start_server(server.id)
                compute.delete_server_metadata(server.id, (FENCED_KEY,))
        if self._is_ours_alone(point):
            with contextlib.suppress(*_ARRAY_UNREACHABLE):
                self._source_driver().resume(self.replication)
        return ()

    def _servers(self) -> list[objects.Server]:
        wanted = {
            placement.server_id
            for placement in self.protected_placements()
            if placement.server_id
        }
        return [
            server
            for server in self.source.compute.list_servers()
            if server.id in wanted
        ]

    def _mark(self, server: objects.Server) -> None:
        """Note, where the server is, what it did before it was fenced.

        An engine that dies between stopping and recording would otherwise
        not know which servers to start again.
        """
        if self._is_marked(server):
            return
        value = f'{self.environment.operation.id} {server.status}'
        self.source.compute.set_server_metadata(
            server.id, (objects.Pair(FENCED_KEY, value),)
        )

    def _is_marked(self, server: objects.Server) -> bool:
        return self._note(server) != ''

    def _had_run(self, server: objects.Server) -> bool:
        return self._note(server) == 'ACTIVE'

    def _note(self, server: objects.Server) -> str:
        prefix = f'{self.environment.operation.id} '
        for pair in server.metadata:
            if pair.key == FENCED_KEY and pair.value.startswith(prefix):
                return pair.value.removeprefix(prefix)
        return ''

    def _is_ours_alone(self, point: results.ChosenPoint) -> bool:
        """Whether the replication group holds the members' volumes only."""
        members = {
            volume.array_volume
            for placement in self.protected_placements()
            for volume in placement.volumes
        }
        return {volume.volume for volume in point.point.volumes} <= members

    def _replication_runs(self) -> bool | None:
        """Whether new points are made; None when nobody can tell."""
        try:
            (health,) = self._source_driver().replication_health(
                [self.replication]
            )
        except _ARRAY_UNREACHABLE:
            return None
        return health.schedule_enabled

    def _source_driver(self) -> storage.StorageDriver:
        return self.environment.storage.for_array_name(self.replication.array)


def _is_quiet(server: objects.Server) -> bool:
    return server.locked and server.status != 'ACTIVE'
