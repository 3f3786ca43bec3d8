# SPDX-License-Identifier: Apache-2.0
"""What the tasks of a group operation reach for: both sides and the arrays."""

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any

from oslo_config import cfg

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import errors, factory, objects
from aegis.common import (
    exception,
    failure,
    names,
    stopwatch,
    waiting,
    watch,
)
from aegis.conf import sites
from aegis.storage import base as storage
from aegis.tasks import base

PREPARE_LANE = 'prepare'


class GroupTask(base.JournaledTask):
    """A step that works for a group, or for one member of it."""

    @property
    def group(self) -> models.FailoverGroup:
        return self.environment.group

    @property
    def member_id(self) -> str:
        """The member of the lane.

        :raises RuntimeError: in a lane that belongs to the whole group.
        """
        if self.environment.member is None:
            raise RuntimeError(f'{self.step} needs a lane with a member')
        return self.environment.member.id

    @property
    def birth(self) -> names.Birth:
        """Whose birth tags this lane's objects carry."""
        member = self.environment.member
        return names.Birth(
            self.environment.operation.id,
            member.id if member else self.group.id,
        )

    @property
    def target(self) -> factory.Cloud:
        """The project's cloud at the recovery site."""
        return self.environment.clouds.cloud(
            self.group.recovery_site, self.group.project_id
        )

    @property
    def source(self) -> factory.Cloud:
        """The project's cloud at the protected site; it may be lost."""
        return self.environment.clouds.cloud(
            self.group.protected_site, self.group.protected_project_id
        )

    @property
    def replication(self) -> storage.ReplicationGroup:
        """The replication group that carries the members' volumes."""
        return replication_of(self.group)

    def recovery_arrays(self) -> list[str]:
        """Labels of the arrays of the recovery site."""
        return array_labels(self.environment.conf, self.group.recovery_site)

    def shared(self, task: type[base.JournaledTask]) -> Any:
        """The result of a step that was done once for the whole group."""
        return self.environment.journal.result(
            PREPARE_LANE, task.step, task.result_type
        )

    def offered(self, kind: str) -> Sequence[Any]:
        """All that the cloud offers the project of a kind.

        As of some moment after the first lane of the wave began, and after
        the lane's latest change at the service. Everyone who asks meanwhile
        is answered from the same list call.

        :param kind: ``flavors``, ``volume_types`` or ``volume_pools``.
        """
        moment = self.birth_moment(kind)
        with stopwatch.measure(_SERVICES[kind]):
            return tuple(self._watch(kind).latest(moment).values())

    def present(self, kind: str) -> Mapping[str, Any]:
        """All things of a kind in the project by id.

        They are as of now for a step that looks anew, else as of some moment
        after the lane's latest change at the service. Everyone who asks
        meanwhile is answered from the same list call.

        :param kind: ``servers``, ``volumes``, ``ports`` or ``floating_ips``.
        """
        moment = self.moment(kind)
        with stopwatch.measure(_SERVICES[kind]):
            return self._watch(kind).latest(moment)

    def known(self, kind: str, ids: Collection[str]) -> Mapping[str, Any]:
        """Those of them that have some ids and are there, as :meth:`present`.

        When the list is long, nobody else's are asked for.
        """
        moment = self.moment(kind)
        with stopwatch.measure(_SERVICES[kind]):
            return self._watch(kind).some(ids, moment)

    def own(self, kind: str, *also: tuple[watch.Key, Hashable]) -> list[Any]:
        """Those of them that were born in this lane, half made ones too.

        :param also: key functions, and what they say of one that was born
            in this lane though it does not carry the birth's marks yet.
        :raises aegis.common.exception.CloudNotFound: when one that the lane
            has made is not there, and the list is too long to wait for it.
        """
        looks = self.environment.looks
        first = looks.first(_SERVICES[kind])
        if first is None or self.looks_anew or not self._watch(kind).is_long:
            return list(
                self._alike(kind, also, self.birth_moment(kind)).values()
            )
        born = looks.born(kind)
        ids = born | self._alike(kind, also, first).keys()
        found = self.known(kind, ids)
        self._require(kind, born, found)
        return list(found.values())

    def required(self, kind: str, ids: Collection[str]) -> Mapping[str, Any]:
        """Those of them that have some ids, as :meth:`known`.

        :raises aegis.common.exception.CloudNotFound: when one has gone.
        """
        found = self.known(kind, ids)
        self._require(kind, ids, found)
        return found

    def _require(
        self, kind: str, ids: Iterable[str], found: Mapping[str, Any]
    ) -> None:
        for id in ids:
            if id not in found:
                path = kind.replace('_', '')
                raise errors.not_found(
                    self.target.site,
                    _SERVICES[kind],
                    kind.removesuffix('s').replace('_', ' '),
                    id,
                    f'GET /{path}/{id}' if self._watch(kind).is_long else '',
                )

    def _alike(
        self,
        kind: str,
        also: Iterable[tuple[watch.Key, Hashable]],
        newer_than: float,
    ) -> dict[str, Any]:
        """What a look shows of this lane's births, by id.

        The look is sorted out once for all lanes that ask alike.
        """
        birth = frozenset(self.birth.tags)
        with stopwatch.measure(_SERVICES[kind]):
            return {
                thing.id: thing
                for key, value in ((_BIRTHS[kind], birth), *also)
                for thing in self._watch(kind)
                .grouped(newer_than, key)
                .get(value, ())
            }

    def moment(self, kind: str) -> float:
        """The moment after which a look at a kind has to be made."""
        now = self.environment.waiter.monotonic()
        if self.looks_anew:
            return now
        return self.environment.looks.needed(_SERVICES[kind], now)

    def birth_moment(self, kind: str) -> float:
        """The same for a look at what was born in or for this lane.

        :param kind: of the project's things, or ``array_volumes``.
        """
        now = self.environment.waiter.monotonic()
        if self.looks_anew:
            return now
        return self.environment.looks.needed_for_births(_SERVICES[kind], now)

    def forget_looks(self, *services: str) -> None:
        """Have what was seen before this moment not count as seen.

        :param services: where; everywhere when none is named.
        """
        now = self.environment.waiter.monotonic()
        for service in services or set(_SERVICES.values()):
            self.environment.looks.touch(service, now)

    def _watch(self, kind: str) -> watch.Watch:
        return self.environment.clouds.watch(
            self.group.recovery_site, self.group.project_id, kind
        )

    def driver(self, label: str) -> storage.StorageDriver:
        return self.environment.storage.driver(label)

    @property
    def manifest(self) -> catalog.GroupManifest:
        """What was captured: of the lane's member, or of all of them."""
        return self.environment.records.manifest

    @property
    def captured(self) -> catalog.MemberManifest:
        """What was captured of the lane's member."""
        for member in self.manifest.members:
            if member.member_id == self.member_id:
                return member
        raise exception.MemberNotFound(
            resource='captured member', name=self.member_id
        )

    def protected_placements(self) -> tuple[models.Placement, ...]:
        """Where the lane's member, or all members, live when protected."""
        return self.environment.records.protected_placements

    def clear(
        self,
        resource_type: str,
        look: Callable[[], Sequence[Any]],
        remove: Callable[[Any], None],
    ) -> tuple[models.Leftover, ...]:
        """Have things go, and wait until they have gone.

        A refusal is no reason to leave the others, nor to ask no more.

        :param look: what is still there, of this lane's birth.
        :param remove: asks for one of them to go.
        :returns: what was still there after ``[failover] removal_timeout``.
        :raises aegis.common.exception.CloudUnavailable: to be repeated.
        """
        refusals: dict[str, str] = {}

        def cleared() -> bool:
            self.forget_looks(self.service)
            things = look()
            for thing in things:
                try:
                    remove(thing)
                except exception.CloudUnavailable:
                    raise
                except exception.CloudError as error:
                    # Also that it is gone, while it is listed still.
                    refusals[thing.id] = failure.describe(error).reason
            return not things

        seconds = self.environment.conf.failover.removal_timeout
        if self.wait_until(cleared, seconds):
            return ()
        return tuple(
            models.Leftover(
                service=self.service,
                resource_type=resource_type,
                resource_id=thing.id,
                name=thing.name,
                reason=refusals.get(
                    thing.id,
                    f'It is still in state {thing.status}. See in the log of '
                    f'{self.service} what keeps it there.',
                ),
            )
            for thing in look()
        )

    def wait_until(
        self,
        done: Callable[[], bool],
        seconds: float,
    ) -> bool:
        """Ask again and again; False when time was up before the yes.

        :param done: asked only while the lane is ours, so that it may act.
        :raises aegis.common.exception.Interrupted: when the engine stops.
        :raises aegis.common.exception.FenceLost: when the lease was lost.
        """
        waiter = self.environment.waiter
        begun = waiter.monotonic()
        while not done():
            waited = waiter.monotonic() - begun
            if waited >= seconds:
                return False
            waiter.wait(waiting.patience(waited, self.poll_interval))
            self.environment.journal.require_lease()
        return True


