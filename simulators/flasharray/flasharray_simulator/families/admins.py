# SPDX-License-Identifier: Apache-2.0
"""/admins, their API tokens, and /api-clients."""

import uuid
from dataclasses import replace
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from flasharray_simulator import errors, model, names
from flasharray_simulator.array import FlashArray, any_state, free_name
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.domain import access
from flasharray_simulator.listing import Listing
from flasharray_simulator.secrecy import HIDDEN

CLIENT_LABEL = 'API client'
_SHORTEST_LIFETIME = 1_000
_LONGEST_LIFETIME = 86_400_000


def _token(admin: model.Admin, exposed: bool) -> Item:
    token = admin.api_token
    return {
        'token': token if exposed or token is None else HIDDEN,
        'created_at': admin.token_created,
        'expires_at': admin.token_expires,
    }


def _policy(role: str) -> Item:
    return {
        'name': role,
        'id': None,
        'resource_type': 'management-access-policies',
    }


def _render(call: Call, admin: model.Admin) -> Item:
    return {
        'name': admin.name,
        'admin_type': 'local',
        'api_token': _token(admin, bool(call.query.boolean(_EXPOSE))),
        'authorization_model': 'static_role_based',
        'is_local': True,
        'locked': admin.locked,
        'lockout_remaining': None,
        'management_access_policies': [_policy(admin.role)],
        'password': None,
        'public_key': admin.public_key
        if call.query.boolean('expose_public_key')
        else admin.public_key and HIDDEN,
        'role': {'name': admin.role},
    }


_EXPOSE = 'expose_api_token'


def get(call: Call) -> Answer:
    return Listing(
        label=access.LABEL,
        collection=call.array.admins,
        render=lambda admin: _render(call, admin),
    ).answer(call)


def post(call: Call) -> Answer:
    body = call.fields('management_access_policies', 'password', 'role')
    array = call.array
    role = access.check_role((body.get('role') or {}).get('name'))
    if not body.get('password'):
        raise errors.missing_parameter('password')

    def create(name: str) -> model.Admin:
        if not names.well_formed(name, 32):
            raise errors.refused('Invalid admin name.', name)
        free_name(access.LABEL, array.admins, name)
        return array.admins.put(
            model.Admin(array.new_id(), name, array.now(), role)
        )

    made = errors.for_each(call.query.required('names'), create)
    return Answer([_render(call, admin) for admin in made])


_PATCH = (
    'api_token',
    'context',
    'locked',
    'management_access_policies',
    'name',
    'old_password',
    'password',
    'public_key',
    'role',
)


def patch(call: Call) -> Answer:
    body = call.fields(*_PATCH)
    changed = errors.for_each(
        call.query.required('names'), lambda name: _patch(call, name, body)
    )
    return Answer([_render(call, admin) for admin in changed])


def _patch(call: Call, name: str, body: Item) -> model.Admin:
    array = call.array
    admin = any_state(access.LABEL, array.admins, name)
    if body.get('role') is not None:
        role = access.check_role((body['role'] or {}).get('name'))
        admin = replace(admin, role=role)
        array.sessions.expire_user(admin.name, array.now())
    if body.get('locked') is not None:
        admin = replace(admin, locked=bool(body['locked']))
    if body.get('public_key') is not None:
        admin = replace(admin, public_key=str(body['public_key']) or None)
    return array.admins.put(admin)


