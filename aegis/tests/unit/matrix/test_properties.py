# SPDX-License-Identifier: Apache-2.0
"""The sequences of a property test are dealt to jobs, each once."""

import argparse

from aegis.tests import base
from aegis.tests.matrix import properties


def plans(
    runs: int, jobs: int, seed: int = 1, blob: str = ''
) -> list[list[properties.Batch]]:
    return properties.plans(
        argparse.Namespace(runs=runs, jobs=jobs, seed=seed, steps=5, blob=blob)
    )


def seeds(found: list[list[properties.Batch]]) -> list[int]:
    return sorted(batch.seed for batches in found for batch in batches)


class PlansTest(base.TestCase):
    def test_all_runs_are_dealt(self) -> None:
        found = plans(runs=37, jobs=3)

        self.assertEqual(3, len(found))
        self.assertEqual(
            37, sum(batch.runs for batches in found for batch in batches)
        )

    def test_they_are_the_same_however_many_jobs_there_are(self) -> None:
        self.assertEqual(seeds(plans(37, 1)), seeds(plans(37, 3)))

    def test_no_batch_has_the_seed_of_another(self) -> None:
        found = seeds(plans(37, 2)) + seeds(plans(37, 2, seed=2))

        self.assertEqual(sorted(set(found)), sorted(found))

    def test_one_that_is_run_again_is_the_only_one(self) -> None:
        ((batch,),) = plans(runs=37, jobs=2, blob='AAE=')

        self.assertEqual((1, 'AAE='), (batch.runs, batch.blob))
