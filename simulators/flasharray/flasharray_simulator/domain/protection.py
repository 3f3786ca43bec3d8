# SPDX-License-Identifier: Apache-2.0
"""Protection groups: members, snapshots, transfers, destruction."""

from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name, live
from flasharray_simulator.domain import schedules, volumes

LABEL = 'Protection group'
SNAPSHOT_LABEL = 'Protection group snapshot'


def find(array: FlashArray, name: str) -> model.ProtectionGroup:
    return any_state(LABEL, array.protection_groups, name)


def find_live(array: FlashArray, name: str) -> model.ProtectionGroup:
    return live(LABEL, array.protection_groups, name)


def find_own(array: FlashArray, name: str) -> model.ProtectionGroup:
    """Return a live group of this array; raise ApiError for a copy."""
    group = find_live(array, name)
    if not group.local:
        raise errors.refused(
            'Operation not permitted on a protection group of another array.',
            name,
        )
    return group


def create(array: FlashArray, name: str) -> model.ProtectionGroup:
    parts = names.check(name, LABEL)
    if parts.pod is not None:
        live('Pod', array.pods, parts.pod)
    free_name(LABEL, array.protection_groups, name)
    return array.protection_groups.put(
        model.ProtectionGroup(
            id=array.new_id(),
            name=name,
            created=array.now(),
            source_array=array.name,
        )
    )


def is_locked(group: model.ProtectionGroup) -> bool:
    return group.retention_lock == 'ratcheted'


def refuse_if_locked(group: model.ProtectionGroup) -> None:
    """Raise ApiError if SafeMode protects the group."""
    if is_locked(group):
        raise errors.refused(
            'Operation not permitted: retention lock is ratcheted.',
            group.name,
        )


def member_id(group_id: str, member: str) -> str:
    return f'{group_id}/{member}'


def add_member(
    array: FlashArray,
    group: model.ProtectionGroup,
    member: str,
    kind: str,
    label: str,
    context: str,
) -> model.GroupMember:
    """Add a member by its id; raise ApiError if it cannot be one."""
    identifier = member_id(group.id, member)
    if array.group_members.get(identifier) is not None:
        raise errors.refused(
            f'{label} already belongs to protection group.', context
        )
    others = array.group_members.by('group', group.id)
    if others and others[0].kind != kind:
        raise errors.refused(
            'Protection group has members of another kind.', group.name
        )
    return array.group_members.put(
        model.GroupMember(identifier, group.id, member, kind)
    )


def add_volume(
    array: FlashArray, group: model.ProtectionGroup, volume: model.Volume
) -> model.GroupMember:
    """Add a volume; group and volume must be in the same pod or none."""
    if names.parse(group.name).pod != names.parse(volume.name).pod:
        raise errors.refused(
            'Volume and protection group must be in the same pod.',
            volume.name,
        )
    return add_member(
        array, group, volume.id, 'volumes', volumes.LABEL, volume.name
    )


def remove_member(
    array: FlashArray,
    group: model.ProtectionGroup,
    member: str,
    label: str,
    context: str,
) -> None:
    refuse_if_locked(group)
    identifier = member_id(group.id, member)
    if array.group_members.get(identifier) is None:
        raise errors.refused(
            f'{label} could not be found in protection group.', context
        )
    array.group_members.remove(identifier)


def volumes_of(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.Volume]:
    """Return the live volumes that a snapshot of the group covers."""
    found: dict[str, model.Volume] = {}
    for member in array.group_members.by('group', group.id):
        for volume in _volumes_of_member(array, member):
            if volume.destroyed is None:
                found[volume.id] = volume
    return sorted(found.values(), key=lambda v: v.name.casefold())


def _volumes_of_member(
    array: FlashArray, member: model.GroupMember
) -> list[model.Volume]:
    if member.kind == 'volumes':
        return [array.volumes[member.member_id]]
    connections = array.connections.by(
        'host' if member.kind == 'hosts' else 'host_group', member.member_id
    )
    if member.kind == 'hosts':
        host = array.hosts[member.member_id]
        if host.host_group_id is not None:
            connections = connections + array.connections.by(
                'host_group', host.host_group_id
            )
    return [array.volumes[c.volume_id] for c in connections]


def allowed_targets(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.GroupTarget]:
    return [
        target
        for target in array.group_targets.by('group', group.id)
        if target.allowed
    ]


