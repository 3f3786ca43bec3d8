# SPDX-License-Identifier: Apache-2.0
from aegis.catalog import concurrency
from aegis.common import exception, permits
from aegis.tests import base


def refuse() -> None:
    raise exception.FenceLost


class EachTest(base.TestCase):
    def test_answers_come_in_the_order_of_the_arguments(self) -> None:
        self.assertEqual(
            [2, 4, 6], concurrency.each('nova', double, [1, 2, 3])
        )

    def test_calls_are_checked_as_the_caller_is(self) -> None:
        with permits.checked(refuse):
            self.assertRaises(
                exception.FenceLost,
                concurrency.each,
                'nova',
                lambda _: permits.require(),
                [1],
            )


def double(number: int) -> int:
    return 2 * number
