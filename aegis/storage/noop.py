# SPDX-License-Identifier: Apache-2.0
"""The reference driver: arrays that exist in the memory of the process.

It moves no data. :func:`world` gives access to an array as an operator,
Cinder or replication would have it, so that tests can arrange things.
"""

import collections.abc
import contextlib
import dataclasses
import datetime
import threading
import uuid

from oslo_config import cfg

from aegis.storage import base, errors

BATCH_LIMIT = 100

Tags = collections.abc.Collection[base.Tag]


@dataclasses.dataclass
class Volume:
    """A volume; ``content`` names the point it was filled from last."""

    name: str
    serial: str
    size_bytes: int
    source: str | None = None
    connected: bool = False
    destroyed: bool = False
    tags: frozenset[base.Tag] = frozenset()
    content: str | None = None
    safety_names: set[str] = dataclasses.field(default_factory=set)

    def promoted(self) -> base.PromotedVolume:
        """Give it in the words of the contract."""
        return base.PromotedVolume(
            name=self.name,
            serial=self.serial,
            size_bytes=self.size_bytes,
            source=self.source,
            connected=self.connected,
            tags=tuple(sorted(self.tags, key=lambda t: (t.key, t.value))),
        )


@dataclasses.dataclass
class _Fault:
    """The next calls of a method fail; see :meth:`World.fail`."""

    error: errors.StorageError
    after: int
    times: int


@dataclasses.dataclass
class Group:
    """A replication group that the array owns."""

    name: str
    volumes: set[str]
    targets: tuple[str, ...]
    interval_seconds: float
    enabled: bool = True
    points: list[str] = dataclasses.field(default_factory=list)


# One for all arrays, since replication touches two of them.
_lock = threading.RLock()


class World:
    """One array. Each call of the driver is atomic under its lock."""

    lock = _lock

    def __init__(self, name: str) -> None:
        self.name = name
        self.volumes: dict[str, Volume] = {}
        self.groups: dict[str, Group] = {}
        self.points: dict[base.ReplicationGroup, list[base.RecoveryPoint]] = {}
        self.link_connected = True
        self.clock: collections.abc.Callable[[], datetime.datetime] = lambda: (
            datetime.datetime.now(datetime.UTC)
        )
        self._faults: dict[str, _Fault] = {}

    def add_volume(
        self,
        name: str,
        size_bytes: int = 1 << 30,
        tags: Tags = (),
        source: str | None = None,
    ) -> Volume:
        """Make a volume, as Cinder or an operator would."""
        with self.lock:
            volume = Volume(
                name=name,
                serial=uuid.uuid4().hex[:24].upper(),
                size_bytes=size_bytes,
                source=source,
                tags=frozenset(tags),
            )
            self.volumes[name] = volume
            return volume

    def rename_volume(self, name: str, new_name: str) -> None:
        """Rename a volume, as ``cinder manage`` does."""
        with self.lock:
            volume = self.volumes.pop(name)
            volume.name = new_name
            self.volumes[new_name] = volume

    def add_group(
        self,
        name: str,
        volumes: collections.abc.Iterable[str],
        targets: collections.abc.Iterable[str],
        interval_seconds: float = 300.0,
    ) -> base.ReplicationGroup:
        """Make a replication group that this array owns."""
        with self.lock:
            self.groups[name] = Group(
                name, set(volumes), tuple(targets), interval_seconds
            )
        return base.ReplicationGroup(self.name, name)

    def replicate(self, group_name: str, suffix: str) -> base.RecoveryPoint:
        """Freeze a point and have it arrive at all targets at once."""
        with self.lock:
            group = self.groups[group_name]
            now = self.clock()
            owned = base.ReplicationGroup(self.name, group_name)
            name = f'{group_name}.{suffix}'
            point = self._point(owned, name, group, now)
            group.points.append(name)
            self.receive(point)
            for target in group.targets:
                world(target).receive(
                    self._point(owned, f'{self.name}:{name}', group, now)
                )
        return point

    def receive(self, point: base.RecoveryPoint) -> None:
        """Hold a complete point, as replication brings it."""
        with self.lock:
            self.points.setdefault(point.group, []).append(point)

    def lose_point(self, name: str) -> None:
        """Destroy a recovery point, as retention does."""
        with self.lock:
            for group, points in self.points.items():
                self.points[group] = [p for p in points if p.name != name]

    def fail(
        self,
        method: str,
        error: errors.StorageError,
        after: int = 0,
        times: int = 1,
    ) -> None:
        """Let the next calls of a driver's method fail.

        A method that changes several volumes has changed ``after`` of them
        by then.
        """
        with self.lock:
            self._faults[method] = _Fault(error, after, times)

    def reach_fault(self, method: str, done: int) -> None:
        """Raise the arranged error when so many changes are done."""
        fault = self._faults.get(method)
        if fault is None or done < fault.after:
            return
        fault.times -= 1
        if not fault.times:
            del self._faults[method]
        raise fault.error

    def _point(
        self,
        owned: base.ReplicationGroup,
        name: str,
        group: Group,
        now: datetime.datetime,
    ) -> base.RecoveryPoint:
        volumes = [self.volumes[member] for member in sorted(group.volumes)]
        return base.RecoveryPoint(
            group=owned,
            name=name,
            created_at=now,
            completed_at=now,
            size_bytes=sum(volume.size_bytes for volume in volumes),
            volumes=tuple(
                base.PointVolume(
                    volume.name, f'{name}.{volume.name}', volume.size_bytes
                )
                for volume in volumes
            ),
        )