def take_snapshot(
    array: FlashArray,
    group: model.ProtectionGroup,
    suffix: str | None = None,
    retained: bool = False,
    for_replication: bool = False,
) -> model.GroupSnapshot:
    """Take a consistent snapshot of all the group's volumes.

    ``retained`` puts it under the group's source retention.
    """
    if suffix is None:
        suffix = _next_suffix(array, group)
    name = f'{group.name}.{names.check_suffix(suffix, group.name)}'
    free_name(SNAPSHOT_LABEL, array.group_snapshots, name)
    snapshot = array.group_snapshots.put(
        model.GroupSnapshot(
            id=array.new_id(),
            name=name,
            suffix=suffix,
            group_id=group.id,
            created=array.now(),
            retained=retained,
            for_replication=for_replication,
        )
    )
    for volume in volumes_of(array, group):
        array.volume_snapshots.put(
            model.VolumeSnapshot(
                id=array.new_id(),
                name=f'{name}.{names.member_part(volume.name)}',
                suffix=suffix,
                created=snapshot.created,
                provisioned=volume.provisioned,
                serial=array.new_serial(),
                content=volume.content,
                volume_id=volume.id,
                source_id=volume.id,
                source_name=volume.name,
                group_snapshot_id=snapshot.id,
            )
        )
    return snapshot


def _next_suffix(array: FlashArray, group: model.ProtectionGroup) -> str:
    number = group.next_suffix
    while array.group_snapshots.find(f'{group.name}.{number}') is not None:
        number += 1
    array.protection_groups.put(replace(group, next_suffix=number + 1))
    return str(number)


def queue_transfers(
    array: FlashArray,
    snapshot: model.GroupSnapshot,
    targets: list[model.GroupTarget],
    urgent: bool = False,
) -> None:
    """Queue a snapshot for its targets; the replication engine sends it."""
    for target in targets:
        array.transfers.put(
            model.Transfer(
                id=f'{snapshot.id}>{target.array_name.casefold()}',
                group_snapshot_id=snapshot.id,
                group_id=snapshot.group_id,
                peer=target.array_name,
                outbound=True,
                queued=array.now(),
                urgent=urgent,
            )
        )


def parts_of(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> list[model.VolumeSnapshot]:
    """Return the volume snapshots of a group snapshot, by name."""
    parts = array.volume_snapshots.by('group_snapshot', snapshot.id)
    return sorted(parts, key=lambda part: part.name.casefold())


def destroy(
    array: FlashArray, group: model.ProtectionGroup
) -> model.ProtectionGroup:
    """Destroy a group with its snapshots."""
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, group.name)
    refuse_if_locked(group)
    now = array.now()
    for snapshot in array.group_snapshots.by('group', group.id):
        if snapshot.destroyed is None:
            destroy_snapshot(array, snapshot, now)
    return array.protection_groups.put(replace(group, destroyed=now))


def recover(
    array: FlashArray, group: model.ProtectionGroup
) -> model.ProtectionGroup:
    if group.destroyed is None:
        return group
    for snapshot in array.group_snapshots.by('group', group.id):
        if snapshot.destroyed == group.destroyed:
            recover_snapshot(array, snapshot)
    return array.protection_groups.put(replace(group, destroyed=None))


def eradicate(array: FlashArray, group: model.ProtectionGroup) -> None:
    for snapshot in array.group_snapshots.by('group', group.id):
        eradicate_snapshot(array, snapshot)
    for member in array.group_members.by('group', group.id):
        array.group_members.remove(member.id)
    for target in array.group_targets.by('group', group.id):
        array.group_targets.remove(target.id)
    volumes.remove_tags(array, group.id)
    array.protection_groups.remove(group.id)


def destroy_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, now: int | None = None
) -> model.GroupSnapshot:
    """Destroy a group snapshot with its parts; its transfers end."""
    if snapshot.destroyed is not None:
        raise errors.has_been_destroyed(SNAPSHOT_LABEL, snapshot.name)
    moment = array.now() if now is None else now
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(replace(part, destroyed=moment))
    for transfer in array.transfers.by('snapshot', snapshot.id):
        if transfer.outbound and transfer.completed is None:
            array.transfers.put(replace(transfer, state='dropped'))
    return array.group_snapshots.put(replace(snapshot, destroyed=moment))


def recover_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> model.GroupSnapshot:
    if snapshot.destroyed is None:
        return snapshot
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(replace(part, destroyed=None))
    return array.group_snapshots.put(replace(snapshot, destroyed=None))


