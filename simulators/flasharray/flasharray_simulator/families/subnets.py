# SPDX-License-Identifier: Apache-2.0
"""/subnets."""

import ipaddress
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families import network_interfaces
from flasharray_simulator.listing import Listing

LABEL = 'Subnet'
_POST = ('enabled', 'gateway', 'mtu', 'prefix', 'vlan')
_HIGHEST_VLAN = 4094


def render(array: FlashArray, subnet: model.Subnet) -> Item:
    inside = array.network_interfaces.by('subnet', subnet.id)
    return {
        'name': subnet.name,
        'enabled': subnet.enabled,
        'gateway': subnet.gateway,
        'interfaces': [{'name': interface.name} for interface in inside],
        'mtu': subnet.mtu,
        'prefix': subnet.prefix,
        'services': sorted(
            {service for one in inside for service in one.services}
        ),
        'vlan': subnet.vlan,
    }


def get(call: Call) -> Answer:
    array = call.array
    return Listing(
        label=LABEL,
        collection=array.subnets,
        render=lambda subnet: render(array, subnet),
    ).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_POST)

    def create(name: str) -> model.Subnet:
        if not names.well_formed(name):
            raise errors.refused('Invalid subnet name.', name)
        free_name(LABEL, array.subnets, name)
        if body.get('prefix') is None:
            raise errors.missing_parameter('prefix')
        return array.subnets.put(
            _changed(model.Subnet(array.new_id(), name, ''), body)
        )

    made = errors.for_each(call.query.required('names'), create)
    return Answer([render(array, subnet) for subnet in made])


def _changed(subnet: model.Subnet, body: Item) -> model.Subnet:
    if body.get('prefix') is not None:
        subnet = replace(subnet, prefix=_prefix(body['prefix'], subnet.name))
    if 'gateway' in body:
        subnet = replace(subnet, gateway=body['gateway'] or None)
    if body.get('mtu') is not None:
        mtu = network_interfaces.read_mtu(body['mtu'])
        subnet = replace(subnet, mtu=mtu)
    if body.get('vlan') is not None:
        subnet = replace(subnet, vlan=_vlan(body['vlan'], subnet.name))
    if body.get('enabled') is not None:
        subnet = replace(subnet, enabled=bool(body['enabled']))
    return subnet


def _prefix(value: Any, context: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise errors.invalid_parameter('prefix.', context) from None


def _vlan(value: Any, context: str) -> int | None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not 0 <= value <= _HIGHEST_VLAN
    ):
        raise errors.invalid_parameter('vlan.', context)
    return value or None


def patch(call: Call) -> Answer:
    array = call.array
    body = call.fields('name', *_POST)
    wanted = call.query.required('names')
    if 'name' in body and len(wanted) > 1:
        raise errors.invalid_parameter('one name for several subnets.')
    changed = errors.for_each(wanted, lambda name: _patch(array, name, body))
    return Answer([render(array, subnet) for subnet in changed])


def _patch(array: FlashArray, name: str, body: Item) -> model.Subnet:
    subnet = _changed(any_state(LABEL, array.subnets, name), body)
    if body.get('name') is not None:
        if not names.well_formed(body['name']):
            raise errors.refused('Invalid subnet name.', body['name'])
        if body['name'].casefold() != subnet.name.casefold():
            free_name(LABEL, array.subnets, body['name'])
        subnet = replace(subnet, name=body['name'])
    return array.subnets.put(subnet)


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        subnet = any_state(LABEL, array.subnets, name)
        if array.network_interfaces.count('subnet', subnet.id):
            raise errors.refused(
                'Subnet cannot be deleted while it has interfaces.', name
            )
        array.subnets.remove(subnet.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


ROUTES = (
    Route('GET', 'subnets', get),
    Route('POST', 'subnets', post),
    Route('PATCH', 'subnets', patch),
    Route('DELETE', 'subnets', delete),
)