_worlds: dict[str, World] = {}


def world(array_name: str) -> World:
    """Give the array of that name; it comes into being when asked for."""
    with _lock:
        return _worlds.setdefault(array_name, World(array_name))


def reset() -> None:
    """Forget all arrays."""
    with _lock:
        _worlds.clear()


class NoopDriver(base.StorageDriver):
    """The contract over a :class:`World`."""

    def __init__(self, array_name: str) -> None:
        self._array = array_name

    @classmethod
    def options(cls) -> list[cfg.Opt]:
        """List the driver's own options: none."""
        return []

    @classmethod
    def from_configuration(
        cls, array_name: str, section: cfg.ConfigOpts.GroupAttr
    ) -> 'NoopDriver':
        """Make a driver; see :class:`aegis.storage.plugins.Plugin`."""
        return cls(array_name)

    def capabilities(self) -> base.Capabilities:
        return base.Capabilities(
            replication=frozenset(base.ReplicationKind),
            overwrite=True,
            batch_limit=BATCH_LIMIT,
        )

    def resolve(
        self, volumes: collections.abc.Sequence[base.VolumeReference]
    ) -> list[base.ResolvedVolume]:
        with self._world('resolve') as array:
            return [self._resolve(array, volume) for volume in volumes]

    def recovery_points(
        self, group: base.ReplicationGroup, limit: int
    ) -> list[base.RecoveryPoint]:
        with self._world('recovery_points') as array:
            return _newest_first(array, group)[:limit]

    def replication_health(
        self, groups: collections.abc.Sequence[base.ReplicationGroup]
    ) -> list[base.ReplicationHealth]:
        with self._world('replication_health') as array:
            return [_health(array, group) for group in groups]

    def create_recovery_point(
        self, group: base.ReplicationGroup, name: str
    ) -> str:
        with self._world('create_recovery_point') as array:
            point = f'{group.name}.{name}'
            if point not in self._group(array, group).points:
                array.replicate(group.name, name)
            return point

    def promote(
        self,
        point: base.RecoveryPoint,
        promotions: collections.abc.Sequence[base.Promotion],
    ) -> list[base.PromotedVolume]:
        with self._world('promote') as array:
            copies = _copies(array, point, [p.volume for p in promotions])
            wanted = {p.name for p in promotions}
            if len(wanted) < len(promotions):
                raise errors.GuardFailed('A name is wanted twice.')
            found = [_bearer(array, promotion) for promotion in promotions]
            result = []
            for index, promotion in enumerate(promotions):
                volume = found[index]
                if volume is None:
                    volume = array.add_volume(
                        promotion.name,
                        copies[index].size_bytes,
                        promotion.tags,
                        f'{point.group.array}:{promotion.volume}',
                    )
                    volume.content = copies[index].name
                    array.reach_fault('promote', index + 1)
                result.append(volume.promoted())
            return result

    def find(
        self, tags: collections.abc.Sequence[base.Tag]
    ) -> list[base.PromotedVolume]:
        _require_tags(tags)
        with self._world('find') as array:
            return [
                volume.promoted()
                for _, volume in sorted(array.volumes.items())
                if not volume.destroyed and volume.tags.issuperset(tags)
            ]

    def overwrite(
        self,
        point: base.RecoveryPoint,
        overwrites: collections.abc.Sequence[base.Overwrite],
    ) -> list[base.PromotedVolume]:
        with self._world('overwrite') as array:
            copies = _copies(array, point, [o.volume for o in overwrites])
            targets = [_overwritable(array, item) for item in overwrites]
            for index, volume in enumerate(targets):
                safety_name = overwrites[index].safety_name
                if safety_name not in volume.safety_names:
                    volume.safety_names.add(safety_name)
                    volume.content = copies[index].name
                    volume.size_bytes = copies[index].size_bytes
                    array.reach_fault('overwrite', index + 1)
            return [volume.promoted() for volume in targets]

    def discard(
        self,
        names: collections.abc.Sequence[str],
        tags: collections.abc.Sequence[base.Tag],
    ) -> None:
        _require_tags(tags)
        with self._world('discard') as array:
            present = [
                array.volumes[name]
                for name in names
                if name in array.volumes and not array.volumes[name].destroyed
            ]
            for volume in present:
                _require_tagged(volume, tags)
                _require_unused(volume)
            for index, volume in enumerate(present):
                volume.destroyed = True
                array.reach_fault('discard', index + 1)

    def protect(
        self,
        volumes: collections.abc.Sequence[str],
        group: base.ReplicationGroup,
    ) -> None:
        with self._world('protect') as array:
            members = self._group(array, group).volumes
            for name in volumes:
                _live(array, name)
            members.update(volumes)

    def unprotect(
        self,
        volumes: collections.abc.Sequence[str],
        group: base.ReplicationGroup,
    ) -> None:
        with self._world('unprotect') as array:
            self._group(array, group).volumes.difference_update(volumes)

    def pause(self, group: base.ReplicationGroup) -> None:
        with self._world('pause') as array:
            self._group(array, group).enabled = False

    def resume(self, group: base.ReplicationGroup) -> None:
        with self._world('resume') as array:
            self._group(array, group).enabled = True

    def capacity(self) -> base.Capacity:
        with self._world('capacity') as array:
            provisioned = sum(v.size_bytes for v in array.volumes.values())
            return base.Capacity(
                array=self._array,
                total_bytes=1 << 50,
                used_bytes=0,
                provisioned_bytes=provisioned,
                now=array.clock(),
            )

    @contextlib.contextmanager
    def _world(self, method: str) -> collections.abc.Iterator[World]:
        array = world(self._array)
        with array.lock:
            array.reach_fault(method, 0)
            yield array

    def _resolve(
        self, array: World, reference: base.VolumeReference
    ) -> base.ResolvedVolume:
        by_id = f'volume-{reference.volume_id}-cinder'
        for name in (reference.name, by_id):
            volume = array.volumes.get(name or '')
            if volume is not None and not volume.destroyed:
                break
        else:
            return base.ResolvedVolume(reference.volume_id, self._array, None)
        groups = [
            group
            for _, group in sorted(array.groups.items())
            if volume.name in group.volumes and group.targets
        ]
        targets = dict.fromkeys(
            target for group in groups for target in group.targets
        )
        promoted = volume.promoted()
        return base.ResolvedVolume(
            volume_id=reference.volume_id,
            array=self._array,
            name=promoted.name,
            serial=promoted.serial,
            size_bytes=promoted.size_bytes,
            source=promoted.source,
            connected=promoted.connected,
            tags=promoted.tags,
            groups=tuple(
                base.ReplicationGroup(self._array, group.name)
                for group in groups
            ),
            targets=tuple(
                base.ReplicationTarget(target, True, 'replicating')
                for target in targets
            ),
        )

    def _group(self, array: World, group: base.ReplicationGroup) -> Group:
        if group.array != self._array:
            raise errors.WrongArray(
                f'The replication group {group.name} belongs to the array '
                f'{group.array}, not to {self._array}.'
            )
        if group.name not in array.groups:
            raise errors.NotFound(
                f'There is no replication group {group.name} on the array '
                f'{self._array}.'
            )
        return array.groups[group.name]


