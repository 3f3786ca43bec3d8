# SPDX-License-Identifier: Apache-2.0
"""/volume-groups, their volumes, space and performance."""

from collections.abc import Callable
from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import traffic, volume_groups, volumes
from flasharray_simulator.families import performance, rendering, sides, tags
from flasharray_simulator.listing import Listing

LABEL = volume_groups.LABEL


def render(array: FlashArray, group: model.VolumeGroup) -> Item:
    return {
        'id': group.id,
        'name': group.name,
        'destroyed': group.destroyed is not None,
        'pod': rendering.reference(array.pods.get(group.pod_id)),
        'priority_adjustment': rendering.priority(
            group.priority_operator, group.priority_value
        ),
        'qos': rendering.qos(group.qos),
        'space': _space(array, group),
        'time_remaining': array.time_remaining(group.destroyed),
        'volume_count': len(volume_groups.live_volumes(array, group)),
        'workload': rendering.no_workload(),
        '.tags': tags.of(array, group.id),
    }


def _space(array: FlashArray, group: model.VolumeGroup) -> Item:
    members = array.volumes.by('volume_group', group.id)
    return rendering.volumes_space(array, members)


def listing(
    array: FlashArray, show: Callable[[model.VolumeGroup], Item]
) -> Listing[model.VolumeGroup]:
    return Listing(
        label=LABEL,
        collection=array.volume_groups,
        render=show,
        destroyed=lambda group: group.destroyed is not None,
        totals=(),
    )


def get(call: Call) -> Answer:
    array = call.array
    return listing(array, lambda group: render(array, group)).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(
        'name', 'destroyed', 'priority_adjustment', 'qos', 'tags'
    )

    def create(name: str) -> model.VolumeGroup:
        group = _set(array, volume_groups.create(array, name), body)
        tags.put_all(array, 'volume-groups', group, body.get('tags') or [])
        return group

    made = errors.for_each(call.query.required('names'), create)
    return Answer([render(array, group) for group in made])


def _set(
    array: FlashArray, group: model.VolumeGroup, body: Item
) -> model.VolumeGroup:
    operator, value = rendering.read_priority(body, group.name) or (
        group.priority_operator,
        group.priority_value,
    )
    return array.volume_groups.put(
        replace(
            group,
            qos=rendering.read_qos(body, group.qos, group.name),
            priority_operator=operator,
            priority_value=value,
        )
    )


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields('name', 'destroyed', 'priority_adjustment', 'qos')
    wanted = call.query.required('names')
    contents = bool(call.query.boolean('destroy_contents'))
    if 'name' in body and ('destroyed' in body or len(wanted) > 1):
        raise errors.refused(
            'A volume group is renamed alone, with no change of destroyed.',
            wanted[0],
        )
    changed = errors.for_each(
        wanted, lambda name: _patch(array, name, body, contents)
    )
    return Answer([render(array, group) for group in changed])


def _patch(
    array: FlashArray, name: str, body: Item, contents: bool
) -> model.VolumeGroup:
    group = volume_groups.find(array, name)
    if body.get('destroyed') is True:
        return volume_groups.destroy(array, group, contents)
    if body.get('destroyed') is False:
        group = volume_groups.recover(array, group)
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, name)
    group = _set(array, group, body)
    if body.get('name') is not None:
        group = volume_groups.rename(array, group, body['name'])
    return group


def delete(call: Call) -> Answer:
    array = call.array
    contents = bool(call.query.boolean('eradicate_contents'))
    errors.for_each(
        call.query.required('names'),
        lambda name: volume_groups.eradicate(
            array, volume_groups.find(array, name), contents
        ),
    )
    return Answer()


def members(call: Call) -> Answer:
    array = call.array
    candidates = sides.chosen(
        call,
        lambda name: volume_groups.find(array, name),
        lambda name: volumes.find(array, name),
        lambda volume: volume.volume_group_id,
        lambda group_id: array.volumes.by('volume_group', group_id),
    )
    return Listing(
        label=volumes.LABEL,
        collection=array.volumes,
        render=lambda volume: _member(array, volume),
        visible=lambda volume: volume.volume_group_id is not None,
    ).answer(call, candidates)


def _member(array: FlashArray, volume: model.Volume) -> Item:
    return {
        'group': rendering.reference(
            array.volume_groups.get(volume.volume_group_id)
        ),
        'member': rendering.reference(volume),
    }


def space(call: Call) -> Answer:
    array = call.array
    now = array.now()
    return listing(
        array,
        lambda group: {
            'id': group.id,
            'name': group.name,
            'space': _space(array, group),
            'time': now,
        },
    ).answer(call)


def load(call: Call) -> Answer:
    return performance.answer(
        call,
        listing(call.array, lambda group: {}),
        lambda group: traffic.volume_group_key(group.id),
    )


_HISTORY = ('destroyed', *performance.TIMES)

ROUTES = (
    Route('GET', 'volume-groups', get, ('destroyed',)),
    Route('POST', 'volume-groups', post),
    Route('PATCH', 'volume-groups', patch, ('destroy_contents',)),
    Route(
        'DELETE',
        'volume-groups',
        delete,
        ('eradicate_contents',),
    ),
    Route('GET', 'volume-groups/volumes', members, sides.PARAMETERS),
    Route('GET', 'volumes/volume-groups', members, sides.PARAMETERS),
    Route('GET', 'volume-groups/space', space, _HISTORY),
    Route('GET', 'volume-groups/performance', load, _HISTORY),
)
