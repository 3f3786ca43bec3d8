# SPDX-License-Identifier: Apache-2.0
"""Steps at the protected side: see that it stays quiet."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from oslo_log import log as logging

from aegis import models
from aegis.catalog import concurrency
from aegis.clouds import objects
from aegis.common import exception, failure, retry
from aegis.storage import base as storage
from aegis.storage import errors
from aegis.tasks import access, base, listening, results

LOG = logging.getLogger(__name__)

FENCED_KEY = 'aegis:fenced'

_RAN = 'replication_ran'
# Leftovers that say that the replication may still be paused.
_PAUSED = ('site', 'replication')

_LOST = (
    exception.SiteUnreachable,
    exception.SiteAuthenticationFailed,
    exception.CloudError,
)
# A single answer may get lost; a site that is lost gives none.
_PATIENCE = retry.RetryPolicy(maximum_attempts=3)
_STOPPED = frozenset(
    {
        'SHUTOFF',
        'PAUSED',
        'SUSPENDED',
        'ERROR',
        'SHELVED',
        'SHELVED_OFFLOADED',
        'SOFT_DELETED',
    }
)


@dataclasses.dataclass(frozen=True)
class _Note:
    """What a server was before it was fenced, as kept in its metadata."""

    status: str
    locked: bool

    def text(self, operation_id: str) -> str:
        lock = 'locked' if self.locked else 'unlocked'
        return f'{operation_id} {self.status} {lock}'


class FenceProtectedSite(access.GroupTask):
    """Stop and lock the old servers, and pause the old replication.

    A protected site that does not answer, or whose servers do not stop
    within ``[failover] fence_timeout``, is what an unplanned failover is
    for: then the step succeeds, and its result says what was not fenced and
    why. Servers are marked with what they were before they are stopped, so
    that undoing starts those that ran and no others.

    The replication is paused only when nobody but the members is in it.

    Reversion strategy: start and unlock the marked servers, resume the
    replication.
    """

    step = 'fence_protected_site'
    service = 'nova'
    result_type = results.FenceReport
    provides = 'fence'
    undo_persists = True

    def __init__(
        self, environment: base.LaneEnvironment, **kwargs: Any
    ) -> None:
        super().__init__(environment, **kwargs)
        self._silences = retry.Failures(_PATIENCE)
        self._begun = False
        self._acted = False
        self._paused = False
        self._silence: exception.AegisError | None = None
        self._refusals: dict[str, str] = {}
        self._ignorance: str | None = None
        self._listening: listening.Listening | None = None

    def anticipate(self) -> None:
        if self.environment.journal.recorded(self.step) is None:
            self._listening = self._begin_to_listen()

    def intent(self, point: results.ChosenPoint) -> dict[str, Any]:
        """Whether there is a replication to pause.

        An engine that dies between pausing and recording would otherwise
        not know whether to resume it.
        """
        try:
            self._probe()
        except _LOST as error:
            self._silence = error
            return {}
        return {
            _RAN: self._replication_runs(point) or self._owes_replication()
        }

    def _owes_replication(self) -> bool:
        """Whether an earlier attempt paused it and could not resume it."""
        return any(
            row.intent.get(_RAN) and leftover.resource_type in _PAUSED
            for row in self.environment.records.earlier(
                self.environment.lane, self.step
            )
            for leftover in row.leftovers
        )

    def observe(
        self, point: results.ChosenPoint, preflight: results.PreflightReport
    ) -> results.FenceReport | None:
        try:
            self._listen()
        except _LOST as error:
            return self._report((), error.detail)
        try:
            servers = self._servers()
        except _LOST as error:
            self._bear(error)
            return self._report((), error.detail)
        self._silences.forget()
        loud = [server for server in servers if not _is_quiet(server)]
        runs = self._replication_runs(point)
        if (loud or runs) and not self._acted:
            return None
        return dataclasses.replace(
            self._report(
                servers, self._loudness(loud), runs is False and self._ran()
            ),
            fenced=not loud,
        )

    def _loudness(self, loud: Sequence[objects.Server]) -> str | None:
        """What was not brought to rest and why, as far as anybody said."""
        said = []
        if loud:
            seconds = self.environment.conf.failover.fence_timeout
            said.append(
                f'{_names(loud)} did not stop in {seconds} seconds and may '
                'still run.'
            )
            said += self._refused(loud)
        if self._ignorance:
            said.append(
                f'The replication from there may go on: {self._ignorance}'
            )
        return ' '.join(said) or None

    def act(self, point: results.ChosenPoint) -> None:
        self._begun = True
        self.wait_until(
            lambda: self._quieten_all(point),
            self.environment.conf.failover.fence_timeout,
        )
        self._acted = True

    def undo(
        self,
        result: results.FenceReport | None,
        point: results.ChosenPoint,
    ) -> tuple[models.Leftover, ...]:
        if result is not None and not result.begun:
            return ()
        leftovers: list[models.Leftover] = []
        error = self._patiently(
            lambda: leftovers.extend(
                self.clear('server', self._marked, self._release)
            ),
            *_LOST,
        )
        leftovers = [self._unreleased(each) for each in leftovers]
        if error is not None:
            leftovers.append(self._owed('site', error))
        if self._ran() or (result is not None and result.replication_paused):
            leftovers += self._resume(point)
        return tuple(leftovers)

    def _refused(self, servers: Sequence[objects.Server]) -> list[str]:
        """What the protected site last said of some of them, in brief."""
        said = [
            self._refusals[server.id]
            for server in servers
            if server.id in self._refusals
        ]
        return [f'{said[0].rstrip(".")}.'] if said else []

    def _probe(self) -> None:
        """Hear a sign of life; no answer is believed the second time.

        A single answer may get lost, and with it the fence of a site whose
        servers run. What was heard since the lane began is good once.
        """
        begun, self._listening = self._listening, None
        (begun or self._begin_to_listen()).end()

    def _begin_to_listen(self) -> listening.Listening:
        environment = self.environment
        identity = environment.clouds.identity(self.group.protected_site)
        return listening.Listening(
            identity.probe, _LOST, self.poll_interval, environment.waiter
        )

    def _listen(self) -> None:
        """Probe the site, unless it has just been silent.

        A lost site answers after a time-out only, and nobody has the time
        for more than there must be.
        """
        silence, self._silence = self._silence, None
        if silence is not None:
            raise silence
        self._probe()

    def _ran(self) -> bool:
        """Whether the replication ran before this step began."""
        row = self.environment.journal.recorded(self.step)
        ran = row is not None and row.intent.get(_RAN) is True
        return ran or self._paused

    def _bear(self, error: exception.AegisError) -> None:
        """Have a call that may succeed by itself repeated, for a while."""
        if self._silences.allow(error):
            raise error

    def _report(
        self,
        servers: Sequence[objects.Server],
        reason: str | None,
        paused: bool = False,
    ) -> results.FenceReport:
        return results.FenceReport(
            fenced=reason is None,
            reason=reason,
            servers=tuple(
                server.id for server in servers if self._note(server)
            ),
            replication_paused=paused,
            begun=self._begun or self.resumed,
        )

    def _quieten_all(self, point: results.ChosenPoint) -> bool:
        """Ask all that still runs to stop; whether nothing does."""
        loud = [each for each in self._servers() if not _is_quiet(each)]
        concurrency.each('nova', self._quieten, loud)
        runs = self._replication_runs(point)
        if runs:
            self._paused = True
            self._pause_replication()
        return not loud and not runs

    def _quieten(self, server: objects.Server) -> None:
        """Ask one server; it is asked again until it is quiet."""
        compute = self.source.compute
        try:
            if not self._note(server):
                self._mark(server)
            if server.status not in _STOPPED and not server.task_state:
                compute.stop_server(server.id)
            if not server.locked:
                compute.lock_server(
                    server.id, f'Failed over by {self.birth.name()}'
                )
        except exception.CloudError as error:
            LOG.warning('Server %s is not fenced yet: %s', server.id, error)
            self._refusals[server.id] = error.detail

    def _pause_replication(self) -> None:
        try:
            self._source_driver().pause(self.replication)
        except errors.StorageError as error:
            LOG.warning('Replication is not paused yet: %s', error)
            self._ignorance = error.summary

    def _release(self, server: objects.Server) -> None:
        """Make a server what it was, a bit further with each call."""
        note = self._note(server)
        compute = self.source.compute
        if note is None or server.task_state:
            return
        if note.status not in _STOPPED and server.status == 'SHUTOFF':
            compute.start_server(server.id)
            return
        if server.locked and not note.locked:
            compute.unlock_server(server.id)
        compute.delete_server_metadata(server.id, (FENCED_KEY,))

    def _servers(self) -> list[objects.Server]:
        wanted = {
            placement.server_id
            for placement in self.protected_placements()
            if placement.server_id
        }
        return list(self.source.compute.list_servers(ids=wanted))

    def _marked(self) -> list[objects.Server]:
        return [server for server in self._servers() if self._note(server)]

    def _mark(self, server: objects.Server) -> None:
        """Note, where the server is, what it did before it was fenced.

        An engine that dies between stopping and recording would otherwise
        not know which servers to start again.
        """
        note = _Note(server.status, server.locked)
        self.source.compute.set_server_metadata(
            server.id,
            (
                objects.Pair(
                    FENCED_KEY, note.text(self.environment.operation.id)
                ),
            ),
        )

    def _note(self, server: objects.Server) -> _Note | None:
        """The note of this operation; that of any other is not ours."""
        prefix = f'{self.environment.operation.id} '
        for pair in server.metadata:
            if pair.key == FENCED_KEY and pair.value.startswith(prefix):
                status, _, lock = pair.value.removeprefix(prefix).partition(
                    ' '
                )
                return _Note(status, lock == 'locked')
        return None

    def _is_ours_alone(self, point: results.ChosenPoint) -> bool:
        """Whether the replication group holds the members' volumes only."""
        members = {
            volume.array_volume
            for placement in self.protected_placements()
            for volume in placement.volumes
        }
        return {volume.volume for volume in point.point.volumes} <= members

    def _replication_runs(self, point: results.ChosenPoint) -> bool | None:
        """Whether points are made that nobody else wants.

        None when others want them too, or nobody can tell.
        """
        if not self._is_ours_alone(point):
            return None
        try:
            (health,) = self._source_driver().replication_health(
                [self.replication]
            )
        except errors.StorageError as error:
            LOG.warning('Nobody tells of the old replication: %s', error)
            self._ignorance = error.summary
            return None
        if not health.schedule_enabled:
            self._ignorance = None
        return health.schedule_enabled

    def _resume(
        self, point: results.ChosenPoint
    ) -> tuple[models.Leftover, ...]:
        if not self._is_ours_alone(point):
            return ()
        error = self._patiently(
            lambda: self._source_driver().resume(self.replication),
            errors.StorageError,
        )
        return () if error is None else (self._owed('replication', error),)

    def _patiently(
        self, call: Callable[[], object], *passing: type[Exception]
    ) -> Exception | None:
        """Make a call as often as the step may; the error that stayed."""
        failures = retry.Failures(self.retry)
        while True:
            try:
                call()
                return None
            except passing as error:
                LOG.warning('The fence is not taken down yet: %s', error)
                if not failures.allow(error):
                    return error
            self.environment.waiter.wait(failures.pause())

    def _source_driver(self) -> storage.StorageDriver:
        return self.environment.storage.for_array_name(self.replication.array)

    def _unreleased(self, leftover: models.Leftover) -> models.Leftover:
        """What to do about a server that may well be the only one."""
        return dataclasses.replace(
            leftover,
            reason=(
                'It is the original server, at site '
                f'{self.group.protected_site}, and may be stopped or locked '
                'still. Do not delete it; start and unlock it. '
                f'{leftover.reason}'
            ),
        )

    def _owed(self, resource_type: str, error: Exception) -> models.Leftover:
        site = self.group.protected_site
        state = {
            'site': 'Its servers may be stopped and locked',
            'replication': 'The replication from there is still paused',
        }[resource_type]
        return models.Leftover(
            service=self.service,
            resource_type=resource_type,
            resource_id=site,
            name=site,
            reason=f'{state}: {failure.describe(error).reason}',
        )


def _is_quiet(server: objects.Server) -> bool:
    return server.locked and server.status in _STOPPED


def _names(servers: Sequence[objects.Server]) -> str:
    """Some names, for a sentence that anybody reads to its end."""
    shown = ', '.join(sorted(server.name for server in servers)[:5])
    more = f' and {len(servers) - 5} more' if len(servers) > 5 else ''
    return f'Server {shown}{more}'
