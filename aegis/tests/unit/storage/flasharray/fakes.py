# SPDX-License-Identifier: Apache-2.0
"""A FlashArray in memory, behind the interface of ``client.Client``.

Strict: it refuses what the array refuses, and knows no method that the
client lacks (a test compares both).
"""

import collections
import contextlib
import dataclasses
import datetime
import fnmatch

from aegis.storage import base, errors
from aegis.storage.flasharray import faults, records

EPOCH = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
GIB = 1 << 30


def at(minutes):
    return EPOCH + datetime.timedelta(minutes=minutes)


class FakeClient:
    def __init__(self, name='fa-west', batch=True):
        self.name = name
        self.batch = batch
        self.now = at(60)
        self.calls = []
        self.closed = False
        self.links = []
        self._volumes = {}
        self._tags = collections.defaultdict(dict)
        self._groups = {}
        self._members = []
        self._targets = []
        self._transfers = []
        self._group_snapshots = {}
        self._snapshots = {}
        self._faults = collections.defaultdict(list)
        self._serial = 0

    # What a test arranges and asks.

    def add_volume(self, name, **fields):
        self._serial += 1
        volume = records.Volume(
            id=f'id-{self._serial}',
            name=name,
            serial=f'SERIAL{self._serial:018}',
            size_bytes=GIB,
            source=None,
            connections=0,
            destroyed=False,
        )
        volume = dataclasses.replace(volume, **fields)
        self._volumes[name.lower()] = volume
        return volume

    def change_volume(self, name, /, **fields):
        volume = self._volumes.pop(name.lower())
        tags = self._tags.pop(name.lower(), {})
        volume = dataclasses.replace(volume, **fields)
        self._volumes[volume.name.lower()] = volume
        self._tags[volume.name.lower()] = tags
        return volume

    def volume(self, name):
        return self._volumes[name.lower()]

    def tags(self, name):
        return dict(self._tags[name.lower()])

    def set_tags(self, name, tags):
        for tag in tags:
            self._tags[name.lower()][tag.key] = tag.value

    def add_group(self, name, members=(), targets=(), **fields):
        group = records.Group(name, True, 300.0)
        self._groups[name.lower()] = dataclasses.replace(group, **fields)
        self._members += [records.Membership(name, m) for m in members]
        for target in targets:
            self.add_target(name, target)

    def add_target(self, group, array, allowed=True, status='replicating'):
        self._targets.append(records.Target(group, array, allowed, status))

    def add_point(
        self, group, suffix, volumes, created, progress=1.0, completed=None
    ):
        """Add a group snapshot with its copies and its transfer."""
        name = f'{group}.{suffix}'
        self._group_snapshots[name.lower()] = records.Snapshot(
            name, created, group, 0, False
        )
        prefix = f'{group.split(":")[0]}:' if ':' in group else ''
        for volume in volumes:
            self.add_snapshot(
                f'{name}.{volume}',
                created=created,
                source=f'{prefix}{volume}',
                size_bytes=GIB,
            )
        if progress is not None:
            self._transfers.append(records.Transfer(name, progress, completed))
        return name

    def add_snapshot(self, name, **fields):
        snapshot = records.Snapshot(name, EPOCH, None, GIB, False)
        self._snapshots[name.lower()] = dataclasses.replace(snapshot, **fields)

    def destroy_snapshot(self, name):
        for kind in (self._snapshots, self._group_snapshots):
            if name.lower() in kind:
                kind[name.lower()] = dataclasses.replace(
                    kind[name.lower()], destroyed=True
                )

    def fail(self, method, error, done=False):
        """Let the next call fail, after having done its work or before."""
        self._faults[method].append((error, done))

    def count(self, method):
        return [name for name, _ in self.calls].count(method)

    @property
    def writes(self):
        reading = {
            'can_batch',
            'facts',
            'connections',
            'volumes',
            'volumes_like',
            'tags_of',
            'tags_like',
            'memberships',
            'members',
            'targets',
            'groups',
            'transfers',
            'transfer',
            'group_snapshots',
            'group_snapshot',
            'copies',
            'volume_snapshots',
        }
        return [name for name, _ in self.calls if name not in reading]

    # The interface of the client.

    def close(self):
        self.closed = True

    def can_batch(self):
        return self.batch

    def facts(self):
        with self._call('facts'):
            return records.Facts(self.name, 100, 40, 60, self.now)

    def connections(self):
        with self._call('connections'):
            return list(self.links)

    def volumes(self, names, destroyed=False):
        names = list(names)
        with self._call('volumes', names):
            return self._named(
                self._volumes,
                names,
                lambda v: destroyed in (None, v.destroyed),
            )

    def volumes_like(self, patterns):
        patterns = [pattern.lower() for pattern in patterns]
        with self._call('volumes_like', patterns):
            return [
                volume
                for name, volume in self._volumes.items()
                if not volume.destroyed
                and any(fnmatch.fnmatchcase(name, p) for p in patterns)
            ]

    def tags_of(self, volumes, destroyed=False):
        names = list(volumes)
        with self._call('tags_of', names):
            return [
                records.VolumeTag(volume.name, key, value)
                for volume in self._named(
                    self._volumes, names, lambda v: v.destroyed == destroyed
                )
                for key, value in self._tags[volume.name.lower()].items()
            ]

    def tags_like(self, tags):
        tags = list(tags)
        with self._call('tags_like', tags):
            return [
                records.VolumeTag(volume.name, key, value)
                for name, volume in self._volumes.items()
                for key, value in self._tags[name].items()
                if base.Tag(key, value) in tags and not volume.destroyed
            ]

    def memberships(self, volumes):
        names = {name.lower() for name in volumes}
        with self._call('memberships', names):
            return [m for m in self._members if m.volume.lower() in names]

    def members(self, group):
        with self._call('members', group):
            return [
                m for m in self._members if m.group.lower() == group.lower()
            ]

    def targets(self, groups):
        names = {name.lower() for name in groups}
        with self._call('targets', names):
            return [t for t in self._targets if t.group.lower() in names]

    def groups(self, names):
        names = list(names)
        with self._call('groups', names):
            return self._named(self._groups, names)

    def transfers(self, groups):
        groups = [name.lower() for name in groups]
        with self._call('transfers', groups):
            return [
                transfer
                for transfer in self._transfers
                if transfer.name.rpartition('.')[0].lower() in groups
                and not self._gone(transfer.name)
            ]

    def transfer(self, point):
        with self._call('transfer', point):
            return [
                transfer
                for transfer in self._transfers
                if transfer.name.lower() == point.lower()
                and not self._gone(transfer.name)
            ]

    def group_snapshots(self, groups):
        groups = [name.lower() for name in groups]
        with self._call('group_snapshots', groups):
            return [
                snapshot
                for name, snapshot in self._group_snapshots.items()
                if name.rpartition('.')[0] in groups and not snapshot.destroyed
            ]

    def group_snapshot(self, name):
        with self._call('group_snapshot', name):
            return self._group_snapshots.get(name.lower())

    def copies(self, points):
        points = [name.lower() for name in points]
        with self._call('copies', points):
            return [
                snapshot
                for name, snapshot in self._snapshots.items()
                if name.rpartition('.')[0] in points
            ]

    def volume_snapshots(self, names):
        names = list(names)
        with self._call('volume_snapshots', names):
            return self._named(self._snapshots, names)

    def copy(self, copies, overwrite=False):
        with self._call('copy', list(copies)):
            for copy in copies:
                self._copy(copy, overwrite)

    def tag(self, volumes, tags):
        volumes, tags = list(volumes), list(tags)
        with self._call('tag', volumes):
            for name in volumes:
                self._live(name)
                self.set_tags(name, tags)

    def untag(self, volumes, key):
        volumes = list(volumes)
        with self._call('untag', volumes):
            for name in volumes:
                self._live(name)
                self._tags[name.lower()].pop(key, None)

    def set_destroyed(self, volumes, destroyed):
        volumes = list(volumes)
        if not volumes:
            return
        with self._call('set_destroyed', volumes):
            for name in volumes:
                volume = self._volumes.get(name.lower())
                if volume is None or volume.destroyed == destroyed:
                    raise errors.NotFound(f'{name}: Volume does not exist.')
                if volume.connections:
                    raise errors.VolumeInUse(f'{name} is connected.')
                self.change_volume(name, destroyed=destroyed)

    def snapshot_volumes(self, volumes, suffix):
        volumes = list(volumes)
        with self._call('snapshot_volumes', volumes):
            for name in volumes:
                self._live(name)
                self.add_snapshot(f'{name}.{suffix}', source=name)

    def snapshot_group(self, group, suffix):
        with self._call('snapshot_group', group):
            if group.lower() not in self._groups:
                raise errors.NotFound(
                    f'{group}: Protection group does not exist.'
                )
            if f'{group}.{suffix}'.lower() in self._group_snapshots:
                raise faults.AlreadyExists(f'{suffix} already exists.')
            members = [
                m.volume
                for m in self._members
                if m.group.lower() == group.lower()
            ]
            self.add_point(group, suffix, members, self.now, progress=None)

    def add_members(self, group, volumes):
        volumes = list(volumes)
        with self._call('add_members', volumes):
            for name in volumes:
                self._live(name)
                self._members.append(records.Membership(group, name))

    def remove_members(self, group, volumes):
        volumes = {name.lower() for name in volumes}
        with self._call('remove_members', volumes):
            self._members = [
                m
                for m in self._members
                if m.group.lower() != group.lower()
                or m.volume.lower() not in volumes
            ]

    def set_schedule(self, group, enabled):
        with self._call('set_schedule', (group, enabled)):
            self._groups[group.lower()] = dataclasses.replace(
                self._groups[group.lower()], schedule_enabled=enabled
            )

    def _copy(self, copy, overwrite):
        snapshot = self._snapshots.get(copy.source.lower())
        if snapshot is None or snapshot.destroyed:
            raise errors.NotFound(f'{copy.source} does not exist.')
        present = self._volumes.get(copy.name.lower())
        if present is not None and present.destroyed:
            raise errors.NameTaken(f'{copy.name} is pending eradication.')
        if overwrite:
            if present is None:
                raise AssertionError('overwrites nothing')
            if copy.tags:
                raise AssertionError('tags belong to new volumes')
            self.change_volume(
                copy.name,
                source=snapshot.source,
                size_bytes=snapshot.size_bytes,
            )
            return
        if present is not None:
            raise faults.AlreadyExists(f'{copy.name} already exists.')
        self.add_volume(
            copy.name, source=snapshot.source, size_bytes=snapshot.size_bytes
        )
        if not self.batch:
            # Here is where an interruption leaves a volume untagged.
            with self._call('tag', [copy.name]):
                pass
        self.set_tags(copy.name, copy.tags)

    def _gone(self, point):
        snapshot = self._group_snapshots.get(point.lower())
        return snapshot is not None and snapshot.destroyed

    def _live(self, name):
        volume = self._volumes.get(name.lower())
        if volume is None or volume.destroyed:
            raise errors.NotFound(f'{name}: Volume does not exist.')
        return volume

    @staticmethod
    def _named(things, names, condition=lambda thing: True):
        keys = dict.fromkeys(name.lower() for name in names)
        return [
            things[key]
            for key in keys
            if key in things and condition(things[key])
        ]

    @contextlib.contextmanager
    def _call(self, method, arguments=None):
        self.calls.append((method, arguments))
        error, done = None, False
        if self._faults[method]:
            error, done = self._faults[method].pop(0)
        if error is not None and not done:
            raise error
        yield
        if error is not None:
            raise error
