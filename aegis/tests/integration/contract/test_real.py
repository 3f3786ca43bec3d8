# SPDX-License-Identifier: Apache-2.0
"""The real clouds keep the contract that the fakes keep.

Needs two running sites and ``AEGIS_SITES_FILE``, a file with the output of
``tools/clouds info --json``. Works in a project of its own.
"""

import json
import os
import pathlib
import threading
import time
import unittest
import uuid
from collections.abc import Callable
from typing import Any

from cinderclient import client as cinder
from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3
from novaclient import client as nova
from oslo_config import cfg
from oslotest import base

from aegis.clouds import factory
from aegis.conf import sites
from aegis.tests.integration.contract import misconfiguration, suite, wire

SITES_FILE = os.environ.get('AEGIS_SITES_FILE')
_PATIENCE_SECONDS = 240.0
_INTERVAL_SECONDS = 0.5
_DOMAIN_KEY = 'domain'


class _Tenant:
    """A new project at one site, with a user of the site in it."""

    def __init__(self, site: dict[str, Any], name: str) -> None:
        self._site = site
        operator = site['admin']
        self._keystone = self._adapter(self._session(operator), 'identity')
        domain = site['tenants'][_DOMAIN_KEY]
        domain_id = self._find('domains', name=domain)['id']
        self.id = self._keystone.post(
            '/projects',
            json={'project': {'name': name, 'domain_id': domain_id}},
        ).json()['project']['id']
        (project,) = [
            each
            for each in site['tenants']['projects']
            if each['name'] == 'retail'
        ]
        person = next(
            user
            for user in site['tenants']['users']
            if user['name'] in project['members']
        )
        self.user_id = self._find(
            'users', name=person['name'], domain_id=domain_id
        )['id']
        role_id = self._find('roles', name='member')['id']
        self._keystone.put(
            f'/projects/{self.id}/users/{self.user_id}/roles/{role_id}'
        )
        self.volume_type = next(
            backend['volume_type']
            for backend in site['backends']
            if backend['project'] == 'retail'
        )
        self._allow_volume_type()
        self.own_session = self._session(
            {
                'user_id': self.user_id,
                'password': person['password'],
                'project_id': self.id,
            }
        )

    def _session(self, credentials: dict[str, Any]) -> session.Session:
        return session.Session(
            auth=v3.Password(auth_url=self._site['auth_url'], **credentials)
        )

    def _adapter(self, own: session.Session, kind: str) -> adapter.Adapter:
        return adapter.Adapter(
            session=own,
            service_type=kind,
            region_name=self._site['region'],
            interface='public',
        )

    def _find(self, collection: str, **query: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self._keystone.get(
            f'/{collection}', params=query
        ).json()[collection]
        return found[0]

    def _allow_volume_type(self) -> None:
        self._volume_types().volume_type_access.add_project_access(
            self._type_id(), self.id
        )

    def _volume_types(self) -> Any:
        return cinder.Client(
            '3.64',
            session=self._session(self._site['admin']),
            region_name=self._site['region'],
        )

    def _type_id(self) -> str:
        listed = self._volume_types().volume_types.list(is_public=None)
        return next(
            str(volume_type.id)
            for volume_type in listed
            if volume_type.name == self.volume_type
        )

    def set_quota(self, service: str, resource: str, limit: int) -> None:
        operator = self._session(self._site['admin'])
        if service == 'neutron':
            self._adapter(operator, 'network').put(
                f'/v2.0/quotas/{self.id}', json={'quota': {resource: limit}}
            )
            return
        module, version = {
            'nova': (nova, '2.90'),
            'cinder': (cinder, '3.64'),
        }[service]
        client = module.Client(
            version, session=operator, region_name=self._site['region']
        )
        client.quotas.update(self.id, **{resource: limit})

    def make_volume(self, name: str) -> str:
        client = cinder.Client(
            '3.64', session=self.own_session, region_name=self._site['region']
        )
        volume = client.volumes.create(
            1, name=name, volume_type=self.volume_type
        )
        _wait(lambda: client.volumes.get(volume.id).status == 'available')
        client.volumes.set_bootable(volume, True)
        return str(volume.id)

    def make_keypair(self, name: str, public_key: str) -> str:
        client = nova.Client(
            '2.90', session=self.own_session, region_name=self._site['region']
        )
        client.keypairs.create(name, public_key)
        return str(self.user_id)

    def delete(self, cloud: factory.Cloud) -> None:
        for group in cloud.network.list_security_groups():
            cloud.network.delete_security_group(group.id)
        client = nova.Client(
            '2.90', session=self.own_session, region_name=self._site['region']
        )
        for keypair in client.keypairs.list():
            if keypair.name.startswith('contract-'):
                client.keypairs.delete(keypair)
        self._forget_quotas()
        self._volume_types().volume_type_access.remove_project_access(
            self._type_id(), self.id
        )
        self._keystone.delete(f'/projects/{self.id}')

    def _forget_quotas(self) -> None:
        operator = self._session(self._site['admin'])
        # Neutron does not know a project that has nothing of its own.
        self._adapter(operator, 'network').delete(
            f'/v2.0/quotas/{self.id}', raise_exc=False
        )
        region = self._site['region']
        for module, version in ((nova, '2.90'), (cinder, '3.64')):
            client = module.Client(
                version, session=operator, region_name=region
            )
            client.quotas.delete(self.id)


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = threading.Event()
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError('it did not happen in time')
        pause.wait(_INTERVAL_SECONDS)


def configuration(
    described: list[dict[str, Any]], **changes: Any
) -> cfg.ConfigOpts:
    """The options of the sites, as aegis.conf would give them."""
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.ListOpt('sites')])
    conf([], default_config_files=[])
    conf.set_override('sites', [site['name'] for site in described])
    for site in described:
        group = sites.group_name(site['name'])
        sites.register_site_opts(conf, site['name'])
        conf.set_override('auth_type', 'password', group)
        sites.register_site_opts(conf, site['name'])
        values = {
            'auth_url': site['auth_url'],
            'region_name': site['region'],
            **site['aegis']['user'],
            **changes,
        }
        for name, value in values.items():
            conf.set_override(name, value, group)
    return conf


