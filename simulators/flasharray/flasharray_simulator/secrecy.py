# SPDX-License-Identifier: Apache-2.0
"""What is not written down of what a caller sends."""

from typing import Any

HIDDEN = '****'

_SECRETS = frozenset(
    (
        'api_token',
        'auth_passphrase',
        'bind_password',
        'client_secret',
        'connection_key',
        'fleet_key',
        'host_password',
        'key',
        'ntp_symmetric_key',
        'old_password',
        'passphrase',
        'password',
        'privacy_passphrase',
        'secret_access_key',
        'target_password',
    )
)
# Tags have keys that are not secret.
_NOT_SECRET_BESIDE = 'namespace'


def without_secrets(value: Any) -> Any:
    """Return a body with all passwords and keys hidden."""
    if isinstance(value, dict):
        tag = _NOT_SECRET_BESIDE in value or 'value' in value
        return {
            name: HIDDEN
            if name in _SECRETS and inner and not (tag and name == 'key')
            else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value
