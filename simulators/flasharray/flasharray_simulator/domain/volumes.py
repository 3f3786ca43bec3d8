# SPDX-License-Identifier: Apache-2.0
"""Volumes: create, copy, overwrite, change, destroy, eradicate."""

from dataclasses import dataclass, replace

from flasharray_simulator import errors, model, names, switches
from flasharray_simulator.array import (
    FlashArray,
    any_state,
    expect_container,
    free_name,
    live,
)
from flasharray_simulator.domain import pod_quota

LABEL = 'Volume'
SNAPSHOT_LABEL = 'Volume snapshot'
SMALLEST = 2**20
LARGEST = 4 * 2**50
MOST_IOPS = 100_000_000
LEAST_IOPS = 100
MOST_BANDWIDTH = 512 * 2**30
LEAST_BANDWIDTH = 2**20
ENDPOINT = 'protocol_endpoint'
SUBTYPES = ('regular', ENDPOINT)
CONTAINER_VERSIONS = ('1', '2', '3')


@dataclass(frozen=True)
class Source:
    """What a volume is copied from: a volume or a snapshot."""

    content: str
    provisioned: int
    origin_id: str | None
    origin_name: str | None
    volume_id: str | None = None
    pod_id: str | None = None


@dataclass(frozen=True)
class NewVolume:
    """A request for a volume; ``source`` wins over ``provisioned``."""

    name: str
    provisioned: int | None = None
    source: Source | None = None
    qos: model.Qos = model.Qos()
    subtype: str = 'regular'
    priority: tuple[str, int] = ('+', 0)
    container_version: str | None = None


def find(array: FlashArray, name: str) -> model.Volume:
    return any_state(LABEL, array.volumes, name)


def find_live(array: FlashArray, name: str) -> model.Volume:
    return live(LABEL, array.volumes, name)


def check_size(size: object, context: str) -> int:
    """Return size if a volume may have it; raise ApiError if not."""
    if isinstance(size, bool) or not isinstance(size, int):
        raise errors.invalid_parameter('provisioned.', context)
    if not SMALLEST <= size <= LARGEST or size % 512:
        raise errors.refused(
            'Invalid volume size: it must be 1 MiB to 4 PiB and a multiple'
            ' of 512 bytes.',
            context,
        )
    return size


def source_of(array: FlashArray, name: str) -> Source:
    """Return the copy source of that name; raise ApiError if unusable.

    A replicated snapshot that has not arrived completely is refused.
    """
    volume = array.volumes.find(name)
    if volume is not None:
        if volume.destroyed is not None:
            raise errors.has_been_destroyed(LABEL, name)
        _refuse_endpoint(volume)
        return Source(
            volume.content,
            volume.provisioned,
            volume.id,
            volume.name,
            volume.id,
            volume.pod_id,
        )
    snapshot = array.volume_snapshots.find(name)
    if snapshot is None:
        label = SNAPSHOT_LABEL if '.' in name else LABEL
        raise errors.does_not_exist(label, name)
    if snapshot.destroyed is not None:
        raise errors.has_been_destroyed(SNAPSHOT_LABEL, name)
    allowed = switches.INCOMPLETE_SNAPSHOT_COPY.of(array) == 'allowed'
    if not snapshot.complete and not allowed:
        raise errors.refused(
            'Volume snapshot is not completely replicated yet.', name
        )
    return Source(
        snapshot.content,
        snapshot.provisioned,
        snapshot.source_id,
        source_name(array, snapshot),
        snapshot.volume_id,
        snapshot.pod_id,
    )


def source_name(
    array: FlashArray, stored: model.Volume | model.VolumeSnapshot
) -> str | None:
    """Return the present name of what an object was made from."""
    origin = array.volumes.get(stored.source_id)
    return origin.name if origin is not None else stored.source_name


