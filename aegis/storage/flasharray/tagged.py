# SPDX-License-Identifier: Apache-2.0
"""Volumes together with the tags in our namespace."""

import collections
import collections.abc
import dataclasses

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import names, records

Tags = collections.abc.Collection[base.Tag]

# Set on a volume before it is destroyed: should its name be needed again
# while it can still be recovered, its content is known to be no good.
DISCARDED = base.Tag('driver:discarded', 'true')
# Set once a volume was filled; the value names the safety snapshot.
OVERWRITTEN_KEY = 'driver:overwritten'
# Set with the birth tags; the value is the full name of the original.
ORIGIN_KEY = 'driver:origin'
_OWN_KEYS = frozenset({DISCARDED.key, OVERWRITTEN_KEY, ORIGIN_KEY})


@dataclasses.dataclass(frozen=True)
class TaggedVolume:
    """A volume and all tags of ours on it."""

    volume: records.Volume
    tags: frozenset[base.Tag]

    @property
    def birth_tags(self) -> tuple[base.Tag, ...]:
        """Give the tags that were set from outside this driver."""
        return tuple(
            sorted(
                (tag for tag in self.tags if tag.key not in _OWN_KEYS),
                key=lambda tag: (tag.key, tag.value),
            )
        )

    def carries(self, tags: Tags) -> bool:
        """Tell whether all these tags are on the volume."""
        return self.tags.issuperset(tags)

    def promoted(self) -> base.PromotedVolume:
        """Give it in the words of the contract."""
        return base.PromotedVolume(
            name=self.volume.name,
            serial=self.volume.serial,
            size_bytes=self.volume.size_bytes,
            source=self.volume.source,
            connected=self.volume.connections > 0,
            tags=self.birth_tags,
        )


def require(tags: Tags) -> None:
    """Refuse an empty list of tags, which every volume would satisfy."""
    if not tags:
        raise errors.GuardFailed(
            'No birth tags were given, so that any volume would do.'
        )


def read(
    client: rest.Client,
    wanted: rest.Names,
    destroyed: bool = False,
) -> list[TaggedVolume]:
    """Read volumes by name; those that do not exist are left out."""
    found = client.volumes(wanted, destroyed)
    return with_tags(client, found, destroyed)


def with_tags(
    client: rest.Client,
    volumes: collections.abc.Sequence[records.Volume],
    destroyed: bool = False,
) -> list[TaggedVolume]:
    """Add the tags to volumes, all of them live or all destroyed."""
    if not volumes:
        return []
    tags = collections.defaultdict(set)
    for tag in client.tags_of([v.name for v in volumes], destroyed):
        tags[names.key(tag.volume)].add(base.Tag(tag.key, tag.value))
    return [
        TaggedVolume(volume, frozenset(tags[names.key(volume.name)]))
        for volume in volumes
    ]


def find(
    client: rest.Client, tags: collections.abc.Sequence[base.Tag]
) -> list[TaggedVolume]:
    """List live volumes that carry all these tags, in order of name."""
    require(tags)
    rare = most_selective(tags)
    candidates = [row.volume for row in client.tags_like([rare])]
    return sorted(
        (
            volume
            for volume in read(client, candidates)
            if volume.carries(tags)
        ),
        key=lambda found: found.volume.name,
    )


def most_selective(tags: collections.abc.Sequence[base.Tag]) -> base.Tag:
    """Choose the tag that is likely to be on the fewest volumes.

    Identifiers are longer than words; of two of them the latter is of the
    smaller thing.
    """
    return max(
        enumerate(tags), key=lambda each: (len(each[1].value), each[0])
    )[1]
