# SPDX-License-Identifier: Apache-2.0
"""Steps at the recovery array: choose, promote, adopt."""

import collections.abc

from oslo_log import log as logging

from aegis import models
from aegis.common import exception, names, stopwatch
from aegis.common import retry as aegis_retry
from aegis.storage import base as storage
from aegis.storage import errors
from aegis.tasks import access, results

LOG = logging.getLogger(__name__)


def birth_tags(
    operation_id: str, member_id: str | None = None
) -> tuple[storage.Tag, ...]:
    """The array tags to look for: of a run, or of one member in it."""
    tags = (storage.Tag('operation', operation_id),)
    if member_id is None:
        return tags
    return (*tags, storage.Tag('member', member_id))


def promotions(
    operation: models.Operation,
    placements: collections.abc.Iterable[models.Placement],
) -> list[storage.Promotion]:
    """What to promote, named and tagged for this attempt of the operation.

    A name whose volume was discarded stays taken until the array has
    eradicated it, so each attempt has names of its own. What an earlier one
    promoted may be of another recovery point, or may have been written to.
    """
    wanted = []
    for placement in placements:
        birth = names.Birth(operation.id, placement.member_id)
        for volume in placement.volumes:
            wanted.append(
                storage.Promotion(
                    volume=volume.array_volume,
                    name=birth.name(operation.attempt, volume.ordinal),
                    tags=(
                        *birth_tags(operation.id, placement.member_id),
                        storage.Tag('ordinal', str(volume.ordinal)),
                        _attempt_tag(operation),
                    ),
                )
            )
    return wanted


def of_this_attempt(
    operation: models.Operation,
    volumes: collections.abc.Iterable[storage.PromotedVolume],
) -> list[storage.PromotedVolume]:
    """Those that the present attempt of the operation promoted."""
    tag = _attempt_tag(operation)
    return [volume for volume in volumes if tag in volume.tags]


def _attempt_tag(operation: models.Operation) -> storage.Tag:
    return storage.Tag('attempt', str(operation.attempt))


def origin(volume: storage.PromotedVolume) -> tuple[str, int]:
    """Whose volume it is, and which of that member's."""
    tags = {tag.key: tag.value for tag in volume.tags}
    return tags['member'], int(tags['ordinal'])


def _member_of(volume: storage.PromotedVolume) -> str | None:
    """Whose volume it is; None when an operator has taken that tag off."""
    return next(
        (tag.value for tag in volume.tags if tag.key == 'member'), None
    )


def promoted(
    array: str, volumes: collections.abc.Iterable[storage.PromotedVolume]
) -> tuple[results.Promoted, ...]:
    """Read members and ordinals back from the birth tags, in order."""
    found = []
    for volume in volumes:
        member_id, ordinal = origin(volume)
        found.append(
            results.Promoted(
                member_id=member_id,
                ordinal=ordinal,
                array=array,
                name=volume.name,
                serial=volume.serial,
            )
        )
    return tuple(
        sorted(found, key=lambda each: (each.member_id, each.ordinal))
    )


class ResolveRecoveryPoint(access.GroupTask):
    """Choose the recovery point: the one asked for, or the newest.

    An array of the recovery site that fails does not matter as long as
    another one has what is wanted: what it holds could not be promoted.

    Reversion strategy: nothing was changed.
    """

    step = 'resolve_recovery_point'
    service = 'array'
    # Nothing was touched yet: better to say soon what is wrong.
    retry = aegis_retry.RetryPolicy(maximum_attempts=3)
    result_type = results.ChosenPoint
    provides = 'point'

    def observe(self) -> results.ChosenPoint:
        wanted = self.environment.operation.arguments.get('recovery_point')
        found, failures = self._ask(wanted)
        chosen = [
            (label, point)
            for label, point in found
            if wanted in (None, names.recovery_point_id(point.name))
        ]
        if not chosen and failures:
            raise failures[0]
        if not chosen:
            raise self._nothing(wanted, bool(found))
        label, point = max(chosen, key=lambda each: each[1].created_at)
        return results.ChosenPoint(
            array=label,
            point=point,
            array_now=self.driver(label).capacity().now,
        )

    def _ask(
        self, wanted: str | None
    ) -> tuple[
        list[tuple[str, storage.RecoveryPoint]], list[errors.StorageError]
    ]:
        """What the arrays hold, and what went wrong with the others."""
        limit = (
            self.environment.conf.failover.recovery_point_search
            if wanted
            else 1
        )
        found = []
        failures = []
        for label in self.recovery_arrays():
            try:
                points = self.driver(label).recovery_points(
                    self.replication, limit
                )
            except errors.StorageError as error:
                LOG.warning(
                    'Array %s tells no recovery points: %s', label, error
                )
                failures.append(error)
            else:
                found += [(label, point) for point in points]
        return found, failures

    def _nothing(
        self, wanted: str | None, others: bool
    ) -> exception.AegisError:
        if wanted and others:
            return exception.RecoveryPointNotFound(
                resource='recovery point', name=wanted
            )
        return exception.NoRecoveryPoint(
            group=self.group.name, site=self.group.recovery_site
        )

    def act(self) -> None:
        """Nothing to do: choosing changes nothing."""


