# SPDX-License-Identifier: Apache-2.0
"""Sites as `tools/clouds info --json` describes them."""

from typing import Any

from deployment import facts


def document() -> dict[str, Any]:
    return {
        'state_directory': '/state',
        'sites': [_site('east', 61), _site('west', 62)],
    }


def sites() -> facts.Sites:
    return facts.parse(document())


def _account(name: str) -> dict[str, str]:
    return {
        'username': name,
        'password': f'password-of-{name}',
        'user_domain_name': 'domain',
        'project_name': 'project',
        'project_domain_name': 'domain',
    }


def _site(name: str, number: int) -> dict[str, Any]:
    return {
        'name': name,
        'region': f'region-{number}',
        'auth_url': f'http://127.0.{number}.1/v3',
        'log_directory': f'/logs/{name}',
        'admin': _account('operator'),
        'aegis': {
            'address': f'127.0.{number}.1',
            'port': 22070,
            'endpoint': f'http://127.0.{number}.1:22070',
            'user': _account('aegis'),
            'database_url': 'mysql://',
            'transport_url': 'rabbit://',
        },
        'array': {
            'name': f'fa-{name}',
            'management': f'127.0.{number}.10:8443',
            'door_url': f'http://127.0.{number}.10:9443',
            'api_token': f'token-{name}',
            'certificate': f'/certificates/{name}.pem',
        },
        'backends': [
            {'volume_type': 'async', 'protection_group': f'group-{name}'},
            {'volume_type': 'local', 'protection_group': None},
        ],
        'public_network': {'name': 'public'},
        'tenants': {
            'domain': 'acme',
            'users': [{'name': 'fiona', 'password': 'password-of-fiona'}],
        },
    }
