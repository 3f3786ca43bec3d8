# SPDX-License-Identifier: Apache-2.0
"""The REST calls that are needed, typed and in bulk.

Each method is one kind of request. Listings take any number of names and
make one request (of as many pages as it takes) per hundred of them. Names
that no object can have are simply not found. Errors are those of
:mod:`aegis.storage.errors` and :mod:`aegis.storage.flasharray.faults`.
"""

import collections.abc
import datetime
import email.utils
import typing

from pypureclient import flasharray

from aegis.storage import base
from aegis.storage.flasharray import filters, records, session

BATCH_LIMIT = 100
BATCH_REST_VERSION = (2, 32)
DEFAULT_PROTECTION_REST_VERSION = (2, 16)

Names = collections.abc.Iterable[str]
Record = typing.TypeVar('Record')


class Client:
    """Requests to one array."""

    def __init__(self, connection: session.Session) -> None:
        self._session = connection

    def close(self) -> None:
        """Log out. Idempotent."""
        self._session.close()

    def can_batch(self) -> bool:
        """Tell whether many volumes can be made in one request."""
        return self._session.rest_version() >= BATCH_REST_VERSION

    def facts(self) -> records.Facts:
        """Tell about the array itself."""
        item = self._session.read('get_arrays')[0]
        return records.Facts(
            name=item.name,
            total_bytes=_get(item, 'capacity') or 0,
            used_bytes=_get(item, 'space.total_physical') or 0,
            provisioned_bytes=_get(item, 'space.total_provisioned') or 0,
            now=_time(_get(item, 'as_of')) or self._date_header(),
        )

    def connections(self) -> list[records.Connection]:
        """List the replication links to other arrays."""
        return [
            records.Connection(
                array=_get(item, 'remote.name') or item.name,
                connected=_get(item, 'status') == 'connected',
            )
            for item in self._session.read('get_array_connections')
        ]

    def volumes(
        self, names: Names, destroyed: bool | None = False
    ) -> list[records.Volume]:
        """List the volumes that exist of these.

        ``destroyed`` chooses live ones, destroyed ones or (None) both.
        """
        return self._list(
            'get_volumes',
            filters.one_of('name', _possible(names)),
            _volume,
            **({} if destroyed is None else {'destroyed': destroyed}),
        )

    def volumes_like(self, patterns: Names) -> list[records.Volume]:
        """List live volumes whose name fits a pattern with ``*``."""
        terms = [filters.like('name', pattern) for pattern in patterns]
        return self._list(
            'get_volumes', filters.any_of(terms), _volume, destroyed=False
        )

    def tags_of(
        self, volumes: Names, destroyed: bool = False
    ) -> list[records.VolumeTag]:
        """List our tags of these volumes."""
        return self._tags(
            filters.one_of('resource.name', _possible(volumes)), destroyed
        )

    def tags_like(
        self, tags: collections.abc.Iterable[base.Tag]
    ) -> list[records.VolumeTag]:
        """List the tags of live volumes that equal any of these."""
        terms = [
            f'(key={filters.quote(tag.key)} and '
            f'value={filters.quote(tag.value)})'
            for tag in tags
        ]
        return self._tags(filters.any_of(terms), False)

    def memberships(self, volumes: Names) -> list[records.Membership]:
        """List the protection groups of these volumes."""
        return self._list(
            'get_protection_groups_volumes',
            filters.one_of('member.name', _possible(volumes)),
            _membership,
        )

    def members(self, group: str) -> list[records.Membership]:
        """List the volumes of a protection group."""
        return self._list(
            'get_protection_groups_volumes',
            filters.one_of('group.name', _possible([group])),
            _membership,
        )

    def targets(self, groups: Names) -> list[records.Target]:
        """List the arrays to which these groups are replicated."""
        return self._list(
            'get_protection_groups_targets',
            filters.one_of('group.name', _possible(groups)),
            _target,
        )

    def groups(self, names: Names) -> list[records.Group]:
        """List the protection groups that exist of these."""
        return self._list(
            'get_protection_groups',
            filters.one_of('name', _possible(names)),
            _group,
            destroyed=False,
        )

    def transfers(self, groups: Names) -> list[records.Transfer]:
        """List the transfers of all snapshots of these groups."""
        return self._list(
            'get_protection_group_snapshots_transfer',
            _inside(groups),
            _transfer,
            destroyed=False,
        )

    def transfer(self, point: str) -> list[records.Transfer]:
        """List the transfer of a group snapshot."""
        return self._list(
            'get_protection_group_snapshots_transfer',
            filters.one_of('name', _possible([point])),
            _transfer,
            destroyed=False,
        )

    def group_snapshots(self, groups: Names) -> list[records.Snapshot]:
        """List the live snapshots of these groups."""
        return self._list(
            'get_protection_group_snapshots',
            _inside(groups),
            _snapshot,
            destroyed=False,
        )

    def group_snapshot(self, name: str) -> records.Snapshot | None:
        """Find a group snapshot, be it live or destroyed."""
        found = self._list(
            'get_protection_group_snapshots',
            filters.one_of('name', _possible([name])),
            _snapshot,
        )
        return found[0] if found else None

    def copies(self, points: Names) -> list[records.Snapshot]:
        """List the volume snapshots in group snapshots, destroyed too."""
        return self._list('get_volume_snapshots', _inside(points), _snapshot)

    def volume_snapshots(self, names: Names) -> list[records.Snapshot]:
        """List the snapshots of volumes that exist of these."""
        return self._list(
            'get_volume_snapshots',
            filters.one_of('name', _possible(names)),
            _snapshot,
        )

    def copy(
        self,
        copies: collections.abc.Sequence[records.Copy],
        overwrite: bool = False,
    ) -> None:
        """Make volumes from snapshots, or fill existing ones again.

        With :meth:`can_batch` new volumes and their tags come into being
        together; otherwise a volume may be left without its tags.
        """
        if self.can_batch():
            for start in range(0, len(copies), BATCH_LIMIT):
                self._copy_batch(
                    copies[start : start + BATCH_LIMIT], overwrite
                )
            return
        for copy in copies:
            self._copy_one(copy, overwrite)

    def tag(
        self, volumes: Names, tags: collections.abc.Iterable[base.Tag]
    ) -> None:
        """Set tags of ours on each of the volumes."""
        body = [
            flasharray.TagBatch(
                key=tag.key,
                value=tag.value,
                namespace=base.TAG_NAMESPACE,
                copyable=False,
            )
            for tag in tags
        ]
        for chunk in filters.chunks(volumes):
            self._session.write(
                'put_volumes_tags_batch', resource_names=chunk, tag=body
            )

    def untag(self, volumes: Names, key: str) -> None:
        """Take a tag of ours from each of the volumes."""
        for chunk in filters.chunks(volumes):
            self._session.write(
                'delete_volumes_tags',
                resource_names=chunk,
                namespaces=[base.TAG_NAMESPACE],
                keys=[key],
            )

    def set_destroyed(self, volumes: Names, destroyed: bool) -> None:
        """Destroy volumes (they can be recovered) or recover them."""
        for chunk in filters.chunks(volumes):
            self._session.write(
                'patch_volumes',
                names=chunk,
                volume=flasharray.VolumePatch(destroyed=destroyed),
            )

    def snapshot_volumes(self, volumes: Names, suffix: str) -> None:
        """Take a snapshot of each of the volumes."""
        for chunk in filters.chunks(volumes):
            self._session.write(
                'post_volume_snapshots',
                source_names=chunk,
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
            )

    def snapshot_group(self, group: str, suffix: str) -> None:
        """Take a group snapshot and send it to the targets at once."""
        self._session.write(
            'post_protection_group_snapshots',
            source_names=[group],
            replicate_now=True,
            apply_retention=True,
            protection_group_snapshot=(
                flasharray.ProtectionGroupSnapshotPost(suffix=suffix)
            ),
        )

    def add_members(self, group: str, volumes: Names) -> None:
        """Put volumes into a protection group."""
        for chunk in filters.chunks(volumes):
            self._session.write(
                'post_protection_groups_volumes',
                group_names=[group],
                member_names=chunk,
            )

    def remove_members(self, group: str, volumes: Names) -> None:
        """Take volumes out of a protection group."""
        for chunk in filters.chunks(volumes):
            self._session.write(
                'delete_protection_groups_volumes',
                group_names=[group],
                member_names=chunk,
            )

    def set_schedule(self, group: str, enabled: bool) -> None:
        """Switch the replication schedule of a group on or off."""
        self._session.write(
            'patch_protection_groups',
            names=[group],
            protection_group=flasharray.ProtectionGroup(
                replication_schedule=flasharray.ReplicationSchedule(
                    enabled=enabled
                )
            ),
        )

    def _list(
        self,
        method: str,
        expressions: list[str],
        parse: collections.abc.Callable[[typing.Any], Record],
        **arguments: typing.Any,
    ) -> list[Record]:
        return [
            parse(item)
            for expression in expressions
            for item in self._session.read(
                method, filter=expression, **arguments
            )
        ]

    def _tags(
        self, expressions: list[str], destroyed: bool
    ) -> list[records.VolumeTag]:
        return self._list(
            'get_volumes_tags',
            expressions,
            _tag,
            namespaces=[base.TAG_NAMESPACE],
            resource_destroyed=destroyed,
        )

    def _copy_batch(
        self, copies: collections.abc.Sequence[records.Copy], overwrite: bool
    ) -> None:
        self._session.write(
            'post_volumes_batch',
            volume=[
                flasharray.VolumeBatchPost(
                    name=copy.name,
                    source=flasharray.Reference(name=copy.source),
                    tags=[
                        flasharray.Tag(
                            key=tag.key,
                            value=tag.value,
                            namespace=base.TAG_NAMESPACE,
                            copyable=False,
                        )
                        for tag in copy.tags
                    ]
                    or None,
                )
                for copy in copies
            ],
            **self._copy_arguments(overwrite),
        )

    def _copy_one(self, copy: records.Copy, overwrite: bool) -> None:
        self._session.write(
            'post_volumes',
            names=[copy.name],
            volume=flasharray.VolumePost(
                source=flasharray.Reference(name=copy.source)
            ),
            **self._copy_arguments(overwrite),
        )
        if copy.tags:
            self.tag([copy.name], copy.tags)

    def _copy_arguments(self, overwrite: bool) -> dict[str, bool]:
        if overwrite:
            return {'overwrite': True}
        if self._session.rest_version() < DEFAULT_PROTECTION_REST_VERSION:
            return {}
        # A volume in a default protection group cannot be managed freely.
        return {'with_default_protection': False}

    def _date_header(self) -> datetime.datetime | None:
        date = self._session.last_response_date()
        return email.utils.parsedate_to_datetime(date) if date else None


