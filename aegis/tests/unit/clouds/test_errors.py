# SPDX-License-Identifier: Apache-2.0
import json

import requests
from oslotest import base

from aegis.clouds import errors
from aegis.common import exception


def _response(
    status: int, body: object = None, text: str | None = None
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.reason = 'Reason'
    response._content = (text or json.dumps(body)).encode()
    response.headers['Content-Type'] = (
        'text/html' if text else 'application/json'
    )
    response.headers['x-openstack-request-id'] = 'req-1'
    return response


class CheckTest(base.BaseTestCase):
    def _error(self, response: requests.Response) -> exception.AegisError:
        error: exception.AegisError = self.assertRaises(
            exception.AegisError,
            errors.check,
            'west',
            'nova',
            response,
            'GET /servers',
        )
        return error

    def test_the_class_follows_from_status_and_words(self) -> None:
        quota = {'forbidden': {'message': 'Quota exceeded for cores'}}
        over_quota = {
            'NeutronError': {
                'type': 'OverQuota',
                'message': "Quota exceeded for resources: ['port'].",
            }
        }
        volumes = {
            'overLimit': {
                'message': 'VolumeLimitExceeded: Maximum number of volumes'
            }
        }
        cases = (
            (400, {}, exception.CloudError),
            (403, {}, exception.CloudForbidden),
            (403, quota, exception.CloudQuotaExceeded),
            (404, {}, exception.CloudNotFound),
            (409, {}, exception.CloudConflict),
            (409, over_quota, exception.CloudQuotaExceeded),
            (413, volumes, exception.CloudQuotaExceeded),
            (429, {}, exception.CloudUnavailable),
            (500, {}, exception.CloudFailed),
            (500, quota, exception.CloudFailed),
            (501, {}, exception.CloudError),
            (503, {}, exception.CloudUnavailable),
            (504, {}, exception.CloudUnavailable),
        )
        for status, body, expected in cases:
            with self.subTest(status=status, body=body):
                error = self._error(_response(status, body))
                self.assertIs(expected, type(error))

    def test_only_what_may_pass_by_itself_is_retryable(self) -> None:
        for status in (429, 500, 502, 503, 504):
            self.assertTrue(self._error(_response(status, {})).retryable)
        for status in (400, 403, 404, 409, 413, 501):
            self.assertFalse(self._error(_response(status, {})).retryable)

    def test_the_services_words_are_found_in_all_their_forms(self) -> None:
        bodies = (
            {'badRequest': {'code': 400, 'message': 'words'}},
            {'NeutronError': {'type': 'X', 'message': 'words'}},
            {'NeutronError': 'words'},
            {'error': {'message': 'words', 'code': 400}},
            {'errors': [{'status': 406, 'detail': 'words'}]},
            {'message': 'words', 'code': '400'},
        )
        for body in bodies:
            with self.subTest(body=body):
                self.assertIn('words', str(self._error(_response(400, body))))

    def test_without_words_the_status_line_has_to_do(self) -> None:
        for response in (
            _response(500, {}),
            _response(500, text='<html>gateway</html>'),
            _response(500, 5),
        ):
            self.assertIn('Reason', str(self._error(response)))

    def test_long_words_are_cut(self) -> None:
        body = {'badRequest': {'message': 'word ' * 1000}}

        self.assertLess(len(str(self._error(_response(400, body)))), 600)

    def test_facts_are_in_the_details(self) -> None:
        error = self._error(_response(404, {}))

        self.assertEqual(
            [
                {
                    'service': 'nova',
                    'site': 'west',
                    'call': 'GET /servers',
                    'http_status': 404,
                    'service_request_id': 'req-1',
                }
            ],
            error.details,
        )

    def test_the_call_is_named(self) -> None:
        error = self._error(_response(404, {}))

        self.assertIn(
            'nova at west answered 404 to GET /servers: ', str(error)
        )

    def test_an_old_service_is_recognized(self) -> None:
        error = self._error(_response(406, {}))

        self.assertIn('older than Aegis needs', error.remedy)

    def test_an_answer_of_something_else_is_an_error(self) -> None:
        error = self._error(_response(200, text='<html>hello</html>'))

        self.assertIn('not JSON', str(error))

    def test_good_answers_pass(self) -> None:
        empty = _response(204, {})
        empty._content = b''
        del empty.headers['Content-Type']

        for response in (_response(200, {}), empty):
            errors.check('west', 'nova', response, 'GET /servers')
