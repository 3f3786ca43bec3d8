# SPDX-License-Identifier: Apache-2.0
"""/hosts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route, check_fields
from flasharray_simulator.domain import hosts, network
from flasharray_simulator.families import rendering, tags
from flasharray_simulator.listing import Listing

LABEL = hosts.LABEL
_CHAP = ('host_user', 'host_password', 'target_user', 'target_password')
_SETTINGS = (
    'chap',
    'nvme_stretch',
    'personality',
    'preferred_arrays',
    'qos',
    'vlan',
)
_POST = (*hosts.KINDS, *_SETTINGS, 'tags')
_PATCH = (
    'name',
    'host_group',
    *_SETTINGS,
    *hosts.KINDS,
    *(f'add_{kind}' for kind in hosts.KINDS),
    *(f'remove_{kind}' for kind in hosts.KINDS),
)
_MOVES = (
    'from_member_names',
    'modify_resource_access',
    'to_member_names',
)


def renderer(array: FlashArray) -> Callable[[model.Host], Item]:
    """Return what makes an item of a host; for one call only."""
    offered = array.ports()
    return lambda host: _render(array, host, offered)


def _render(
    array: FlashArray, host: model.Host, offered: list[network.Port]
) -> Item:
    group = array.host_groups.get(host.host_group_id)
    return {
        'name': host.name,
        'chap': {
            'host_user': host.host_user,
            'host_password': '****' if host.host_password else None,
            'target_user': host.target_user,
            'target_password': '****' if host.target_password else None,
        },
        'connection_count': hosts.connection_count(array, host),
        'destroyed': False,
        'host_group': {'name': group.name if group else None},
        'iqns': list(host.iqns),
        'is_local': host.is_local,
        'nqns': list(host.nqns),
        'nvme_stretch': host.nvme_stretch,
        'personality': host.personality,
        'port_connectivity': _connectivity(array, host, offered),
        'preferred_arrays': [
            rendering.array_reference(array, name)
            for name in host.preferred_arrays
        ],
        'qos': rendering.qos(host.qos),
        'space': space_of(array, host),
        'time_remaining': None,
        'vlan': host.vlan,
        'wwns': list(host.wwns),
        '.tags': tags.of(array, host.id),
    }


def space_of(array: FlashArray, host: model.Host) -> Item:
    """Return the space of all volumes that a host sees."""
    return rendering.volumes_space(
        array,
        [
            array.volumes[connection.volume_id]
            for connection in hosts.connections_of(array, host)
        ],
    )


def _connectivity(
    array: FlashArray, host: model.Host, offered: list[network.Port]
) -> Item:
    if not host.is_local:
        return {'status': None, 'details': 'N/A'}
    kind, found = hosts.initiators_of(host)
    status, details = network.connectivity(
        [(name, array.seen_by(name)) for name in found], offered, kind
    )
    return {'status': status, 'details': details}


def listing(
    array: FlashArray, render: Callable[[model.Host], Item]
) -> Listing[model.Host]:
    return Listing(
        label=LABEL,
        collection=array.hosts,
        render=render,
        destroyed=lambda host: False,
        indexed={
            kind: lambda value, index=index: array.hosts.by(  # type: ignore[misc]
                index, value.casefold()
            )
            for kind, index in hosts.KINDS.items()
        },
    )


def get(call: Call) -> Answer:
    return listing(call.array, renderer(call.array)).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_POST)
    wanted = call.query.required('names')
    if len(wanted) > 1 and any(body.get(kind) for kind in hosts.KINDS):
        raise errors.invalid_parameter('ports of several hosts.')

    def create(name: str) -> model.Host:
        host = array.hosts.put(_changed(array, hosts.new(array, name), body))
        tags.put_all(array, 'hosts', host, body.get('tags') or [])
        return host

    made = errors.for_each(wanted, create)
    return Answer([renderer(array)(host) for host in made])


def _changed(array: FlashArray, host: model.Host, body: Item) -> model.Host:
    host = hosts.with_initiators(array, host, _initiators(body, host.name))
    if 'personality' in body:
        host = replace(
            host,
            personality=hosts.personality(body['personality'], host.name),
        )
    if body.get('chap') is not None:
        host = hosts.with_chap(host, _chap(body['chap'], host.name))
    if body.get('preferred_arrays') is not None:
        wanted = [
            rendering.read_reference(item, host.name)
            for item in body['preferred_arrays']
        ]
        host = hosts.with_preferred_arrays(array, host, wanted)
    if body.get('vlan') is not None:
        host = replace(host, vlan=hosts.vlan(body['vlan'], host.name))
    if body.get('nvme_stretch') is not None:
        stretch = hosts.nvme_stretch(body['nvme_stretch'], host.name)
        host = replace(host, nvme_stretch=stretch)
    return replace(host, qos=rendering.read_qos(body, host.qos, host.name))


def _chap(given: Any, context: str) -> dict[str, str | None]:
    fields = check_fields(given, _CHAP)
    for name, value in fields.items():
        if value is not None and not isinstance(value, str):
            raise errors.invalid_parameter(f'{name}.', context)
    return fields


def _initiators(body: Item, context: str) -> hosts.Change:
    def read(prefix: str, kind: str) -> tuple[str, ...]:
        return _names(kind, body.get(f'{prefix}{kind}') or [], context)

    return hosts.Change(
        wanted={
            kind: None if body.get(kind) is None else read('', kind)
            for kind in hosts.KINDS
        },
        added={kind: read('add_', kind) for kind in hosts.KINDS},
        removed={kind: read('remove_', kind) for kind in hosts.KINDS},
    )


def _names(kind: str, value: Any, context: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(name, str) and name for name in value
    ):
        raise errors.invalid_parameter(f'{kind}.', context)
    return tuple(hosts.normal(kind, name) for name in value)


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_PATCH)
    wanted = call.query.required('names')
    if 'name' in body and len(wanted) > 1:
        raise errors.invalid_parameter('one name for several hosts.')
    refuse_moves(call)
    changed = errors.for_each(wanted, lambda name: _patch(array, name, body))
    return Answer([renderer(array)(host) for host in changed])


def refuse_moves(call: Call) -> None:
    """Raise ApiError for a move between realms: there is none."""
    for parameter in _MOVES:
        for name in call.query.many(parameter):
            if parameter != 'modify_resource_access':
                raise errors.does_not_exist('Realm', name)


def _patch(array: FlashArray, name: str, body: Item) -> model.Host:
    host = hosts.find(array, name)
    hosts.expect_local(host)
    host = _changed(array, host, body)
    if body.get('name') is not None:
        host = hosts.renamed(array, host, body['name'])
    host = array.hosts.put(host)
    if body.get('host_group') is None:
        return host
    group = rendering.read_reference(body['host_group'], host.name)
    host = hosts.leave(array, host)
    if not group:
        return host
    return hosts.join(array, host, hosts.find_group(array, group))


def delete(call: Call) -> Answer:
    array = call.array
    errors.for_each(
        call.query.required('names'),
        lambda name: hosts.delete(array, hosts.find(array, name)),
    )
    return Answer()


ROUTES = (
    Route('GET', 'hosts', get, ('destroyed',)),
    Route('POST', 'hosts', post),
    Route('PATCH', 'hosts', patch, _MOVES),
    Route('DELETE', 'hosts', delete),
)
