# SPDX-License-Identifier: Apache-2.0
import fixtures
import oslo_messaging as messaging
from oslo_messaging._drivers import common as messaging_common

from aegis.common import exception, rpc
from aegis.storage import errors
from aegis.tests import base

TOPIC = 'aegis-test'


class Endpoint:
    def __init__(self) -> None:
        self.contexts = []

    def echo(self, context, value):
        self.contexts.append(context)
        return value

    def refuse(self, context):
        raise exception.MemberIneligible(
            server='web', reason='encrypted', details=[{'volume': 'v1'}]
        )


class BusTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bus = rpc.Bus(self.conf)
        self.addCleanup(self.bus.close)

    def _serve(self) -> Endpoint:
        endpoint = Endpoint()
        server = self.bus.server(TOPIC, 'node-1', [endpoint])
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        return endpoint

    def test_a_call_returns_what_the_method_returned(self):
        self._serve()
        client = self.bus.client(TOPIC, '1.0', timeout=5)
        answer = client.call(base.request_context(), 'echo', value=7)
        self.assertEqual(7, answer)

    def test_the_context_arrives_without_the_token(self):
        endpoint = self._serve()
        context = base.request_context(auth_token='secret-token')
        client = self.bus.client(TOPIC, '1.0', timeout=5)
        client.call(context, 'echo', value=7)
        (arrived,) = endpoint.contexts
        self.assertEqual(context.request_id, arrived.request_id)
        self.assertEqual(context.project_id, arrived.project_id)
        self.assertEqual(context.user_id, arrived.user_id)
        self.assertEqual(context.roles, arrived.roles)
        self.assertIsNone(arrived.auth_token)

    def test_an_error_of_ours_arrives_as_itself(self):
        self._serve()
        client = self.bus.client(TOPIC, '1.0', timeout=5)
        error = self.assertRaises(
            exception.MemberIneligible,
            client.call,
            base.request_context(),
            'refuse',
        )
        self.assertEqual([{'volume': 'v1'}], error.details)

    def test_nobody_answering_is_an_error_with_a_remedy(self):
        client = self.bus.client(TOPIC, '1.0', timeout=0.05)
        error = self.assertRaises(
            exception.EngineUnavailable,
            client.call,
            base.request_context(),
            'echo',
            value=1,
        )
        self.assertEqual('aegis.engine.unavailable', error.code)
        self.assertIn('0.05 seconds', error.detail)

    def test_a_cast_survives_a_bus_that_is_down(self):
        logger = self.useFixture(fixtures.FakeLogger('aegis.common.rpc'))
        client = rpc.Client(_BrokenClient(), timeout=1)
        client.cast(base.request_context(), 'run_operation', operation_id='o')
        self.assertIn('run_operation', logger.output)

    def test_a_call_on_a_bus_that_is_down_is_an_error_of_ours(self):
        client = rpc.Client(_BrokenClient(), timeout=1)
        self.assertRaises(
            exception.EngineUnavailable,
            client.call,
            base.request_context(),
            'echo',
        )


class _BrokenClient:
    def cast(self, context, method, **arguments):
        raise messaging.MessageDeliveryFailure('refused')

    call = cast


class ExceptionsOverTheBusTest(base.TestCase):
    """Over a real bus an error is turned into text and back."""

    def _travel(self, error: Exception) -> Exception:
        text = messaging_common.serialize_remote_exception(
            (type(error), error, None)
        )
        return messaging_common.deserialize_remote_exception(
            text, rpc.EXCEPTION_MODULES
        )

    def test_every_part_of_an_error_survives(self):
        sent = exception.SiteAuthenticationFailed(
            site='east', reason='401', details=[{'a': 1}]
        )
        arrived = self._travel(sent)
        self.assertIsInstance(arrived, exception.SiteAuthenticationFailed)
        for name in ('code', 'detail', 'remedy', 'details', 'status'):
            self.assertEqual(getattr(sent, name), getattr(arrived, name))

    def test_the_remedy_is_filled_in(self):
        error = exception.SiteAuthenticationFailed(site='east', reason='401')
        self.assertIn('[site:east]', error.remedy)

    def test_a_failed_preflight_keeps_the_code_of_its_check(self):
        arrived = self._travel(
            exception.PreflightFailed(
                code='aegis.check.quota', reason='short of {cores}'
            )
        )
        self.assertEqual('aegis.check.quota', arrived.code)
        self.assertEqual('short of {cores}', arrived.detail)

    def test_an_error_of_the_storage_survives(self):
        arrived = self._travel(errors.ArrayUnreachable('no answer'))
        self.assertIsInstance(arrived, errors.ArrayUnreachable)