def _newest_first(
    array: World, group: base.ReplicationGroup
) -> list[base.RecoveryPoint]:
    return sorted(
        array.points.get(group, []),
        key=lambda point: point.created_at,
        reverse=True,
    )


def _health(
    array: World, group: base.ReplicationGroup
) -> base.ReplicationHealth:
    owner = world(group.array).groups.get(group.name)
    enabled = owner is not None and owner.enabled
    points = _newest_first(array, group)
    newest = points[0] if points else None
    return base.ReplicationHealth(
        group=group,
        link_connected=(
            owner is not None
            and array.link_connected
            and world(group.array).link_connected
        ),
        schedule_enabled=enabled,
        interval_seconds=(
            owner.interval_seconds if owner is not None and enabled else None
        ),
        lag_seconds=(
            (array.clock() - newest.created_at).total_seconds()
            if newest
            else None
        ),
        newest_point=newest.name if newest else None,
    )


def _copies(
    array: World,
    point: base.RecoveryPoint,
    volumes: collections.abc.Sequence[str],
) -> list[base.PointVolume]:
    held = {p.name: p for p in array.points.get(point.group, [])}
    if point.name not in held:
        raise errors.PointIncomplete(
            f'The recovery point {point.name} is not on the array.'
        )
    copies = {copy.volume: copy for copy in held[point.name].volumes}
    missing = [name for name in volumes if name not in copies]
    if missing:
        raise errors.PointIncomplete(
            f'The recovery point {point.name} has no copy of '
            f'{", ".join(missing)}.'
        )
    return [copies[name] for name in volumes]


