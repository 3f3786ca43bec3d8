# SPDX-License-Identifier: Apache-2.0
"""/volume-groups and their volumes."""

from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import (
    FlashArray,
    any_state,
    expect_container,
    free_name,
)
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import safemode, volumes
from flasharray_simulator.families import rendering
from flasharray_simulator.listing import Listing

LABEL = 'Volume group'


def render(array: FlashArray, group: model.VolumeGroup) -> Item:
    members = array.volumes.by('volume_group', group.id)
    return {
        'id': group.id,
        'name': group.name,
        'destroyed': group.destroyed is not None,
        'pod': rendering.reference(array.pods.get(group.pod_id)),
        'priority_adjustment': rendering.priority(
            group.priority_operator, group.priority_value
        ),
        'qos': rendering.qos(group.qos),
        'space': rendering.space(
            sum(volume.provisioned for volume in members),
            sum(array.content.allocated(v.content) for v in members),
        ),
        'time_remaining': array.time_remaining(group.destroyed),
        'volume_count': len(_live(array, group)),
        'workload': rendering.no_workload(),
    }


def _live(array: FlashArray, group: model.VolumeGroup) -> list[model.Volume]:
    return [
        volume
        for volume in array.volumes.by('volume_group', group.id)
        if volume.destroyed is None
    ]


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.volume_groups,
        render=lambda group: render(array, group),
        destroyed=lambda group: group.destroyed is not None,
    ).answer(call)


def post(call: Call) -> Answer:
    body = call.fields(
        'name', 'destroyed', 'priority_adjustment', 'qos', 'tags'
    )
    made = errors.for_each(
        call.query.required('names'),
        lambda name: _create(call.array, name, body),
    )
    return Answer([render(call.array, group) for group in made])


def _create(array: FlashArray, name: str, body: Item) -> model.VolumeGroup:
    parts = names.check(name, LABEL)
    pod = expect_container(array, parts)
    if pod is not None:
        parts = replace(parts, pod=pod.name)
    free_name(LABEL, array.volume_groups, name)
    operator, value = rendering.read_priority(body, name) or ('+', 0)
    return array.volume_groups.put(
        model.VolumeGroup(
            id=array.new_id(),
            name=str(parts),
            created=array.now(),
            pod_id=pod.id if pod else None,
            qos=rendering.read_qos(body, model.Qos(), name),
            priority_operator=operator,
            priority_value=value,
        )
    )


def patch(call: Call) -> Answer:
    body = call.fields('name', 'destroyed', 'priority_adjustment', 'qos')
    contents = bool(call.query.boolean('destroy_contents'))
    changed = errors.for_each(
        call.query.required('names'),
        lambda name: _patch(call.array, name, body, contents),
    )
    return Answer([render(call.array, group) for group in changed])


def _patch(
    array: FlashArray, name: str, body: Item, contents: bool
) -> model.VolumeGroup:
    group = any_state(LABEL, array.volume_groups, name)
    if body.get('destroyed') is True:
        return _destroy(array, group, contents)
    if body.get('destroyed') is False:
        group = array.volume_groups.put(replace(group, destroyed=None))
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, name)
    operator, value = rendering.read_priority(body, name) or (
        group.priority_operator,
        group.priority_value,
    )
    new_name = group.name
    if body.get('name') is not None:
        new_name = volumes.within(group.name, body['name'], LABEL)
        if new_name.casefold() != group.name.casefold():
            free_name(LABEL, array.volume_groups, new_name)
        volumes.rename_container(array, group.id, new_name)
    return array.volume_groups.put(
        replace(
            group,
            name=new_name,
            qos=rendering.read_qos(body, group.qos, name),
            priority_operator=operator,
            priority_value=value,
        )
    )


def _destroy(
    array: FlashArray, group: model.VolumeGroup, contents: bool
) -> model.VolumeGroup:
    if group.destroyed is not None:
        raise errors.has_been_destroyed(LABEL, group.name)
    members = _live(array, group)
    if members and not contents:
        raise errors.refused(
            'Volume group cannot be destroyed while it has volumes.',
            group.name,
        )
    for volume in members:
        volumes.destroy(array, volume)
    return array.volume_groups.put(replace(group, destroyed=array.now()))


def delete(call: Call) -> Answer:
    contents = bool(call.query.boolean('eradicate_contents'))

    def eradicate(name: str) -> None:
        group = any_state(LABEL, call.array.volume_groups, name)
        if group.destroyed is None:
            raise errors.not_destroyed(LABEL, name)
        members = call.array.volumes.by('volume_group', group.id)
        for volume in members:
            groups = safemode.groups_of(call.array, volume.id)
            safemode.refuse_eradication(call.array, volume.name, *groups)
        safemode.refuse_eradication(call.array, name)
        # Cinder eradicates a group whose volumes it had destroyed before.
        with_it = any(
            volume.destroyed is None or volume.destroyed >= group.destroyed
            for volume in members
        )
        if with_it and not contents:
            raise errors.refused(
                'Volume group cannot be eradicated while it has volumes.',
                name,
            )
        for volume in members:
            volumes.eradicate(call.array, volume)
        volumes.remove_tags(call.array, group.id)
        call.array.volume_groups.remove(group.id)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


def members(call: Call) -> Answer:
    array = call.array
    wanted = call.query.many('group_names')
    groups = (
        errors.for_each(
            wanted, lambda name: any_state(LABEL, array.volume_groups, name)
        )
        if wanted
        else list(array.volume_groups)
    )
    found = [
        volume
        for group in groups
        for volume in array.volumes.by('volume_group', group.id)
    ]
    return Listing(
        label=volumes.LABEL,
        collection=array.volumes,
        render=lambda volume: {
            'group': rendering.reference(
                array.volume_groups.get(volume.volume_group_id)
            ),
            'member': rendering.reference(volume),
        },
    ).answer(call, found)


ROUTES = (
    Route('GET', 'volume-groups', get, ('destroyed',)),
    Route('POST', 'volume-groups', post),
    Route('PATCH', 'volume-groups', patch, ('destroy_contents',)),
    Route('DELETE', 'volume-groups', delete, ('eradicate_contents',)),
    Route(
        'GET',
        'volume-groups/volumes',
        members,
        ('group_names', 'member_names'),
    ),
)
