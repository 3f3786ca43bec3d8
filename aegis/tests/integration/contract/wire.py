# SPDX-License-Identifier: Apache-2.0
"""What the services answer to what is wrong, as it goes over the wire.

:mod:`aegis.clouds` never sends most of it. That the emulated clouds refuse
it as the real ones do is what a green test against them is worth.
"""

import uuid
from collections.abc import Callable
from typing import Any

import requests
from keystoneauth1 import session

from aegis.clouds import factory

UNKNOWN = str(uuid.uuid4())
_NOVA = {'OpenStack-API-Version': 'compute 2.96'}
_CINDER = {'OpenStack-API-Version': 'volume 3.64'}
_KINDS = {
    'nova': ('compute', _NOVA),
    'cinder': ('block-storage', _CINDER),
    'neutron': ('network', {}),
    'glance': ('image', {}),
    'keystone': ('identity', {}),
    'placement': ('placement', {}),
}
_ROOTS = {'neutron': '/v2.0', 'glance': '/v2'}
_LISTS = {
    'nova': '/servers',
    'cinder': '/volumes/detail',
    'neutron': '/ports',
    'glance': '/images',
    'keystone': '/projects',
    'placement': '/resource_providers',
}
Probe = tuple[str, str, str, Any, int, str]
# Service, method, path, body, status, and a word of the answer.
PROBES: tuple[Probe, ...] = (
    ('nova', 'GET', '/nope', None, 404, 'html'),
    ('cinder', 'GET', '/nope', None, 404, 'html'),
    ('neutron', 'GET', '/nope', None, 404, 'NeutronError'),
    ('glance', 'GET', '/nope', None, 404, 'html'),
    ('keystone', 'GET', '/nope', None, 404, 'html'),
    ('placement', 'GET', '/nope', None, 404, 'errors'),
    ('nova', 'GET', '/servers/detail?bogus=1', None, 400, 'bogus'),
    ('nova', 'GET', '/flavors/detail?bogus=1', None, 400, 'bogus'),
    ('nova', 'GET', '/os-keypairs?bogus=1', None, 400, 'bogus'),
    ('nova', 'GET', '/os-server-groups?bogus=1', None, 400, 'bogus'),
    ('neutron', 'GET', '/ports?bogus=1', None, 400, 'invalid attribute'),
    ('neutron', 'GET', '/networks?bogus=1', None, 400, 'invalid attribute'),
    ('neutron', 'GET', '/routers?bogus=1', None, 400, 'invalid attribute'),
    ('cinder', 'GET', '/volumes/detail?bogus=1', None, 200, 'volumes'),
    ('glance', 'GET', '/images?bogus=1', None, 200, 'images'),
    ('nova', 'GET', '/servers/detail?limit=x', None, 400, 'limit'),
    (
        'nova',
        'GET',
        f'/servers/detail?marker={UNKNOWN}',
        None,
        400,
        'not found',
    ),
    (
        'cinder',
        'GET',
        f'/volumes/detail?marker={UNKNOWN}',
        None,
        404,
        'could not be found',
    ),
    (
        'neutron',
        'GET',
        f'/ports?limit=1&marker={UNKNOWN}',
        None,
        404,
        'could not be found',
    ),
    ('nova', 'POST', '/servers', {'server': {'name': 'x'}}, 400, 'required'),
    (
        'nova',
        'POST',
        '/servers',
        {
            'server': {
                'name': 'x',
                'flavorRef': '1',
                'networks': 'none',
                'bogus': 1,
            }
        },
        400,
        'bogus',
    ),
    (
        'nova',
        'POST',
        f'/servers/{UNKNOWN}/action',
        {'bogus': None},
        400,
        'There is no such action: bogus',
    ),
    (
        'nova',
        'POST',
        f'/servers/{UNKNOWN}/action',
        {'lock': {'bogus': 1}},
        400,
        'bogus',
    ),
    (
        'nova',
        'POST',
        '/os-keypairs',
        {'keypair': {'name': 'x', 'type': 'ssh', 'public_key': 'x'}},
        400,
        'fingerprint',
    ),
    (
        'nova',
        'POST',
        '/os-server-groups',
        {'server_group': {'name': 'x', 'policy': 'bogus'}},
        400,
        'bogus',
    ),
    (
        'cinder',
        'POST',
        '/os-volume-manage',
        {'volume': {'host': 'a@b#c', 'ref': {}, 'bogus': 1}},
        400,
        'bogus',
    ),
    (
        'cinder',
        'POST',
        '/volumes',
        {'volume': {'size': 1, 'bogus': 1}},
        400,
        'bogus',
    ),
    (
        'cinder',
        'POST',
        f'/volumes/{UNKNOWN}/action',
        {'bogus': None},
        400,
        'There is no such action: bogus',
    ),
    (
        'cinder',
        'PUT',
        f'/volumes/{UNKNOWN}',
        {'volume': {'bogus': 1}},
        400,
        'bogus',
    ),
    (
        'neutron',
        'POST',
        '/ports',
        {'port': {'network_id': UNKNOWN, 'bogus': 1}},
        400,
        "Unrecognized attribute(s) 'bogus'",
    ),
    ('neutron', 'POST', '/ports', {'port': {'name': 'x'}}, 400, 'network_id'),
    ('neutron', 'POST', '/ports', {'bogus': {}}, 400, 'Unable to find'),
    (
        'neutron',
        'POST',
        '/ports',
        {'port': {'network_id': UNKNOWN}},
        404,
        'NetworkNotFound',
    ),
    (
        'neutron',
        'PUT',
        f'/ports/{UNKNOWN}',
        {'port': {'name': 'x'}},
        404,
        'PortNotFound',
    ),
    (
        'neutron',
        'POST',
        '/networks',
        {'network': {'name': 1}},
        400,
        'Invalid input for name',
    ),
    (
        'neutron',
        'POST',
        '/floatingips',
        {'floatingip': {'floating_network_id': UNKNOWN}},
        404,
        'NetworkNotFound',
    ),
    (
        'neutron',
        'POST',
        '/subnets',
        {
            'subnet': {
                'network_id': UNKNOWN,
                'cidr': '10.0.0.0/24',
                'ip_version': 4,
            }
        },
        404,
        'NetworkNotFound',
    ),
    (
        'neutron',
        'PUT',
        f'/routers/{UNKNOWN}/add_router_interface',
        {'subnet_id': UNKNOWN},
        404,
        'RouterNotFound',
    ),
)
# What only an administrator may do.
FORBIDDEN: tuple[Probe, ...] = (
    (
        'cinder',
        'POST',
        '/os-volume-manage',
        {
            'volume': {
                'host': 'a@b#c',
                'ref': {'source-name': 'x'},
                'volume_type': 'x',
            }
        },
        403,
        'forbidden',
    ),
    ('cinder', 'GET', '/scheduler-stats/get_pools', None, 403, 'forbidden'),
    ('keystone', 'GET', '/projects', None, 403, 'not authorized'),
    ('keystone', 'GET', '/domains', None, 403, 'not authorized'),
    ('nova', 'GET', '/servers/detail?all_tenants=1', None, 403, 'forbidden'),
    ('placement', 'GET', '/resource_providers', None, 403, 'errors'),
)


