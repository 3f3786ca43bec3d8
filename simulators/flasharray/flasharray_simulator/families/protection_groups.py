# SPDX-License-Identifier: Apache-2.0
"""/protection-groups."""

from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import (
    group_copies,
    group_members,
    protection,
    recovery,
    safemode,
    schedules,
)
from flasharray_simulator.families import group_settings, rendering, tags
from flasharray_simulator.listing import Listing

LABEL = protection.LABEL
_PATCH = (
    'name',
    'destroyed',
    'eradication_config',
    'pod',
    'replication_schedule',
    'retention_lock',
    'snapshot_schedule',
    'source_retention',
    'target_retention',
)


def render(array: FlashArray, group: model.ProtectionGroup) -> Item:
    members = array.group_members.by('group', group.id)
    kinds = [m.kind for m in members if _is_live(array, m)]
    return {
        'id': group.id,
        'name': group.name,
        'destroyed': group.destroyed is not None,
        'eradication_config': {
            'manual_eradication': safemode.eradication(array, group)
        },
        'host_count': kinds.count('hosts'),
        'host_group_count': kinds.count('host-groups'),
        'is_local': group.local,
        'pod': rendering.reference(array.pods.get(group.pod_id)),
        'replication_schedule': group_settings.replication_schedule(
            group.replication_schedule
        ),
        'retention_lock': group.retention_lock,
        'snapshot_schedule': group_settings.snapshot_schedule(
            group.snapshot_schedule
        ),
        'source': _source(array, group),
        'source_retention': group_settings.retention(group.source_retention),
        'space': _space(array, group),
        'target_count': array.group_targets.count('group', group.id),
        'target_retention': group_settings.retention(group.target_retention),
        'time_remaining': array.time_remaining(
            group.destroyed, safemode.is_locked(group)
        ),
        'volume_count': kinds.count('volumes'),
        'workload': rendering.no_workload(),
        '.tags': tags.of(array, group.id),
    }


def _is_live(array: FlashArray, member: model.GroupMember) -> bool:
    volume = array.volumes.get(member.member_id)
    return volume is None or volume.destroyed is None


def _source(array: FlashArray, group: model.ProtectionGroup) -> Item:
    """Return the array, or the pod, that the group was made on."""
    if not group.local:
        return {'name': group.source_pod or group.source_array, 'id': None}
    pod = array.pods.get(group.pod_id)
    return array.reference() if pod is None else rendering.reference(pod)


def _space(array: FlashArray, group: model.ProtectionGroup) -> Item:
    covered = group_members.volumes_of(array, group)
    return rendering.space(
        sum(volume.provisioned for volume in covered),
        sum(array.content.allocated(v.content) for v in covered),
    )


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.protection_groups,
        render=lambda group: render(array, group),
        destroyed=lambda group: group.destroyed is not None,
    ).answer(call)


def post(call: Call) -> Answer:
    call.fields('tags')
    sources = call.query.many('source_names')
    wanted = call.query.required('names')
    if sources and len(sources) != len(wanted):
        raise errors.invalid_parameter('one source for each name.')
    overwrite = bool(call.query.boolean('overwrite'))
    if overwrite and not sources:
        raise errors.refused('overwrite needs a source.', wanted[0])

    def make(name: str) -> model.ProtectionGroup:
        if not sources:
            return protection.create(call.array, name)
        source = sources[wanted.index(name)]
        return group_copies.copy(call.array, name, source, overwrite)

    made = errors.for_each(wanted, make)
    return Answer([render(call.array, group) for group in made])


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    wanted = call.query.required('names')
    if 'name' in body and len(wanted) > 1:
        raise errors.invalid_parameter('one name for several groups.')
    changed = errors.for_each(
        wanted, lambda name: _patch(call.array, name, body)
    )
    return Answer([render(call.array, group) for group in changed])


def _patch(array: FlashArray, name: str, body: Item) -> model.ProtectionGroup:
    group = protection.find(array, name)
    if body.get('destroyed') is True:
        return protection.destroy(array, group)
    if body.get('destroyed') is False:
        group = recovery.recover_group(array, group)
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, name)
    if not group.local and body.keys() - {'target_retention', 'destroyed'}:
        raise errors.refused(
            'Operation not permitted on a protection group of another array.',
            name,
        )
    group = array.protection_groups.put(_changed(array, group, body))
    if body.get('name') is not None:
        group = protection.rename(array, group, body['name'])
    return group


def _changed(
    array: FlashArray, group: model.ProtectionGroup, body: Item
) -> model.ProtectionGroup:
    changed = replace(
        group,
        replication_schedule=group_settings.read_schedule(
            array,
            body.get('replication_schedule'),
            group.replication_schedule,
            group.name,
        ),
        snapshot_schedule=group_settings.read_schedule(
            array,
            body.get('snapshot_schedule'),
            group.snapshot_schedule,
            group.name,
        ),
        source_retention=group_settings.read_retention(
            body.get('source_retention'), group.source_retention, group.name
        ),
        target_retention=group_settings.read_retention(
            body.get('target_retention'), group.target_retention, group.name
        ),
        retention_lock=_read_lock(body, group),
    )
    safemode.refuse_weaker(group, changed)
    now = array.now()
    return replace(
        changed,
        replication_due=_due(
            group.replication_schedule,
            changed.replication_schedule,
            group.replication_due,
            now,
        ),
        snapshot_due=_due(
            group.snapshot_schedule,
            changed.snapshot_schedule,
            group.snapshot_due,
            now,
        ),
    )


def _due(
    old: model.Schedule, new: model.Schedule, due: int | None, now: int
) -> int | None:
    if not new.enabled:
        return None
    if due is None:
        return schedules.first_due(new, now)
    if old == new:
        return due
    if new.at is not None:
        return schedules.first_due(new, now)
    return min(due, schedules.next_due(new, now, now))


def _read_lock(body: Item, group: model.ProtectionGroup) -> str:
    wanted = body.get('retention_lock')
    if wanted is None:
        return group.retention_lock
    if wanted not in (safemode.LOCKED, safemode.UNLOCKED):
        raise errors.invalid_parameter('retention_lock.', group.name)
    return str(wanted)


def delete(call: Call) -> Answer:
    def eradicate(name: str) -> None:
        group = protection.find(call.array, name)
        if group.destroyed is None:
            raise errors.not_destroyed(LABEL, name)
        safemode.refuse_eradication(call.array, name, group)
        protection.eradicate(call.array, group)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


ROUTES = (
    Route('GET', 'protection-groups', get, ('destroyed',)),
    Route('POST', 'protection-groups', post, ('source_names', 'overwrite')),
    Route('PATCH', 'protection-groups', patch),
    Route('DELETE', 'protection-groups', delete),
)
