# SPDX-License-Identifier: Apache-2.0
"""What people and programs are told about the sites."""

from dataclasses import dataclass
from typing import Any

from sites import (
    accounts,
    arrays,
    context,
    identity,
    isolation,
    plan,
    processes,
    resources,
    rest,
)

Facts = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the status table."""

    site: str
    service: str
    pid: str
    address: str
    state: str


def rows(
    supervisor: processes.Supervisor, heres: list[context.Context]
) -> list[Row]:
    """Return a line for each program that was started."""
    dark = {here.site.name for here in heres if isolation.is_isolated(here)}
    return [
        Row(
            record.group,
            record.name,
            str(record.pid),
            record.address,
            _state(supervisor.state(record), record, dark),
        )
        for record in supervisor.all()
    ]


def table(lines: list[Row]) -> str:
    """Return the status as text in columns."""
    cells = [('SITE', 'SERVICE', 'PID', 'ADDRESS', 'STATE')]
    cells += [
        (line.site, line.service, line.pid, line.address, line.state)
        for line in lines
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    return '\n'.join(
        '  '.join(
            text.ljust(width) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def facts(heres: list[context.Context]) -> Facts:
    """Return all that a test, a demo or a configuration needs. Secrets!"""
    first = heres[0]
    return {
        'state_directory': str(first.paths.clouds),
        'virtual_environment': str(first.environment.path),
        'array_certificates': str(first.paths.array_certificates),
        'sites': [_site(here) for here in heres],
    }


def _state(state: str, record: processes.Record, dark: set[str]) -> str:
    if record.group in dark and record.name == arrays.NAME:
        return 'powered off' if state == processes.RUNNING else state
    return state


def _site(here: context.Context) -> Facts:
    site = here.site
    return {
        'name': site.name,
        'region': site.region,
        'address': site.address,
        'auth_url': site.auth_url,
        'availability_zone': site.availability_zone,
        'compute_host': site.compute_host,
        'volume_host': site.volume_host,
        'log_directory': str(here.paths.logs(site.name)),
        'isolated': isolation.is_isolated(here),
        'admin': _account(accounts.credentials(here)),
        'service_domain': plan.SERVICE_DOMAIN,
        'service_project': plan.SERVICE_PROJECT,
        'aegis': _aegis(here),
        'tenants': _tenants(here),
        'array': _array(here),
        'backends': [_backend(site, backend) for backend in plan.BACKENDS],
        'public_network': {'name': site.public.name, 'cidr': site.public.cidr},
        'flavors': [flavor.name for flavor in resources.FLAVORS],
        'image': resources.IMAGE_NAME,
        'services': [
            {'name': 'keystone', 'type': 'identity', 'url': site.auth_url},
            *(
                {
                    'name': service.name,
                    'type': service.type,
                    'url': site.url(service.name) + service.suffix,
                }
                for service in identity.CATALOGUE
            ),
        ],
    }


def _aegis(here: context.Context) -> Facts:
    return {
        'endpoint': here.site.url('aegis'),
        'address': here.site.address,
        'port': here.site.port('aegis'),
        'user': _account(accounts.credentials(here, plan.AEGIS_USER)),
        'database_url': here.database.url(here.site, 'aegis'),
        'transport_url': here.broker.url(here.site, 'aegis'),
    }


def _tenants(here: context.Context) -> Facts:
    return {
        'domain': plan.TENANT_DOMAIN,
        'projects': [
            {
                'name': tenant.project,
                'members': list(tenant.members),
                'readers': list(tenant.readers),
                'volume_types': [
                    backend.volume_type
                    for backend in plan.BACKENDS
                    if backend.project in (tenant.project, None)
                ],
            }
            for tenant in plan.TENANTS
        ],
        'users': [
            {'name': name, 'password': here.user_password(name)}
            for name in plan.users()
        ],
    }


def _array(here: context.Context) -> Facts:
    array = here.site.array
    return {
        'name': array.name,
        'address': array.address,
        'port': array.port,
        'management': array.management,
        'door_url': array.door,
        'api_token': arrays.token(here, here.site),
        'certificate': str(here.paths.array_certificate(here.site.name)),
    }


def _backend(site: plan.Site, backend: plan.Backend) -> Facts:
    group = backend.protection_group(site)
    return {
        'section': backend.section,
        'volume_backend_name': backend.backend_name,
        'host': (
            f'{site.volume_host}@{backend.section}#{backend.backend_name}'
        ),
        'volume_type': backend.volume_type,
        'project': backend.project,
        'protection_group': group,
        'replicates_to': plan.peer_of(site).array.name if group else None,
    }


def _account(account: rest.Credentials) -> Facts:
    return {
        'username': account.user,
        'password': account.password,
        'user_domain_name': account.user_domain,
        'project_name': account.project,
        'project_domain_name': account.project_domain,
    }
