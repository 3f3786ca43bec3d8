# SPDX-License-Identifier: Apache-2.0
"""FlashArray: asynchronous replication by protection groups."""

import collections.abc

from oslo_config import cfg

from aegis.storage import base, errors
from aegis.storage.flasharray import client as rest
from aegis.storage.flasharray import (
    health,
    names,
    opts,
    overwriting,
    points,
    promotion,
    records,
    resolution,
    session,
    settling,
    tagged,
)

Names = collections.abc.Sequence[str]
Tags = collections.abc.Sequence[base.Tag]


class FlashArrayDriver(base.StorageDriver):
    """One FlashArray, over one session that all threads share."""

    def __init__(self, array_name: str, client: rest.Client) -> None:
        self._array = array_name
        self._client = client
        self._points = points.Points(client, array_name)
        self._health = health.Health(client, array_name, self._points)

    @classmethod
    def options(cls) -> list[cfg.Opt]:
        """List the driver's own options in an ``[array:<label>]``."""
        return list(opts.OPTS)

    @classmethod
    def from_configuration(
        cls, array_name: str, section: cfg.ConfigOpts.GroupAttr
    ) -> 'FlashArrayDriver':
        """Make a driver; see :class:`aegis.storage.plugins.Plugin`."""
        settings = opts.settings(array_name, section)
        return cls(array_name, rest.Client(session.Session(settings)))

    def close(self) -> None:
        self._client.close()

    def capabilities(self) -> base.Capabilities:
        return base.Capabilities(
            replication=frozenset({base.ReplicationKind.ASYNC}),
            overwrite=True,
            batch_limit=rest.BATCH_LIMIT,
        )

    def resolve(
        self, volumes: collections.abc.Sequence[base.VolumeReference]
    ) -> list[base.ResolvedVolume]:
        return resolution.resolve(self._client, self._array, volumes)

    def recovery_points(
        self, group: base.ReplicationGroup, limit: int
    ) -> list[base.RecoveryPoint]:
        self._require_async(group)
        return self._points.newest([group], limit)[group]

    def replication_health(
        self, groups: collections.abc.Sequence[base.ReplicationGroup]
    ) -> list[base.ReplicationHealth]:
        self._require_async(*groups)
        return self._health.of(groups)

    def create_recovery_point(
        self, group: base.ReplicationGroup, name: str
    ) -> str:
        self._require_owned(group)
        wanted = f'{group.name}.{name}'

        def look() -> str | None:
            found = self._client.group_snapshot(wanted)
            if found is not None and found.destroyed:
                raise errors.NameTaken(
                    f'The recovery point {wanted} was destroyed; its name '
                    f'is not free until the array has eradicated it.'
                )
            return None if found else wanted

        settling.settle(
            look, lambda _: self._client.snapshot_group(group.name, name)
        )
        return wanted

    def promote(
        self,
        point: base.RecoveryPoint,
        promotions: collections.abc.Sequence[base.Promotion],
    ) -> list[base.PromotedVolume]:
        self._require_async(point.group)
        self._points.require_complete(point)
        return promotion.promote(self._client, point, promotions)

    def find(self, tags: Tags) -> list[base.PromotedVolume]:
        return [
            volume.promoted() for volume in tagged.find(self._client, tags)
        ]

    def overwrite(
        self,
        point: base.RecoveryPoint,
        overwrites: collections.abc.Sequence[base.Overwrite],
    ) -> list[base.PromotedVolume]:
        self._require_async(point.group)
        self._points.require_complete(point)
        return overwriting.overwrite(self._client, point, overwrites)

    def discard(self, names: Names, tags: Tags) -> None:
        tagged.require(tags)

        def look() -> list[str]:
            found = tagged.read(self._client, names)
            for volume in found:
                _require_discardable(volume, tags)
            return [volume.volume.name for volume in found]

        def act(present: list[str]) -> None:
            self._client.tag(present, [tagged.DISCARDED])
            self._client.set_destroyed(present, True)

        settling.settle(look, act)

    def protect(self, volumes: Names, group: base.ReplicationGroup) -> None:
        self._require_owned(group)
        settling.settle(
            lambda: self._outside(volumes, group),
            lambda missing: self._client.add_members(group.name, missing),
        )

    def unprotect(self, volumes: Names, group: base.ReplicationGroup) -> None:
        self._require_owned(group)
        settling.settle(
            lambda: self._inside(volumes, group),
            lambda present: self._client.remove_members(group.name, present),
        )

    def pause(self, group: base.ReplicationGroup) -> None:
        self._set_schedule(group, enabled=False)

    def resume(self, group: base.ReplicationGroup) -> None:
        self._set_schedule(group, enabled=True)

    def capacity(self) -> base.Capacity:
        facts = self._client.facts()
        return base.Capacity(
            array=facts.name,
            total_bytes=facts.total_bytes,
            used_bytes=facts.used_bytes,
            provisioned_bytes=facts.provisioned_bytes,
            now=health.clock(facts),
        )

    def _set_schedule(
        self, group: base.ReplicationGroup, enabled: bool
    ) -> None:
        self._require_owned(group)
        settling.settle(
            lambda: self._group(group).schedule_enabled != enabled,
            lambda _: self._client.set_schedule(group.name, enabled),
        )

    def _group(self, group: base.ReplicationGroup) -> records.Group:
        found = self._client.groups([group.name])
        if not found:
            raise errors.NotFound(
                f'There is no protection group {group.name} on the array '
                f'{self._array}.'
            )
        return found[0]

    def _members(self, group: base.ReplicationGroup) -> set[str]:
        self._group(group)
        return {
            names.key(member.volume)
            for member in self._client.members(group.name)
        }

    def _outside(
        self, volumes: Names, group: base.ReplicationGroup
    ) -> list[str]:
        members = self._members(group)
        return [name for name in volumes if names.key(name) not in members]

    def _inside(
        self, volumes: Names, group: base.ReplicationGroup
    ) -> list[str]:
        members = self._members(group)
        return [name for name in volumes if names.key(name) in members]

    def _require_async(self, *groups: base.ReplicationGroup) -> None:
        for group in groups:
            if group.kind is not base.ReplicationKind.ASYNC:
                raise errors.ArrayRefused(
                    f'The replication group {group.name} is replicated '
                    f'synchronously, which this driver cannot handle.'
                )

    def _require_owned(self, group: base.ReplicationGroup) -> None:
        self._require_async(group)
        if not names.same(group.array, self._array):
            raise errors.WrongArray(
                f'The replication group {group.name} belongs to the array '
                f'{group.array}, not to {self._array}.'
            )


def _require_discardable(found: tagged.TaggedVolume, tags: Tags) -> None:
    if not found.carries(tags):
        raise errors.BirthTagMissing(
            f'The volume {found.volume.name} does not carry the birth tags.'
        )
    if found.volume.connections:
        raise errors.VolumeInUse(
            f'A host is connected to the volume {found.volume.name}.'
        )
