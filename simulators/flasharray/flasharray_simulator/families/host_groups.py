# SPDX-License-Identifier: Apache-2.0
"""/host-groups, and hosts in them from both sides."""

from collections.abc import Callable
from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import hosts
from flasharray_simulator.families import hosts as host_family
from flasharray_simulator.families import rendering, sides, tags
from flasharray_simulator.listing import Listing

LABEL = hosts.GROUP_LABEL


def render(array: FlashArray, group: model.HostGroup) -> Item:
    return {
        'name': group.name,
        'connection_count': array.connections.count('host_group', group.id),
        'destroyed': False,
        'host_count': array.hosts.count('host_group', group.id),
        'is_local': True,
        'qos': rendering.qos(group.qos),
        'space': space_of(array, group),
        'time_remaining': None,
        '.tags': tags.of(array, group.id),
    }


def space_of(array: FlashArray, group: model.HostGroup) -> Item:
    """Return the space of all volumes connected to the group."""
    return rendering.volumes_space(
        array,
        [
            array.volumes[connection.volume_id]
            for connection in array.connections.by('host_group', group.id)
        ],
    )


def listing(
    array: FlashArray, show: Callable[[model.HostGroup], Item]
) -> Listing[model.HostGroup]:
    return Listing(
        label=LABEL,
        collection=array.host_groups,
        render=show,
        destroyed=lambda group: False,
    )


def get(call: Call) -> Answer:
    array = call.array
    return listing(array, lambda group: render(array, group)).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields('tags', 'qos')

    def create(name: str) -> model.HostGroup:
        _expect_good(name)
        free_name(LABEL, array.host_groups, name)
        group = array.host_groups.put(
            model.HostGroup(
                array.new_id(),
                name,
                array.now(),
                rendering.read_qos(body, model.Qos(), name),
            )
        )
        tags.put_all(array, 'host-groups', group, body.get('tags') or [])
        return group

    made = errors.for_each(call.query.required('names'), create)
    return Answer([render(array, group) for group in made])


def _expect_good(name: object) -> None:
    if not isinstance(name, str) or not names.well_formed(name):
        raise errors.refused('Invalid host group name.', str(name))


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields('name', 'qos')
    wanted = call.query.required('names')
    host_family.refuse_moves(call)
    if 'name' in body and len(wanted) > 1:
        raise errors.invalid_parameter('one name for several host groups.')

    def change(name: str) -> model.HostGroup:
        group = hosts.find_group(array, name)
        group = replace(group, qos=rendering.read_qos(body, group.qos, name))
        if body.get('name') is not None:
            group = _renamed(array, group, body['name'])
        return array.host_groups.put(group)

    changed = errors.for_each(wanted, change)
    return Answer([render(array, group) for group in changed])


def _renamed(
    array: FlashArray, group: model.HostGroup, name: str
) -> model.HostGroup:
    _expect_good(name)
    if name.casefold() != group.name.casefold():
        free_name(LABEL, array.host_groups, name)
    return replace(group, name=name)


def delete(call: Call) -> Answer:
    array = call.array
    errors.for_each(
        call.query.required('names'),
        lambda name: hosts.delete_group(array, hosts.find_group(array, name)),
    )
    return Answer()


def members(call: Call) -> Answer:
    array = call.array
    candidates = sides.chosen(
        call,
        lambda name: hosts.find_group(array, name),
        lambda name: hosts.find(array, name),
        lambda host: host.host_group_id,
        lambda group_id: array.hosts.by('host_group', group_id),
    )
    return Listing(
        label=hosts.LABEL,
        collection=array.hosts,
        render=lambda host: _member(array, host),
        visible=lambda host: host.host_group_id is not None,
    ).answer(call, candidates)


def _member(array: FlashArray, host: model.Host) -> Item:
    group = array.host_groups.get(host.host_group_id)
    return {
        'group': {'name': group.name if group else None},
        'member': {'name': host.name},
    }


def add(call: Call) -> Answer:
    array = call.array

    def join(pair: tuple[str, str]) -> model.Host:
        group = hosts.find_group(array, pair[0])
        return hosts.join(array, hosts.find(array, pair[1]), group)

    joined = errors.for_each(sides.pairs(call), join)
    return Answer([_member(array, host) for host in joined])


def remove(call: Call) -> Answer:
    array = call.array

    def leave(pair: tuple[str, str]) -> None:
        group = hosts.find_group(array, pair[0])
        host = hosts.find(array, pair[1])
        if host.host_group_id != group.id:
            raise errors.refused(
                'Host could not be found in host group.', host.name
            )
        hosts.leave(array, host)

    errors.for_each(sides.pairs(call), leave)
    return Answer()


_MOVES = (
    'from_member_names',
    'modify_resource_access',
    'to_member_names',
)

ROUTES = (
    Route('GET', 'host-groups', get, ('destroyed',)),
    Route('POST', 'host-groups', post),
    Route('PATCH', 'host-groups', patch, _MOVES),
    Route('DELETE', 'host-groups', delete),
    *(
        route
        for path in ('host-groups/hosts', 'hosts/host-groups')
        for route in (
            Route('GET', path, members, sides.PARAMETERS),
            Route('POST', path, add, sides.PARAMETERS),
            Route('DELETE', path, remove, sides.PARAMETERS),
        )
    ),
)