def delete(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        admin = any_state(access.LABEL, array.admins, name)
        if admin.name == call.user:
            raise errors.refused('A user cannot delete itself.', name)
        array.admins.remove(admin.id)
        array.sessions.expire_user(admin.name, array.now())

    errors.for_each(call.query.required('names'), remove)
    return Answer()


def _render_token(admin: model.Admin, exposed: bool) -> Item:
    return {'name': admin.name, 'api_token': _token(admin, exposed)}


def get_tokens(call: Call) -> Answer:
    exposed = bool(call.query.boolean(_EXPOSE))
    return Listing(
        label=access.LABEL,
        collection=call.array.admins,
        render=lambda admin: _render_token(admin, exposed),
        visible=lambda admin: admin.api_token is not None,
    ).answer(call)


def post_token(call: Call) -> Answer:
    """Make a token; ``timeout`` is its lifetime in ms."""
    array = call.array
    lifetime = call.query.integer('timeout')

    def create(name: str) -> model.Admin:
        admin = any_state(access.LABEL, array.admins, name)
        if admin.api_token is not None:
            raise errors.already_exists('API token', name)
        return access.new_token(array, admin, lifetime or None)

    made = errors.for_each(_whose(call), create)
    return Answer([_render_token(admin, True) for admin in made])


def delete_token(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        admin = any_state(access.LABEL, array.admins, name)
        if admin.api_token is None:
            raise errors.does_not_exist('API token', name)
        access.remove_token(array, admin)

    errors.for_each(_whose(call), remove)
    return Answer()


def _whose(call: Call) -> list[str]:
    return call.query.many('names') or [call.user]


def _render_client(client: model.ApiClient) -> Item:
    return {
        'id': client.id,
        'name': client.name,
        'access_policies': [_policy(client.max_role)],
        'access_token_ttl_in_ms': client.lifetime,
        'enabled': client.enabled,
        'issuer': client.issuer,
        'key_id': client.key_id,
        'max_role': client.max_role,
        'public_key': client.public_key,
    }


def get_clients(call: Call) -> Answer:
    return Listing(
        label=CLIENT_LABEL,
        collection=call.array.api_clients,
        render=_render_client,
    ).answer(call)


def post_client(call: Call) -> Answer:
    body = call.fields(
        'access_policies',
        'access_token_ttl_in_ms',
        'issuer',
        'max_role',
        'public_key',
    )
    made = errors.for_each(
        call.query.required('names'),
        lambda name: _create_client(call.array, name, body),
    )
    return Answer([_render_client(client) for client in made])


def _create_client(
    array: FlashArray, name: str, body: Item
) -> model.ApiClient:
    if not names.well_formed(name):
        raise errors.refused('Invalid API client name.', name)
    free_name(CLIENT_LABEL, array.api_clients, name)
    return array.api_clients.put(
        model.ApiClient(
            id=array.new_id(),
            name=name,
            created=array.now(),
            key_id=str(uuid.uuid4()),
            issuer=str(body.get('issuer') or name),
            public_key=_public_key(body.get('public_key'), name),
            max_role=_greatest_role(body),
            lifetime=_lifetime(body.get('access_token_ttl_in_ms'), name),
        )
    )


def _greatest_role(body: Item) -> str:
    policies = body.get('access_policies') or []
    if body.get('max_role') is None and policies:
        return access.check_role(policies[0].get('name'))
    return access.check_role(body.get('max_role'))


def _public_key(given: Any, context: str) -> str:
    try:
        serialization.load_pem_public_key(str(given).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise errors.invalid_parameter(
            'public_key must be in PEM format.', context
        ) from None
    return str(given)


def _lifetime(given: Any, context: str) -> int:
    value = model.DAY if given is None else given
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not _SHORTEST_LIFETIME <= value <= _LONGEST_LIFETIME
    ):
        raise errors.invalid_parameter('access_token_ttl_in_ms.', context)
    return value


def patch_client(call: Call) -> Answer:
    array = call.array
    body = call.fields('enabled')

    def change(name: str) -> model.ApiClient:
        client = any_state(CLIENT_LABEL, array.api_clients, name)
        if isinstance(body.get('enabled'), bool):
            client = replace(client, enabled=body['enabled'])
        return array.api_clients.put(client)

    changed = errors.for_each(call.query.required('names'), change)
    return Answer([_render_client(client) for client in changed])


def delete_client(call: Call) -> Answer:
    array = call.array

    def remove(name: str) -> None:
        client = any_state(CLIENT_LABEL, array.api_clients, name)
        array.api_clients.remove(client.id)

    errors.for_each(call.query.required('names'), remove)
    return Answer()


ROUTES = (
    Route('GET', 'admins', get, (_EXPOSE, 'expose_public_key')),
    Route('POST', 'admins', post),
    Route('PATCH', 'admins', patch),
    Route('DELETE', 'admins', delete),
    Route('GET', 'admins/api-tokens', get_tokens, (_EXPOSE,)),
    Route('POST', 'admins/api-tokens', post_token, ('timeout',)),
    Route('DELETE', 'admins/api-tokens', delete_token),
    Route('GET', 'api-clients', get_clients),
    Route('POST', 'api-clients', post_client),
    Route('PATCH', 'api-clients', patch_client),
    Route('DELETE', 'api-clients', delete_client),
)
