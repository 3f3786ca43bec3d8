# SPDX-License-Identifier: Apache-2.0
import inspect
import threading

import fixtures
import urllib3.exceptions
from oslo_log import log as logging
from pypureclient import flasharray
from pypureclient.exceptions import PureError
from pypureclient.flasharray.FA_2_42 import client as sdk
from pypureclient.responses import ApiError

from aegis.common import exception, permits
from aegis.storage import errors
from aegis.storage.flasharray import faults, opts, session
from aegis.tests import base

TOKEN = 'token-of-the-test'


def settings(**values):
    return opts.Settings('fa-east', 'east.example', TOKEN, **values)


def answer(*items):
    return flasharray.ValidResponse(200, None, None, iter(items), {})


def refusal(status, message):
    return flasharray.ErrorResponse(status, [ApiError(None, message)], {})


class Item:
    def __init__(self, name):
        self.name = name


class Tokens:
    def __init__(self, error=None):
        self.closed = 0
        self.error = error

    def close_session(self):
        self.closed += 1
        if self.error is not None:
            raise self.error


class FakeSdkClient:
    """A logged-in py-pure-client; it answers what it was told to.

    Knows only what the real one does, with the same parameters.
    """

    def __init__(self, *outcomes, name='fa-east', version='2.42'):
        self._outcomes = list(outcomes)
        self._name = name
        self._version = version
        self._token_man = Tokens()
        self._api_client = None
        self.calls = []

    def get_rest_version(self):
        return self._version

    def __getattr__(self, method):
        signature = inspect.signature(getattr(sdk.Client, method))

        def call(**arguments):
            signature.bind(self, **arguments)
            if method == 'get_arrays' and not arguments:
                return answer(Item(self._name))
            self.calls.append((method, arguments))
            outcome = self._outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome() if callable(outcome) else outcome

        return call


class SessionTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.waits = []
        self.now = 0.0
        self.clients = []

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def session(self, *clients, **values):
        logins = list(clients)

        def connect(given):
            self.assertEqual(settings(**values), given)
            client = logins.pop(0)
            if isinstance(client, Exception):
                raise client
            self.clients.append(client)
            return client

        return session.Session(
            settings(**values), connect, self.wait, lambda: self.now
        )