class WireContract:
    """Mixed into a test case with sessions of Aegis and of a tenant."""

    clouds: factory.Clouds
    site: str
    region: str
    project_id: str
    tenant_session: session.Session
    addCleanup: Callable[..., None]
    assertEqual: Callable[..., None]
    assertIn: Callable[..., None]
    assertNotIn: Callable[..., None]
    assertTrue: Callable[..., None]
    subTest: Callable[..., Any]

    @property
    def aegis_session(self) -> session.Session:
        cloud = self.clouds.cloud(self.site, self.project_id)
        found: session.Session = session.Session(
            auth=cloud.network._client.session.auth
        )
        return found

    def ask(
        self,
        own: session.Session,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> requests.Response:
        kind, version = _KINDS[service]
        base = own.auth.get_access(own).service_catalog.url_for(
            service_type=kind, interface='public', region_name=self.region
        )
        root = _ROOTS.get(service, '')
        if body is not None:
            values['json'] = body
        answer: requests.Response = own.request(
            f'{base}{root}{path}',
            method,
            raise_exc=False,
            headers={**version, **(headers or {})},
            **{'authenticated': True, **values},
        )
        return answer

    def _compare(self, own: session.Session, probe: Probe) -> None:
        service, method, path, body, status, word = probe
        with self.subTest(service=service, method=method, path=path):
            answer = self.ask(own, service, method, path, body)
            self.assertEqual(status, answer.status_code, answer.text)
            self.assertIn(word, answer.text)

    def test_what_is_wrong_is_refused(self) -> None:
        own = self.aegis_session
        for probe in PROBES:
            self._compare(own, probe)

    def test_a_tenant_may_not_what_an_administrator_may(self) -> None:
        for probe in FORBIDDEN:
            self._compare(self.tenant_session, probe)

    def test_a_body_that_is_no_json_is_refused(self) -> None:
        for service, path in (
            ('nova', '/servers'),
            ('cinder', '/volumes'),
            ('neutron', '/ports'),
        ):
            answer = self.ask(
                self.aegis_session,
                service,
                'POST',
                path,
                headers={'Content-Type': 'application/json'},
                data='{garbage',
            )
            self.assertEqual(400, answer.status_code, answer.text)

    def test_nobody_gets_in_without_a_valid_token(self) -> None:
        own = self.aegis_session
        for service, path in _LISTS.items():
            for headers in ({}, {'X-Auth-Token': 'bogus'}):
                with self.subTest(service=service, headers=headers):
                    answer = self.ask(
                        own,
                        service,
                        'GET',
                        path,
                        headers=headers,
                        authenticated=False,
                    )
                    self.assertEqual(401, answer.status_code)

    def test_versions_are_negotiated(self) -> None:
        own = self.aegis_session
        for service, name, path in (
            ('nova', 'compute', '/servers'),
            ('cinder', 'volume', '/volumes/detail'),
        ):
            for asked, status in (
                ('9.999', 406),
                ('bogus', 400),
                ('latest', 200),
            ):
                with self.subTest(service=service, asked=asked):
                    answer = self.ask(
                        own,
                        service,
                        'GET',
                        path,
                        headers={'OpenStack-API-Version': f'{name} {asked}'},
                    )
                    self.assertEqual(status, answer.status_code, answer.text)

    def test_an_answer_tells_its_version_and_its_request(self) -> None:
        own = self.aegis_session
        for service, version in (
            ('nova', 'compute 2.96'),
            ('cinder', 'volume 3.64'),
        ):
            answer = self.ask(own, service, 'GET', _LISTS[service])
            self.assertEqual(version, answer.headers['OpenStack-API-Version'])
            self.assertIn('x-openstack-request-id', answer.headers)

    def test_a_list_comes_in_pages_of_the_wanted_size(self) -> None:
        own = self.aegis_session
        names = [f'wire-{uuid.uuid4().hex[:8]}-{n}' for n in range(3)]
        for name in names:
            made = self.ask(
                own,
                'neutron',
                'POST',
                '/networks',
                {'network': {'name': name}},
            ).json()['network']
            self.addCleanup(
                self.ask, own, 'neutron', 'DELETE', f'/networks/{made["id"]}'
            )

        found: list[str] = []
        query = f'project_id={self.project_id}&limit=1'
        marker = ''
        while True:
            body = self.ask(
                own, 'neutron', 'GET', f'/networks?{query}{marker}'
            ).json()
            found += [each['name'] for each in body['networks']]
            self.assertTrue(len(body['networks']) <= 1)
            links = {link['rel'] for link in body.get('networks_links', ())}
            if 'next' not in links:
                break
            marker = f'&marker={body["networks"][-1]["id"]}'

        self.assertEqual(sorted(names), sorted(found))

    def test_a_tenant_does_not_see_what_is_the_operators(self) -> None:
        types = self.ask(self.tenant_session, 'cinder', 'GET', '/types')

        for each in types.json()['volume_types']:
            self.assertNotIn('volume_backend_name', str(each))