def eradicate_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot
) -> None:
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        volumes.eradicate_snapshot(array, part)
    for transfer in array.transfers.by('snapshot', snapshot.id):
        array.transfers.remove(transfer.id)
    volumes.remove_tags(array, snapshot.id)
    array.group_snapshots.remove(snapshot.id)


def rename(
    array: FlashArray, group: model.ProtectionGroup, wanted: str
) -> model.ProtectionGroup:
    """Rename a group, its snapshots and their parts."""
    name = volumes.within(group.name, wanted, LABEL)
    if name.casefold() != group.name.casefold():
        free_name(LABEL, array.protection_groups, name)
    return put_name(array, group, name)


def put_name(
    array: FlashArray, group: model.ProtectionGroup, name: str
) -> model.ProtectionGroup:
    """Store the new full name of a group and all that carries it."""
    for snapshot in array.group_snapshots.by('group', group.id):
        _rename_snapshot(array, snapshot, f'{name}.{snapshot.suffix}')
    return array.protection_groups.put(replace(group, name=name))


def rename_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, suffix: str
) -> model.GroupSnapshot:
    """Give a snapshot another suffix (bare, or after the group's name)."""
    group = array.protection_groups[snapshot.group_id]
    prefix = f'{group.name}.'
    if suffix.casefold().startswith(prefix.casefold()):
        suffix = suffix[len(prefix) :]
    name = prefix + names.check_suffix(suffix, snapshot.name)
    free_name(SNAPSHOT_LABEL, array.group_snapshots, name)
    return _rename_snapshot(array, replace(snapshot, suffix=suffix), name)


def _rename_snapshot(
    array: FlashArray, snapshot: model.GroupSnapshot, name: str
) -> model.GroupSnapshot:
    old = array.group_snapshots[snapshot.id].name
    for part in array.volume_snapshots.by('group_snapshot', snapshot.id):
        array.volume_snapshots.put(
            replace(
                part,
                name=name + part.name[len(old) :],
                suffix=snapshot.suffix,
            )
        )
    return array.group_snapshots.put(replace(snapshot, name=name))


def run_due_schedules(array: FlashArray) -> None:
    """Take the scheduled snapshots whose time has come."""
    now = array.now()
    for group in array.protection_groups.by('local', True):
        if group.destroyed is not None:
            continue
        if group.replication_due is not None and group.replication_due <= now:
            _run_replication(array, group, now)
        group = array.protection_groups[group.id]
        if group.snapshot_due is not None and group.snapshot_due <= now:
            _run_snapshot(array, group, now)


def _run_replication(
    array: FlashArray, group: model.ProtectionGroup, now: int
) -> None:
    due = schedules.next_due(
        group.replication_schedule, group.replication_due or now, now
    )
    group = array.protection_groups.put(replace(group, replication_due=due))
    targets = allowed_targets(array, group)
    if targets and volumes_of(array, group):
        snapshot = take_snapshot(array, group, retained=True)
        queue_transfers(array, snapshot, targets)


def _run_snapshot(
    array: FlashArray, group: model.ProtectionGroup, now: int
) -> None:
    due = schedules.next_due(
        group.snapshot_schedule, group.snapshot_due or now, now
    )
    group = array.protection_groups.put(replace(group, snapshot_due=due))
    if volumes_of(array, group):
        take_snapshot(array, group, retained=True)


def next_deadline(array: FlashArray) -> int | None:
    """Return the earliest due time of all schedules (ms), or None."""
    dues = [
        due
        for group in array.protection_groups.by('local', True)
        if group.destroyed is None
        for due in (group.replication_due, group.snapshot_due)
        if due is not None
    ]
    return min(dues, default=None)


def apply_retention(array: FlashArray) -> None:
    """Destroy the snapshots that no retention keeps any longer."""
    now = array.now()
    for group in array.protection_groups:
        if group.destroyed is not None:
            continue
        retention = (
            group.source_retention if group.local else group.target_retention
        )
        kept = _under_retention(array, group)
        for snapshot in schedules.expired(kept, retention, now):
            destroy_snapshot(array, snapshot)


def _under_retention(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.GroupSnapshot]:
    return [
        snapshot
        for snapshot in array.group_snapshots.by('group', group.id)
        if snapshot.destroyed is None
        and (snapshot.retained if group.local else snapshot.complete)
    ]
