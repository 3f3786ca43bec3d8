# SPDX-License-Identifier: Apache-2.0
"""The suites of tests: unit, functional, integration."""

import os
import pathlib
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from sites import layout
from testing import coverage, environment, results
from testing.parts import databases, matrix
from testing.session import Session

TOOLS = environment.REPOSITORY / 'tools'


@dataclass(frozen=True)
class Suite:
    """Tests of one package; ``directory`` is relative to the repository.

    ``timeout`` is how many seconds one test may take, ``choice`` arguments
    of stestr that choose among the tests.
    """

    name: str
    directory: str
    tests: str
    timeout: int = 60
    choice: tuple[str, ...] = ()
    serial: bool = False
    live: bool = False


# The simulator keeps its tests in one place; these start no process.
SIMULATOR_ANSIBLE = r'^tests\.ansible\.'
_SIMULATOR_UNIT = r'^tests\.test_(content|filters|names|schedules)\.'

UNIT = (
    Suite('unit: aegis', '.', 'aegis/tests/unit'),
    Suite(
        'unit: simulator',
        'simulators/flasharray',
        'tests',
        choice=(_SIMULATOR_UNIT,),
    ),
    Suite('unit: client', 'python-aegisclient', 'aegisclient/tests/unit'),
    Suite('unit: tools', 'tools', '.'),
)

FUNCTIONAL = (
    Suite('functional: aegis', '.', 'aegis/tests/functional', 300),
    Suite(
        'functional: simulator',
        'simulators/flasharray',
        'tests',
        300,
        choice=(f'--exclude-regex={_SIMULATOR_UNIT}|{SIMULATOR_ANSIBLE}',),
    ),
    Suite(
        'functional: client',
        'python-aegisclient',
        'aegisclient/tests/functional',
        300,
    ),
)

CONTRACT = Suite(
    'integration: the contract on the real clouds',
    '.',
    'aegis/tests/integration/contract',
    timeout=1800,
    serial=True,
    live=True,
)

INTEGRATION = Suite(
    'integration: aegis',
    '.',
    'aegis/tests/integration/failover',
    timeout=1800,
    serial=True,
    live=True,
)


def run_unit(session: Session) -> list[results.Result]:
    """Run the unit tests; measure those of Aegis itself."""
    with tempfile.TemporaryDirectory() as temporary:
        data = pathlib.Path(temporary)
        first, *others = UNIT
        found = [run(session, first, coverage.variables(session, data))]
        found += coverage.check(session, data)
    return found + [run(session, suite) for suite in others]


def run_functional(session: Session) -> list[results.Result]:
    """Run the functional tests, parts of the matrices, real databases."""
    found = [run(session, suite) for suite in FUNCTIONAL]
    return found + matrix.run_parts(session) + databases.run(session)


def run_integration(session: Session) -> list[results.Result]:
    """Build the sites, run the tests on them, end them."""
    clouds = str(TOOLS / 'clouds')
    built = session.run(
        'integration: build the sites',
        [clouds, 'up', 'east', 'west', '--fresh'],
        live=True,
    )
    found = [
        results.of_check(
            'integration: build the sites', built.good, built.seconds
        )
    ]
    try:
        if built.good:
            # First, as the others isolate sites and build them anew.
            found.append(_run_contract(session))
            found.append(run(session, INTEGRATION))
    finally:
        ended = session.run(
            'integration: take the sites down', [clouds, 'down']
        )
    found.append(
        results.of_check(
            'integration: take the sites down', ended.good, ended.seconds
        )
    )
    return found


def _run_contract(session: Session) -> results.Result:
    """Hold the real clouds to the contract that the emulated ones keep."""
    with tempfile.TemporaryDirectory() as temporary:
        # It holds passwords; the directory is ours alone.
        described = pathlib.Path(temporary) / 'sites.json'
        with described.open('w') as output:
            subprocess.run(
                [str(TOOLS / 'clouds'), 'info', '--json'],
                stdout=output,
                check=True,
            )
        return run(session, CONTRACT, {'AEGIS_SITES_FILE': str(described)})


def run(
    session: Session, suite: Suite, extra: Mapping[str, str] | None = None
) -> results.Result:
    """Run a suite with more variables."""
    command = [session.program('stestr'), f'--test-path={suite.tests}']
    command += ['--top-dir=.', f'--repo-url={_history(suite)}', 'run']
    command += ['--serial'] if suite.serial else [_concurrency()]
    command += suite.choice
    command += [] if suite.live or session.verbose else ['--abbreviate']
    ended = session.run(
        suite.name,
        command,
        directory=environment.REPOSITORY / suite.directory,
        extra={
            'PYTHON': session.program('python'),
            'OS_STDOUT_CAPTURE': '1',
            'OS_STDERR_CAPTURE': '1',
            'OS_TEST_TIMEOUT': str(suite.timeout),
            # Hypothesis then repeats the same examples in every run, and
            # does not take a busy machine for a slow test.
            'CI': 'true',
            **(extra or {}),
        },
        live=suite.live,
    )
    return results.of_suite(
        suite.name, ended.output, ended.return_code, ended.seconds
    )


def _history(suite: Suite) -> pathlib.Path:
    """Where stestr keeps results, apart from those of other runs."""
    root = layout.Layout.from_environment(os.environ).root
    name = suite.name.replace(': ', '-')
    path = root / 'stestr' / environment.identity() / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def _concurrency() -> str:
    return f'--concurrency={max(2, os.cpu_count() or 2)}'
