# SPDX-License-Identifier: Apache-2.0
"""/offloads: the places outside of arrays that snapshots are kept in."""

import json
from dataclasses import replace
from typing import Any

from flasharray_simulator import errors, names, offload_model
from flasharray_simulator.array import FlashArray, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import offloads
from flasharray_simulator.families import rendering
from flasharray_simulator.listing import Listing
from flasharray_simulator.secrecy import HIDDEN

# For each protocol what it needs, and what it may have besides.
_SETTINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    'azure': (
        ('account_name', 'secret_access_key'),
        (
            'client_id',
            'client_secret',
            'container_name',
            'placement_strategy',
            'profile',
            'tenant_id',
        ),
    ),
    'google-cloud': (
        ('access_key_id', 'bucket', 'secret_access_key'),
        ('profile',),
    ),
    'nfs': (('address', 'mount_point'), ('mount_options', 'profile')),
    's3': (
        ('access_key_id', 'bucket', 'secret_access_key'),
        ('auth_region', 'placement_strategy', 'profile', 'uri'),
    ),
}
_SECRETS = ('secret_access_key', 'client_secret')


def _render(array: FlashArray, offload: offload_model.Offload) -> Item:
    item: Item = {
        'id': offload.id,
        'name': offload.name,
        'protocol': offload.protocol,
        'space': _space(array, offload),
        'status': 'connected',
        'target_id': offload.id,
    }
    settings = json.loads(offload.settings)
    for protocol, (needed, optional) in _SETTINGS.items():
        own = settings if protocol == offload.protocol else {}
        item[protocol] = {
            name: HIDDEN
            if name in _SECRETS and own.get(name)
            else own.get(name)
            for name in (*needed, *optional)
        }
    return item


def _space(array: FlashArray, offload: offload_model.Offload) -> Item:
    kept = array.offload_snapshots.by('offload', offload.id)
    return rendering.space(
        sum(one.provisioned for one in kept),
        sum(array.content.allocated(one.content) for one in kept),
    )


def get(call: Call) -> Answer:
    protocol = call.query.text('protocol')
    return Listing(
        label=offloads.LABEL,
        collection=call.array.offloads,
        render=lambda offload: _render(call.array, offload),
        visible=lambda offload: protocol in (None, offload.protocol),
    ).answer(call)


def post(call: Call) -> Answer:
    array = call.array
    body = call.fields(*_SETTINGS)
    given = {name: value for name, value in body.items() if value}
    if len(given) != 1:
        raise errors.refused('An offload needs exactly one protocol.')
    ((protocol, settings),) = given.items()
    _check(protocol, settings)

    def connect(name: str) -> offload_model.Offload:
        if not names.well_formed(name):
            raise errors.refused('Invalid offload name.', name)
        free_name(offloads.LABEL, array.offloads, name)
        if array.array_connections.find(name) is not None:
            raise errors.already_exists('Array connection', name)
        return array.offloads.put(
            offload_model.Offload(
                array.new_id(),
                name,
                array.now(),
                protocol,
                json.dumps(settings),
            )
        )

    made = errors.for_each(call.query.required('names'), connect)
    return Answer([_render(array, offload) for offload in made])


def _check(protocol: str, settings: Any) -> None:
    needed, optional = _SETTINGS[protocol]
    if not isinstance(settings, dict):
        raise errors.missing_parameter(protocol)
    for name in needed:
        if not settings.get(name):
            raise errors.missing_parameter(name)
    for name in settings:
        if name not in needed and name not in optional:
            raise errors.invalid_parameter(f'unknown field {name}.')


def patch(call: Call) -> Answer:
    """Change the secret of an Azure target, which is all that changes."""
    array = call.array
    body = call.fields('azure')

    def change(name: str) -> offload_model.Offload:
        offload = offloads.find(array, name)
        if offload.protocol != 'azure':
            raise errors.refused('Only Azure offloads can be changed.', name)
        settings = json.loads(offload.settings) | (body.get('azure') or {})
        _check('azure', settings)
        return array.offloads.put(
            replace(offload, settings=json.dumps(settings))
        )

    changed = errors.for_each(call.query.required('names'), change)
    return Answer([_render(array, offload) for offload in changed])


def delete(call: Call) -> Answer:
    array = call.array
    errors.for_each(
        call.query.required('names'),
        lambda name: offloads.disconnect(array, offloads.find(array, name)),
    )
    return Answer()


ROUTES = (
    Route('GET', 'offloads', get, ('protocol',)),
    Route('POST', 'offloads', post, ('initialize',)),
    Route('PATCH', 'offloads', patch),
    Route('DELETE', 'offloads', delete),
)
