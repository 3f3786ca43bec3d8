# SPDX-License-Identifier: Apache-2.0
"""Each case is examined in exactly one part, by exactly one process."""

import argparse
import multiprocessing
import pathlib
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import fixtures

from aegis.tests import base
from aegis.tests.fixtures import toy
from aegis.tests.matrix import jobs

NAMES = [f'case {number}' for number in range(200)]


def parts(of: int, number_of_jobs: int, case: str = '') -> list[list[str]]:
    return [
        share.take(NAMES)
        for part in range(of)
        for share in jobs.shares(
            argparse.Namespace(
                part=part, of=of, jobs=number_of_jobs, case=case
            )
        )
    ]


class ShareTest(base.TestCase):
    def test_all_shares_together_are_all_cases_once(self) -> None:
        found = parts(of=3, number_of_jobs=2)

        self.assertEqual(sorted(NAMES), sorted(sum(found, [])))
        self.assertEqual(6, len(found))

    def test_every_share_has_some(self) -> None:
        self.assertTrue(all(parts(of=3, number_of_jobs=2)))

    def test_a_part_is_the_same_however_many_processes_share_it(self) -> None:
        alone = parts(of=2, number_of_jobs=1)
        shared = parts(of=2, number_of_jobs=3)

        self.assertEqual(
            [sorted(part) for part in alone],
            [sorted(sum(shared[:3], [])), sorted(sum(shared[3:], []))],
        )

    def test_a_pattern_chooses_cases(self) -> None:
        found = parts(of=1, number_of_jobs=1, case='case (7|19)$')

        self.assertEqual([['case 7', 'case 19']], found)


class EndTest(base.TestCase):
    def test_what_examines_is_closed_when_the_whole_is_ended(self) -> None:
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        begun, closed = root / 'begun', root / 'closed'

        def examine(share: Any) -> Iterator[str]:
            try:
                begun.touch()
                threading.Event().wait(toy.PATIENCE_SECONDS)
                yield 'never'
            finally:
                closed.touch()

        whole = multiprocessing.get_context('fork').Process(
            target=jobs.run, args=(examine, ['all'], mock.Mock())
        )
        whole.start()
        self.addCleanup(whole.kill)
        toy.wait_until(begun.exists, 'a beginning')

        whole.terminate()

        toy.wait_until(closed.exists, 'an end')
        whole.join(toy.PATIENCE_SECONDS)
        self.assertNotEqual(0, whole.exitcode)
