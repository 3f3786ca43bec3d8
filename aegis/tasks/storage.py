# SPDX-License-Identifier: Apache-2.0
"""Steps at the recovery array: choose, promote, adopt."""

import collections.abc

from aegis import models
from aegis.common import exception, names
from aegis.storage import base as storage
from aegis.storage import errors
from aegis.tasks import access, results


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
    """What to promote, named for this attempt of the operation.

    A name whose volume was discarded stays taken until the array has
    eradicated it, so each attempt has names of its own.
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
                    ),
                )
            )
    return wanted


def promoted(
    array: str, volumes: collections.abc.Iterable[storage.PromotedVolume]
) -> tuple[results.Promoted, ...]:
    """Read members and ordinals back from the birth tags, in order."""
    found = []
    for volume in volumes:
        tags = {tag.key: tag.value for tag in volume.tags}
        found.append(
            results.Promoted(
                member_id=tags['member'],
                ordinal=int(tags['ordinal']),
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

    Reversion strategy: nothing was changed.
    """

    step = 'resolve_recovery_point'
    service = 'array'
    result_type = results.ChosenPoint
    provides = 'point'

    def observe(self) -> results.ChosenPoint:
        wanted = self.environment.operation.arguments.get('recovery_point')
        found = self._points()
        chosen = [
            (label, point)
            for label, point in found
            if wanted in (None, names.recovery_point_id(point.name))
        ]
        if not chosen:
            raise self._nothing(wanted, bool(found))
        label, point = max(chosen, key=lambda each: each[1].created_at)
        return results.ChosenPoint(
            array=label,
            point=point,
            array_now=self.driver(label).capacity().now,
        )

    def _points(self) -> list[tuple[str, storage.RecoveryPoint]]:
        asked = self.environment.operation.arguments.get('recovery_point')
        limit = (
            self.environment.conf.failover.recovery_point_search
            if asked
            else 1
        )
        return [
            (label, point)
            for label in self.recovery_arrays()
            for point in self.driver(label).recovery_points(
                self.replication, limit
            )
        ]

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
        found = promoted(
            point.array,
            self.driver(point.array).find(
                birth_tags(self.environment.operation.id)
            ),
        )
        have = {(each.member_id, each.ordinal) for each in found}
        if not wanted <= have:
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
        return discard(
            self.driver(point.array),
            birth_tags(self.environment.operation.id),
        )


class AdoptVolumes(access.GroupTask):
    """Take over the member's promoted volumes, which now are its lane's.

    A lane that runs again after its volumes were discarded promotes them
    again from the same recovery point.

    Reversion strategy: discard what carries the member's birth tag.
    """

    step = 'adopt_volumes'
    service = 'array'
    result_type = tuple[results.Promoted, ...]
    provides = 'adopted'

    def observe(self) -> tuple[results.Promoted, ...] | None:
        array = self.shared(PromoteVolumes).array
        found = promoted(
            array,
            self.driver(array).find(
                birth_tags(self.environment.operation.id, self.member_id)
            ),
        )
        wanted = sum(
            len(placement.volumes) for placement in self.protected_placements()
        )
        return found if len(found) == wanted else None

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
        return discard(
            self.driver(self.shared(PromoteVolumes).array),
            birth_tags(self.environment.operation.id, self.member_id),
        )


def discard(
    driver: storage.StorageDriver, tags: tuple[storage.Tag, ...]
) -> tuple[models.Leftover, ...]:
    """Destroy what carries the tags; tell what could not be."""
    volumes = driver.find(tags)
    if not volumes:
        return ()
    try:
        driver.discard([volume.name for volume in volumes], tags)
    except errors.VolumeInUse as error:
        return tuple(
            models.Leftover(
                service='array',
                resource_type='volume',
                resource_id=volume.serial,
                name=volume.name,
                reason=str(error),
            )
            for volume in volumes
        )
    return ()
