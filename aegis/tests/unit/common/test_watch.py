# SPDX-License-Identifier: Apache-2.0
import dataclasses
import threading
import time
from collections.abc import Callable, Collection
from concurrent import futures
from typing import Any

from oslotest import base

from aegis.common import watch

_PATIENCE = 10


@dataclasses.dataclass(frozen=True)
class _Thing:
    id: str


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class WatchTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.clock = _Clock()
        self.calls = 0

    def _watch(self, interval: float = 2.0) -> watch.Watch:
        def list_things() -> list[_Thing]:
            self.calls += 1
            return [_Thing('a'), _Thing('b')]

        return watch.Watch(list_things, interval, self.clock)

    def test_objects_come_by_id(self) -> None:
        self.assertEqual(
            {'a': _Thing('a'), 'b': _Thing('b')}, self._watch().latest(100.0)
        )

    def test_a_look_that_is_new_enough_is_used_again(self) -> None:
        looking = self._watch()

        looking.latest(100.0)
        self.clock.now = 150.0
        looking.latest(100.0)

        self.assertEqual(1, self.calls)

    def test_an_old_look_is_replaced(self) -> None:
        looking = self._watch()

        looking.latest(100.0)
        self.clock.now = 102.0
        looking.latest(101.0)

        self.assertEqual(2, self.calls)

    def test_an_error_goes_to_the_one_who_asked(self) -> None:
        answers: list[Any] = [ValueError('broken'), [_Thing('a')]]

        def list_things() -> list[_Thing]:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return list(answer)

        looking = watch.Watch(list_things, 0.0, self.clock)

        self.assertRaises(ValueError, looking.latest, 100.0)
        self.assertEqual({'a'}, set(looking.latest(100.0)))

    def test_some_of_a_short_list_are_listed_with_all(self) -> None:
        looking, asked = self._long_watch(long_list=2)

        looking.some({'a'}, 100.0)
        self.clock.now = 200.0
        found = looking.some({'a'}, 150.0)

        self.assertEqual(({'a': _Thing('a')}, 2), (found, self.calls))
        self.assertEqual([], asked)

    def test_some_of_a_long_list_are_asked_for(self) -> None:
        looking, asked = self._long_watch(long_list=1)

        looking.latest(100.0)
        self.clock.now = 200.0
        found = looking.some({'b', 'c'}, 150.0)

        self.assertEqual({'b': _Thing('b'), 'c': _Thing('c')}, found)
        self.assertEqual((1, ['b', 'c']), (self.calls, sorted(asked)))

    def test_a_list_that_is_new_enough_shows_some(self) -> None:
        looking, asked = self._long_watch(long_list=1)

        looking.latest(100.0)

        self.assertEqual({'a': _Thing('a')}, looking.some({'a', 'c'}, 100.0))
        self.assertEqual([], asked)

    def test_what_was_asked_for_since_is_not_asked_for_again(self) -> None:
        looking, asked = self._long_watch(long_list=1)
        looking.latest(100.0)
        self.clock.now = 200.0

        for moment in (150.0, 150.0, 201.0):
            looking.some({'b', 'gone'}, moment)

        self.assertEqual(['b', 'b', 'gone', 'gone'], sorted(asked))

    def test_what_has_gone_is_left_out(self) -> None:
        looking, _ = self._long_watch(long_list=1)
        looking.latest(100.0)

        for _ in range(2):
            self.assertEqual({}, looking.some({'gone'}, 150.0))

    def test_a_list_replaces_what_was_asked_for_before_it(self) -> None:
        looking, asked = self._long_watch(long_list=1)
        looking.latest(100.0)
        self.clock.now = 200.0
        looking.some({'c'}, 150.0)
        self.clock.now = 300.0

        looking.latest(250.0)

        self.assertEqual({}, looking.some({'c'}, 150.0))
        self.assertEqual(['c'], asked)

    def test_a_list_is_long_when_it_was_seen_to_be(self) -> None:
        looking, _ = self._long_watch(long_list=1)

        self.assertFalse(looking.is_long)
        looking.latest(100.0)
        self.assertTrue(looking.is_long)

    def test_what_can_only_be_listed_is_never_long(self) -> None:
        looking = self._watch()

        looking.latest(100.0)

        self.assertFalse(looking.is_long)

    def _long_watch(self, long_list: int) -> tuple[watch.Watch, list[str]]:
        asked: list[str] = []

        def list_things() -> list[_Thing]:
            self.calls += 1
            return [_Thing('a'), _Thing('b')]

        def read_things(ids: Collection[str]) -> list[_Thing]:
            asked.extend(ids)
            return [_Thing(id) for id in ids if id != 'gone']

        looking = watch.Watch(
            list_things, 2.0, self.clock, read_things, long_list
        )
        return looking, asked

    def test_one_call_answers_all_who_wait(self) -> None:
        begun = threading.Event()
        go_on = threading.Event()

        def list_things() -> list[_Thing]:
            self.calls += 1
            begun.set()
            assert go_on.wait(_PATIENCE)
            return [_Thing('a')]

        looking = watch.Watch(list_things, 0.0, self.clock)
        with futures.ThreadPoolExecutor(10) as executor:
            first = executor.submit(looking.latest, 100.0)
            assert begun.wait(_PATIENCE)
            others = self._asking(executor, 9, lambda: looking.latest(100.0))
            go_on.set()
            answers = [first.result(), *(each.result() for each in others)]

        self.assertEqual([{'a': _Thing('a')}] * 10, answers)
        self.assertEqual(1, self.calls)

    def test_after_an_error_another_of_those_who_wait_tries(self) -> None:
        begun = threading.Event()
        go_on = threading.Event()

        def list_things() -> list[_Thing]:
            self.calls += 1
            if self.calls == 1:
                begun.set()
                assert go_on.wait(_PATIENCE)
                raise ValueError('broken')
            return [_Thing('a')]

        looking = watch.Watch(list_things, 0.0, self.clock)
        with futures.ThreadPoolExecutor(2) as executor:
            first = executor.submit(looking.latest, 100.0)
            assert begun.wait(_PATIENCE)
            (second,) = self._asking(
                executor, 1, lambda: looking.latest(100.0)
            )
            go_on.set()
            self.assertRaises(ValueError, first.result)
            self.assertEqual({'a'}, set(second.result()))

    def _rest(self, interval: float, taking: float, things: int = 0) -> float:
        """Seconds between the end of a call and the start of the next."""
        started = []

        def list_things() -> list[_Thing]:
            started.append(time.monotonic())
            threading.Event().wait(taking)
            return [_Thing(str(number)) for number in range(things)]

        looking = watch.Watch(list_things, interval)
        for _ in range(2):
            looking.latest(time.monotonic())
        return started[1] - started[0] - taking

    def test_it_rests_as_long_as_a_call_took(self) -> None:
        self.assertGreaterEqual(self._rest(interval=60.0, taking=0.05), 0.05)

    def test_it_rests_longer_after_a_long_list(self) -> None:
        self.assertGreaterEqual(
            self._rest(interval=60.0, taking=0.0, things=200), 0.2
        )

    def test_it_rests_no_longer_than_it_may(self) -> None:
        self.assertLess(self._rest(interval=0.0, taking=0.5), 0.4)

    @staticmethod
    def _asking(
        executor: futures.Executor, count: int, ask: Callable[[], Any]
    ) -> list['futures.Future[Any]']:
        """Ask in threads, and return when all of them are about to."""
        ready = threading.Barrier(count + 1)

        def run() -> Any:
            ready.wait(_PATIENCE)
            return ask()

        asked = [executor.submit(run) for _ in range(count)]
        ready.wait(_PATIENCE)
        return asked
