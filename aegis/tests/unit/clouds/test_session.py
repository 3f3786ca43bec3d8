# SPDX-License-Identifier: Apache-2.0
import requests
from keystoneauth1 import exceptions as keystone
from oslo_context import context

from aegis.clouds import factory
from aegis.common import exception, permits, stopwatch
from aegis.tests.unit.clouds import http

SERVERS = f'{http.NOVA}/servers/detail'
PORTS = f'{http.NEUTRON}/v2.0/ports'


class SiteSessionTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.http.get(SERVERS, json={'servers': []})

    def test_every_call_carries_the_request_id_of_the_context(self) -> None:
        context.RequestContext(request_id='req-1', overwrite=True)
        self.addCleanup(context._request_store.__dict__.clear)

        self.cloud.compute.list_servers()

        self.assertEqual(
            {'req-1'},
            {
                request.headers['X-Openstack-Request-Id']
                for request in self.http.request_history
            },
        )

    def test_the_global_request_id_goes_before_the_own_one(self) -> None:
        context.RequestContext(
            request_id='req-1', global_request_id='req-2', overwrite=True
        )
        self.addCleanup(context._request_store.__dict__.clear)

        self.cloud.compute.list_servers()

        sent = self.http.last_request.headers['X-Openstack-Request-Id']
        self.assertEqual('req-2', sent)

    def test_a_client_cannot_go_on_with_an_earlier_request_id(self) -> None:
        self.http.get(
            f'{http.CINDER}/types',
            json={'volume_types': []},
            headers={'x-openstack-request-id': 'req-of-cinder'},
        )

        self.cloud.volume.list_types()
        self.cloud.volume.list_types()

        sent = self.http.last_request.headers['X-Openstack-Request-Id']
        self.assertNotEqual('req-of-cinder', sent)

    def test_every_call_has_both_time_limits(self) -> None:
        self.http.get(PORTS, json={'ports': []})

        self.cloud.compute.list_servers()
        self.cloud.network.list_ports()

        self.assertEqual(
            {(5.0, 60.0)},
            {request.timeout for request in self.http.request_history},
        )

    def test_time_is_charged_to_the_service_that_was_asked(self) -> None:
        with stopwatch.collect() as account:
            self.cloud.compute.list_servers()

        self.assertEqual({'keystone', 'nova'}, set(account.seconds()))

    def test_nothing_is_changed_by_who_may_not(self) -> None:
        asked = self.http.post(f'{http.NOVA}/servers/1/action', json={})

        with permits.checked(self.refuse):
            self.cloud.compute.list_servers()
            self.assertRaises(
                exception.FenceLost, self.cloud.compute.stop_server, '1'
            )

        self.assertFalse(asked.called)

    def refuse(self) -> None:
        raise exception.FenceLost

    def test_silence_makes_the_service_unavailable(self) -> None:
        self.http.get(SERVERS, exc=requests.exceptions.ReadTimeout)

        error = self.assertRaises(
            exception.CloudUnavailable, self.cloud.compute.list_servers
        )

        self.assertTrue(error.retryable)
        self.assertEqual('nova', error.details[0]['service'])

    def test_bad_certificates_are_not_tried_again(self) -> None:
        self.http.get(SERVERS, exc=requests.exceptions.SSLError)

        error = self.assertRaises(
            exception.CloudError, self.cloud.compute.list_servers
        )

        self.assertFalse(error.retryable)
        self.assertIn('cafile', error.remedy)

    def test_a_refused_password_is_told_apart(self) -> None:
        self.http.post(f'{http.AUTH}/auth/tokens', status_code=401, json={})

        error = self.assertRaises(
            exception.SiteAuthenticationFailed,
            self.cloud.compute.list_servers,
        )

        self.assertIn('[site:west]', error.remedy)

    def test_a_token_refused_twice_is_told_apart(self) -> None:
        self.http.get(SERVERS, status_code=401, json={})

        self.assertRaises(
            exception.SiteAuthenticationFailed,
            self.cloud.compute.list_servers,
        )

    def test_an_expired_token_is_replaced_in_silence(self) -> None:
        self.http.get(
            SERVERS,
            [{'status_code': 401}, {'json': {'servers': []}}],
        )

        self.assertEqual((), self.cloud.compute.list_servers())

    def test_a_service_missing_in_the_catalogue_is_named(self) -> None:
        clouds = factory.Clouds(http.configuration(region_name='nowhere'))

        error = self.assertRaises(
            exception.CloudError,
            clouds.cloud('west', http.PROJECT).compute.list_servers,
        )

        self.assertIn('not in the service catalogue', str(error))
        self.assertFalse(error.retryable)

    def test_no_secret_is_in_any_error(self) -> None:
        answers = (
            {'status_code': 500, 'text': 'broken'},
            {'status_code': 401, 'json': {}},
            {'exc': requests.exceptions.ConnectTimeout},
        )
        for answer in answers:
            self.http.get(SERVERS, **answer)
            error = self.assertRaises(
                exception.AegisError, self.cloud.compute.list_servers
            )
            text = f'{error} {error.remedy} {error.details}'
            self.assertNotIn(http.TOKEN, text)
            self.assertNotIn(http.PASSWORD, text)

    def test_keystone_errors_while_authenticating_keep_their_status(
        self,
    ) -> None:
        self.http.post(f'{http.AUTH}/auth/tokens', status_code=403, json={})

        error = self.assertRaises(
            exception.CloudError, self.cloud.compute.list_servers
        )

        self.assertEqual(403, error.details[0]['http_status'])
        self.assertEqual('keystone', error.details[0]['service'])

    def test_a_keystone_that_is_down_may_be_asked_again(self) -> None:
        self.http.post(f'{http.AUTH}/auth/tokens', status_code=503)

        error = self.assertRaises(
            exception.CloudUnavailable, self.cloud.compute.list_servers
        )

        self.assertTrue(error.retryable)

    def test_a_token_that_nobody_gives_is_blamed_on_keystone(self) -> None:
        self.http.get(SERVERS, json={'servers': []})
        for answer in (
            {'status_code': 500},
            {'exc': requests.exceptions.ReadTimeout},
            {'exc': requests.exceptions.ConnectionError},
        ):
            self.http.post(f'{http.AUTH}/auth/tokens', **answer)
            for call in (
                self.cloud.compute.list_servers,
                self.cloud.network.list_ports,
            ):
                error = self.assertRaises(exception.CloudUnavailable, call)

                self.assertEqual('keystone', error.details[0]['service'])
                self.assertIn('keystone at west did not answer', str(error))

    def test_a_broken_plugin_counts_as_bad_credentials(self) -> None:
        self.http.post(
            f'{http.AUTH}/auth/tokens', exc=keystone.MissingAuthPlugin
        )

        self.assertRaises(
            exception.SiteAuthenticationFailed,
            self.cloud.compute.list_servers,
        )


class DiscoveryTest(http.HttpTestCase):
    def test_a_service_that_does_not_say_its_versions_is_unavailable(self):
        answer = {'json': {}, 'status_code': 503}
        self.http.get(f'{http.NEUTRON}/', **answer)
        self.http.get(http.NEUTRON, **answer)
        gone = self.http.delete(f'{http.NEUTRON}/ports/x', status_code=404)

        self.assertRaises(
            exception.CloudUnavailable,
            self.cloud.network.delete_port,
            'x',
        )

        self.assertFalse(gone.called)
