# SPDX-License-Identifier: Apache-2.0
"""/protection-group-snapshots."""

from dataclasses import replace

from flasharray_simulator import errors, model, switches
from flasharray_simulator.array import FlashArray, any_state
from flasharray_simulator.call import Answer, Call, Item, Query, Route
from flasharray_simulator.domain import group_snapshots, protection, safemode
from flasharray_simulator.families import rendering, tags
from flasharray_simulator.listing import Listing

LABEL = group_snapshots.LABEL


def render(array: FlashArray, snapshot: model.GroupSnapshot) -> Item:
    group = array.protection_groups[snapshot.group_id]
    parts = array.volume_snapshots.by('group_snapshot', snapshot.id)
    return {
        'id': snapshot.id,
        'name': snapshot.name,
        'created': snapshot.created,
        'destroyed': snapshot.destroyed is not None,
        'eradication_config': {
            'manual_eradication': safemode.eradication(array, group)
        },
        'pod': rendering.reference(array.pods.get(group.pod_id)),
        'source': rendering.reference(group),
        'space': rendering.space(
            sum(part.provisioned for part in parts),
            sum(array.content.allocated(p.content) for p in parts),
        ),
        'suffix': snapshot.suffix,
        'time_remaining': array.time_remaining(
            snapshot.destroyed, safemode.is_locked(group)
        ),
        '.tags': tags.of(array, snapshot.id),
    }


def of_group(array: FlashArray, name: str) -> list[model.GroupSnapshot] | None:
    """Return the snapshots of the group of that name; None: no group."""
    group = array.protection_groups.find(name)
    if group is None:
        return None
    return array.group_snapshots.by('group', group.id)


def of_sources(call: Call) -> list[model.GroupSnapshot] | None:
    """Return the snapshots of the groups in source_names, if given."""
    sources = call.query.many('source_names')
    if not sources:
        return None
    return [
        snapshot
        for group in errors.for_each(
            sources, lambda name: protection.find(call.array, name)
        )
        for snapshot in call.array.group_snapshots.by('group', group.id)
    ]


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.group_snapshots,
        render=lambda snapshot: render(array, snapshot),
        destroyed=lambda snapshot: snapshot.destroyed is not None,
        by_group=lambda name: of_group(array, name),
        indexed={'source.name': lambda name: of_group(array, name) or []},
    ).answer(_in_order(call), of_sources(call))


def _in_order(call: Call) -> Call:
    """Return the call with the order that the array's switch gives."""
    if (
        switches.GROUP_SNAPSHOT_ORDER.of(call.array) == 'created'
        or call.query.text('sort')
        or call.query.text('continuation_token')
    ):
        return call
    values = {**call.query.values, 'sort': 'created-'}
    return replace(call, query=Query(values))


def post(call: Call) -> Answer:
    array = call.array
    wish = wish_of(call)
    made = errors.for_each(
        call.query.required('source_names'),
        lambda name: group_snapshots.request(
            array, protection.find_own(array, name), wish
        ),
    )
    return Answer([render(array, snapshot) for snapshot in made])


def wish_of(call: Call) -> group_snapshots.Wish:
    """Return what the query and the body ask for."""
    body = call.fields('suffix', 'tags', 'source', 'destroyed', 'name')
    flags = {
        name: bool(call.query.boolean(name))
        for name in (
            'allow_throttle',
            'apply_retention',
            'for_replication',
            'replicate',
            'replicate_now',
        )
    }
    if flags['replicate'] and flags['replicate_now']:
        raise errors.refused(
            'replicate and replicate_now cannot be used together.'
        )
    return group_snapshots.Wish(
        suffix=body.get('suffix') or None,
        retained=flags['apply_retention'],
        for_replication=flags['for_replication'],
        replicate=flags['replicate'] or flags['replicate_now'],
        urgent=flags['replicate_now'],
    )


def patch(call: Call) -> Answer:
    body = call.fields('destroyed', 'name')
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: _patch(call.array, name, body),
    )
    return Answer([render(call.array, snapshot) for snapshot in changed])


def _patch(array: FlashArray, name: str, body: Item) -> model.GroupSnapshot:
    snapshot = any_state(LABEL, array.group_snapshots, name)
    group = array.protection_groups[snapshot.group_id]
    if body.get('destroyed') is True:
        safemode.refuse_if_locked(group)
        return group_snapshots.destroy_snapshot(array, snapshot)
    if body.get('destroyed') is False:
        if group.destroyed is not None:
            raise errors.has_been_destroyed(protection.LABEL, group.name)
        snapshot = group_snapshots.recover_snapshot(array, snapshot)
    if snapshot.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, name)
    if body.get('name') is not None:
        snapshot = group_snapshots.rename_snapshot(
            array, snapshot, body['name']
        )
    return snapshot


def delete(call: Call) -> Answer:
    def eradicate(name: str) -> None:
        snapshot = any_state(LABEL, call.array.group_snapshots, name)
        if snapshot.destroyed is None:
            raise errors.not_destroyed(LABEL, name)
        group = call.array.protection_groups[snapshot.group_id]
        safemode.refuse_eradication(call.array, name, group)
        group_snapshots.eradicate_snapshot(call.array, snapshot)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


ROUTES = (
    Route(
        'GET',
        'protection-group-snapshots',
        get,
        ('destroyed', 'source_names'),
    ),
    Route(
        'POST',
        'protection-group-snapshots',
        post,
        (
            'source_names',
            'apply_retention',
            'for_replication',
            'replicate',
            'replicate_now',
            'allow_throttle',
        ),
    ),
    Route('PATCH', 'protection-group-snapshots', patch),
    Route('DELETE', 'protection-group-snapshots', delete),
)
