# SPDX-License-Identifier: Apache-2.0
"""A site that is nothing but prepared HTTP answers."""

from typing import Any

import requests_mock
from keystoneauth1 import fixture
from oslo_config import cfg
from oslotest import base

from aegis.clouds import factory
from aegis.conf import sites

AUTH = 'https://keystone.example.org/v3'
NOVA = 'https://nova.example.org/v2.1'
CINDER = 'https://cinder.example.org/v3'
NEUTRON = 'https://neutron.example.org'
GLANCE = 'https://glance.example.org'
PROJECT = 'a' * 32
PASSWORD = 'open-sesame'
TOKEN = 'token-of-the-test'


def configuration(**values: Any) -> cfg.ConfigOpts:
    """Options of one site, ``west``."""
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.ListOpt('sites', default=['west'])])
    conf([], default_config_files=[])
    sites.register_site_opts(conf, 'west')
    auth_type = values.pop('auth_type', 'password')
    conf.set_override('auth_type', auth_type, 'site:west')
    sites.register_site_opts(conf, 'west')
    defaults = {
        'auth_url': AUTH,
        'username': 'aegis',
        'password': PASSWORD,
        'user_domain_name': 'services',
        'project_name': 'service',
        'project_domain_name': 'services',
        'region_name': 'west-2',
    }
    if auth_type == 'password':
        values = {**defaults, **values}
    for name, value in values.items():
        conf.set_override(name, value, 'site:west')
    return conf


def token() -> fixture.V3Token:
    """A token with a catalogue."""
    made = fixture.V3Token(project_id=PROJECT)
    for kind, url in (
        ('compute', NOVA),
        ('block-storage', CINDER),
        ('network', NEUTRON),
        ('image', GLANCE),
        ('identity', AUTH),
    ):
        made.add_service(kind).add_standard_endpoints(
            public=url, region='west-2'
        )
    return made


class HttpTestCase(base.BaseTestCase):
    """Offers ``self.http`` for answers and ``self.clouds``."""

    def setUp(self) -> None:
        super().setUp()
        self.http = requests_mock.Mocker()
        self.http.start()
        self.addCleanup(self.http.stop)
        self.http.get(AUTH, json={'version': fixture.V3Discovery(AUTH)})
        self.http.post(
            f'{AUTH}/auth/tokens',
            json=token(),
            headers={'X-Subject-Token': TOKEN},
        )
        self.http.get(
            f'{NEUTRON}/',
            json={
                'versions': [
                    {
                        'id': 'v2.0',
                        'status': 'CURRENT',
                        'links': [{'rel': 'self', 'href': f'{NEUTRON}/v2.0/'}],
                    }
                ]
            },
        )
        self.http.get(
            f'{GLANCE}/',
            json={
                'versions': [
                    {
                        'id': 'v2.9',
                        'status': 'CURRENT',
                        'links': [{'rel': 'self', 'href': f'{GLANCE}/v2/'}],
                    }
                ]
            },
        )
        self.clouds = factory.Clouds(configuration())
        self.cloud = self.clouds.cloud('west', PROJECT)

    def bodies(self, method: str, url: str) -> list[Any]:
        """The JSON that was sent to an address."""
        return [
            request.json()
            for request in self.http.request_history
            if request.method == method
            and request.url.partition('?')[0] == url
        ]

    def queries(self, url: str) -> list[dict[str, list[str]]]:
        """The queries that an address was asked with."""
        return [
            request.qs
            for request in self.http.request_history
            if request.method == 'GET' and request.url.partition('?')[0] == url
        ]

    def counted(self, prefix: str) -> int:
        """How many calls went to a service."""
        return sum(
            request.url.startswith(prefix)
            for request in self.http.request_history
        )