def _bearer(array: World, promotion: base.Promotion) -> Volume | None:
    _require_tags(promotion.tags)
    origin = f':{promotion.volume}'
    for volume in array.volumes.values():
        same = volume.name == promotion.name or (
            volume.source is not None and volume.source.endswith(origin)
        )
        if (
            same
            and not volume.destroyed
            and volume.tags.issuperset(promotion.tags)
        ):
            return volume
    taken = array.volumes.get(promotion.name)
    if taken is None:
        return None
    if taken.destroyed and taken.tags.issuperset(promotion.tags):
        return None
    raise errors.NameTaken(
        f'There is a volume {promotion.name} on the array that does not '
        f'carry the birth tags.'
    )


def _overwritable(array: World, item: base.Overwrite) -> Volume:
    _require_tags(item.tags)
    volume = array.volumes.get(item.target)
    if volume is None or volume.destroyed or volume.serial != item.serial:
        raise errors.GuardFailed(
            f'There is no volume {item.target} with the serial '
            f'{item.serial} on the array.'
        )
    _require_tagged(volume, item.tags)
    if item.safety_name not in volume.safety_names:
        _require_unused(volume)
    return volume


def _live(array: World, name: str) -> Volume:
    volume = array.volumes.get(name)
    if volume is None or volume.destroyed:
        raise errors.NotFound(f'There is no volume {name} on the array.')
    return volume


def _require_tags(tags: Tags) -> None:
    if not tags:
        raise errors.GuardFailed('No birth tags were given.')


def _require_tagged(volume: Volume, tags: Tags) -> None:
    if not volume.tags.issuperset(tags):
        raise errors.BirthTagMissing(
            f'The volume {volume.name} does not carry the birth tags.'
        )


def _require_unused(volume: Volume) -> None:
    if volume.connected:
        raise errors.VolumeInUse(
            f'A host is connected to the volume {volume.name}.'
        )