def _birth(marks: Iterable[str]) -> frozenset[str]:
    keys = (f'{names.OPERATION_KEY}=', f'{names.MEMBER_KEY}=')
    return frozenset(mark for mark in marks if mark.startswith(keys))


def _metadata_birth(
    thing: objects.Server | objects.Volume,
) -> frozenset[str]:
    return _birth(f'{pair.key}={pair.value}' for pair in thing.metadata)


def _port_birth(port: objects.Port) -> frozenset[str]:
    return _birth((*port.tags, *port.device_owner.split()))


def _floating_ip_birth(address: objects.FloatingIp) -> frozenset[str]:
    return _birth((*address.tags, *address.description.split()))


# Who is waited for while somebody else's list call gives the answer.
_SERVICES: Mapping[str, str] = {
    'servers': 'nova',
    'flavors': 'nova',
    'volumes': 'cinder',
    'volume_types': 'cinder',
    'volume_pools': 'cinder',
    'ports': 'neutron',
    'floating_ips': 'neutron',
    'array_volumes': 'array',
}

_BIRTHS: Mapping[str, watch.Key] = {
    'servers': _metadata_birth,
    'volumes': _metadata_birth,
    'ports': _port_birth,
    'floating_ips': _floating_ip_birth,
}


def array_labels(conf: cfg.ConfigOpts, site: str) -> list[str]:
    """Labels of the arrays of a site, as configured."""
    return list(conf[sites.group_name(site)].arrays)


def replication_of(group: models.FailoverGroup) -> storage.ReplicationGroup:
    """The replication group of a failover group.

    :raises FailoverGroupEmpty: when it has none for lack of members.
    """
    if group.replication_array is None or group.replication_group is None:
        raise exception.FailoverGroupEmpty(group=group.name)
    return storage.ReplicationGroup(
        array=group.replication_array,
        name=group.replication_group,
        kind=storage.ReplicationKind(str(group.replication_type)),
    )
