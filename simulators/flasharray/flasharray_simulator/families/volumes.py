# SPDX-License-Identifier: Apache-2.0
"""/volumes and its space and performance."""

from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import (
    default_protection,
    group_members,
    pod_moves,
    protection,
    recovery,
    safemode,
    traffic,
    volume_groups,
    volumes,
)
from flasharray_simulator.families import performance, rendering, tags
from flasharray_simulator.listing import Listing, Quick

POST_FIELDS = (
    'destroyed',
    'priority_adjustment',
    'protocol_endpoint',
    'provisioned',
    'qos',
    'source',
    'subtype',
    'tags',
    'workload',
)
PATCH_FIELDS = (
    'destroyed',
    'name',
    'pod',
    'priority_adjustment',
    'protocol_endpoint',
    'provisioned',
    'qos',
    'requested_promotion_state',
    'volume_group',
    'workload',
)


def render(array: FlashArray, volume: model.Volume) -> Item:
    group = array.volume_groups.get(volume.volume_group_id)
    pod = array.pods.get(volume.pod_id)
    return {
        'id': volume.id,
        'name': volume.name,
        'connection_count': volumes.connection_count(array, volume),
        'created': volume.created,
        'destroyed': volume.destroyed is not None,
        'host_encryption_key_status': 'none',
        'priority': volume_groups.priority(array, volume),
        'priority_adjustment': rendering.priority(
            volume.priority_operator, volume.priority_value
        ),
        'promotion_status': pod.promotion_status if pod else 'promoted',
        'protocol_endpoint': {'container_version': volume.container_version},
        'provisioned': None
        if volume.subtype == volumes.ENDPOINT
        else volume.provisioned,
        'pod': rendering.reference(pod),
        'qos': rendering.qos(volume.qos),
        'requested_promotion_state': pod.requested_promotion_state
        if pod
        else 'promoted',
        'serial': volume.serial,
        'source': {
            'name': volumes.source_name(array, volume),
            'id': volume.source_id,
        },
        'space': rendering.volume_space(array, volume),
        'subtype': volume.subtype,
        'time_remaining': array.time_remaining(
            volume.destroyed, safemode.is_volume_protected(array, volume)
        ),
        'volume_group': rendering.reference(group),
        'workload': rendering.no_workload(),
        '.tags': tags.of(array, volume.id),
    }


QUICK: Quick[model.Volume] = {
    'id': lambda volume: volume.id,
    'name': lambda volume: volume.name,
    'created': lambda volume: volume.created,
    'destroyed': lambda volume: volume.destroyed is not None,
    'provisioned': lambda volume: volume.provisioned,
    'serial': lambda volume: volume.serial,
    'subtype': lambda volume: volume.subtype,
}


def listing(array: FlashArray) -> Listing[model.Volume]:
    return Listing(
        label=volumes.LABEL,
        collection=array.volumes,
        render=lambda volume: render(array, volume),
        destroyed=lambda volume: volume.destroyed is not None,
        indexed={
            'pod.name': lambda name: _in_pod(array, name),
            'volume_group.name': lambda name: _in_group(array, name),
        },
        totals=('provisioned',),
        quick=QUICK,
    )


def _in_pod(array: FlashArray, name: str) -> list[model.Volume]:
    pod = array.pods.find(name)
    return array.volumes.by('pod', pod.id) if pod is not None else []


def _in_group(array: FlashArray, name: str) -> list[model.Volume]:
    group = array.volume_groups.find(name)
    if group is None:
        return []
    return array.volumes.by('volume_group', group.id)


def list_volumes(call: Call) -> Answer:
    return listing(call.array).answer(call)


def post(call: Call) -> Answer:
    body = call.fields(*POST_FIELDS)
    overwrite = bool(call.query.boolean('overwrite'))
    default_protection = call.query.boolean('with_default_protection')
    if overwrite and default_protection:
        raise errors.refused(
            'with_default_protection cannot be used with overwrite.'
        )
    groups = call.query.many('add_to_protection_group_names')
    protect = default_protection is not False
    made = errors.for_each(
        call.query.required('names'),
        lambda name: make(call.array, name, body, overwrite, groups, protect),
    )
    return Answer([render(call.array, volume) for volume in made])


def make(
    array: FlashArray,
    name: str,
    body: Item,
    overwrite: bool,
    groups: list[str],
    protect: bool = True,
) -> model.Volume:
    """Create, copy or overwrite one volume as a POST body says.

    ``protect`` adds a new one to its container's default groups too.
    """
    source = _source(array, body, name)
    if overwrite:
        if source is None:
            raise errors.refused('overwrite needs a source.', name)
        present = array.volumes.find(name)
        if present is not None:
            return _overwrite(array, present, source)
    size = body.get('provisioned')
    new = volumes.NewVolume(
        name=name,
        provisioned=None if size is None else volumes.check_size(size, name),
        source=source,
        qos=rendering.read_qos(body, model.Qos(), name),
        subtype=_subtype(body, name),
        container_version=_container_version(body, name),
        priority=rendering.read_priority(body, name) or ('+', 0),
    )
    volume = volumes.create(array, new)
    if source is not None:
        volumes.copy_tags(array, source.volume_id, volume)
    if protect:
        default_protection.protect(array, volume)
    for group_name in groups:
        group = protection.find_own(array, group_name)
        if not group_members.is_member(array, group, volume.id):
            group_members.add_volume(array, group, volume)
    tags.put_all(array, 'volumes', volume, body.get('tags') or [])
    return volume


def _subtype(body: Item, context: str) -> str:
    subtype = body.get('subtype') or 'regular'
    if subtype not in volumes.SUBTYPES:
        raise errors.invalid_parameter('subtype.', context)
    return str(subtype)