def create(array: FlashArray, new: NewVolume) -> model.Volume:
    """Create a volume; raise ApiError for a bad or taken name."""
    parts = names.check(new.name, LABEL, grouped=True)
    pod = expect_container(array, parts)
    if pod is not None:
        parts = replace(parts, pod=pod.name)
    group_id = None
    if parts.container is not None:
        group = live('Volume group', array.volume_groups, parts.container)
        group_id = group.id
        parts = replace(parts, group=names.parse(group.name).base)
    free_name(LABEL, array.volumes, new.name)
    _expect_copyable(array, new.source, pod.id if pod else None, new.name)
    size = _size(new)
    made = array.volumes.put(
        model.Volume(
            id=array.new_id(),
            name=str(parts),
            serial=array.new_serial(),
            created=array.now(),
            provisioned=size,
            content=new.source.content if new.source else '',
            source_id=new.source.origin_id if new.source else None,
            source_name=new.source.origin_name if new.source else None,
            pod_id=pod.id if pod else None,
            volume_group_id=group_id,
            qos=new.qos,
            subtype=new.subtype,
            container_version=new.container_version,
            priority_operator=new.priority[0],
            priority_value=new.priority[1],
        )
    )
    pod_quota.expect_room(array, made.pod_id, made.name)
    return made


def _size(new: NewVolume) -> int:
    """Return the size of a new volume; a protocol endpoint has none."""
    if new.subtype == ENDPOINT:
        if new.source is not None or new.provisioned is not None:
            raise errors.refused(
                'A protocol endpoint has no size and no source.', new.name
            )
        return 0
    if new.container_version is not None:
        raise errors.invalid_parameter('protocol_endpoint.', new.name)
    if new.source is not None:
        return new.source.provisioned
    return SMALLEST if new.provisioned is None else new.provisioned


def _refuse_endpoint(volume: model.Volume) -> None:
    """Raise ApiError for what holds no data."""
    if volume.subtype == ENDPOINT:
        raise errors.refused(
            'Operation not permitted: volume is a protocol endpoint.',
            volume.name,
        )


def _expect_copyable(
    array: FlashArray,
    source: Source | None,
    pod_id: str | None,
    context: str,
) -> None:
    """Raise ApiError if a copy would bring data into a stretched pod."""
    if source is None or source.pod_id == pod_id:
        return
    if array.pod_replicas.get(pod_id) is None:
        return
    if switches.COPY_INTO_STRETCHED_POD.of(array) == 'refused':
        raise errors.refused(
            'Volume cannot be copied into a stretched pod from outside.',
            context,
        )


def overwrite(
    array: FlashArray, volume: model.Volume, source: Source
) -> model.Volume:
    """Replace content and size; name, id and serial stay."""
    _refuse_endpoint(volume)
    _expect_copyable(array, source, volume.pod_id, volume.name)
    changed = array.volumes.put(
        replace(
            volume,
            content=source.content,
            provisioned=source.provisioned,
            source_id=source.origin_id,
            source_name=source.origin_name,
        )
    )
    pod_quota.expect_room(array, changed.pod_id, changed.name)
    return changed


def resize(
    array: FlashArray, volume: model.Volume, size: int, truncate: bool
) -> model.Volume:
    """Change the size; raise ApiError for an unasked-for truncation."""
    _refuse_endpoint(volume)
    content = volume.content
    if size < volume.provisioned:
        if not truncate:
            raise errors.refused(
                'Volume size cannot be reduced without truncation.',
                volume.name,
            )
        content = array.content.truncate(content, size)
    changed = array.volumes.put(
        replace(volume, provisioned=size, content=content)
    )
    pod_quota.expect_room(array, changed.pod_id, changed.name)
    return changed


def rename(
    array: FlashArray, volume: model.Volume, wanted: str
) -> model.Volume:
    """Rename inside the container; raise ApiError for another one.

    A bare name keeps the container; a full name must have the same.
    """
    name = within(array, volume.name, wanted, LABEL)
    if name.casefold() != volume.name.casefold():
        free_name(LABEL, array.volumes, name)
    return put_name(array, volume, name)


def within(array: FlashArray, present: str, wanted: str, label: str) -> str:
    """Return the full new name of an object that stays where it is."""
    new = names.check(wanted, label, grouped=True)
    old = names.parse(present)
    same = str(replace(old, base=new.base))
    bare = new.pod is None and new.group is None
    if not bare and same.casefold() != wanted.casefold():
        raise errors.refused(
            f'{label} cannot be moved by renaming it.', present
        )
    form = switches.MEMBER_RENAME.of(array)
    member = old.pod is not None or old.group is not None
    if member and form == ('full' if bare else 'bare'):
        raise errors.refused(f'Invalid {label.lower()} name.', wanted)
    return same


