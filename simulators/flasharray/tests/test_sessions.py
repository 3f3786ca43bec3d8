# SPDX-License-Identifier: Apache-2.0
"""Sessions, versions, and calls that are refused outright."""

import requests
from pypureclient import PureError, flasharray

from tests import support
from tests.client_case import ClientCase


class SessionTest(ClientCase):
    def test_the_certificate_verifies(self) -> None:
        self.assertEqual('fa-one', self.good(self.client.get_arrays())[0].name)

    def test_another_certificate_does_not(self) -> None:
        with self.assertRaises(requests.exceptions.SSLError):
            requests.get(f'https://{self.array.target}/api/api_version')

    def test_versions_ascend_to_the_profile(self) -> None:
        versions = requests.get(
            f'https://{self.array.target}/api/api_version',
            verify=self.array.certificate,
        ).json()['version']
        self.assertEqual('2.0', versions[0])
        self.assertEqual('2.42', versions[-1])

    def test_a_wrong_token_is_refused(self) -> None:
        with self.assertRaises(PureError):
            self.array.client(api_token='wrong')

    def test_an_expired_session_is_renewed_by_the_client(self) -> None:
        client = self.array.client()
        self.good(client.get_arrays())
        self.door.expire_sessions()
        self.good(client.get_arrays())

    def test_an_idle_session_expires(self) -> None:
        client = self.array.client()
        self.good(client.get_arrays())
        self.door.clear_call_log()
        self.door.advance_clock(support.HOUR)
        self.good(client.get_arrays())
        self.assertEqual(
            [401, 401, 200, 200],
            [entry['status'] for entry in self.door.call_log()],
        )

    def test_the_read_only_user_cannot_write(self) -> None:
        client = self.array.client(api_token='token-read')
        self.good(client.get_volumes())
        response = client.post_volumes(
            names=['no'], volume=flasharray.VolumePost()
        )
        self.assertEqual(403, response.status_code)

    def test_the_request_id_is_echoed(self) -> None:
        response = self.raw('GET', 'arrays')
        self.assertEqual('id-1', response.headers['X-Request-ID'])

    def test_an_unknown_path_is_404(self) -> None:
        self.assertEqual(404, self.raw('GET', 'nothing').status_code)

    def test_an_unknown_parameter_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?colour=blue')
        self.assertEqual(400, response.status_code)
        self.assertIn('colour', response.json()['errors'][0]['message'])

    def test_an_unknown_field_is_refused(self) -> None:
        response = self.raw('POST', 'volumes?names=v', json={'colour': 'blue'})
        self.assertEqual(400, response.status_code)

    def test_a_body_that_is_no_json_is_refused(self) -> None:
        response = self.raw('POST', 'volumes?names=v', data=b'{')
        self.assertEqual(400, response.status_code)

    def test_the_own_name_is_accepted_as_context(self) -> None:
        for context in ('', 'fa-one'):
            response = self.raw('GET', f'volumes?context_names={context}')
            self.assertEqual(200, response.status_code)

    def test_another_context_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?context_names=fa-two')
        self.assertEqual(400, response.status_code)

    def test_sessions_are_listed(self) -> None:
        users = [s.user for s in self.good(self.client.get_sessions())]
        self.assertIn('pureuser', users)


class OldProfileTest(ClientCase):
    options = ['--profile', '2.26']

    def test_the_client_speaks_the_last_version(self) -> None:
        self.assertEqual('2.26', self.client.get_rest_version())

    def test_the_release_fits_the_version(self) -> None:
        array = self.good(self.client.get_arrays())[0]
        self.assertEqual('6.4.10', array.version)
