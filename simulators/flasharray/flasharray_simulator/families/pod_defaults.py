# SPDX-License-Identifier: Apache-2.0
"""/container-default-protections: the groups that new volumes join.

A container is a pod, or the array itself for what is in no pod.
"""

from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, listing, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import default_protection, pods, protection

_TYPE = 'protection_group'


def _of_array(array: FlashArray) -> Item:
    return {
        **array.reference(),
        'default_protections': _groups(
            array, array.settings.default_protections
        ),
        'type': 'array',
    }


def _of_pod(array: FlashArray, pod: model.Pod) -> Item:
    return {
        'id': pod.id,
        'name': pod.name,
        'default_protections': _groups(array, pod.default_protections),
        'type': 'pod',
    }


def _groups(array: FlashArray, identifiers: tuple[str, ...]) -> list[Item]:
    return [
        {'id': group.id, 'name': group.name, 'type': _TYPE}
        for group in default_protection.groups(array, identifiers)
    ]


def get(call: Call) -> Answer:
    array = call.array
    wanted = call.query.many('names')
    if wanted:
        return Answer(errors.for_each(wanted, lambda name: _item(array, name)))
    destroyed = call.query.boolean('destroyed') or False
    items = [] if destroyed else [_of_array(array)]
    items += [
        _of_pod(array, pod)
        for pod in array.pods.ordered()
        if (pod.destroyed is not None) == destroyed
    ]
    return listing.plain(call, items, pods.LABEL)


def _item(array: FlashArray, name: str) -> Item:
    if name.casefold() == array.name.casefold():
        return _of_array(array)
    return _of_pod(array, pods.find(array, name))


def patch(call: Call) -> Answer:
    array = call.array
    given = call.fields('default_protections', 'name', 'id', 'type').get(
        'default_protections'
    )
    if not isinstance(given, list):
        raise errors.missing_parameter('default_protections')
    changed = errors.for_each(
        call.query.many('names') or [array.name],
        lambda name: _change(array, name, given),
    )
    return Answer(changed)


def _change(array: FlashArray, name: str, given: list[Any]) -> Item:
    if name.casefold() == array.name.casefold():
        chosen = _read(array, given, None)
        array.array_settings.put(
            replace(array.settings, default_protections=chosen)
        )
        return _of_array(array)
    pod = pods.find_live(array, name)
    chosen = _read(array, given, pod.id)
    return _of_pod(
        array, array.pods.put(replace(pod, default_protections=chosen))
    )


def _read(
    array: FlashArray, given: list[Any], pod_id: str | None
) -> tuple[str, ...]:
    found = []
    for reference in given:
        fields = check_fields(reference, ('name', 'id', 'type'))
        if fields.get('type', _TYPE) != _TYPE:
            raise errors.invalid_parameter('type.', fields.get('name'))
        group = protection.find_own(array, str(fields.get('name') or ''))
        if group.pod_id != pod_id:
            raise errors.refused(
                'Protection group is not in the container.', group.name
            )
        found.append(group.id)
    return tuple(found)


ROUTES = (
    Route(
        'GET',
        'container-default-protections',
        get,
        ('destroyed',),
    ),
    Route('PATCH', 'container-default-protections', patch),
)
