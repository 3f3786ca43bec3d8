# SPDX-License-Identifier: Apache-2.0
import threading
from collections.abc import Callable

from aegis.tasks import listening
from aegis.tests import base
from aegis.tests.fixtures import journal


class Silence(Exception):
    """No answer came."""


class ListeningTest(base.TestCase):
    def listen(
        self, call: Callable[[], None], pause: float = 0.01
    ) -> listening.Listening:
        return listening.Listening(
            call, (Silence,), pause, journal.FakeWaiter()
        )

    def test_an_answer_ends_it_after_one_call(self) -> None:
        calls = []

        self.listen(lambda: calls.append('call'), pause=10.0).end()

        self.assertEqual(['call'], calls)

    def test_a_lost_answer_is_asked_for_again(self) -> None:
        answers = iter([Silence, None])

        def call() -> None:
            if error := next(answers):
                raise error

        self.listen(call).end()

        self.assertRaises(StopIteration, next, answers)

    def test_no_answer_is_believed_the_second_time(self) -> None:
        calls = []

        def call() -> None:
            calls.append('call')
            raise Silence(len(calls))

        error = self.assertRaises(Silence, self.listen(call).end)

        self.assertEqual((2,), error.args)
        self.assertEqual(2, len(calls))

    def test_the_second_call_does_not_wait_for_the_first(self) -> None:
        both = threading.Barrier(2, timeout=30)

        def call() -> None:
            both.wait()
            raise Silence

        self.assertRaises(Silence, self.listen(call).end)

    def test_one_of_both_answers_is_enough(self) -> None:
        second = threading.Event()
        self.addCleanup(second.set)
        answers = iter([second, None])

        def call() -> None:
            silent = next(answers)
            if silent is not None:
                silent.wait(30)
                raise Silence

        self.listen(call).end()

    def test_what_nobody_expects_is_not_taken_for_silence(self) -> None:
        def call() -> None:
            raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, self.listen(call).end)
