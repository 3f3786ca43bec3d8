# SPDX-License-Identifier: Apache-2.0
"""/hosts."""

from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import group_members, network
from flasharray_simulator.families import performance, ports, rendering
from flasharray_simulator.listing import Listing

LABEL = 'Host'
PERSONALITIES = (
    'aix',
    'esxi',
    'hitachi-vsp',
    'hpux',
    'oracle-vm-server',
    'solaris',
    'vms',
)
_KINDS = {'iqns': 'iqn', 'nqns': 'nqn', 'wwns': 'wwn'}
_CHAP = ('host_user', 'host_password', 'target_user', 'target_password')
_POST = ('chap', 'personality', 'preferred_arrays', 'vlan', 'qos', 'tags')
_PATCH = (
    'name',
    'chap',
    'host_group',
    'personality',
    'preferred_arrays',
    'vlan',
    *_KINDS,
    *(f'add_{kind}' for kind in _KINDS),
    *(f'remove_{kind}' for kind in _KINDS),
)


def render(array: FlashArray, host: model.Host) -> Item:
    group = array.host_groups.get(host.host_group_id)
    connections = connections_of(array, host)
    seen = [array.volumes[c.volume_id] for c in connections]
    return {
        'name': host.name,
        'chap': {
            'host_user': host.host_user,
            'host_password': '****' if host.host_password else None,
            'target_user': host.target_user,
            'target_password': '****' if host.target_password else None,
        },
        'connection_count': len(connections),
        'destroyed': False,
        'host_group': {'name': group.name if group else None},
        'iqns': list(host.iqns),
        'is_local': True,
        'nqns': list(host.nqns),
        'personality': host.personality,
        'port_connectivity': _connectivity(array, host),
        'preferred_arrays': [{'name': name} for name in host.preferred_arrays],
        'space': rendering.space(
            sum(volume.provisioned for volume in seen),
            sum(array.content.allocated(v.content) for v in seen),
        ),
        'time_remaining': None,
        'vlan': host.vlan,
        'wwns': list(host.wwns),
    }


def _connectivity(array: FlashArray, host: model.Host) -> Item:
    kind, found = ports.initiators_of(host)
    status, details = network.connectivity(
        [(name, array.seen_by(name)) for name in found], array.ports(), kind
    )
    return {'status': status, 'details': details}


def connections_of(
    array: FlashArray, host: model.Host
) -> list[model.Connection]:
    """Return private connections and those of the host's group."""
    found = array.connections.by('host', host.id)
    if host.host_group_id is not None:
        found = found + array.connections.by('host_group', host.host_group_id)
    return found


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.hosts,
        render=lambda host: render(array, host),
        indexed={
            kind: lambda value, index=index: array.hosts.by(  # type: ignore[misc]
                index, value.casefold()
            )
            for kind, index in _KINDS.items()
        },
    ).answer(call)


def post(call: Call) -> Answer:
    body = call.fields(*_KINDS, *_POST)
    wanted = call.query.required('names')
    if len(wanted) > 1 and any(body.get(kind) for kind in _KINDS):
        raise errors.invalid_parameter('ports of several hosts.')
    made = errors.for_each(
        wanted, lambda name: _create(call.array, name, body)
    )
    return Answer([render(call.array, host) for host in made])


def _create(array: FlashArray, name: str, body: Item) -> model.Host:
    if not names.well_formed(name):
        raise errors.refused('Invalid host name.', name)
    free_name(LABEL, array.hosts, name)
    host = model.Host(id=array.new_id(), name=name, created=array.now())
    return array.hosts.put(_changed(array, host, body))


