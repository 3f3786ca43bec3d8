# SPDX-License-Identifier: Apache-2.0
"""What can be in the way between a user and the service."""

from werkzeug import wrappers

from aegisclient.tests.functional import base, emulator


class ErrorTest(base.FunctionalTest):
    def _fail(self, **options):
        result = self.run_dr('site', 'list', **options)
        self.assertEqual((1, ''), (result.code, result.out))
        return result.err

    def test_no_endpoint_in_the_catalogue(self):
        self.cloud.catalogued = False
        error = self._fail()
        self.assertIn(
            'This cloud offers no disaster recovery: public endpoint for '
            'disaster-recovery service in RegionWest region not found.\n',
            error,
        )
        self.assertIn('--os-region-name', error)

    def test_no_endpoint_in_the_region(self):
        self.assertIn('Nowhere', self._fail(os_region_name='Nowhere'))

    def test_nobody_listens_at_the_endpoint(self):
        self.cloud.endpoint = 'http://127.0.0.1:1/disaster-recovery'
        self.assertIn(
            'The disaster recovery service does not answer: Unable to '
            'establish connection to '
            'http://127.0.0.1:1/disaster-recovery/v1/sites.\n'
            'If this site is lost, use the service at the other site.\n',
            self._fail(),
        )

    def test_unavailable_without_body(self):
        self.cloud.answers.append(wrappers.Response('', status=503))
        error = self._fail()
        self.assertIn(
            'answered 503 SERVICE UNAVAILABLE and did not say why.\n', error
        )
        self.assertIn('ask the operator of aegis-api. (HTTP 503)', error)

    def test_page_of_a_proxy(self):
        self.cloud.answers.append(
            wrappers.Response('<h1>Bad</h1>', 502, content_type='text/html')
        )
        self.assertIn('answered 502 BAD GATEWAY', self._fail())

    def test_page_of_something_else(self):
        self.cloud.answers.append(
            wrappers.Response('<h1>Log in</h1>', content_type='text/html')
        )
        self.assertIn(
            'answered with text/html, which is not what a disaster recovery '
            'service says',
            self._fail(),
        )

    def test_endpoint_that_is_not_the_root_of_the_api(self):
        self.cloud.endpoint = f'{self.cloud.url}/elsewhere'
        self.assertIn('is the root of the API. (HTTP 404)', self._fail())

    def test_server_that_speaks_other_versions(self):
        self.cloud.answers.append(
            emulator.refusal(
                status=406,
                code='aegis.microversion.unsupported',
                detail='There is no API version 1.0.',
                remedy='Ask for a version from 1.1 to 1.9.',
                details=[{'min_version': '1.1', 'max_version': '1.9'}],
            )
        )
        error = self._fail()
        self.assertIn('There is no API version 1.0.', error)
        self.assertIn('Ask for a version from 1.1 to 1.9.', error)

    def test_token_of_another_site(self):
        self.cloud.answers.extend(
            [
                emulator.reply({'error': {'message': 'Who are you?'}}, 401)
                for _ in range(2)
            ]
        )
        error = self._fail()
        self.assertIn('answered 401 UNAUTHORIZED: Who are you?', error)
        self.assertIn('each site has its own Keystone', error)

    def test_no_password_in_any_output_even_with_debug(self):
        result = self.run_dr('site', 'list', '--debug')
        self.assertNotIn(emulator.PASSWORD, result.out + result.err)
        self.assertNotIn(emulator.TOKEN, result.out + result.err)


class VersionTest(base.FunctionalTest):
    def test_microversion_is_sent(self):
        self.run_json('site', 'list')
        (seen,) = self.cloud.seen
        self.assertEqual(
            'disaster-recovery 1.0', seen.headers['Openstack-Api-Version']
        )

    def test_catalogue_may_name_the_version(self):
        self.cloud.endpoint += '/v1/'
        self.run_json('site', 'list')
        (seen,) = self.cloud.seen
        self.assertEqual('/disaster-recovery/v1/sites', seen.path)

    def test_version_can_be_chosen(self):
        result = self.run_dr('site', 'list', os_dr_api_version='1.0')
        self.assertEqual(0, result.code)

    def test_version_that_the_client_does_not_know(self):
        result = self.run_dr('site', 'list', os_dr_api_version='2')
        self.assertEqual(2, result.code)
        self.assertIn(
            'dr API version 2 is not in supported versions: 1, 1.0', result.err
        )