class CallTest(SessionTestCase):
    def test_it_logs_in_once(self):
        client = FakeSdkClient(answer(1, 2), answer())
        connection = self.session(client)
        self.assertEqual([1, 2], connection.read('get_volumes', names=['a']))
        self.assertEqual([], connection.read('get_volumes'))
        self.assertEqual(('get_volumes', {'names': ['a']}), client.calls[0])

    def test_an_answer_without_a_body_has_no_items(self):
        empty = flasharray.ValidResponse(200, None, None, None, {})
        connection = self.session(FakeSdkClient(empty))
        self.assertEqual([], connection.write('delete_volumes_tags'))

    def test_a_refusal_is_not_tried_again(self):
        client = FakeSdkClient(refusal(400, 'Volume does not exist.'))
        connection = self.session(client)
        self.assertRaises(errors.NotFound, connection.read, 'get_volumes')
        self.assertEqual(1, len(client.calls))

    def test_a_failure_on_a_later_page_is_a_failure(self):
        def pages():
            yield 1
            raise PureError('Failed to collect more items')

        client = FakeSdkClient(
            flasharray.ValidResponse(200, 't', None, pages(), {})
        )
        connection = self.session(client)
        self.assertRaises(errors.ArrayFailed, connection.read, 'get_volumes')

    def test_a_change_is_never_sent_twice(self):
        client = FakeSdkClient(
            urllib3.exceptions.ReadTimeoutError(None, '/', 'slow')
        )
        connection = self.session(client)
        self.assertRaises(
            faults.OutcomeUnknown, connection.write, 'delete_volumes_tags'
        )
        self.assertEqual(1, len(client.calls))

    def test_nothing_is_changed_by_who_may_not(self):
        def refuse():
            raise exception.FenceLost

        client = FakeSdkClient(answer(1))
        connection = self.session(client)
        with permits.checked(refuse):
            self.assertEqual([1], connection.read('get_volumes'))
            self.assertRaises(
                exception.FenceLost, connection.write, 'delete_volumes_tags'
            )
        self.assertEqual(1, len(client.calls))

    def test_the_version_is_comparable(self):
        connection = self.session(FakeSdkClient(version='2.4'))
        self.assertLess(connection.rest_version(), (2, 32))

    def test_the_date_of_an_answer_is_known(self):
        client = FakeSdkClient()
        connection = self.session(client)
        self.assertIsNone(connection.last_response_date())

        class Response:
            def getheader(self, name):
                return {'Date': 'today'}[name]

        class Transport:
            last_response = Response()

        client._api_client = Transport()
        self.assertEqual('today', connection.last_response_date())

    def test_no_more_requests_are_under_way_than_allowed(self):
        running = threading.Semaphore(0)
        free = threading.Event()
        most = []

        def slowly():
            most.append(1)
            running.release()
            free.wait(10)
            return answer()

        client = FakeSdkClient(*[slowly] * 6)
        connection = self.session(client, max_connections=2)
        threads = [
            threading.Thread(target=connection.read, args=('get_volumes',))
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for _ in range(2):
            self.assertTrue(running.acquire(timeout=10))
        self.assertEqual(2, len(most))
        free.set()
        for thread in threads:
            thread.join()
        self.assertEqual(6, len(most))


class BusyTest(SessionTestCase):
    def test_a_busy_array_is_asked_again(self):
        client = FakeSdkClient(
            refusal(503, 'Unavailable'),
            refusal(429, 'Too many'),
            refusal(500, 'Server is busy'),
            answer(1),
        )
        connection = self.session(client)
        self.assertEqual([1], connection.write('delete_volumes_tags'))
        self.assertEqual(3, len(self.waits))

    def test_an_array_too_busy_for_a_login_is_asked_again(self):
        busy = Exception('busy')
        busy.status, busy.body = 503, None
        connection = self.session(busy, FakeSdkClient(answer(1)))
        self.assertEqual([1], connection.read('get_volumes'))
        self.assertEqual(1, len(self.waits))

    def test_the_waits_grow_and_end(self):
        client = FakeSdkClient(*[refusal(503, 'Unavailable')] * 100)
        connection = self.session(client, busy_timeout=30.0)
        self.assertRaises(errors.ArrayBusy, connection.read, 'get_volumes')
        self.assertLessEqual(sum(self.waits), 30)
        self.assertGreater(sum(self.waits), 10)
        self.assertLess(len(client.calls), 12)

    def test_no_patience_means_one_try(self):
        client = FakeSdkClient(refusal(503, 'Unavailable'))
        connection = self.session(client, busy_timeout=0.0)
        self.assertRaises(errors.ArrayBusy, connection.read, 'get_volumes')
        self.assertEqual([], self.waits)


class LoginTest(SessionTestCase):
    def test_an_expired_session_is_renewed_once(self):
        old = FakeSdkClient(refusal(401, 'Unauthorized.'))
        new = FakeSdkClient(answer(1))
        connection = self.session(old, new)
        self.assertEqual([1], connection.write('delete_volumes_tags'))
        self.assertEqual(1, old._token_man.closed)

    def test_a_user_without_any_rights_is_told_so(self):
        connection = self.session(
            FakeSdkClient(refusal(401, 'Unauthorized.')),
            FakeSdkClient(refusal(401, 'Unauthorized.')),
        )
        error = self.assertRaises(
            errors.ArrayAuthenticationFailed, connection.read, 'get_volumes'
        )
        self.assertNotIsInstance(error, faults.SessionExpired)

    def test_threads_do_not_end_one_anothers_new_session(self):
        barrier = threading.Barrier(4)

        def expired():
            barrier.wait(10)
            return refusal(401, 'Unauthorized.')

        old = FakeSdkClient(*[expired] * 4)
        new = FakeSdkClient(*[answer(1) for _ in range(4)])
        connection = self.session(old, new)
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(connection.read('get_volumes'))
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([[1]] * 4, found)
        self.assertEqual([old, new], self.clients)
        self.assertEqual(0, new._token_man.closed)

    def test_a_wrong_token_fails_at_once_and_is_not_shown(self):
        try:
            try:
                error = Exception(f'401 {TOKEN}')
                error.status, error.body = 401, f'bad {TOKEN}'
                raise error
            except Exception as cause:
                raise PureError(f'Failed: {cause}') from None
        except PureError as error:
            connection = self.session(error)
        found = self.assertRaises(
            errors.ArrayAuthenticationFailed, connection.read, 'get_volumes'
        )
        self.assertNotIn(TOKEN, f'{found!r} {found}')
        self.assertEqual([], self.waits)

    def test_another_array_at_the_address_is_refused(self):
        client = FakeSdkClient(name='fa-west')
        connection = self.session(client)
        error = self.assertRaises(
            errors.WrongArray, connection.read, 'get_volumes'
        )
        self.assertIn('fa-west', str(error))
        self.assertEqual(1, client._token_man.closed)

    def test_the_name_of_the_array_has_no_case(self):
        connection = self.session(FakeSdkClient(answer(), name='FA-East'))
        self.assertEqual([], connection.read('get_volumes'))

    def test_a_dead_array_is_tried_again_by_the_next_call(self):
        dead = urllib3.exceptions.NewConnectionError(None, 'refused')
        connection = self.session(dead, FakeSdkClient(answer(1)))
        self.assertRaises(
            errors.ArrayUnreachable, connection.read, 'get_volumes'
        )
        self.assertEqual([1], connection.read('get_volumes'))

    def test_who_waits_for_a_login_shares_its_failure(self):
        entered, go = threading.Event(), threading.Event()
        attempts = []

        def connect(_):
            attempts.append(1)
            entered.set()
            go.wait(10)
            raise urllib3.exceptions.ConnectTimeoutError(None, 'slow')

        connection = session.Session(settings(), connect)
        failures = []
        started = threading.Barrier(5)

        def ask(first):
            if not first:
                started.wait(10)
            try:
                connection.read('get_volumes')
            except errors.ArrayUnreachable as error:
                failures.append(error)

        one = threading.Thread(target=ask, args=(True,))
        one.start()
        entered.wait(10)
        real = connection._lock
        queued = threading.Semaphore(0)

        class Lock:
            def __enter__(self):
                queued.release()
                real.acquire()

            def __exit__(self, *_):
                real.release()

        connection._lock = Lock()
        others = [
            threading.Thread(target=ask, args=(False,)) for _ in range(4)
        ]
        for thread in others:
            thread.start()
        started.wait(10)
        for _ in range(4):
            self.assertTrue(queued.acquire(timeout=10))
        go.set()
        for thread in [one, *others]:
            thread.join()
        self.assertEqual(5, len(failures))
        self.assertEqual(1, len(attempts))

    def test_closing_logs_out_and_a_later_call_logs_in_again(self):
        first, second = FakeSdkClient(answer()), FakeSdkClient(answer())
        connection = self.session(first, second)
        connection.close()
        connection.read('get_volumes')
        connection.close()
        connection.close()
        self.assertEqual(1, first._token_man.closed)
        connection.read('get_volumes')
        self.assertEqual(0, second._token_man.closed)

    def test_a_failing_logout_is_no_failure(self):
        client = FakeSdkClient(answer())
        client._token_man = Tokens(OSError('gone'))
        connection = self.session(client)
        connection.read('get_volumes')
        connection.close()
        self.assertEqual(1, client._token_man.closed)


class ConnectTest(base.TestCase):
    def test_the_client_neither_retries_nor_waits_by_itself(self):
        given = {}
        self.useFixture(
            fixtures.MockPatchObject(
                session.flasharray, 'Client', given.update
            )
        )
        session.connect(settings(ca_file='/ca.pem', connect_timeout=1.5))
        self.assertEqual(0, given['retries'])
        self.assertEqual((1.5, 30.0), given['timeout'])
        self.assertEqual('east.example', given['target'])
        configuration = given['configuration']
        self.assertTrue(configuration.verify_ssl)
        self.assertEqual('/ca.pem', configuration.ssl_ca_cert)
        self.assertEqual(0, configuration.retries.connect)
        self.assertFalse(
            configuration.retries.is_retry('POST', 503)
            or configuration.retries._is_method_retryable('POST')
        )

    def test_a_closed_port_is_unreachable_at_once(self):
        connection = session.Session(
            opts.Settings('fa-east', '127.0.0.1:1', TOKEN)
        )
        error = self.assertRaises(
            errors.ArrayUnreachable, connection.read, 'get_volumes'
        )
        self.assertIn('127.0.0.1:1', str(error))

    def test_the_token_is_in_no_representation_or_log(self):
        self.assertNotIn(TOKEN, repr(settings()))
        logging.getLogger('pypureclient').logger.setLevel('DEBUG')
        connection = session.Session(
            opts.Settings('fa-east', '127.0.0.1:1', TOKEN)
        )
        self.assertRaises(
            errors.ArrayUnreachable, connection.read, 'get_volumes'
        )
        self.assertNotIn(TOKEN, repr(vars(connection)['_settings']))
