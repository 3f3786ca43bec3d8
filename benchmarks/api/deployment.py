# SPDX-License-Identifier: Apache-2.0
"""The API as it is deployed: uWSGI, an engine, MariaDB, RabbitMQ, Keystone."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from flasharray_simulator import testing
from oslo_config import cfg

from aegis import conf as aegis_conf
from aegis.db import migration, session
from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import descriptions
from benchmarks import brokers, configuration, databases, processes

_TOOLS = Path(__file__).resolve().parents[2] / 'tools'
sys.path.insert(0, str(_TOOLS))

from deployment import aegis as deployed_aegis  # noqa: E402

PROJECT = '1' * 32
_PROJECT_NAME = 'tenant'
_USER, _PASSWORD = 'bench', 'open-sesame'
_SITES = ('east', 'west')
_ADDRESS = '127.0.0.1'
_PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Deployed:
    """A running API, and a token of a tenant who may use it."""

    host: str
    port: int
    token: str
    api: processes.Running
    database: databases.Database


@contextlib.contextmanager
def deployment(directory: Path) -> Iterator[Deployed]:
    """Bring all of it up, with empty tables."""
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        sites = enter(_sites(directory))
        database = enter(databases.database(databases.MARIADB, directory))
        transport_url = enter(brokers.broker(directory))
        path = configuration.write(
            directory / 'aegis.conf',
            _sections(sites, database.url, transport_url, directory),
        )
        enter(_tables(path))
        enter(
            processes.running(
                [str(_PROGRAMS / 'aegis-engine'), '--config-file', str(path)],
                directory / 'engine.out',
            )
        )
        (port,) = testing.free_ports(1, _ADDRESS)
        api = enter(
            processes.running(
                deployed_aegis.api_command(_PROGRAMS, f'{_ADDRESS}:{port}'),
                directory / 'api.out',
                {**os.environ, 'OS_AEGIS_CONFIG_FILES': str(path)},
            )
        )

        def answers() -> bool:
            api.require()
            return _answers(port)

        processes.until(answers, 'the API', 120)
        token = _token(sites['west']['aegis.conf']['auth_url'])
        yield Deployed(_ADDRESS, port, token, api, database)


@contextlib.contextmanager
def _sites(directory: Path) -> Iterator[dict[str, Any]]:
    """Two emulated sites; what matters of them is Keystone."""
    described = emulator.describe(
        *_SITES,
        projects=(emulator.Project(_PROJECT_NAME, id=PROJECT),),
        people=(emulator.Person(_USER, _PASSWORD, projects=(_PROJECT_NAME,)),),
    )
    path, ready = directory / 'sites.json', directory / 'ready.json'
    path.write_text(
        json.dumps([descriptions.to_document(site) for site in described])
    )
    command = [
        sys.executable,
        '-m',
        'aegis.tests.fixtures.emulator',
        *('--describe', str(path), '--ready', str(ready)),
    ]
    with processes.running(command, directory / 'sites.log') as running:

        def is_ready() -> bool:
            running.require()
            return ready.exists()

        processes.until(is_ready, 'the sites')
        yield dict(json.loads(ready.read_text())['sites'])


def _sections(
    sites: dict[str, Any], database_url: str, transport_url: str, log: Path
) -> configuration.Sections:
    own = sites['west']['aegis.conf']
    return {
        'DEFAULT': {
            'local_site': 'west',
            'sites': list(sites),
            'transport_url': transport_url,
            'log_file': log / 'aegis.log',
        },
        'database': {'connection': database_url},
        'keystone_authtoken': {
            **own,
            'www_authenticate_uri': own['auth_url'],
            'service_type': 'disaster-recovery',
            'service_token_roles_required': 'true',
        },
        **{f'site:{name}': site['aegis.conf'] for name, site in sites.items()},
    }


@contextlib.contextmanager
def _tables(path: Path) -> Iterator[None]:
    """Make them, and have the database at hand in this process as well."""
    conf = cfg.ConfigOpts()
    aegis_conf.setup(['--config-file', str(path)], conf, [])
    session.configure(conf)
    try:
        migration.sync()
        yield
    finally:
        session.dispose()


def _answers(port: int) -> bool:
    try:
        answer = requests.get(
            f'http://{_ADDRESS}:{port}/healthcheck', timeout=5
        )
    except requests.RequestException:
        return False
    return answer.status_code == 200


def _token(auth_url: str) -> str:
    domain = {'name': descriptions.TENANT_DOMAIN}
    user = {'name': _USER, 'password': _PASSWORD, 'domain': domain}
    answer = requests.post(
        f'{auth_url}/auth/tokens',
        json={
            'auth': {
                'identity': {
                    'methods': ['password'],
                    'password': {'user': user},
                },
                'scope': {
                    'project': {'name': _PROJECT_NAME, 'domain': domain}
                },
            }
        },
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.headers['X-Subject-Token'])