def put_name(
    array: FlashArray, volume: model.Volume, name: str
) -> model.Volume:
    """Store a volume with a new full name, and its snapshots with it.

    Its parts of group snapshots of another pod stay there without it; a
    part keeps its name where a volume that is gone has left the new one.
    """
    for snapshot in array.volume_snapshots.by('volume', volume.id):
        group = array.group_snapshots.get(snapshot.group_snapshot_id)
        if group is None:
            snapshot = replace(
                snapshot,
                name=f'{name}.{snapshot.suffix}',
                pod_id=volume.pod_id,
            )
        elif snapshot.pod_id == volume.pod_id:
            part = f'{group.name}.{names.member_part(name)}'
            if array.volume_snapshots.find(part) is None:
                snapshot = replace(snapshot, name=part)
        else:
            snapshot = replace(snapshot, volume_id=None)
        array.volume_snapshots.put(snapshot)
    return array.volumes.put(replace(volume, name=name))


def move_to_group(
    array: FlashArray, volume: model.Volume, group_name: str
) -> model.Volume:
    """Move into a volume group of the same pod; '' moves out of it."""
    parts = names.parse(volume.name)
    if not group_name:
        target = replace(parts, group=None)
        group_id = None
    else:
        group = live('Volume group', array.volume_groups, group_name)
        container = names.parse(group.name)
        if container.pod != parts.pod:
            raise errors.refused(
                'Volume group belongs to another pod.', group_name
            )
        target = replace(parts, group=container.base)
        group_id = group.id
    name = str(target)
    if name.casefold() == volume.name.casefold():
        return volume
    free_name(LABEL, array.volumes, name)
    moved = replace(volume, volume_group_id=group_id)
    return put_name(array, moved, name)


def rename_container(array: FlashArray, group_id: str, name: str) -> None:
    """Give all volumes of a renamed volume group their new names."""
    group = names.parse(name)
    for volume in array.volumes.by('volume_group', group_id):
        parts = names.parse(volume.name)
        full = str(replace(parts, group=group.base, pod=group.pod))
        put_name(array, volume, full)


def destroy(array: FlashArray, volume: model.Volume) -> model.Volume:
    """Destroy with its snapshots; raise ApiError if it is connected."""
    if volume.destroyed is not None:
        text = switches.DESTROYED_VOLUME_TEXT.of(array)
        raise errors.refused(f'{LABEL} {text}.', volume.name)
    _disconnect(array, volume)
    now = array.now()
    for snapshot in _own_snapshots(array, volume):
        if snapshot.destroyed is None:
            array.volume_snapshots.put(replace(snapshot, destroyed=now))
    if switches.DESTROYED_VOLUME_MEMBERSHIP.of(array) == 'removed':
        _leave_groups(array, volume)
    return array.volumes.put(replace(volume, destroyed=now))


def _disconnect(array: FlashArray, volume: model.Volume) -> None:
    """End all connections of a volume, or raise ApiError if it has any."""
    connections = array.connections.by('volume', volume.id)
    is_allowed = switches.DESTROY_CONNECTED_VOLUME.of(array) == 'allowed'
    if connections and not is_allowed:
        raise errors.refused(
            'Volume cannot be destroyed while it is connected.', volume.name
        )
    for connection in connections:
        array.connections.remove(connection.id)


def recover(array: FlashArray, volume: model.Volume) -> model.Volume:
    """Recover with the snapshots that were destroyed together with it."""
    if volume.destroyed is None:
        return volume
    for snapshot in _own_snapshots(array, volume):
        if snapshot.destroyed == volume.destroyed:
            array.volume_snapshots.put(replace(snapshot, destroyed=None))
    recovered = array.volumes.put(replace(volume, destroyed=None))
    pod_quota.expect_room(array, volume.pod_id, volume.name)
    return recovered


