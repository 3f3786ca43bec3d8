# SPDX-License-Identifier: Apache-2.0
import json

import urllib3.exceptions
from pypureclient.exceptions import PureError

from aegis.storage import errors
from aegis.storage.flasharray import faults
from aegis.tests import base

TOKEN = 'b5a2cb6e-secret'


class Answer(Exception):
    """An HTTP answer as py-pure-client's transport raises it."""

    def __init__(self, status, body=None):
        super().__init__(f'({status}) headers: x-auth-token')
        self.status = status
        self.body = body


class InterpreterTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.faults = faults.Interpreter('fa-east', 'east.example:443', TOKEN)

    def refusal(self, status, message, write=True):
        return self.faults.refusal(
            status, [faults.Complaint(message, 'volume-1')], write
        )

    def test_refusals_are_told_apart_by_the_words_of_the_array(self):
        for message, kind in {
            'Volume does not exist.': errors.NotFound,
            'No such volume or snapshot.': errors.NotFound,
            'Volume has been destroyed.': errors.NotFound,
            'Volume could not be found in protection group.': errors.NotFound,
            'Volume already exists.': faults.AlreadyExists,
            'Volume already belongs to protection group.': (
                faults.AlreadyExists
            ),
            'Volume limit reached.': errors.ArrayLimitReached,
            'Volume with the same name is pending eradication.': (
                errors.NameTaken
            ),
            'Volume cannot be destroyed while it is connected.': (
                errors.VolumeInUse
            ),
            'Target array is not connected.': errors.ArrayRefused,
            'Missing or invalid parameter.': errors.ArrayRefused,
        }.items():
            self.assertIs(kind, type(self.refusal(400, message)), message)

    def test_the_name_of_an_object_does_not_decide(self):
        error = self.faults.refusal(
            400, [faults.Complaint('Odd.', 'does not exist')], True
        )
        self.assertIs(errors.ArrayRefused, type(error))

    def test_states_of_the_array_are_told_apart_by_status(self):
        for status, message, write, kind in (
            (401, 'Unauthorized.', True, faults.SessionExpired),
            (403, 'Read only.', True, errors.ArrayAccessDenied),
            (404, 'Not found.', True, errors.ArrayRefused),
            (429, 'Too many.', True, errors.ArrayBusy),
            (503, 'Unavailable.', True, errors.ArrayBusy),
            (500, 'Server is busy', True, errors.ArrayBusy),
            (500, 'Internal error.', False, errors.ArrayFailed),
            (504, 'Gateway timeout.', False, errors.ArrayFailed),
            (500, 'Internal error.', True, faults.OutcomeUnknown),
            (504, 'Gateway timeout.', True, faults.OutcomeUnknown),
        ):
            error = self.refusal(status, message, write)
            self.assertIs(kind, type(error), status)

    def test_a_message_says_what_refused_and_why(self):
        text = str(self.refusal(400, 'Volume limit reached.'))
        self.assertIn('fa-east', text)
        self.assertIn('volume-1: Volume limit reached.', text)

    def test_an_answer_without_words_tells_its_status(self):
        self.assertIn('418', str(self.faults.refusal(418, [], True)))

    def test_every_error_has_a_remedy_and_a_code(self):
        for status in (400, 401, 403, 404, 429, 500, 503, 504):
            error = self.refusal(status, 'Why not.')
            self.assertTrue(error.remedy)
            self.assertTrue(error.code.startswith('aegis.storage.'))

    def test_the_token_is_taken_out_of_whatever_the_array_says(self):
        for error in (
            self.refusal(400, f'What is {TOKEN}?'),
            self.faults.exception(
                urllib3.exceptions.HTTPError(f'bad {TOKEN}'), True
            ),
            self.faults.exception(ValueError(f'bad {TOKEN}'), True),
            self.faults.exception(
                urllib3.exceptions.SSLError(f'certificate {TOKEN}'), True
            ),
        ):
            self.assertNotIn(TOKEN, f'{error!r} {error}')

    def test_an_answer_is_found_below_what_the_client_raised(self):
        body = json.dumps(
            {'errors': [{'context': 'v', 'message': 'Volume limit reached.'}]}
        )
        try:
            try:
                raise Answer(400, body)
            except Answer as answer:
                raise PureError(f'Failed to collect more: {answer}') from None
        except PureError as error:
            found = self.faults.exception(error, True)
        self.assertIs(errors.ArrayLimitReached, type(found))
        self.assertNotIn('x-auth-token', str(found))

    def test_bodies_of_gateways_are_understood(self):
        for body, text in (
            ('{"message": "slow down"}', 'slow down'),
            ('<html>', 'HTTP status 429'),
            ('[1]', 'HTTP status 429'),
            (None, 'HTTP status 429'),
        ):
            error = self.faults.exception(Answer(429, body), True)
            self.assertIs(errors.ArrayBusy, type(error))
            self.assertIn(text, str(error))

    def test_a_request_that_was_never_sent_had_no_effect(self):
        refused = urllib3.exceptions.NewConnectionError(None, 'refused')
        for error in (
            refused,
            urllib3.exceptions.MaxRetryError(None, '/', refused),
            urllib3.exceptions.ConnectTimeoutError(None, 'slow'),
        ):
            found = self.faults.exception(error, True)
            self.assertIs(errors.ArrayUnreachable, type(found))
            self.assertIn('east.example:443', str(found))

    def test_a_change_without_an_answer_may_have_happened(self):
        for error in (
            urllib3.exceptions.ReadTimeoutError(None, '/', 'slow'),
            urllib3.exceptions.ProtocolError('Connection aborted.'),
            ConnectionResetError('reset'),
        ):
            self.assertIs(
                faults.OutcomeUnknown,
                type(self.faults.exception(error, True)),
            )
            self.assertIs(
                errors.ArrayUnreachable,
                type(self.faults.exception(error, False)),
            )

    def test_a_bad_certificate_is_told_from_a_dead_array(self):
        text = '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'
        inner = urllib3.exceptions.SSLError(text)
        for error in (
            inner,
            urllib3.exceptions.MaxRetryError(None, '/', inner),
        ):
            found = self.faults.exception(error, False)
            self.assertIs(errors.ArrayCertificateInvalid, type(found))
            self.assertIn('ca_file', found.remedy)
        broken = urllib3.exceptions.SSLError('unexpected end of file')
        self.assertIs(
            errors.ArrayUnreachable,
            type(self.faults.exception(broken, False)),
        )

    def test_a_tls_problem_without_a_status_means_unreachable(self):
        found = self.faults.exception(Answer(0), False)
        self.assertIs(errors.ArrayUnreachable, type(found))

    def test_nonsense_is_named(self):
        found = self.faults.exception(ValueError('no JSON'), False)
        self.assertIs(errors.ArrayFailed, type(found))
        self.assertIn('no JSON', str(found))

    def test_our_own_errors_pass(self):
        error = errors.ArrayBusy('busy')
        self.assertIs(error, self.faults.exception(error, True))

    def test_a_refused_login_means_a_wrong_token(self):
        found = self.faults.login(Answer(401, '{"errors": []}'))
        self.assertIs(errors.ArrayAuthenticationFailed, type(found))
        found = self.faults.login(Answer(503, None))
        self.assertIs(errors.ArrayBusy, type(found))

    def test_a_circle_of_causes_ends(self):
        one, two = ValueError('one'), ValueError('two')
        one.__cause__, two.__cause__ = two, one
        self.assertIn('one', str(self.faults.exception(one, False)))
