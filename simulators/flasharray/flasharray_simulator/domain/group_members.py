# SPDX-License-Identifier: Apache-2.0
"""Members of protection groups, and the volumes they stand for."""

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.domain import safemode, volumes


def member_id(group_id: str, member: str) -> str:
    return f'{group_id}/{member}'


def is_member(
    array: FlashArray, group: model.ProtectionGroup, member: str
) -> bool:
    return array.group_members.get(member_id(group.id, member)) is not None


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
    if kind != 'volumes' and group.pod_id is not None:
        raise errors.refused(
            'A protection group in a pod has only volumes.', group.name
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
    if group.pod_id != volume.pod_id:
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
    safemode.refuse_if_locked(group)
    identifier = member_id(group.id, member)
    if array.group_members.get(identifier) is None:
        raise errors.refused(
            f'{label} could not be found in protection group.', context
        )
    array.group_members.remove(identifier)


def leave_all(array: FlashArray, member: str) -> None:
    """End all memberships of an object; raise ApiError if one is locked."""
    for membership in array.group_members.by('member', member):
        leave(array, membership)


def leave(array: FlashArray, member: model.GroupMember) -> None:
    """End a membership whose member goes away or leaves the pod."""
    safemode.refuse_if_locked(array.protection_groups[member.group_id])
    array.group_members.remove(member.id)


def volumes_of(
    array: FlashArray, group: model.ProtectionGroup
) -> list[model.Volume]:
    """Return the live volumes that a snapshot of the group covers.

    For a host or host group these are the volumes connected to it.
    """
    found: dict[str, model.Volume] = {}
    for member in array.group_members.by('group', group.id):
        for volume in _volumes_of_member(array, member):
            if volume.destroyed is None and volume.pod_id == group.pod_id:
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
