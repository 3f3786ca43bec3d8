# SPDX-License-Identifier: Apache-2.0
"""Who may do what: users, their tokens and their roles."""

import hmac
import uuid
from collections.abc import Iterable
from dataclasses import replace

from flasharray_simulator import errors, model
from flasharray_simulator.array import FlashArray
from flasharray_simulator.sessions import Identity, User

LABEL = 'Admin'
ARRAY_ADMIN = 'array_admin'
STORAGE_ADMIN = 'storage_admin'
OPS_ADMIN = 'ops_admin'
READ_ONLY = 'readonly'
ROLES = (READ_ONLY, OPS_ADMIN, STORAGE_ADMIN, ARRAY_ADMIN)

# First parts of paths whose objects only an array admin changes.
_OF_ARRAY_ADMIN = frozenset(
    (
        'active-directory',
        'admins',
        'alert-watchers',
        'api-clients',
        'apps',
        'arrays',
        'certificates',
        'directory-services',
        'dns',
        'fleets',
        'kmip',
        'network-interfaces',
        'smtp-servers',
        'snmp-agents',
        'snmp-managers',
        'software',
        'sso',
        'subnets',
        'syslog-servers',
    )
)
# Those that an ops admin changes too; a storage admin does not.
_OF_OPS_ADMIN = frozenset(
    ('alerts', 'hardware', 'maintenance-windows', 'support')
)


def may_change(role: str, path: str) -> bool:
    """Return whether a role may change what is at a path."""
    if role == ARRAY_ADMIN:
        return True
    first = path.partition('/')[0]
    if first in _OF_OPS_ADMIN:
        return role == OPS_ADMIN
    return role == STORAGE_ADMIN and first not in _OF_ARRAY_ADMIN


def lesser(one: str, other: str) -> str:
    """Return the role of the two that may do less."""
    return min(one, other, key=ROLES.index)


def check_role(role: object) -> str:
    if role not in ROLES:
        raise errors.invalid_parameter(f'role must be one of {ROLES}.')
    return str(role)


def configure(array: FlashArray, users: Iterable[User]) -> None:
    """Make the users that the command line names; idempotent."""
    for user in users:
        check_role(user.role)
        present = array.admins.find(user.name)
        if present is None:
            present = model.Admin(
                id=array.new_id(), name=user.name, created=array.now()
            )
        array.admins.put(
            replace(
                present,
                role=user.role,
                api_token=user.api_token,
                token_created=present.token_created or array.now(),
                token_expires=None,
                locked=False,
            )
        )


def log_in(array: FlashArray, token: str) -> Identity:
    """Return whom an API token belongs to; raise ApiError (401)."""
    for admin in array.admins.by('token', token):
        same = hmac.compare_digest(
            (admin.api_token or '').encode(), token.encode()
        )
        if same and not admin.locked and not _expired(array, admin):
            return Identity(admin.name, admin.role)
    raise errors.unauthorized()


def _expired(array: FlashArray, admin: model.Admin) -> bool:
    return (
        admin.token_expires is not None and array.now() >= admin.token_expires
    )


def new_token(
    array: FlashArray, admin: model.Admin, lifetime: int | None
) -> model.Admin:
    """Give a user another API token, for ``lifetime`` ms or for ever."""
    now = array.now()
    return array.admins.put(
        replace(
            admin,
            api_token=str(uuid.uuid4()),
            token_created=now,
            token_expires=None if lifetime is None else now + lifetime,
        )
    )


def remove_token(array: FlashArray, admin: model.Admin) -> None:
    """Take the API token away; open sessions go on."""
    array.admins.put(
        replace(admin, api_token=None, token_created=None, token_expires=None)
    )