def _possible(names: Names) -> list[str]:
    return [name for name in names if filters.is_name(name)]


def _inside(names: Names) -> list[str]:
    """Give filters for whatever is named below these names."""
    return filters.any_of(
        filters.like('name', f'{name}.*') for name in _possible(names)
    )


def _get(item: typing.Any, path: str) -> typing.Any:
    """Read a nested field; None where any part of it is absent.

    The models raise AttributeError for a field that is null.
    """
    for part in path.split('.'):
        item = getattr(item, part, None)
    return item


def _time(milliseconds: int | None) -> datetime.datetime | None:
    if not milliseconds:
        return None
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)


def _volume(item: typing.Any) -> records.Volume:
    return records.Volume(
        id=item.id,
        name=item.name,
        serial=_get(item, 'serial') or '',
        size_bytes=_get(item, 'provisioned') or 0,
        source=_get(item, 'source.name'),
        connections=_get(item, 'connection_count') or 0,
        destroyed=bool(_get(item, 'destroyed')),
    )


def _tag(item: typing.Any) -> records.VolumeTag:
    return records.VolumeTag(
        volume=_get(item, 'resource.name') or '',
        key=item.key,
        value=_get(item, 'value') or '',
    )


def _membership(item: typing.Any) -> records.Membership:
    return records.Membership(group=item.group.name, volume=item.member.name)


def _target(item: typing.Any) -> records.Target:
    return records.Target(
        group=item.group.name,
        array=item.member.name,
        allowed=bool(_get(item, 'allowed')),
        status=_get(item, 'status') or '',
    )


def _group(item: typing.Any) -> records.Group:
    frequency = _get(item, 'replication_schedule.frequency')
    return records.Group(
        name=item.name,
        schedule_enabled=bool(_get(item, 'replication_schedule.enabled')),
        interval_seconds=frequency / 1000 if frequency else None,
    )


def _transfer(item: typing.Any) -> records.Transfer:
    return records.Transfer(
        name=item.name,
        progress=float(_get(item, 'progress') or 0),
        completed=_time(_get(item, 'completed')),
    )


def _snapshot(item: typing.Any) -> records.Snapshot:
    return records.Snapshot(
        name=item.name,
        created=(
            _time(_get(item, 'created'))
            or datetime.datetime.fromtimestamp(0, datetime.UTC)
        ),
        source=_get(item, 'source.name'),
        size_bytes=_get(item, 'provisioned') or 0,
        destroyed=bool(_get(item, 'destroyed')),
    )
