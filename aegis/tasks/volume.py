# SPDX-License-Identifier: Apache-2.0
"""Steps in Cinder: take array volumes over, make them what they were."""

import collections.abc
import dataclasses

from aegis import models
from aegis.catalog import volume_types
from aegis.clouds import objects, requests
from aegis.common import exception, names
from aegis.tasks import access, results

_FAILED = frozenset({'error', 'error_managing'})
_SETTLED = _FAILED | {'available'}
# Cinder writes these itself when it manages a volume; they are about the
# place of a volume, not about its content.
_PLACE_KEYS = frozenset({'array_volume_name', 'array_name'})


class MemberVolumes(access.GroupTask):
    """What the steps that work on a member's volumes share."""

    service = 'cinder'

    def derived_name(self, ordinal: int) -> str:
        """The name of a volume until it gets its own one back."""
        return self.birth.name(self.environment.operation.attempt, ordinal)

    def ordinal_of(self, volume: objects.Volume) -> int | None:
        """Which of this lane's volumes it is; None for any other.

        The birth metadata can only be written after Cinder has managed the
        volume; until then the derived name says whose it is.
        """
        metadata = {pair.key: pair.value for pair in volume.metadata}
        birth = self.birth.metadata
        if birth.items() <= metadata.items():
            return int(metadata[names.ORDINAL_KEY])
        prefix = self.derived_name(0)[:-1]
        ordinal = volume.name.removeprefix(prefix)
        return (
            int(ordinal)
            if prefix + ordinal == volume.name and (ordinal.isdecimal())
            else None
        )

    def own_volumes(self) -> list[tuple[int, objects.Volume]]:
        """This lane's volumes as Cinder lists them from now on."""
        found = []
        for volume in self.watch('volumes'):
            ordinal = self.ordinal_of(volume)
            if ordinal is not None:
                found.append((ordinal, volume))
        return sorted(found, key=lambda each: (each[0], each[1].id))

    def source_volume(self, ordinal: int) -> objects.Volume:
        """The captured volume that a promoted one stands for."""
        placed = {
            volume.ordinal: volume.volume_id
            for placement in self.protected_placements()
            for volume in placement.volumes
        }
        captured = {volume.id: volume for volume in self.captured.volumes}
        return captured[placed[ordinal]]


class ManageVolumes(MemberVolumes):
    """Hand the promoted volumes to Cinder in the tenant's project.

    Reversion strategy: take them out of Cinder again; on the array they
    stay, to be discarded by the step that adopted them.
    """

    step = 'manage_volumes'
    result_type = tuple[results.ManagedVolume, ...]
    provides = 'managed'

    @property
    def timeout(self) -> float:
        return self.environment.conf.failover.manage_timeout

    def observe(
        self, adopted: tuple[results.Promoted, ...]
    ) -> tuple[results.ManagedVolume, ...] | None:
        volumes = self.own_volumes()
        usable = {
            ordinal: volume
            for ordinal, volume in volumes
            if volume.status == 'available'
        }
        for ordinal, volume in volumes:
            if volume.status in _FAILED and ordinal not in usable:
                raise exception.ResourceFailed(
                    service='cinder',
                    site=self.target.site,
                    resource='volume',
                    name=volume.name,
                    state=volume.status,
                )
        if len(usable) < len(adopted):
            return None
        return tuple(
            results.ManagedVolume(
                ordinal=promoted.ordinal,
                volume_id=usable[promoted.ordinal].id,
                serial=promoted.serial,
            )
            for promoted in adopted
        )

    def act(self, adopted: tuple[results.Promoted, ...]) -> None:
        present = {ordinal for ordinal, _ in self.own_volumes()}
        missing = [each for each in adopted if each.ordinal not in present]
        if not missing:
            return
        types = self.target.volume.list_types()
        pools = self.target.volume.list_pools()
        for promoted in missing:
            source = self.source_volume(promoted.ordinal)
            chosen = volume_types.target(
                types, self.group.mappings, source.volume_type
            )
            self.target.volume.manage_volume(
                requests.ManageRequest(
                    host=volume_types.pool_for(chosen, pools).name,
                    reference=promoted.name,
                    name=self.derived_name(promoted.ordinal),
                    volume_type=chosen.name,
                    bootable=source.bootable,
                )
            )

    def undo(
        self,
        result: tuple[results.ManagedVolume, ...] | None,
        adopted: tuple[results.Promoted, ...],
    ) -> tuple[models.Leftover, ...]:
        seconds = self.environment.conf.failover.removal_timeout
        self.wait_until(self._settled, seconds)
        for _, volume in self.own_volumes():
            self._remove(volume)
        self.wait_until(lambda: not self.own_volumes(), seconds)
        return tuple(
            models.Leftover(
                service='cinder',
                resource_type='volume',
                resource_id=volume.id,
                name=volume.name,
                reason=f'It is still in state {volume.status}.',
            )
            for _, volume in self.own_volumes()
        )

    def _settled(self) -> bool:
        return all(
            volume.status in _SETTLED for _, volume in self.own_volumes()
        )

    def _remove(self, volume: objects.Volume) -> None:
        if volume.status == 'available':
            self.target.volume.unmanage_volume(volume.id)
        elif volume.status in _FAILED:
            self.target.volume.delete_volume(volume.id)


