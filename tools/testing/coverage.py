# SPDX-License-Identifier: Apache-2.0
"""Line coverage, and the floors below which a run fails."""

import pathlib
from dataclasses import dataclass

from testing import results
from testing.session import Session


@dataclass(frozen=True)
class Floor:
    """The least percentage of lines that the unit tests must run."""

    files: str
    percent: int

    @property
    def name(self) -> str:
        return f'unit: {self.percent} % of the lines of {self.files}'


FLOORS = (
    Floor('aegis/*', 85),
    Floor('aegis/tasks/*', 95),
    Floor('aegis/storage/flasharray/*', 95),
)


def variables(session: Session, data: pathlib.Path) -> dict[str, str]:
    """What makes stestr's workers record the lines that they run."""
    return {
        'PYTHON': f'{session.program("python")} -m coverage run '
        '--parallel-mode',
        'COVERAGE_FILE': str(data / 'coverage'),
    }


def check(session: Session, data: pathlib.Path) -> list[results.Result]:
    """Put the workers' records together and hold them to the floors."""
    extra = {'COVERAGE_FILE': str(data / 'coverage')}
    coverage = session.program('coverage')
    combined = session.run(
        'unit: coverage', [coverage, 'combine', str(data)], extra=extra
    )
    if not combined.good:
        return [results.of_check('unit: coverage', False, combined.seconds)]
    return [_check_floor(session, floor, extra) for floor in FLOORS]


def _check_floor(
    session: Session, floor: Floor, extra: dict[str, str]
) -> results.Result:
    ended = session.run(
        floor.name,
        [
            session.program('coverage'),
            'report',
            f'--include={floor.files}',
            f'--fail-under={floor.percent}',
            '--precision=1',
            '--skip-covered',
            '--show-missing',
        ],
        extra=extra,
    )
    totals = [line for line in ended.output.splitlines() if 'TOTAL' in line]
    note = totals[-1].split()[-1] if totals else ''
    return results.of_check(floor.name, ended.good, ended.seconds, note)