def _container_version(body: Item, context: str) -> str | None:
    given = body.get('protocol_endpoint') or {}
    version = check_fields(given, ('container_version',)).get(
        'container_version'
    )
    if version is not None and version not in volumes.CONTAINER_VERSIONS:
        raise errors.invalid_parameter('container_version.', context)
    return version


def _overwrite(
    array: FlashArray, volume: model.Volume, source: volumes.Source
) -> model.Volume:
    if volume.destroyed is not None:
        raise errors.has_been_destroyed(volumes.LABEL, volume.name)
    return volumes.overwrite(array, volume, source)


def _source(
    array: FlashArray, body: Item, context: str
) -> volumes.Source | None:
    given = body.get('source')
    if given is None:
        return None
    name = rendering.read_reference(given, context)
    if not name:
        stored = array.volumes.get(
            given.get('id')
        ) or array.volume_snapshots.get(given.get('id'))
        if stored is None:
            raise errors.does_not_exist(volumes.LABEL, str(given.get('id')))
        name = stored.name
    return volumes.source_of(array, name)


def patch(call: Call) -> Answer:
    body = call.fields(*PATCH_FIELDS)
    wanted = call.query.required('names')
    if 'name' in body and ('destroyed' in body or len(wanted) > 1):
        raise errors.refused(
            'A volume is renamed alone, with no change of destroyed.',
            wanted[0],
        )
    changed = errors.for_each(wanted, lambda name: _patch(call, name, body))
    return Answer([render(call.array, volume) for volume in changed])


def _patch(call: Call, name: str, body: Item) -> model.Volume:
    array = call.array
    volume = volumes.find(array, name)
    if body.get('destroyed') is True:
        return volumes.destroy(array, volume)
    if body.get('destroyed') is False:
        volume = recovery.recover_volume(array, volume)
    if volume.destroyed is not None:
        raise errors.has_been_destroyed(volumes.LABEL, name)
    _leave_groups(call, volume)
    volume = _change(call, volume, body)
    _join_groups(call, volume)
    if body.get('name') is not None:
        volume = pod_moves.rename(array, volume, body['name'])
    return volume


def _change(call: Call, volume: model.Volume, body: Item) -> model.Volume:
    array = call.array
    qos = rendering.read_qos(body, volume.qos, volume.name)
    if body.get('protocol_endpoint') is not None:
        version = _container_version(body, volume.name)
        volume = replace(volume, container_version=version)
    operator, value = rendering.read_priority(body, volume.name) or (
        volume.priority_operator,
        volume.priority_value,
    )
    volume = array.volumes.put(
        replace(
            volume, qos=qos, priority_operator=operator, priority_value=value
        )
    )
    if body.get('provisioned') is not None:
        size = volumes.check_size(body['provisioned'], volume.name)
        truncate = bool(call.query.boolean('truncate'))
        volume = volumes.resize(array, volume, size, truncate)
    if body.get('volume_group') is not None:
        group = rendering.read_reference(body['volume_group'], volume.name)
        volume = volumes.move_to_group(array, volume, group)
    if body.get('pod') is not None:
        pod = rendering.read_reference(body['pod'], volume.name)
        volume = pod_moves.move(array, volume, pod)
    if body.get('requested_promotion_state') not in (None, 'promoted'):
        raise errors.refused(
            'Only a volume of a pod can be demoted.', volume.name
        )
    return volume


def _leave_groups(call: Call, volume: model.Volume) -> None:
    array = call.array
    for name in call.query.many('remove_from_protection_group_names'):
        group = protection.find_own(array, name)
        group_members.remove_member(
            array, group, volume.id, volumes.LABEL, volume.name
        )


def _join_groups(call: Call, volume: model.Volume) -> None:
    array = call.array
    for name in call.query.many('add_to_protection_group_names'):
        group = protection.find_own(array, name)
        group_members.add_volume(array, group, volume)


def delete(call: Call) -> Answer:
    def eradicate(name: str) -> None:
        volume = volumes.find(call.array, name)
        if volume.destroyed is None:
            raise errors.not_destroyed(volumes.LABEL, name)
        groups = safemode.groups_of(call.array, volume.id)
        safemode.refuse_eradication(call.array, name, *groups)
        volumes.eradicate(call.array, volume)

    errors.for_each(call.query.required('names'), eradicate)
    return Answer()


def space(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=volumes.LABEL,
        collection=array.volumes,
        render=lambda volume: {
            'id': volume.id,
            'name': volume.name,
            'time': array.now(),
            'space': rendering.volume_space(array, volume),
        },
        destroyed=lambda volume: volume.destroyed is not None,
    ).answer(call)


def load(call: Call) -> Answer:
    return performance.answer(
        call,
        replace(
            listing(call.array),
            quick={},
            visible=lambda volume: volume.destroyed is None,
        ),
        lambda volume: traffic.volume_key(volume.id),
    )


def load_by_array(call: Call) -> Answer:
    return performance.by_array(call, load(call))


_TIMES = ('destroyed', *performance.TIMES)

ROUTES = (
    Route('GET', 'volumes', list_volumes, ('destroyed',)),
    Route(
        'POST',
        'volumes',
        post,
        (
            'add_to_protection_group_names',
            'allow_throttle',
            'overwrite',
            'with_default_protection',
        ),
    ),
    Route(
        'PATCH',
        'volumes',
        patch,
        (
            'add_to_protection_group_names',
            'remove_from_protection_group_names',
            'truncate',
        ),
    ),
    Route('DELETE', 'volumes', delete),
    Route('GET', 'volumes/space', space, _TIMES),
    Route('GET', 'volumes/performance', load, _TIMES),
    Route(
        'GET',
        'volumes/performance/by-array',
        load_by_array,
        _TIMES,
    ),
)
