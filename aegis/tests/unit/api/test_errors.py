# SPDX-License-Identifier: Apache-2.0
import json

import ddt
import fixtures
from oslo_db import exception as db_exception

from aegis.db import session, sites
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base

PATH = '/v1/failover-groups'


@ddt.ddt
class ErrorFormatTest(base.ApiTestCase):
    """Whatever goes wrong, and wherever, has the same form."""

    @ddt.data(
        '/nothing',
        '/v1/nothing',
        '/v2',
        '/v1/failover-groups/x/nothing',
        '/v1/failover-groups/x/__class__',
        '/v1/operations/x/y',
        '/v1/sites/x/y/z',
        '/v1/_lookup',
        '/v1/sites/get_all',
        '/v1.json',
    )
    def test_an_unknown_path(self, path):
        self.error(404, 'GET', path)

    @ddt.data(
        ('PUT', PATH),
        ('GET', f'{PATH}/x/members/y/z'),
        ('GET', f'{PATH}/x/members/__init__'),
        ('GET', f'{PATH}//members'),
        ('DELETE', PATH),
        ('PATCH', '/v1'),
        ('POST', '/'),
        ('POST', '/v1'),
        ('DELETE', '/v1/sites/x'),
        ('POST', '/v1/services'),
        ('PATCH', '/v1/operations/x'),
        ('DELETE', '/v1/operations/x'),
        ('TRACE', PATH),
    )
    @ddt.unpack
    def test_a_method_that_is_not_there(self, method, path):
        response = self.request(method, path, persona='admin')
        self.assertIn(response.status_int, (404, 405))
        (error,) = response.json['errors']
        self.assertEqual(response.status_int, error['status'])

    @ddt.data(
        b'{',
        b'',
        b'[]',
        b'null',
        b'"x"',
        b'\xff',
        b'{"failover_group": NaN}',
        b'{"failover_group": {"name": "\\ud800", "protected_site": "east"}}',
        b'[' * 60000,
    )
    def test_a_body_that_is_no_document(self, body):
        error = self.error(400, 'POST', PATH, body)
        self.assertEqual('aegis.request.invalid', error['code'])

    def test_a_body_of_another_type(self):
        self.error(
            415,
            'POST',
            PATH,
            b'{}',
            headers={'Content-Type': 'application/xml'},
        )

    def test_a_form(self):
        self.error(
            415,
            'POST',
            PATH,
            b'a=b',
            headers={'Content-Type': 'application/x-www-form-urlencoded'},
        )

    def test_a_body_where_there_is_none(self):
        group = samples.create_group(self.context)
        self.error(400, 'DELETE', f'{PATH}/{group.id}', {'force': True})

    def test_a_path_argument_in_the_body(self):
        for value in ('x', {'x': 'y'}):
            response = self.request(
                'POST',
                '/v1/operations/retry',
                {'operation_id': value},
                persona='manager',
            )
            self.assertIn(response.status_int, (400, 404, 405))

    def test_a_body_that_is_too_large(self):
        error = self.error(413, 'POST', PATH, b' ' * 200000)
        self.assertEqual('aegis.request.too_large', error['code'])

    def test_no_token(self):
        error = self.error(401, 'GET', PATH, persona=None)
        self.assertEqual('aegis.unauthorized', error['code'])

    def test_a_token_that_is_not_valid(self):
        response = self.request(
            'GET', PATH, persona=None, headers={'X-Auth-Token': 'stolen'}
        )
        self.assertEqual(401, response.status_int)
        self.assertIn('WWW-Authenticate', response.headers)
        self.assertNotIn('stolen', response.text)

    def test_headers_that_claim_an_identity(self):
        self.error(
            401,
            'GET',
            PATH,
            persona=None,
            headers={
                'X-Identity-Status': 'Confirmed',
                'X-Roles': 'admin',
                'X-Project-Id': 'x',
            },
        )

    def test_an_answer_that_is_not_json(self):
        error = self.error(
            406, 'GET', '/v1/sites', headers={'Accept': 'text/csv'}
        )
        self.assertEqual('aegis.request.not_acceptable', error['code'])

    def test_an_unexpected_error_shows_nothing_of_the_inside(self):
        logger = self.useFixture(fixtures.FakeLogger('aegis.api'))
        self.useFixture(
            fixtures.MockPatchObject(
                sites, 'site_statuses', side_effect=KeyError('inside')
            )
        )
        response = self.request('GET', '/v1/sites', expect=500)
        self.assertEqual('aegis.internal', response.json['errors'][0]['code'])
        self.assertNotIn('inside', response.text)
        self.assertNotIn('Traceback', response.text)
        self.assertIn('inside', logger.output)

    def test_a_database_that_is_down(self):
        @session.reader
        def fail(*args, **kwargs):
            raise db_exception.DBConnectionError

        self.useFixture(
            fixtures.MonkeyPatch('aegis.db.groups.list_groups', fail)
        )
        error = self.error(503, 'GET', PATH)
        self.assertEqual('aegis.database.unavailable', error['code'])

    def test_errors_are_json_whatever_is_accepted(self):
        response = self.request(
            'GET', '/nothing', headers={'Accept': 'text/html'}
        )
        self.assertEqual('application/json', response.content_type)
        json.loads(response.text)


class RequestIdTest(base.ApiTestCase):
    def test_every_response_has_its_own(self):
        ids = {
            self.request('GET', '/v1/sites').headers['X-Openstack-Request-Id']
            for _ in range(2)
        }
        self.assertEqual(2, len(ids))

    def test_the_operation_carries_that_of_its_request(self):
        group = samples.create_group(self.context)
        samples.add_member(self.context, group.id)
        response = self.request(
            'POST',
            f'{PATH}/{group.id}/operations',
            {'operation': {'type': 'capture'}},
            expect=202,
        )
        self.assertEqual(
            response.headers['X-Openstack-Request-Id'],
            response.json['operation']['request_id'],
        )
        ((context, _),) = self.engine.started
        self.assertEqual(
            response.headers['X-Openstack-Request-Id'], context.request_id
        )


class LoggingTest(base.ApiTestCase):
    def test_a_request_is_logged_without_its_token(self):
        logger = self.useFixture(fixtures.FakeLogger())
        response = self.request('GET', '/v1/sites', expect=200)
        self.assertIn('GET /v1/sites', logger.output)
        self.assertIn(f'status: {response.status_int}', logger.output)
        self.assertNotIn(
            self._token('member', self.context.project_id), logger.output
        )

    def test_the_context_for_the_engine_has_no_token(self):
        group = samples.create_group(self.context)
        samples.add_member(self.context, group.id)
        self.request(
            'POST',
            f'{PATH}/{group.id}/operations',
            {'operation': {'type': 'capture'}},
            expect=202,
        )
        ((context, _),) = self.engine.started
        self.assertIsNone(context.auth_token)
