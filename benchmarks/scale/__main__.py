# SPDX-License-Identifier: Apache-2.0
"""Fails over groups of ever more members and prints how it went.

The sites are emulated and take their time for each call; the database, the
engines and the arrays are processes as in production.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import databases, reporting
from benchmarks.scale import critical, deployment, estate, runs

_PACKAGES = (
    'aegis',
    'SQLAlchemy',
    'PyMySQL',
    'oslo.db',
    'taskflow',
    'keystoneauth1',
    'requests',
    'py-pure-client',
)
_MOST_OF_PATH = 1.25
_MOST_CPU = 0.010
_MOST_MEMORY = 400e6
_MOST_GROWTH = 1.25
_MB = 1e6
_COLUMNS = (
    'members',
    'engines',
    'wall s',
    'path s',
    'wall/path',
    'chain s',
    'calls/member',
    'steps',
    'CPU ms/step',
    'database ms/step',
    'sites ms/step',
    'engine MB',
)


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    machine = reporting.machine(_PACKAGES)
    with tempfile.TemporaryDirectory(prefix='aegis-scale-') as directory:
        version, found = _measure(wanted, Path(directory))
    paths = [_path(run, found, wanted.latency) for run in found]
    report = reporting.Report(
        name=wanted.name,
        machine=machine,
        tables=(
            reporting.Table(
                f'Failover, {wanted.latency * 1000:g} ms a call, {version}',
                _COLUMNS,
                tuple(map(_row, found, paths)),
            ),
            _calls(found),
        ),
        goals=(*_goals(found, paths), *_growth(found)),
    )
    print(report.text())
    print(f'\nkept in {report.keep()}')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.scale', description=__doc__
    )
    add = parser.add_argument
    add('--members', type=int, nargs='+', default=[10, 100, 1000])
    add('--engines', type=int, nargs='+', default=[1, 3])
    add('--latency', type=float, default=0.05, help='of a call, in seconds')
    add(
        '--database',
        choices=databases.KINDS,
        default=databases.MARIADB,
        help='MariaDB as in production, or a file of SQLite',
    )
    add('--name', default='scale', help='of the file to keep it in')
    return parser


def _measure(
    wanted: argparse.Namespace, directory: Path
) -> tuple[str, list[runs.Run]]:
    """Run one member alone, then all sizes, with each count of engines."""
    sizes = [1, *wanted.members]
    pairs = list(itertools.product(wanted.engines, sizes))
    loads = [
        estate.load(members, number)
        for number, (_, members) in enumerate(pairs, 1)
    ]
    found = []
    with (
        estate.estate(loads, directory) as world,
        deployment.deployment(world, wanted.database, directory) as deployed,
    ):
        groups = {}
        for load in loads:
            _say(f'making {load.members} servers')
            servers = world.populate(load)
            groups[load] = deployment.protect(deployed, load, servers)
        remaining = iter(loads)
        for count in wanted.engines:
            with deployment.engines(deployed, count) as engines:
                for load in itertools.islice(remaining, len(sizes)):
                    _say(f'{load.members} members, {count} engines')
                    run = runs.fail_over(
                        world, deployed, engines, groups[load], wanted.latency
                    )
                    _say(f'took {run.wall:.1f} s')
                    found.append(run)
    return deployed.database.version, found


def _say(what: str) -> None:
    print(f'{time.strftime("%H:%M:%S")} {what}', file=sys.stderr, flush=True)


def _path(
    run: runs.Run, found: Sequence[runs.Run], latency: float
) -> critical.Path:
    (alone,) = (
        each
        for each in found
        if (each.members, each.engines) == (1, run.engines)
    )
    return critical.path(run, alone, deployment.lanes_at_once(), latency)


def _row(run: runs.Run, path: critical.Path) -> tuple[reporting.Cell, ...]:
    steps = len(run.steps)
    return (
        run.members,
        run.engines,
        run.wall,
        path.seconds,
        run.wall / path.seconds,
        path.chain,
        len(run.calls) / run.members,
        steps,
        1000 * run.engine_cpu / steps,
        1000 * run.database_cpu / steps,
        1000 * run.world_cpu / steps,
        run.memory / _MB,
    )


def _calls(found: Sequence[runs.Run]) -> reporting.Table:
    """How often each call was made, and that by member."""
    largest = max(found, key=lambda run: (run.members, -run.engines))
    counts: dict[str, int] = {}
    for call in largest.calls:
        counts[call.name] = counts.get(call.name, 0) + 1
    counts['(array)'] = len(largest.array_calls)
    rows = sorted(counts.items(), key=lambda each: -each[1])
    return reporting.Table(
        f'Calls of {largest.members} members, {largest.engines} engine',
        ('call', 'times', 'per member'),
        tuple((name, n, n / largest.members) for name, n in rows),
    )


def _goals(
    found: Sequence[runs.Run], paths: Sequence[critical.Path]
) -> Iterator[reporting.Goal]:
    for run, path in zip(found, paths, strict=True):
        if run.members == 1:
            continue
        who = f'{run.members} members, {run.engines} engines'
        yield reporting.Goal(
            f'wall, {who}', run.wall, _MOST_OF_PATH * path.seconds, 's'
        )
        yield reporting.Goal(
            f'engine CPU per step, {who}',
            1000 * run.engine_cpu / len(run.steps),
            1000 * _MOST_CPU,
            'ms',
        )
        yield reporting.Goal(
            f'memory of an engine, {who}',
            run.memory / _MB,
            _MOST_MEMORY / _MB,
            'MB',
        )


def _growth(found: Sequence[runs.Run]) -> Iterator[reporting.Goal]:
    """Per member, the largest size against the one before it."""
    for count in dict.fromkeys(run.engines for run in found):
        *_, fewer, more = sorted(
            (run for run in found if run.engines == count),
            key=lambda run: run.members,
        )
        if fewer.members == 1:
            continue
        who = f'{more.members} : {fewer.members} members, {count} engines'
        for what, large, small in (
            ('time', more.wall, fewer.wall),
            ('CPU', more.engine_cpu, fewer.engine_cpu),
        ):
            yield reporting.Goal(
                f'{what} per member, {who}',
                (large / more.members) / (small / fewer.members),
                _MOST_GROWTH,
                'x',
            )


if __name__ == '__main__':
    sys.exit(main())
