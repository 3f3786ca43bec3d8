# SPDX-License-Identifier: Apache-2.0
"""The sites as `tools/clouds info` tells them, in typed form."""

import json
import pathlib
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

TOOLS = pathlib.Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Account:
    """Who somebody is to a Keystone."""

    username: str
    password: str
    user_domain_name: str
    project_name: str
    project_domain_name: str


@dataclass(frozen=True)
class Array:
    name: str
    management: str
    door_url: str
    api_token: str
    certificate: str


@dataclass(frozen=True)
class AegisFacts:
    """Where a site's Aegis is expected, and its own accounts."""

    address: str
    port: int
    endpoint: str
    user: Account
    database_url: str
    transport_url: str


@dataclass(frozen=True)
class Site:
    """One site; ``user`` gives the account of a person there."""

    name: str
    region: str
    auth_url: str
    log_directory: pathlib.Path
    admin: Account
    aegis: AegisFacts
    array: Array
    public_network: str
    tenant_domain: str
    passwords: tuple[tuple[str, str], ...]
    protection_groups: tuple[tuple[str, str], ...]

    def user(self, name: str, project: str) -> Account:
        return Account(
            username=name,
            password=dict(self.passwords)[name],
            user_domain_name=self.tenant_domain,
            project_name=project,
            project_domain_name=self.tenant_domain,
        )

    def protection_group(self, volume_type: str) -> str:
        return dict(self.protection_groups)[volume_type]


@dataclass(frozen=True)
class Sites:
    """Both sites and where their state lies."""

    state_directory: pathlib.Path
    east: Site
    west: Site

    def secrets(self) -> tuple[str, ...]:
        """Everything that must never stand in a log."""
        found = set()
        for site in (self.east, self.west):
            found |= {site.admin.password, site.aegis.user.password}
            found |= {site.array.api_token}
            found |= {password for _, password in site.passwords}
        return tuple(sorted(found))


def read() -> Sites:
    """Ask tools/clouds.

    :raises subprocess.CalledProcessError: when the sites were never built.
    """
    answer = subprocess.run(
        [sys.executable, str(TOOLS / 'clouds'), 'info', '--json'],
        check=True,
        capture_output=True,
        text=True,
    )
    return parse(json.loads(answer.stdout))


def parse(document: dict[str, Any]) -> Sites:
    """Turn the JSON of `tools/clouds info --json` into objects."""
    sites = {entry['name']: _site(entry) for entry in document['sites']}
    return Sites(
        state_directory=pathlib.Path(document['state_directory']),
        east=sites['east'],
        west=sites['west'],
    )


def _site(entry: dict[str, Any]) -> Site:
    aegis = entry['aegis']
    array = entry['array']
    return Site(
        name=entry['name'],
        region=entry['region'],
        auth_url=entry['auth_url'],
        log_directory=pathlib.Path(entry['log_directory']),
        admin=Account(**entry['admin']),
        aegis=AegisFacts(
            address=aegis['address'],
            port=aegis['port'],
            endpoint=aegis['endpoint'],
            user=Account(**aegis['user']),
            database_url=aegis['database_url'],
            transport_url=aegis['transport_url'],
        ),
        array=Array(
            name=array['name'],
            management=array['management'],
            door_url=array['door_url'],
            api_token=array['api_token'],
            certificate=array['certificate'],
        ),
        public_network=entry['public_network']['name'],
        tenant_domain=entry['tenants']['domain'],
        passwords=tuple(
            (user['name'], user['password'])
            for user in entry['tenants']['users']
        ),
        protection_groups=tuple(
            (backend['volume_type'], backend['protection_group'])
            for backend in entry['backends']
            if backend['protection_group']
        ),
    )
