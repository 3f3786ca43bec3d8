# SPDX-License-Identifier: Apache-2.0
"""/host-groups and their hosts."""

from dataclasses import replace

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import group_members
from flasharray_simulator.families import rendering
from flasharray_simulator.listing import Listing

LABEL = 'Host group'


def render(array: FlashArray, group: model.HostGroup) -> Item:
    connections = array.connections.by('host_group', group.id)
    seen = [array.volumes[c.volume_id] for c in connections]
    return {
        'name': group.name,
        'connection_count': len(connections),
        'destroyed': False,
        'host_count': array.hosts.count('host_group', group.id),
        'is_local': True,
        'qos': rendering.qos(model.Qos()),
        'space': rendering.space(
            sum(volume.provisioned for volume in seen),
            sum(array.content.allocated(v.content) for v in seen),
        ),
        'time_remaining': None,
    }


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.host_groups,
        render=lambda group: render(array, group),
    ).answer(call)


def post(call: Call) -> Answer:
    def create(name: str) -> model.HostGroup:
        if not names.well_formed(name):
            raise errors.refused('Invalid host group name.', name)
        free_name(LABEL, call.array.host_groups, name)
        return call.array.host_groups.put(
            model.HostGroup(call.array.new_id(), name, call.array.now())
        )

    call.fields('tags', 'qos')
    made = errors.for_each(call.query.required('names'), create)
    return Answer([render(call.array, group) for group in made])


def patch(call: Call) -> Answer:
    body = call.fields('name')
    wanted = call.query.required('names')
    name = body.get('name')
    if not isinstance(name, str) or len(wanted) > 1:
        raise errors.missing_parameter('name')
    if not names.well_formed(name):
        raise errors.refused('Invalid host group name.', name)
    group = any_state(LABEL, call.array.host_groups, wanted[0])
    if name.casefold() != group.name.casefold():
        free_name(LABEL, call.array.host_groups, name)
    group = call.array.host_groups.put(replace(group, name=name))
    return Answer([render(call.array, group)])


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        group = any_state(LABEL, array.host_groups, name)
        if array.connections.count('host_group', group.id):
            raise errors.refused(
                'Host group cannot be deleted due to existing connections.',
                name,
            )
        for host in array.hosts.by('host_group', group.id):
            array.hosts.put(replace(host, host_group_id=None))
        group_members.leave_all(array, group.id)
        array.host_groups.remove(group.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


def members(call: Call) -> Answer:
    array = call.array
    groups = _groups(call)
    hosts = [
        host
        for group in groups
        for host in array.hosts.by('host_group', group.id)
    ]
    return Listing(
        label='Host',
        collection=array.hosts,
        render=lambda host: _member(array, host),
    ).answer(call, hosts)


def _groups(call: Call) -> list[model.HostGroup]:
    wanted = call.query.many('group_names')
    if not wanted:
        return list(call.array.host_groups)
    return errors.for_each(
        wanted, lambda name: any_state(LABEL, call.array.host_groups, name)
    )


def _member(array: FlashArray, host: model.Host) -> Item:
    group = array.host_groups.get(host.host_group_id)
    return {
        'group': {'name': group.name if group else None},
        'member': {'name': host.name},
    }


def _set_members(call: Call, joining: bool) -> Answer:
    array = call.array
    call.query.required('group_names')
    group = _groups(call)[0]

    def change(name: str) -> model.Host:
        host = any_state('Host', array.hosts, name)
        if joining and host.host_group_id is not None:
            raise errors.refused('Host already belongs to a host group.', name)
        if not joining and host.host_group_id != group.id:
            raise errors.refused(
                'Host could not be found in host group.', name
            )
        return array.hosts.put(
            replace(host, host_group_id=group.id if joining else None)
        )

    changed = errors.for_each(call.query.required('member_names'), change)
    if not joining:
        return Answer()
    return Answer([_member(array, host) for host in changed])


def add(call: Call) -> Answer:
    return _set_members(call, True)


def remove(call: Call) -> Answer:
    return _set_members(call, False)


_SIDES = ('group_names', 'member_names')

ROUTES = (
    Route('GET', 'host-groups', get, ('destroyed',)),
    Route('POST', 'host-groups', post),
    Route('PATCH', 'host-groups', patch),
    Route('DELETE', 'host-groups', delete),
    Route('GET', 'host-groups/hosts', members, _SIDES),
    Route('POST', 'host-groups/hosts', add, _SIDES),
    Route('DELETE', 'host-groups/hosts', remove, _SIDES),
)
