# SPDX-License-Identifier: Apache-2.0
"""/protection-groups."""

from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import (
    group_members,
    protection,
    safemode,
    schedules,
)
from flasharray_simulator.families import rendering, tags
from flasharray_simulator.listing import Listing

LABEL = protection.LABEL
LEAST_FREQUENCY = 300_000
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
    replication = group.replication_schedule
    snapshot = group.snapshot_schedule
    source: Item = {'name': group.source_array, 'id': None}
    if group.local:
        source = array.reference()
    return {
        'id': group.id,
        'name': group.name,
        'destroyed': group.destroyed is not None,
        'eradication_config': {
            'manual_eradication': 'all-disabled'
            if safemode.is_locked(group)
            else 'all-enabled'
        },
        'host_count': kinds.count('hosts'),
        'host_group_count': kinds.count('host-groups'),
        'is_local': group.local,
        'pod': rendering.reference(array.pods.get(group.pod_id)),
        'replication_schedule': {
            'at': replication.at,
            'enabled': replication.enabled,
            'frequency': replication.frequency,
            'blackout': {
                'start': replication.blackout.start,
                'end': replication.blackout.end,
            },
        },
        'retention_lock': group.retention_lock,
        'snapshot_schedule': {
            'at': snapshot.at,
            'enabled': snapshot.enabled,
            'frequency': snapshot.frequency,
        },
        'source': source,
        'source_retention': _retention(group.source_retention),
        'space': _space(array, group),
        'target_count': array.group_targets.count('group', group.id),
        'target_retention': _retention(group.target_retention),
        'time_remaining': array.time_remaining(group.destroyed),
        'volume_count': kinds.count('volumes'),
        'workload': rendering.no_workload(),
        '.tags': tags.of(array, group.id),
    }


def _is_live(array: FlashArray, member: model.GroupMember) -> bool:
    volume = array.volumes.get(member.member_id)
    return volume is None or volume.destroyed is None


def _retention(retention: model.Retention) -> Item:
    return {
        'all_for_sec': retention.all_for_sec,
        'days': retention.days,
        'per_day': retention.per_day,
    }


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
    if call.query.many('source_names'):
        raise errors.invalid_parameter('source_names.')
    made = errors.for_each(
        call.query.required('names'),
        lambda name: protection.create(call.array, name),
    )
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
        group = protection.recover(array, group)
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
        replication_schedule=_read_schedule(
            body.get('replication_schedule'),
            group.replication_schedule,
            group.name,
        ),
        snapshot_schedule=_read_schedule(
            body.get('snapshot_schedule'), group.snapshot_schedule, group.name
        ),
        source_retention=_read_retention(
            body.get('source_retention'), group.source_retention, group.name
        ),
        target_retention=_read_retention(
            body.get('target_retention'), group.target_retention, group.name
        ),
        retention_lock=_read_lock(body, group),
    )
    _refuse_weaker(group, changed)
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
    return min(due, schedules.next_due(new, now, now))


def _read_lock(body: Item, group: model.ProtectionGroup) -> str:
    wanted = body.get('retention_lock')
    if wanted is None:
        return group.retention_lock
    if wanted not in ('ratcheted', 'unlocked'):
        raise errors.invalid_parameter('retention_lock.', group.name)
    if wanted == 'unlocked':
        safemode.refuse_if_locked(group)
    return str(wanted)


def _refuse_weaker(
    old: model.ProtectionGroup, new: model.ProtectionGroup
) -> None:
    if not safemode.is_locked(old):
        return
    for before, after in (
        (old.source_retention, new.source_retention),
        (old.target_retention, new.target_retention),
    ):
        if (
            after.all_for_sec < before.all_for_sec
            or after.days < before.days
            or after.per_day < before.per_day
        ):
            safemode.refuse_if_locked(old)
    for was, is_now in (
        (old.replication_schedule, new.replication_schedule),
        (old.snapshot_schedule, new.snapshot_schedule),
    ):
        slower = is_now.frequency > was.frequency
        if was.enabled and (slower or not is_now.enabled):
            safemode.refuse_if_locked(old)


def _read_schedule(
    given: Any, present: model.Schedule, context: str
) -> model.Schedule:
    if given is None:
        return present
    fields = check_fields(given, ('enabled', 'frequency', 'at', 'blackout'))
    frequency = _number(
        fields.get('frequency', present.frequency), 'frequency', context
    )
    if frequency is None or frequency < LEAST_FREQUENCY:
        raise errors.invalid_parameter(
            f'frequency must be at least {LEAST_FREQUENCY}.', context
        )
    at = _number(fields.get('at', present.at), 'at', context)
    if at is not None and frequency < model.DAY:
        if fields.get('at') is not None:
            raise errors.invalid_parameter(
                'at needs a frequency of one day or more.', context
            )
        at = None
    return model.Schedule(
        enabled=bool(fields.get('enabled', present.enabled)),
        frequency=frequency,
        at=at,
        blackout=_read_blackout(
            fields.get('blackout'), present.blackout, context
        ),
    )


def _read_blackout(
    given: Any, present: model.Blackout, context: str
) -> model.Blackout:
    if given is None:
        return present
    fields = check_fields(given, ('start', 'end'))
    return model.Blackout(
        _number(fields.get('start'), 'blackout.start', context),
        _number(fields.get('end'), 'blackout.end', context),
    )


def _read_retention(
    given: Any, present: model.Retention, context: str
) -> model.Retention:
    if given is None:
        return present
    fields = check_fields(given, ('all_for_sec', 'days', 'per_day'))
    values = [
        _number(fields.get(name, getattr(present, name)), name, context)
        for name in ('all_for_sec', 'per_day', 'days')
    ]
    if None in values:
        raise errors.invalid_parameter('retention.', context)
    return model.Retention(*(value or 0 for value in values))


def _number(value: Any, name: str, context: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise errors.invalid_parameter(f'{name}.', context)
    return value


def delete(call: Call) -> Answer:
    def eradicate(name: str) -> None:
        group = protection.find(call.array, name)
        if group.destroyed is None:
            raise errors.not_destroyed(LABEL, name)
        safemode.refuse_if_locked(group)
        protection.eradicate(call.array, group)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


ROUTES = (
    Route('GET', 'protection-groups', get, ('destroyed',)),
    Route('POST', 'protection-groups', post, ('source_names', 'overwrite')),
    Route('PATCH', 'protection-groups', patch),
    Route('DELETE', 'protection-groups', delete),
)
