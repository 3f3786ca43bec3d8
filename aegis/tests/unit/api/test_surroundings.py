# SPDX-License-Identifier: Apache-2.0
"""Discovery, versions, the health check and what else is around."""

import fixtures
import sqlalchemy as sa
import webob

from aegis.api import app, healthcheck
from aegis.db import session
from aegis.tests.unit.api import base


class DiscoveryTest(base.ApiTestCase):
    def test_versions_are_told_to_everybody(self):
        (version,) = self.get('/', persona=None)['versions']
        self.assertEqual('v1', version['id'])
        self.assertEqual('CURRENT', version['status'])
        self.assertEqual(
            ('1.0', '1.0'), (version['min_version'], version['version'])
        )
        self.assertEqual(
            [{'rel': 'self', 'href': 'http://localhost/v1'}], version['links']
        )

    def test_one_version_is_told_to_everybody(self):
        (listed,) = self.get('/', persona=None)['versions']
        for path in ('/v1', '/v1/'):
            self.assertEqual({'version': listed}, self.get(path, persona=None))

    def test_below_a_mount_point_links_have_its_path(self):
        request = webob.Request.blank('/', environ={'SCRIPT_NAME': '/dr'})
        (version,) = request.get_response(self.app).json['versions']
        self.assertEqual('http://localhost/dr/v1', version['links'][0]['href'])


class MicroversionTest(base.ApiTestCase):
    def _ask(self, version: str, **arguments):
        return self.request(
            'GET',
            '/v1/sites',
            headers={'OpenStack-API-Version': version},
            **arguments,
        )

    def test_the_response_says_its_version(self):
        for asked in ('disaster-recovery 1.0', 'disaster-recovery latest'):
            response = self._ask(asked, expect=200)
            self.assertEqual(
                'disaster-recovery 1.0',
                response.headers['OpenStack-API-Version'],
            )
            self.assertIn('OpenStack-API-Version', response.headers['Vary'])

    def test_the_version_of_another_service_does_not_matter(self):
        self._ask('compute 2.96', expect=200)

    def test_an_error_says_its_version_too(self):
        response = self.request('GET', '/v1/nothing', expect=404)
        self.assertIn('OpenStack-API-Version', response.headers)

    def test_a_version_that_is_not_there_is_not_acceptable(self):
        for asked in ('1.99', '0.9', 'new'):
            response = self._ask(f'disaster-recovery {asked}', expect=406)
            (error,) = response.json['errors']
            self.assertEqual('aegis.microversion.unsupported', error['code'])
            self.assertEqual(
                [{'min_version': '1.0', 'max_version': '1.0'}],
                error['details'],
            )
            self.assertIn('X-Openstack-Request-Id', response.headers)


class HealthcheckTest(base.ApiTestCase):
    def test_a_database_that_answers_is_healthy(self):
        response = self.request('GET', '/healthcheck', persona=None)
        self.assertEqual(200, response.status_int)
        self.assertIn('OK', response.text)

    def test_a_database_that_does_not_answer_is_not(self):
        self.useFixture(
            fixtures.MockPatchObject(
                session, 'engine', side_effect=sa.exc.OperationalError
            )
        )
        response = self.request('GET', '/healthcheck', persona=None)
        self.assertEqual(503, response.status_int)
        self.assertIn('database', response.text)

    def test_it_answers_at_its_own_path_only(self):
        self.error(401, 'GET', '/healthcheck/x', persona=None)
        self.error(401, 'GET', '/v1/healthcheck', persona=None)

    def test_the_database_is_not_asked_each_time(self):
        check = healthcheck.DatabaseCheck(self.conf, {})
        check.healthcheck(80)
        self.useFixture(
            fixtures.MockPatchObject(
                session, 'engine', side_effect=AssertionError
            )
        )
        self.assertTrue(check.healthcheck(80).available)


class CrossOriginTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.config(
            group='cors', allowed_origin=['https://dashboard.example.org']
        )
        self.app = app.build_application(self.conf, self.engine)

    def test_a_dashboard_may_send_and_read_our_headers(self):
        response = self.request(
            'OPTIONS',
            '/v1/failover-groups',
            persona=None,
            headers={
                'Origin': 'https://dashboard.example.org',
                'Access-Control-Request-Method': 'PATCH',
                'Access-Control-Request-Headers': 'X-Auth-Token,If-Match',
            },
        )
        self.assertEqual(200, response.status_int)
        self.assertEqual(
            'https://dashboard.example.org',
            response.headers['Access-Control-Allow-Origin'],
        )

    def test_an_error_can_be_read_too(self):
        response = self.request(
            'GET',
            '/v1/sites',
            persona=None,
            headers={'Origin': 'https://dashboard.example.org'},
            expect=401,
        )
        self.assertIn('Access-Control-Allow-Origin', response.headers)
        self.assertIn(
            'ETag', response.headers['Access-Control-Expose-Headers']
        )
