# SPDX-License-Identifier: Apache-2.0
"""Two arrays do what the reference says, whatever is asked of them.

The examples are always the same, so that CI fails for changes only.
``AEGIS_PROPERTY_EXAMPLES=20`` runs twenty times as many, at random.
"""

import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import local
from tests.model_machine import PairMachine
from tests.model_process import ProcessPair
from tests.model_steps import NAMES
from tests.model_stretched import StretchedMachine

_EXAMPLES = int(os.environ.get('AEGIS_PROPERTY_EXAMPLES', '0'))


def run(machine: type[PairMachine], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples * (_EXAMPLES or 1),
            stateful_step_count=steps,
            derandomize=not _EXAMPLES,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(
        f'{machine.__name__}: {machine.steps} calls,'
        f' {machine.refusals} of them refused',
        file=sys.stderr,
    )


class LocalPair(local.LocalPair):
    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix='flasharray-')
        super().__init__(NAMES, Path(self._directory.name))

    def agree(self, compare: Any) -> None:
        compare()

    def close(self) -> None:
        super().close()
        self._directory.cleanup()


class LocalMachine(PairMachine):
    start = LocalPair


class ProcessMachine(PairMachine):
    @staticmethod
    def start() -> ProcessPair:
        return ProcessPair(NAMES)


class StretchedProcessMachine(StretchedMachine):
    start = ProcessMachine.start


class ModelTest(unittest.TestCase):
    def test_arrays_in_one_process_agree_with_the_reference(self) -> None:
        run(LocalMachine, 20, 30)
        self.assertGreater(LocalMachine.steps, 0)

    def test_arrays_as_processes_agree_with_the_reference(self) -> None:
        run(ProcessMachine, 3, 30)
        self.assertGreater(ProcessMachine.steps, 0)

    def test_stretched_pods_are_the_same_on_both_arrays(self) -> None:
        run(StretchedProcessMachine, 3, 30)
        self.assertGreater(StretchedProcessMachine.steps, 0)
