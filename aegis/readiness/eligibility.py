# SPDX-License-Identifier: Apache-2.0
"""Whether a server may join a failover group."""

import collections.abc
import dataclasses

from aegis.catalog import manifest
from aegis.clouds import objects
from aegis.readiness import base
from aegis.storage import base as storage

NO_GROUP = 'not_replicated'


@dataclasses.dataclass(frozen=True)
class VolumeFacts:
    """A volume as Cinder and as its array see it."""

    volume: objects.Volume
    resolved: storage.ResolvedVolume | None


@dataclasses.dataclass(frozen=True)
class EligibilityFacts:
    """A server, its volumes, and the replication the group already has.

    ``replication`` is None while the group is empty; ``recovery_arrays``
    are the own names of the arrays at the recovery site, empty when they
    could not be asked.
    """

    member: manifest.MemberManifest
    volumes: tuple[VolumeFacts, ...]
    replication: storage.ReplicationGroup | None
    recovery_arrays: frozenset[str]


@dataclasses.dataclass(frozen=True)
class VolumeRefusal:
    """Why one volume keeps its server out; ``code`` is stable."""

    volume_id: str
    name: str
    code: str
    reason: str


def _candidates(
    facts: VolumeFacts, recovery_arrays: frozenset[str]
) -> list[storage.ReplicationGroup]:
    resolved = facts.resolved
    if resolved is None or resolved.name is None:
        return []
    reachable = {target.array for target in resolved.targets if target.allowed}
    if recovery_arrays and not reachable & recovery_arrays:
        return []
    return list(resolved.groups)


def shared_group(facts: EligibilityFacts) -> storage.ReplicationGroup | None:
    """The replication group that holds every volume, if there is one.

    The failover group's own is preferred; with a choice the first by name.
    """
    common: set[storage.ReplicationGroup] | None = None
    for volume in facts.volumes:
        groups = set(_candidates(volume, facts.recovery_arrays))
        common = groups if common is None else common & groups
    if not common:
        return None
    if facts.replication is not None:
        return facts.replication if facts.replication in common else None
    return min(common, key=lambda group: (group.array, group.name))


def _refusal(
    volume: VolumeFacts,
    facts: EligibilityFacts,
    wanted: storage.ReplicationGroup | None,
) -> tuple[str, str] | None:
    cinder = volume.volume
    if cinder.encrypted:
        return 'encrypted', 'is encrypted'
    if cinder.multiattach and len(set(cinder.attached_to)) > 1:
        return 'shared', 'is attached to several servers'
    if volume.resolved is None or volume.resolved.name is None:
        return 'unknown_storage', 'is not on an array that Aegis knows'
    candidates = _candidates(volume, facts.recovery_arrays)
    if not volume.resolved.groups:
        return NO_GROUP, 'is in no protection group'
    if not candidates:
        return (
            'not_replicated_to_recovery_site',
            'is not replicated to an array of the recovery site',
        )
    if facts.replication is not None and facts.replication not in candidates:
        return (
            'other_protection_group',
            "is not in the failover group's protection group",
        )
    if wanted is None:
        return (
            'protection_groups_differ',
            "shares no protection group with the server's other volumes",
        )
    return None


def refusals(facts: EligibilityFacts) -> tuple[VolumeRefusal, ...]:
    """Every volume that keeps the server out, with its reason."""
    wanted = shared_group(facts)
    found = []
    for volume in facts.volumes:
        refusal = _refusal(volume, facts, wanted)
        if refusal:
            code, reason = refusal
            found.append(
                VolumeRefusal(
                    volume_id=volume.volume.id,
                    name=volume.volume.name,
                    code=code,
                    reason=reason,
                )
            )
    return tuple(found)


class BootsFromVolume(base.Check[EligibilityFacts]):
    """Only what lies on replicated volumes can be brought back."""

    name = 'boots_from_volume'
    code = 'aegis.member.boots_from_image'
    remedy = 'Build the server again with a boot volume.'
    essential = True

    def problems(
        self, facts: EligibilityFacts
    ) -> collections.abc.Iterable[str]:
        if facts.member.server.boots_from_image:
            yield 'Its root disk is not a volume.'
        elif not facts.volumes:
            yield 'It has no volumes.'


class NoLocalDisks(base.Check[EligibilityFacts]):
    """Ephemeral disks live on the hypervisor and are lost.

    So does a swap disk, but nobody misses what was on that.
    """

    name = 'no_local_disks'
    code = 'aegis.member.local_disks'
    remedy = 'Use a flavor without ephemeral disks.'
    essential = True

    def problems(
        self, facts: EligibilityFacts
    ) -> collections.abc.Iterable[str]:
        if facts.member.flavor.ephemeral_gib:
            yield (
                f'Its flavor {facts.member.flavor.name} has an ephemeral '
                'disk, which is not replicated.'
            )


class VolumesReplicatedTogether(base.Check[EligibilityFacts]):
    """Volumes in one protection group are frozen at one instant."""

    name = 'volumes_replicated_together'
    code = 'aegis.member.ineligible'
    remedy = (
        'Retype the volumes named so that all lie in one replicated '
        'protection group and none is encrypted.'
    )
    essential = True

    def problems(
        self, facts: EligibilityFacts
    ) -> collections.abc.Iterable[str]:
        for refusal in refusals(facts):
            label = refusal.name or refusal.volume_id
            yield f'Volume {label} {refusal.reason}.'


CHECKS: tuple[base.Check[EligibilityFacts], ...] = (
    BootsFromVolume(),
    NoLocalDisks(),
    VolumesReplicatedTogether(),
)
