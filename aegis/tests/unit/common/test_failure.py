# SPDX-License-Identifier: Apache-2.0
from aegis.common import exception, failure
from aegis.storage import errors
from aegis.tests import base


class DescribeTest(base.TestCase):
    def test_an_error_of_ours_tells_what_and_what_to_do(self) -> None:
        found = failure.describe(exception.ValidationFailed(reason='no MAC'))

        self.assertEqual('aegis.member.validation', found.code)
        self.assertEqual(
            'What was built is not what was captured: no MAC. '
            f'{exception.ValidationFailed.remedy}',
            found.reason,
        )

    def test_an_error_of_an_array_does_not_say_which_array(self) -> None:
        error = errors.NameTaken('vol-1 exists on fa-west')

        found = failure.describe(error)

        self.assertEqual(errors.NameTaken.code, found.code)
        self.assertEqual(f'{error.summary} {error.remedy}', found.reason)
        self.assertNotIn('fa-west', found.reason)

    def test_an_error_without_words_has_its_remedy(self) -> None:
        found = failure.describe(exception.StorageFailed(' ', remedy='Wait.'))

        self.assertEqual('Wait.', found.reason)

    def test_the_text_of_a_bug_is_not_repeated(self) -> None:
        found = failure.describe(KeyError('token-123'))

        self.assertEqual('aegis.internal', found.code)
        self.assertIn('KeyError', found.reason)
        self.assertNotIn('token-123', found.reason)

    def test_passwords_are_masked(self) -> None:
        found = failure.describe(
            errors.ArrayRefused('{"password": "hunter2"}')
        )

        self.assertNotIn('hunter2', found.reason)
