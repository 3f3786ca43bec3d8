# SPDX-License-Identifier: Apache-2.0
"""Two emulated sites for the contract suite, and a tenant at each."""

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import Any

from cinderclient import client as cinder
from keystoneauth1 import session
from keystoneauth1.identity import v3
from novaclient import client as nova
from oslo_config import cfg

from aegis.clouds import factory
from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import descriptions

_PATIENCE_SECONDS = 30.0
_INTERVAL_SECONDS = 0.01
_PASSWORD = 'swordfish'
PROJECT = 'contract'
STRANGER = 'stranger'


def described(**values: Any) -> tuple[emulator.Site, ...]:
    """East and west with a tenant, ``fiona``, and somebody else's project."""
    return emulator.describe(
        'east',
        'west',
        **{
            'array': emulator.Array('fa', 'memory'),
            'projects': (
                emulator.Project(PROJECT),
                emulator.Project(STRANGER),
            ),
            'people': (
                emulator.Person('fiona', _PASSWORD, projects=(PROJECT,)),
            ),
            **values,
        },
    )


def configuration(
    running: emulator.Emulator, **changes: Any
) -> cfg.ConfigOpts:
    """The options of the sites, as aegis.conf would give them."""
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.ListOpt('sites')])
    conf([], default_config_files=[])
    conf.set_override('sites', list(running.described))
    running.configure(conf, **{'watch_interval': 0.05, **changes})
    return conf


class EmulatedLaboratory:
    """What the contract suite needs, from a running emulator."""

    site = 'east'
    other_site = 'west'
    flavor = 'small'
    volume_type = descriptions.VOLUME_TYPE
    external_network = 'public'
    image = 'tiny-linux'

    def __init__(self, running: emulator.Emulator) -> None:
        self.running = running
        self.clouds = factory.Clouds(configuration(running))
        self.project_id = self._project(self.site, PROJECT)
        self.other_project_id = self._project(self.other_site, PROJECT)
        self.foreign_project_id = self._project(self.site, STRANGER)

    def _project(self, site: str, name: str) -> str:
        identity = self.clouds.identity(site)
        found = identity.find_project(name, descriptions.TENANT_DOMAIN)
        return found.id

    def session(self, site: str) -> session.Session:
        """A session of the tenant."""
        section = self.running.section(site)
        return session.Session(
            auth=v3.Password(
                auth_url=section['auth_url'],
                username='fiona',
                password=_PASSWORD,
                user_domain_name=descriptions.TENANT_DOMAIN,
                project_name=PROJECT,
                project_domain_name=descriptions.TENANT_DOMAIN,
            )
        )

    def _client(self, kind: Any, version: str, site: str) -> Any:
        return kind.Client(
            version,
            session=self.session(site),
            region_name=self.running[site].region,
        )

    def make_volume(self, site: str, name: str) -> str:
        client = self._client(cinder, '3.64', site)
        made = client.volumes.create(
            1, name=name, volume_type=self.volume_type
        )
        self.wait(lambda: client.volumes.get(made.id).status == 'available')
        client.volumes.set_bootable(made, True)
        return str(made.id)

    def make_keypair(self, name: str, public_key: str) -> str:
        client = self._client(nova, '2.90', self.site)
        return str(client.keypairs.create(name, public_key).user_id)

    def set_quota(self, service: str, resource: str, limit: int) -> None:
        self.running.door.set_quota(self.site, resource, limit)

    def wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        pause = threading.Event()
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError('it did not happen in time')
            pause.wait(_INTERVAL_SECONDS)


def in_pages(site: emulator.Site, page_limit: int) -> emulator.Site:
    """A site whose lists come in small pages."""
    return dataclasses.replace(site, page_limit=page_limit)
