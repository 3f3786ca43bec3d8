# SPDX-License-Identifier: Apache-2.0
import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from aegis.common import exception, retry
from aegis.storage import errors
from aegis.tests import base


class RetryPolicyTest(base.TestCase):
    def test_intervals_grow_up_to_the_maximum(self) -> None:
        policy = retry.RetryPolicy(
            initial_interval=1, maximum_interval=5, jitter=0
        )

        self.assertEqual(
            [1, 2, 4, 5, 5], [policy.interval(n) for n in range(1, 6)]
        )

    @given(st.integers(1, 100_000), st.text(max_size=10))
    def test_an_interval_is_spread_below_its_maximum(
        self, failures: int, seed: str
    ) -> None:
        policy = retry.RetryPolicy(jitter=0.2)

        interval = policy.interval(failures, seed)

        self.assertLessEqual(interval, policy.maximum_interval)
        self.assertGreaterEqual(interval, 0.8 * policy.initial_interval)
        self.assertEqual(interval, policy.interval(failures, seed))

    def test_retryable_errors_are_repeated_to_the_maximum(self) -> None:
        failures = retry.Failures(retry.RetryPolicy(maximum_attempts=3))

        answers = [failures.allow(errors.ArrayBusy()) for _ in range(3)]

        self.assertEqual([True, True, False], answers)

    def test_a_refusal_is_believed_the_second_time(self) -> None:
        failures = retry.Failures(retry.RetryPolicy())

        self.assertTrue(failures.allow(errors.NameTaken()))
        self.assertFalse(failures.allow(errors.NameTaken()))

    def test_a_refusal_that_ends_an_outage_is_not_believed(self) -> None:
        failures = retry.Failures(retry.RetryPolicy())
        for _ in range(3):
            failures.allow(errors.ArrayBusy())

        self.assertTrue(failures.allow(errors.NameTaken()))
        self.assertFalse(failures.allow(errors.NameTaken()))

    def test_refusals_end_with_the_attempts(self) -> None:
        failures = retry.Failures(retry.RetryPolicy(maximum_attempts=2))
        failures.allow(errors.ArrayBusy())

        self.assertFalse(failures.allow(errors.NameTaken()))

    def test_what_got_through_begins_anew(self) -> None:
        failures = retry.Failures(retry.RetryPolicy(maximum_attempts=2))
        failures.allow(errors.NameTaken())

        failures.forget()

        self.assertTrue(failures.allow(errors.NameTaken()))

    def test_pauses_grow_with_the_failures(self) -> None:
        policy = retry.RetryPolicy(initial_interval=1, jitter=0)
        failures = retry.Failures(policy)
        failures.allow(errors.ArrayBusy())
        failures.allow(errors.ArrayBusy())

        self.assertEqual(2, failures.pause())

    def test_other_errors_are_not_repeated(self) -> None:
        failures = retry.Failures(retry.RetryPolicy())

        self.assertFalse(failures.allow(ValueError()))

    def test_named_errors_are_never_repeated(self) -> None:
        policy = retry.RetryPolicy(non_retryable=(exception.CloudUnavailable,))
        error = exception.CloudUnavailable(
            service='nova', site='west', reason='x'
        )

        self.assertFalse(retry.Failures(policy).allow(error))

    def test_never_means_never(self) -> None:
        self.assertFalse(retry.Failures(retry.NEVER).allow(errors.ArrayBusy()))

    def test_nonsense_is_refused(self) -> None:
        for values in (
            {'initial_interval': 0},
            {'backoff_coefficient': 0.5},
            {'initial_interval': 2, 'maximum_interval': 1},
            {'maximum_attempts': 0},
            {'refused_attempts': 0},
            {'undo_attempts': 0},
            {'jitter': 2},
        ):
            self.assertRaises(
                ValueError,
                dataclasses.replace,
                retry.RetryPolicy(),
                **values,
            )
