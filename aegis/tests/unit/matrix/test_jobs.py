# SPDX-License-Identifier: Apache-2.0
"""Each case is examined in exactly one part, by exactly one process."""

import argparse

from aegis.tests import base
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
