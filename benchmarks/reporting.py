# SPDX-License-Identifier: Apache-2.0
"""What a benchmark found: tables, goals and the machine, kept as JSON."""

import datetime
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / 'results'

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Figures in rows; floats are printed with three significant digits."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def text(self) -> str:
        """Return the table aligned, numbers to the right."""
        lines = [self.columns, *(tuple(map(_shown, r)) for r in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        right = [
            any(isinstance(row[at], int | float) for row in self.rows)
            for at in range(len(self.columns))
        ]
        head, *body = (_aligned(line, widths, right) for line in lines)
        rule = '  '.join('-' * width for width in widths)
        return '\n'.join((self.title, '', head, rule, *body))


@dataclass(frozen=True)
class Goal:
    """A measured figure and its limit; at_least turns the limit round."""

    what: str
    measured: float
    limit: float
    unit: str = ''
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Measured over limit; infinite for a limit of 0."""
        return self.measured / self.limit if self.limit else float('inf')

    @property
    def met(self) -> bool:
        if self.at_least:
            return self.measured >= self.limit
        return self.measured <= self.limit


@dataclass(frozen=True)
class Machine:
    """Where and with what something was measured.

    memory is in bytes, load the average of the last minute when it began.
    """

    date: str
    processor: str
    processors: int
    memory: int
    system: str
    python: str
    load: float
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """One run of a benchmark; name is that of its file."""

    name: str
    machine: Machine
    tables: tuple[Table, ...]
    goals: tuple[Goal, ...] = ()
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """Return what the benchmark prints."""
        parts = [_facts(self.machine), *self.tables]
        if self.goals:
            parts.append(_goals(self.goals))
        return '\n\n'.join(
            (*(part.text() for part in parts), *self.remarks),
        )

    def document(self) -> dict[str, Any]:
        """Return the same as plain data for JSON."""
        document = asdict(self)
        for goal, kept in zip(self.goals, document['goals'], strict=True):
            kept |= {'ratio': goal.ratio, 'met': goal.met}
        return document

    def keep(self, directory: Path = RESULTS) -> Path:
        """Write the document to its file, over an older one; return it."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f'{self.name}.json'
        path.write_text(json.dumps(self.document(), indent=1) + '\n')
        return path


def machine(packages: Iterable[str] = ()) -> Machine:
    """Return the facts of this machine; call it before measuring.

    packages are names of distributions; one that is not installed here is
    left out.
    """
    return Machine(
        date=datetime.datetime.now(datetime.UTC).strftime('%F %H:%M UTC'),
        processor=_processor(),
        processors=os.cpu_count() or 1,
        memory=os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'),
        system=f'{platform.system()} {platform.machine()}',
        python=platform.python_version(),
        load=os.getloadavg()[0],
        packages=dict(_versions(packages)),
    )


def _versions(packages: Iterable[str]) -> Iterable[tuple[str, str]]:
    for name in packages:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def _processor() -> str:
    path = Path('/proc/cpuinfo')
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    return platform.processor() or platform.machine()


def _facts(facts: Machine) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ('date', facts.date),
        ('processors', f'{facts.processors} × {facts.processor}'),
        ('memory', f'{facts.memory / 2**30:.1f} GiB'),
        ('system', facts.system),
        ('Python', facts.python),
        ('load at the start', f'{facts.load:.2f}'),
        *facts.packages.items(),
    ]
    return Table('Machine', ('fact', 'value'), tuple(rows))


def _goals(goals: Iterable[Goal]) -> Table:
    rows = tuple(
        (
            goal.what,
            f'{_shown(goal.measured)} {goal.unit}'.strip(),
            f'{"≥" if goal.at_least else "≤"} {_shown(goal.limit)}'
            f' {goal.unit}'.rstrip(),
            goal.ratio,
            'met' if goal.met else 'MISSED',
        )
        for goal in goals
    )
    columns = ('what', 'measured', 'goal', 'measured/goal', '')
    return Table('Goals', columns, rows)


def _shown(cell: Cell) -> str:
    if cell is None:
        return ''
    if isinstance(cell, float):
        return f'{cell:.0f}' if abs(cell) >= 100 else f'{cell:.3g}'
    return str(cell)


def _aligned(line: Iterable[str], widths: list[int], right: list[bool]) -> str:
    cells = zip(line, widths, right, strict=True)
    return '  '.join(
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in cells
    ).rstrip()
