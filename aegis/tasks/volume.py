# SPDX-License-Identifier: Apache-2.0
"""Steps in Cinder: take array volumes over, make them what they were."""

import collections.abc
import contextlib
import dataclasses

from aegis import models
from aegis.catalog import volume_types
from aegis.clouds import objects, requests
from aegis.common import exception, names
from aegis.tasks import access, base, results

_FAILED = frozenset({'error', 'error_managing'})
_UNSETTLED = frozenset({'creating', 'managing'})
# Cinder writes these itself when it manages a volume; they are about the
# place of a volume, not about its content.
_PLACE_KEYS = frozenset({'array_volume_name', 'array_name'})


def _stem(volume: objects.Volume) -> str:
    """The start of a name as :class:`aegis.common.names.Birth` derives it."""
    return '-'.join(volume.name.split('-')[:3])


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
        if self.birth.metadata.items() <= metadata.items():
            ordinal = metadata.get(names.ORDINAL_KEY, '')
        else:
            prefix = f'{self.birth.name()}-'
            attempt, _, ordinal = volume.name.removeprefix(prefix).partition(
                '-'
            )
            if not (volume.name.startswith(prefix) and attempt.isdecimal()):
                return None
        return int(ordinal) if ordinal.isdecimal() else None

    def own_volumes(self) -> list[tuple[int, objects.Volume]]:
        """This lane's volumes of every attempt, as Cinder lists them."""
        candidates = self.own('volumes', (_stem, self.birth.name()))
        found = [
            (ordinal, volume)
            for volume in candidates
            if (ordinal := self.ordinal_of(volume)) is not None
        ]
        return sorted(found, key=lambda each: (each[0], each[1].id))

    def remove(self, volume: objects.Volume) -> None:
        """Have Cinder forget a volume; what it failed to manage, it deletes.

        Any other state of it is for its owner to clear up.
        """
        if volume.status == 'available':
            self.target.volume.unmanage_volume(volume.id)
        elif volume.status in _FAILED:
            self.target.volume.delete_volume(volume.id)

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
    undo_persists = True
    provides = 'managed'

    @property
    def timeout(self) -> float:
        return self.environment.conf.failover.manage_timeout

    def observe(
        self, adopted: tuple[results.Promoted, ...]
    ) -> tuple[results.ManagedVolume, ...] | None:
        volumes = self._asked_for()
        usable = {
            ordinal: volume
            for ordinal, volume in volumes
            if volume.status == 'available'
        }
        unsettled = sum(volume.status in _UNSETTLED for _, volume in volumes)
        missing = [
            each.ordinal for each in adopted if each.ordinal not in usable
        ]
        if unsettled:
            self.pending = f'Cinder is busy with {unsettled} volumes'
            return None
        for ordinal in missing:
            self._require_hope(ordinal, volumes)
        if missing:
            self.pending = f'Cinder lists {len(missing)} volumes less'
            return None
        return tuple(
            results.ManagedVolume(
                ordinal=promoted.ordinal,
                volume_id=usable[promoted.ordinal].id,
                serial=promoted.serial,
            )
            for promoted in adopted
        )

    def _asked_for(self) -> list[tuple[int, objects.Volume]]:
        """What this attempt has asked Cinder for; it is renamed later."""
        return [
            (ordinal, volume)
            for ordinal, volume in self.own_volumes()
            if volume.name == self.derived_name(ordinal)
        ]

    def _require_hope(
        self, ordinal: int, volumes: list[tuple[int, objects.Volume]]
    ) -> None:
        """See that Cinder has not failed at a volume.

        :raises ResourceFailed: when it has.
        """
        for found, volume in volumes:
            if found == ordinal and volume.status in _FAILED:
                raise exception.ResourceFailed(
                    service='cinder',
                    site=self.target.site,
                    resource='volume',
                    name=self.source_volume(ordinal).name or volume.id,
                    state=volume.status,
                )

    def act(self, adopted: tuple[results.Promoted, ...]) -> base.Births:
        present = {ordinal for ordinal, _ in self._asked_for()}
        missing = [each for each in adopted if each.ordinal not in present]
        if not missing:
            return {}
        types = self.offered('volume_types')
        pools = self.offered('volume_pools')
        made = []
        for promoted in missing:
            source = self.source_volume(promoted.ordinal)
            chosen = volume_types.target(
                types, self.group.mappings, source.volume_type
            )
            volume = self.target.volume.manage_volume(
                requests.ManageRequest(
                    host=volume_types.pool_for(chosen, pools).name,
                    reference=promoted.name,
                    name=self.derived_name(promoted.ordinal),
                    volume_type=chosen.name,
                    bootable=source.bootable,
                )
            )
            made.append(volume.id)
        return {'volumes': made}

    def undo(
        self,
        result: tuple[results.ManagedVolume, ...] | None,
        adopted: tuple[results.Promoted, ...],
    ) -> tuple[models.Leftover, ...]:
        return self.clear(
            'volume',
            lambda: [volume for _, volume in self.own_volumes()],
            self.remove,
        )


