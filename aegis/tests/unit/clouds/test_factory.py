# SPDX-License-Identifier: Apache-2.0
import requests

from aegis.clouds import factory
from aegis.common import exception
from aegis.tests.unit.clouds import http

SERVERS = f'{http.NOVA}/servers/detail'


class CloudsTest(http.HttpTestCase):
    def test_tokens_are_scoped_to_the_project_that_was_asked_for(self) -> None:
        self.http.get(SERVERS, json={'servers': []})

        self.cloud.compute.list_servers()

        (body,) = self.bodies('POST', f'{http.AUTH}/auth/tokens')
        self.assertEqual(
            {'project': {'id': http.PROJECT}}, body['auth']['scope']
        )

    def test_projects_have_tokens_of_their_own(self) -> None:
        self.http.get(SERVERS, json={'servers': []})
        other = self.clouds.cloud('west', 'b' * 32)

        for cloud in (self.cloud, other, self.cloud):
            cloud.compute.list_servers()

        bodies = self.bodies('POST', f'{http.AUTH}/auth/tokens')
        self.assertEqual(
            [http.PROJECT, 'b' * 32],
            [body['auth']['scope']['project']['id'] for body in bodies],
        )

    def test_clouds_are_made_once_and_without_a_call(self) -> None:
        again = self.clouds.cloud('west', http.PROJECT)

        self.assertIs(self.cloud, again)
        self.assertEqual([], self.http.request_history)

    def test_versions_are_discovered_once_for_all_projects(self) -> None:
        self.http.get(f'{http.NEUTRON}/v2.0/ports', json={'ports': []})

        for project_id in ('a' * 32, 'b' * 32, 'c' * 32):
            self.clouds.cloud('west', project_id).network.list_ports()

        discoveries = [
            request.url
            for request in self.http.request_history
            if request.url == f'{http.NEUTRON}/'
        ]
        self.assertEqual(1, len(discoveries))

    def test_connections_suffice_for_all_lanes(self) -> None:
        adapter = self.clouds._site('west')._pool.get_adapter(http.NOVA)

        self.assertEqual(64, adapter._pool_maxsize)

    def test_certificates_are_taken_from_the_configuration(self) -> None:
        cases = (
            ({}, (True, None)),
            ({'insecure': True}, (False, None)),
            ({'cafile': '/ca.pem'}, ('/ca.pem', None)),
            ({'certfile': '/c.pem'}, (True, '/c.pem')),
            (
                {'certfile': '/c.pem', 'keyfile': '/k.pem'},
                (True, ('/c.pem', '/k.pem')),
            ),
        )
        for values, expected in cases:
            with self.subTest(values=values):
                clouds = factory.Clouds(http.configuration(**values))
                session = clouds._site('west').session()
                self.assertEqual(expected, (session.verify, session.cert))

    def test_an_unknown_site_is_not_found(self) -> None:
        self.assertRaises(
            exception.SiteNotFound, self.clouds.cloud, 'nowhere', http.PROJECT
        )
        self.assertRaises(
            exception.SiteNotFound, self.clouds.identity, 'nowhere'
        )

    def test_credentials_that_cannot_be_used_are_named(self) -> None:
        cases = (
            {'auth_type': None},
            {'auth_type': 'none-such'},
            {'auth_type': 'v3applicationcredential'},
            {'auth_type': 'password', 'auth_url': None},
        )
        for values in cases:
            with self.subTest(values=values):
                clouds = factory.Clouds(http.configuration(**values))
                error = self.assertRaises(
                    exception.SiteAuthenticationFailed,
                    clouds.cloud,
                    'west',
                    http.PROJECT,
                )
                self.assertIn('[site:west]', error.remedy)

    def test_a_watch_is_shared_by_all_who_wait(self) -> None:
        self.http.get(SERVERS, json={'servers': []})
        self.http.get(f'{http.CINDER}/volumes/detail', json={'volumes': []})
        self.http.get(f'{http.NEUTRON}/v2.0/ports', json={'ports': []})

        for kind in ('servers', 'volumes', 'ports'):
            watching = self.clouds.watch('west', http.PROJECT, kind)
            self.assertIs(
                watching, self.clouds.watch('west', http.PROJECT, kind)
            )
            self.assertEqual({}, watching.latest(0.0))


class IdentityTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.identity = self.clouds.identity('west')
        self.project = {
            'id': http.PROJECT,
            'name': 'finance',
            'domain_id': 'd1',
            'enabled': True,
        }
        self.http.get(
            f'{http.AUTH}/projects/{http.PROJECT}',
            json={'project': self.project},
        )
        self.http.get(
            f'{http.AUTH}/projects', json={'projects': [self.project]}
        )
        domain = {'id': 'd1', 'name': 'acme'}
        self.http.get(f'{http.AUTH}/domains/d1', json={'domain': domain})
        self.http.get(f'{http.AUTH}/domains', json={'domains': [domain]})

    def test_a_project_comes_with_the_name_of_its_domain(self) -> None:
        found = self.identity.get_project(http.PROJECT)

        self.assertEqual(('finance', 'acme'), (found.name, found.domain_name))
        self.assertEqual(found, self.identity.find_project('finance', 'acme'))

    def test_a_name_is_looked_for_in_its_domain_only(self) -> None:
        self.identity.find_project('finance', 'acme')

        self.assertEqual(
            [{'name': ['finance'], 'domain_id': ['d1']}],
            self.queries(f'{http.AUTH}/projects'),
        )

    def test_unknown_names_are_not_found(self) -> None:
        self.http.get(f'{http.AUTH}/projects', json={'projects': []})
        self.assertRaises(
            exception.CloudNotFound, self.identity.find_project, 'x', 'acme'
        )
        self.http.get(f'{http.AUTH}/domains', json={'domains': []})
        self.assertRaises(
            exception.CloudNotFound, self.identity.find_project, 'x', 'none'
        )

    def test_a_probe_fetches_a_new_token_every_time(self) -> None:
        self.identity.probe()
        self.identity.probe()

        self.assertEqual(
            2, len(self.bodies('POST', f'{http.AUTH}/auth/tokens'))
        )

    def test_a_probe_is_impatient(self) -> None:
        self.identity.probe()

        self.assertEqual((5.0, 10.0), self.http.last_request.timeout)

    def test_a_probe_bears_one_silence_only(self) -> None:
        self.http.get(http.AUTH, exc=requests.exceptions.ReadTimeout)
        asked = len(self.http.request_history)

        self.assertRaises(exception.SiteUnreachable, self.identity.probe)

        self.assertEqual(1, len(self.http.request_history) - asked)

    def test_a_silent_keystone_makes_the_site_unreachable(self) -> None:
        for failure in (
            {'exc': requests.exceptions.ReadTimeout},
            {'exc': requests.exceptions.ConnectTimeout},
            {'exc': requests.exceptions.ConnectionError},
            {'status_code': 503},
            {'status_code': 500},
        ):
            with self.subTest(failure=failure):
                self.http.post(f'{http.AUTH}/auth/tokens', **failure)
                error = self.assertRaises(
                    exception.SiteUnreachable, self.identity.probe
                )
                self.assertIn('west', str(error))

    def test_a_refusal_is_no_unreachable_site(self) -> None:
        self.http.post(f'{http.AUTH}/auth/tokens', status_code=401, json={})

        self.assertRaises(
            exception.SiteAuthenticationFailed, self.identity.probe
        )
