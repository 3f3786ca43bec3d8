# SPDX-License-Identifier: Apache-2.0
"""Find the array's volumes behind Cinder volumes."""

import collections
import collections.abc

from aegis.storage import base
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, records, tagged

References = collections.abc.Sequence[base.VolumeReference]


def resolve(
    client: rest.Client, array_name: str, references: References
) -> list[base.ResolvedVolume]:
    """Tell what the array says of each, in order.

    The name that Cinder recorded is tried first, then the one that its
    driver gives to volumes, in whatever pod or volume group.
    """
    found = _find(client, references)
    tags = {
        names.key(volume.volume.name): volume.birth_tags
        for volume in tagged.with_tags(client, _unique(found.values()))
    }
    groups = _groups(client, [volume.name for volume in found.values()])
    result = []
    for reference in references:
        volume = found.get(reference)
        if volume is None:
            result.append(
                base.ResolvedVolume(reference.volume_id, array_name, None)
            )
            continue
        memberships = groups[names.key(volume.name)]
        result.append(
            base.ResolvedVolume(
                volume_id=reference.volume_id,
                array=array_name,
                name=volume.name,
                serial=volume.serial,
                size_bytes=volume.size_bytes,
                source=volume.source,
                connected=volume.connections > 0,
                tags=tags[names.key(volume.name)],
                groups=tuple(
                    base.ReplicationGroup(array_name, group)
                    for group in memberships
                ),
                targets=_merge(memberships),
            )
        )
    return result


def _find(
    client: rest.Client, references: References
) -> dict[base.VolumeReference, records.Volume]:
    recorded = {
        names.key(volume.name): volume
        for volume in client.volumes([r.name for r in references if r.name])
    }
    found = {
        reference: recorded[names.key(reference.name)]
        for reference in references
        if names.key(reference.name) in recorded
    }
    lost = [reference for reference in references if reference not in found]
    by_id = {
        names.key(names.without_container(volume.name)): volume
        for volume in client.volumes_like(
            f'*{names.cinder_volume(reference.volume_id)}'
            for reference in lost
        )
    }
    for reference in lost:
        expected = names.key(names.cinder_volume(reference.volume_id))
        if expected in by_id:
            found[reference] = by_id[expected]
    return found


def _unique(
    volumes: collections.abc.Iterable[records.Volume],
) -> list[records.Volume]:
    return list({volume.id: volume for volume in volumes}.values())


def _groups(
    client: rest.Client, volumes: list[str]
) -> dict[str, dict[str, list[base.ReplicationTarget]]]:
    """Give the groups of each volume, with the targets of each group.

    A protection group without a target only takes local snapshots.
    """
    memberships = client.memberships(volumes)
    targets = collections.defaultdict(list)
    for target in client.targets({m.group for m in memberships}):
        targets[names.key(target.group)].append(
            base.ReplicationTarget(target.array, target.allowed, target.status)
        )
    result: dict[str, dict[str, list[base.ReplicationTarget]]] = (
        collections.defaultdict(dict)
    )
    for membership in memberships:
        received = targets[names.key(membership.group)]
        if received:
            result[names.key(membership.volume)][membership.group] = received
    return result


def _merge(
    memberships: dict[str, list[base.ReplicationTarget]],
) -> tuple[base.ReplicationTarget, ...]:
    return tuple(
        dict.fromkeys(
            target for targets in memberships.values() for target in targets
        )
    )
