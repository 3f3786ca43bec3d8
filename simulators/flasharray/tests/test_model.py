# SPDX-License-Identifier: Apache-2.0
"""Two arrays do what the reference says, whatever is asked of them.

``AEGIS_PROPERTY_EXAMPLES`` asks for more examples than CI has time for,
and those are random; without it they are always the same.
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
from tests.model_steps import NAMES

_EXAMPLES = int(os.environ.get('AEGIS_PROPERTY_EXAMPLES', '0'))


def run(machine: type[PairMachine], examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=_EXAMPLES or examples,
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


class ModelTest(unittest.TestCase):
    def test_arrays_in_one_process_agree_with_the_reference(self) -> None:
        run(LocalMachine, 60, 40)
        self.assertGreater(LocalMachine.steps, 0)