def _changed(array: FlashArray, host: model.Host, body: Item) -> model.Host:
    for kind in _KINDS:
        host = _with_ports(array, host, kind, body)
    if sum(bool(getattr(host, kind)) for kind in _KINDS) > 1:
        raise errors.refused(
            'A host can have ports of one protocol only.', host.name
        )
    if 'personality' in body:
        host = replace(host, personality=_personality(body, host.name))
    if body.get('chap') is not None:
        chap = check_fields(body['chap'], _CHAP)
        passwords: dict[str, Any] = {
            key: value or None for key, value in chap.items()
        }
        host = replace(host, **passwords)
    if body.get('preferred_arrays') is not None:
        host = replace(
            host,
            preferred_arrays=tuple(
                rendering.read_reference(item, host.name)
                for item in body['preferred_arrays']
            ),
        )
    if body.get('vlan') is not None:
        host = replace(host, vlan=str(body['vlan']))
    return host


def _personality(body: Item, context: str) -> str | None:
    wanted = body['personality']
    if wanted in (None, '', 'delete'):
        return None
    if wanted not in PERSONALITIES:
        raise errors.invalid_parameter('personality.', context)
    return str(wanted)


def _with_ports(
    array: FlashArray, host: model.Host, kind: str, body: Item
) -> model.Host:
    present: tuple[str, ...] = getattr(host, kind)
    if body.get(kind) is not None:
        present = _ports(kind, body[kind], host.name)
    for port in _ports(kind, body.get(f'add_{kind}') or [], host.name):
        if port not in present:
            present += (port,)
    removed = _ports(kind, body.get(f'remove_{kind}') or [], host.name)
    present = tuple(port for port in present if port not in removed)
    index = _KINDS[kind]
    for port in present:
        owners = array.hosts.by(index, port.casefold())
        if any(owner.id != host.id for owner in owners):
            raise errors.refused(
                f'The specified {index.upper()} is already in use.', port
            )
    changed: dict[str, Any] = {kind: present}
    return replace(host, **changed)


def _ports(kind: str, value: Any, context: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(port, str) and port for port in value
    ):
        raise errors.invalid_parameter(f'{kind}.', context)
    if kind == 'wwns':
        return tuple(port.replace(':', '').upper() for port in value)
    return tuple(value)


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    wanted = call.query.required('names')
    if 'name' in body and len(wanted) > 1:
        raise errors.invalid_parameter('one name for several hosts.')
    changed = errors.for_each(
        wanted, lambda name: _patch(call.array, name, body)
    )
    return Answer([render(call.array, host) for host in changed])


def _patch(array: FlashArray, name: str, body: Item) -> model.Host:
    host = _changed(array, any_state(LABEL, array.hosts, name), body)
    if body.get('name') is not None:
        if not names.well_formed(body['name']):
            raise errors.refused('Invalid host name.', body['name'])
        if body['name'].casefold() != host.name.casefold():
            free_name(LABEL, array.hosts, body['name'])
        host = replace(host, name=body['name'])
    if body.get('host_group') is not None:
        host = replace(host, host_group_id=_group_id(array, body, host))
    return array.hosts.put(host)


def _group_id(array: FlashArray, body: Item, host: model.Host) -> str | None:
    name = rendering.read_reference(body['host_group'], host.name)
    if not name:
        return None
    return any_state('Host group', array.host_groups, name).id


def delete(call: Call) -> Answer:
    def remove(name: str) -> None:
        host = any_state(LABEL, call.array.hosts, name)
        if call.array.connections.count('host', host.id):
            raise errors.refused(
                'Host cannot be deleted due to existing connections.', name
            )
        group_members.leave_all(call.array, host.id)
        call.array.hosts.remove(host.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


def load(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.hosts,
        render=lambda host: performance.idle(array, host.name, host.id),
    ).answer(call)


ROUTES = (
    Route('GET', 'hosts', get, ('destroyed',)),
    Route('POST', 'hosts', post),
    Route('PATCH', 'hosts', patch, ('from_member_names', 'to_member_names')),
    Route('DELETE', 'hosts', delete),
    Route(
        'GET',
        'hosts/performance',
        load,
        ('start_time', 'end_time', 'resolution'),
    ),
)
