# SPDX-License-Identifier: Apache-2.0
import json
import unittest

import requests
from openstack import exceptions as sdk_exceptions

from aegisclient import exceptions
from aegisclient.tests import documents


def _response(status, body, **headers):
    response = requests.Response()
    response.status_code = status
    response.reason = 'Some Reason'
    response.url = 'http://api/v1/sites'
    response._content = (
        body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    response.headers.update(headers)
    return response


class FromResponseTest(unittest.TestCase):
    def test_text_is_detail_then_remedy_code_status_and_request_id(self):
        error = exceptions.from_response(_response(409, documents.error()))
        self.assertEqual(
            'Operation 9f86 (failover) is running on group shop.\n'
            'Wait for it with "openstack dr operation watch". '
            '(aegis.failover_group.busy, HTTP 409, req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a)',
            str(error),
        )

    def test_class_is_also_that_of_the_sdk(self):
        for status, kind in (
            (400, sdk_exceptions.BadRequestException),
            (403, sdk_exceptions.ForbiddenException),
            (404, sdk_exceptions.NotFoundException),
            (409, sdk_exceptions.ConflictException),
            (412, sdk_exceptions.PreconditionFailedException),
            (500, sdk_exceptions.HttpException),
        ):
            with self.subTest(status):
                error = exceptions.from_response(
                    _response(status, documents.error(status=status))
                )
                self.assertIsInstance(error, kind)
                self.assertEqual(status, error.status_code)
                self.assertEqual('aegis.failover_group.busy', error.code)
                self.assertEqual(
                    'req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a',
                    error.request_id,
                )

    def test_each_reason_is_a_line(self):
        body = documents.error(
            details=[
                {'volume_id': 'v1', 'name': 'data', 'reason': 'encrypted'},
                {'reason': 'too many', 'code': 'aegis.many'},
                'as text',
            ]
        )
        lines = str(exceptions.from_response(_response(409, body))).split('\n')
        self.assertEqual(
            [
                '  - volume data (v1): encrypted',
                '  - too many (aegis.many)',
                '  - as text',
            ],
            lines[1:-1],
        )

    def test_proxy_without_body_is_told_with_address_and_status(self):
        error = exceptions.from_response(
            _response(503, b'', **{'x-openstack-request-id': 'req-1'})
        )
        self.assertEqual(
            'The disaster recovery service at http://api/v1/sites answered '
            '503 Some Reason and did not say why.\n'
            'Try again shortly; if it stays so, ask the operator of '
            'aegis-api. (HTTP 503, req-1)',
            str(error),
        )
        self.assertIsInstance(error, exceptions.ServiceUnavailable)

    def test_error_of_the_token_middleware_is_understood(self):
        error = exceptions.from_response(
            _response(401, {'error': {'message': 'Log in.', 'code': 401}})
        )
        self.assertIn('answered 401 Some Reason: Log in.\n', str(error))
        self.assertIn('each site has its own Keystone', str(error))

    def test_old_server_tells_what_it_speaks(self):
        body = documents.error(
            status=406,
            detail='There is no API version 1.0.',
            details=[{'min_version': '1.1', 'max_version': '1.4'}],
        )
        error = exceptions.from_response(_response(406, body))
        self.assertIn('- min_version 1.1, max_version 1.4', str(error))

    def test_body_of_any_other_shape_is_no_crash(self):
        for body in (b'<html>', b'[]', {}, {'errors': []}, {'errors': [3]}):
            with self.subTest(body):
                error = exceptions.from_response(_response(500, body))
                self.assertIn('500', str(error))
