# SPDX-License-Identifier: Apache-2.0
"""Rate limits and overload, and what clients are told of them."""

import unittest

from flasharray_simulator.door import DoorError
from flasharray_simulator.rate_limits import RateLimits
from tests.client_case import ClientCase


class BudgetTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 100.0
        self.limits = RateLimits(lambda: self.now)

    def take(self, user: str = 'a', limit: int = 10, burst: int = 3) -> bool:
        return self.limits.take(user, limit, burst).served

    def test_no_limit_serves_all(self) -> None:
        verdicts = [self.limits.take('a', 0, 1) for _ in range(50)]
        self.assertTrue(all(v.served and not v.headers for v in verdicts))

    def test_the_burst_is_served_at_once_and_no_more(self) -> None:
        served = [self.take() for _ in range(5)]
        self.assertEqual([True, True, True, False, False], served)

    def test_the_limit_comes_back_in_each_second(self) -> None:
        for _ in range(3):
            self.take()
        self.now += 0.2
        self.assertEqual([True, True, False], [self.take() for _ in range(3)])

    def test_a_long_rest_gives_no_more_than_the_burst(self) -> None:
        self.take()
        self.now += 3600
        self.assertEqual(3, sum(self.take() for _ in range(10)))

    def test_each_user_has_a_budget(self) -> None:
        for _ in range(4):
            self.take('a')
        self.assertTrue(self.take('b'))

    def test_the_headers_tell_limit_rest_and_reset(self) -> None:
        headers = dict(self.limits.take('a', 100, 40).headers)
        self.assertEqual('100;w=1;burst=40', headers['RateLimit-Limit'])
        self.assertEqual('39', headers['RateLimit-Remaining'])
        self.assertEqual('1', headers['RateLimit-Reset'])
        self.assertNotIn('Retry-After', headers)

    def test_a_refusal_tells_when_to_come_back(self) -> None:
        for _ in range(2):
            verdict = self.limits.take('a', 1, 1)
        self.assertFalse(verdict.served)
        self.assertEqual('1', dict(verdict.headers)['Retry-After'])


class LimitTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.door.clear_faults)
        self.addCleanup(self.door.set_rate_limit, 0, 40)

    def test_there_is_no_limit_by_default(self) -> None:
        self.assertNotIn('RateLimit-Limit', self.raw('GET', 'arrays').headers)

    def test_too_many_calls_are_refused_as_by_a_gateway(self) -> None:
        self.door.set_rate_limit(1, 2)
        self.door.clear_call_log()
        # The login is one of the two.
        answers = [self.raw('GET', 'arrays')]
        with self.assertRaises(KeyError):
            while len(answers) < 10:
                answers.append(self.raw('GET', 'arrays'))
        statuses = [entry['status'] for entry in self.door.call_log()]
        self.assertEqual(429, statuses[-1])
        self.assertEqual(200, answers[0].status_code)
        self.assertEqual(
            '1;w=1;burst=2', answers[0].headers['RateLimit-Limit']
        )

    def test_the_client_waits_and_succeeds(self) -> None:
        client = self.array.client()
        self.door.set_rate_limit(5, 2)
        self.door.clear_call_log()
        for _ in range(4):
            self.good(client.get_arrays())
        statuses = [entry['status'] for entry in self.door.call_log()]
        self.assertEqual(4, statuses.count(200))
        self.assertIn(429, statuses)

    def test_a_refusal_has_a_gateways_body(self) -> None:
        self.door.overload(429, retry_after=7)
        session = self.raw_without_login('GET', 'arrays')
        self.assertEqual(429, session.status_code)
        self.assertEqual(
            {'message': 'API rate limit exceeded.'}, session.json()
        )
        self.assertEqual('7', session.headers['Retry-After'])

    def test_a_busy_array_says_so(self) -> None:
        self.door.overload(500)
        answer = self.raw_without_login('GET', 'volumes')
        self.assertEqual(500, answer.status_code)
        self.assertEqual(
            'Server is busy', answer.json()['errors'][0]['message']
        )

    def test_an_overload_lasts_until_it_is_cleared(self) -> None:
        self.door.overload(503)
        for _ in range(5):
            answer = self.raw_without_login('GET', 'volumes')
            self.assertEqual(503, answer.status_code)
        self.door.clear_faults()
        self.assertEqual(200, self.raw('GET', 'volumes').status_code)

    def test_another_status_is_no_overload(self) -> None:
        with self.assertRaisesRegex(DoorError, '429'):
            self.door.overload(404)