class PromoteVolumes(access.GroupTask):
    """Bring every member's volumes to life in one bulk call.

    Reversion strategy: discard what carries the run's birth tag.
    """

    step = 'promote_volumes'
    service = 'array'
    result_type = results.Promotion
    provides = 'promotion'

    def intent(self, point: results.ChosenPoint) -> dict[str, object]:
        return {'recovery_point': names.recovery_point_id(point.point.name)}

    def observe(self, point: results.ChosenPoint) -> results.Promotion | None:
        wanted = {
            (placement.member_id, volume.ordinal)
            for placement in self.protected_placements()
            for volume in placement.volumes
        }
        operation = self.environment.operation
        found = promoted(
            point.array,
            of_this_attempt(
                operation,
                self.driver(point.array).find(birth_tags(operation.id)),
            ),
        )
        missing = wanted - {(each.member_id, each.ordinal) for each in found}
        if missing:
            self.pending = f'{len(missing)} volumes are not promoted yet'
            return None
        return results.Promotion(array=point.array, volumes=len(wanted))

    def act(self, point: results.ChosenPoint) -> None:
        self.driver(point.array).promote(
            point.point,
            promotions(
                self.environment.operation, self.protected_placements()
            ),
        )

    def undo(
        self,
        result: results.Promotion | None,
        point: results.ChosenPoint,
    ) -> tuple[models.Leftover, ...]:
        return discard(self, point.array)


class AdoptVolumes(access.GroupTask):
    """Take over the member's promoted volumes, which now are its lane's.

    A lane that runs again, in a later attempt, promotes them again from the
    same recovery point.

    Reversion strategy: discard what carries the member's birth tag.
    """

    step = 'adopt_volumes'
    service = 'array'
    result_type = tuple[results.Promoted, ...]
    provides = 'adopted'

    def observe(self) -> tuple[results.Promoted, ...] | None:
        array = self.shared(PromoteVolumes).array
        found = promoted(array, self._births(array))
        wanted = {
            volume.ordinal
            for placement in self.protected_placements()
            for volume in placement.volumes
        }
        missing = wanted - {each.ordinal for each in found}
        if missing:
            self.pending = f'{len(missing)} volumes are not promoted yet'
            return None
        return found

    def _births(self, array: str) -> list[storage.PromotedVolume]:
        """What was promoted for the member, by a look of many lanes.

        Whether a host is connected is not told by it: others change that.
        """
        operation = self.environment.operation
        moment = self.birth_moment('array_volumes')
        looks = self.environment.storage.births(
            array, birth_tags(operation.id)
        )
        with stopwatch.measure(self.service):
            found = looks.grouped(moment, _member_of)
        return of_this_attempt(operation, found.get(self.member_id, ()))

    def act(self) -> None:
        point = self.shared(ResolveRecoveryPoint)
        self.driver(point.array).promote(
            point.point,
            promotions(
                self.environment.operation, self.protected_placements()
            ),
        )

    def undo(
        self, result: tuple[results.Promoted, ...] | None
    ) -> tuple[models.Leftover, ...]:
        return discard(self, self.shared(PromoteVolumes).array)


def discard(task: access.GroupTask, array: str) -> tuple[models.Leftover, ...]:
    """Destroy what the lane's run promoted, in any attempt.

    See :func:`_discard`.
    """
    return _discard(task, array, task.driver(array).find(_tags(task)))


def discard_earlier(
    task: access.GroupTask, array: str
) -> tuple[models.Leftover, ...]:
    """Destroy what the lane's run promoted in earlier attempts.

    See :func:`_discard`.
    """
    found = task.driver(array).find(_tags(task))
    kept = of_this_attempt(task.environment.operation, found)
    return _discard(
        task, array, [volume for volume in found if volume not in kept]
    )


def _tags(task: access.GroupTask) -> tuple[storage.Tag, ...]:
    member = task.environment.member
    return birth_tags(
        task.environment.operation.id, member.id if member else None
    )


def _discard(
    task: access.GroupTask,
    array: str,
    volumes: collections.abc.Sequence[storage.PromotedVolume],
) -> tuple[models.Leftover, ...]:
    """Destroy volumes of the lane's birth; tell what has to stay.

    A volume that a host uses, or that is in Cinder's hands still, stays:
    whoever clears that up needs it there.
    """
    if not volumes:
        return ()
    managed = {each.array_volume for each in task.present('volumes').values()}
    needed = {
        volume.name
        for volume in volumes
        if volume.connected or volume.name in managed
    }
    task.driver(array).discard(
        [volume.name for volume in volumes if volume.name not in needed],
        _tags(task),
    )
    return tuple(
        _leftover(volume) for volume in volumes if volume.name in needed
    )


def _leftover(volume: storage.PromotedVolume) -> models.Leftover:
    """What its owner is told, who does not get to see an array's names."""
    LOG.warning('Volume %s stays on the array', volume.name)
    member_id, ordinal = origin(volume)
    return models.Leftover(
        service='array',
        resource_type='volume',
        resource_id=volume.serial,
        name=f'volume {ordinal} of member {member_id}',
        reason=(
            'A host is connected to it. Detach it from its server.'
            if volume.connected
            else 'Cinder has it still. Delete it there.'
        ),
    )