class RealLaboratory:
    """The sites that tools/clouds runs."""

    def __init__(self, described: list[dict[str, Any]]) -> None:
        here, there = described
        name = f'contract-{uuid.uuid4().hex[:8]}'
        self.site = here['name']
        self.other_site = there['name']
        self._tenants = {
            site['name']: _Tenant(site, name) for site in described
        }
        self.project_id = self._tenants[self.site].id
        self.other_project_id = self._tenants[self.other_site].id
        self.volume_type = self._tenants[self.site].volume_type
        self.flavor = here['flavors'][0]
        self.image = here['image']
        self.external_network = here['public_network']['name']
        self.clouds = factory.Clouds(configuration(described))
        self.foreign_project_id = (
            self.clouds.identity(self.site)
            .find_project('retail', here['tenants'][_DOMAIN_KEY])
            .id
        )

    def make_volume(self, site: str, name: str) -> str:
        return self._tenants[site].make_volume(name)

    def make_keypair(self, name: str, public_key: str) -> str:
        return self._tenants[self.site].make_keypair(name, public_key)

    @property
    def tenant_session(self) -> session.Session:
        return self._tenants[self.site].own_session

    def set_quota(self, service: str, resource: str, limit: int) -> None:
        self._tenants[self.site].set_quota(service, resource, limit)

    def wait(self, done: Callable[[], bool]) -> None:
        _wait(done)

    def close(self) -> None:
        for name, tenant in self._tenants.items():
            tenant.delete(self.clouds.cloud(name, tenant.id))


def _described() -> list[dict[str, Any]]:
    if not SITES_FILE:
        raise unittest.SkipTest('AEGIS_SITES_FILE names no file of sites')
    text = pathlib.Path(SITES_FILE).read_text(encoding='utf-8')
    found: list[dict[str, Any]] = json.loads(text)['sites']
    # The last one recovers the others.
    return [found[-1], found[0]]


class RealCloudsTest(suite.ContractSuite, base.BaseTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        laboratory = RealLaboratory(_described())
        cls.addClassCleanup(laboratory.close)
        cls.laboratory = laboratory  # type: ignore[assignment]


class RealMisconfigurationTest(
    misconfiguration.MisconfigurationContract, base.BaseTestCase
):
    def setUp(self) -> None:
        super().setUp()
        self.described = _described()
        self.site = self.described[0]['name']

    def configured(self, **changes: Any) -> factory.Clouds:
        return factory.Clouds(configuration(self.described, **changes))

    def known_project(self) -> str:
        here = self.described[0]
        identity = self.configured().identity(self.site)
        return identity.find_project('retail', here['tenants'][_DOMAIN_KEY]).id


class RealWireTest(wire.WireContract, base.BaseTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        described = _described()
        laboratory = RealLaboratory(described)
        cls.addClassCleanup(laboratory.close)
        cls.clouds = laboratory.clouds
        cls.site = laboratory.site
        cls.region = described[0]['region']
        cls.project_id = laboratory.project_id
        cls.tenant_session = laboratory.tenant_session
