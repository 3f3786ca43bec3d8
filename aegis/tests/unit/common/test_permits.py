# SPDX-License-Identifier: Apache-2.0
import threading

from aegis.common import exception, permits
from aegis.tests import base


def refuse() -> None:
    raise exception.FenceLost


class PermitsTest(base.TestCase):
    def test_without_a_check_everything_may_be_changed(self) -> None:
        permits.require()

    def test_a_check_holds_inside_its_block_only(self) -> None:
        with permits.checked(refuse):
            self.assertRaises(exception.FenceLost, permits.require)
        permits.require()

    def test_a_check_inside_another_one_is_the_one_that_counts(self) -> None:
        with permits.checked(refuse):
            with permits.checked(None):
                permits.require()
            self.assertRaises(exception.FenceLost, permits.require)

    def test_another_thread_is_checked_when_the_check_is_carried(self) -> None:
        heard: list[str] = []

        def ask(name: str) -> None:
            try:
                permits.require()
                heard.append(f'{name} may')
            except exception.FenceLost:
                heard.append(f'{name} may not')

        with permits.checked(refuse):
            for target in (ask, permits.carried(ask)):
                thread = threading.Thread(target=target, args=(str(target),))
                thread.start()
                thread.join()

        self.assertEqual(['may', 'not'], [each.split()[-1] for each in heard])