@dataclasses.dataclass(frozen=True)
class _Likeness:
    """What a volume has to have back, in comparable form."""

    name: str
    description: str | None
    bootable: bool
    metadata: frozenset[objects.Pair]
    image_metadata: frozenset[objects.Pair]

    def is_met_by(self, volume: objects.Volume) -> bool:
        return (
            volume.name == self.name
            and (volume.description or None) == self.description
            and volume.bootable == self.bootable
            and self.metadata <= set(volume.metadata)
            and self.image_metadata <= set(volume.image_metadata)
        )


class RestoreVolumes(MemberVolumes):
    """Give managed volumes back what `cinder manage` does not carry over.

    Reversion strategy: nothing of its own; the volumes go as a whole.
    """

    step = 'restore_volumes'
    result_type = results.Recorded
    provides = 'restored'

    def observe(
        self, managed: tuple[results.ManagedVolume, ...]
    ) -> results.Recorded | None:
        volumes = {volume.id: volume for volume in self.watch('volumes')}
        for each in managed:
            volume = volumes.get(each.volume_id)
            if volume is None:
                raise exception.CloudNotFound(
                    service='cinder',
                    site=self.target.site,
                    http_status=404,
                    reason=f'volume {each.volume_id} has gone',
                )
            if not self._likeness(each.ordinal).is_met_by(volume):
                return None
        return results.Recorded(f'{len(managed)} volumes')

    def act(self, managed: tuple[results.ManagedVolume, ...]) -> None:
        for each in managed:
            self._restore(each.volume_id, self._likeness(each.ordinal))

    def _restore(self, volume_id: str, likeness: _Likeness) -> None:
        cinder = self.target.volume
        cinder.set_metadata(volume_id, _sorted(likeness.metadata))
        cinder.set_bootable(volume_id, likeness.bootable)
        if likeness.image_metadata:
            cinder.set_image_metadata(
                volume_id, _sorted(likeness.image_metadata)
            )
        cinder.update_volume(
            volume_id,
            name=likeness.name,
            description=likeness.description or '',
        )

    def _likeness(self, ordinal: int) -> _Likeness:
        source = self.source_volume(ordinal)
        birth = {**self.birth.metadata, names.ORDINAL_KEY: str(ordinal)}
        kept = {
            pair.key: pair.value
            for pair in source.metadata
            if pair.key not in _PLACE_KEYS
        }
        return _Likeness(
            name=source.name,
            description=source.description or None,
            bootable=source.bootable,
            metadata=frozenset(
                objects.Pair(key, value)
                for key, value in {**kept, **birth}.items()
            ),
            image_metadata=frozenset(source.image_metadata),
        )


def _sorted(
    pairs: collections.abc.Iterable[objects.Pair],
) -> tuple[objects.Pair, ...]:
    return tuple(sorted(pairs, key=lambda pair: pair.key))