def eradicate(array: FlashArray, volume: model.Volume) -> None:
    """Remove for good: the volume, its snapshots, memberships and tags.

    Its parts in group snapshots stay: they belong to the group.
    """
    for snapshot in _own_snapshots(array, volume):
        eradicate_snapshot(array, snapshot)
    for snapshot in array.volume_snapshots.by('volume', volume.id):
        array.volume_snapshots.put(replace(snapshot, volume_id=None))
    _leave_groups(array, volume)
    for connection in array.connections.by('volume', volume.id):
        array.connections.remove(connection.id)
    remove_tags(array, volume.id)
    array.volumes.remove(volume.id)


def _leave_groups(array: FlashArray, volume: model.Volume) -> None:
    for member in array.group_members.by('member', volume.id):
        array.group_members.remove(member.id)


def eradicate_snapshot(
    array: FlashArray, snapshot: model.VolumeSnapshot
) -> None:
    remove_tags(array, snapshot.id)
    array.volume_snapshots.remove(snapshot.id)


def remove_tags(array: FlashArray, resource_id: str) -> None:
    for tag in array.tags.by('resource', resource_id):
        array.tags.remove(tag.id)


def connection_count(array: FlashArray, volume: model.Volume) -> int:
    """Return how many hosts see the volume, host groups resolved."""
    count = 0
    for connection in array.connections.by('volume', volume.id):
        if connection.host_group_id is None:
            count += 1
        else:
            count += array.hosts.count('host_group', connection.host_group_id)
    return count


def snapshot(
    array: FlashArray, volume: model.Volume, suffix: str | None
) -> model.VolumeSnapshot:
    """Take a snapshot; without a suffix the volume's counter gives one."""
    _refuse_endpoint(volume)
    if suffix is None:
        suffix = _next_suffix(array, volume)
    name = f'{volume.name}.{names.check_suffix(suffix, volume.name)}'
    _free_suffix(array, volume, name)
    return keep_content(array, volume, name, suffix, array.now())


def keep_content(
    array: FlashArray,
    volume: model.Volume,
    name: str,
    suffix: str,
    created: int,
    group_snapshot_id: str | None = None,
) -> model.VolumeSnapshot:
    """Make a snapshot object of what is in a volume now."""
    return array.volume_snapshots.put(
        model.VolumeSnapshot(
            id=array.new_id(),
            name=name,
            suffix=suffix,
            created=created,
            provisioned=volume.provisioned,
            serial=array.new_serial(),
            content=volume.content,
            volume_id=volume.id,
            source_id=volume.id,
            source_name=volume.name,
            group_snapshot_id=group_snapshot_id,
            pod_id=volume.pod_id,
        )
    )


def _next_suffix(array: FlashArray, volume: model.Volume) -> str:
    """Return the next number that no snapshot has been given by name."""
    number = volume.next_suffix
    while array.volume_snapshots.find(f'{volume.name}.{number}') is not None:
        number += 1
    array.volumes.put(replace(volume, next_suffix=number + 1))
    return str(number)


def _free_suffix(array: FlashArray, volume: model.Volume, name: str) -> None:
    """Raise ApiError if a snapshot, live or destroyed, has the name."""
    stored = array.volume_snapshots.find(name)
    if stored is not None and stored.destroyed is not None:
        # jt-pve-storage-purestorage looks for these words.
        raise errors.refused(
            f'Snapshot already exists for volume {volume.name},'
            ' pending eradication.',
            name,
        )
    free_name(SNAPSHOT_LABEL, array.volume_snapshots, name)


def copy_tags(
    array: FlashArray, from_id: str | None, volume: model.Volume
) -> None:
    """Give a copy the copyable tags of the volume it was made from."""
    if from_id is None or from_id == volume.id:
        return
    for tag in array.tags.by('resource', from_id):
        if tag.copyable:
            array.tags.put(
                replace(
                    tag,
                    id=tag_id(volume.id, tag.namespace, tag.key),
                    resource_id=volume.id,
                )
            )


def tag_id(resource_id: str, namespace: str, key: str) -> str:
    return f'{resource_id}/{namespace.casefold()}/{key.casefold()}'


def _own_snapshots(
    array: FlashArray, volume: model.Volume
) -> list[model.VolumeSnapshot]:
    return [
        snapshot
        for snapshot in array.volume_snapshots.by('volume', volume.id)
        if snapshot.group_snapshot_id is None
    ]