@dataclasses.dataclass(frozen=True)
class _Likeness:
    """What a volume has to have back, in comparable form."""

    name: str
    description: str | None
    bootable: bool
    metadata: frozenset[objects.Pair]
    image_metadata: frozenset[objects.Pair]

    def is_named_by(self, volume: objects.Volume) -> bool:
        """Whether what one update sets is there."""
        return (
            volume.name == self.name
            and (volume.description or '') == (self.description or '')
            and self.metadata <= set(volume.metadata)
        )

    def is_met_by(self, volume: objects.Volume) -> bool:
        return (
            self.is_named_by(volume)
            and volume.bootable == self.bootable
            and self.image_metadata <= set(volume.image_metadata)
        )


class RestoreVolumes(MemberVolumes):
    """Give managed volumes back what `cinder manage` does not carry over.

    A request that was made twice, since its first answer was lost, has left
    a volume behind that Cinder failed to manage; that one is removed.

    Reversion strategy: nothing of its own; the volumes go as a whole.
    """

    step = 'restore_volumes'
    result_type = results.Recorded
    provides = 'restored'

    def observe(
        self, managed: tuple[results.ManagedVolume, ...]
    ) -> results.Recorded | None:
        volumes = self._managed(managed)
        for each in managed:
            volume = volumes[each.volume_id]
            if not self._likeness(each.ordinal).is_met_by(volume):
                self.pending = f'volume {each.volume_id} is not as it was'
                return None
        if self._surplus(managed):
            self.pending = 'what Cinder failed to manage is still there'
            return None
        return results.Recorded(f'{len(managed)} volumes')

    def act(self, managed: tuple[results.ManagedVolume, ...]) -> base.Births:
        volumes = self._managed(managed)
        for each in managed:
            self._restore(
                volumes[each.volume_id], self._likeness(each.ordinal)
            )
        for volume in self._surplus(managed):
            with contextlib.suppress(exception.CloudNotFound):
                self.remove(volume)
        return {}

    def _managed(
        self, managed: tuple[results.ManagedVolume, ...]
    ) -> collections.abc.Mapping[str, objects.Volume]:
        return self.required('volumes', {each.volume_id for each in managed})

    def _surplus(
        self, managed: tuple[results.ManagedVolume, ...]
    ) -> list[objects.Volume]:
        """What a repeated request has left behind."""
        wanted = {each.volume_id for each in managed}
        return [
            volume
            for _, volume in self.own_volumes()
            if volume.id not in wanted
        ]

    def _restore(self, volume: objects.Volume, likeness: _Likeness) -> None:
        """Call for what is missing, and for nothing that is there."""
        cinder = self.target.volume
        if not likeness.is_named_by(volume):
            cinder.update_volume(
                volume.id,
                name=likeness.name,
                description=likeness.description,
                metadata=_joined(volume.metadata, likeness.metadata),
            )
        if volume.bootable != likeness.bootable:
            cinder.set_bootable(volume.id, likeness.bootable)
        if not likeness.image_metadata <= set(volume.image_metadata):
            cinder.set_image_metadata(
                volume.id, _sorted(likeness.image_metadata)
            )

    def _likeness(self, ordinal: int) -> _Likeness:
        source = self.source_volume(ordinal)
        birth = {**self.birth.metadata, names.ORDINAL_KEY: str(ordinal)}
        kept = {
            pair.key: pair.value
            for pair in source.metadata
            if pair.key not in _PLACE_KEYS
            and not pair.key.startswith(names.PREFIX)
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


def _joined(
    present: collections.abc.Iterable[objects.Pair],
    wanted: collections.abc.Iterable[objects.Pair],
) -> tuple[objects.Pair, ...]:
    """What is there, with what is wanted in its place."""
    values = {pair.key: pair for pair in (*present, *wanted)}
    return _sorted(values.values())


def _sorted(
    pairs: collections.abc.Iterable[objects.Pair],
) -> tuple[objects.Pair, ...]:
    return tuple(sorted(pairs, key=lambda pair: pair.key))
