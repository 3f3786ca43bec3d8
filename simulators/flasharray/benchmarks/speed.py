# SPDX-License-Identifier: Apache-2.0
"""Measures the simulator and prints what it found, as Markdown.

``python -m benchmarks.speed`` in the directory of the package. It runs two
pairs of arrays as processes, a small one and a large one, so that all
ratios come from one run.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sqlite3
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import calls, lists
from benchmarks.estate import Estate, Size
from flasharray_simulator import testing

MB = 1_000_000
_LIST_HEAD = ('items', 'pages', 'page', 'slowest page', 'CPU for a page')
_PACKAGES = ('flasharray-simulator', 'cheroot', 'werkzeug', 'py-pure-client')


@dataclass(frozen=True)
class Result:
    facts: dict[str, str]
    listed: list[lists.Listed]
    library: list[lists.Listed]
    compared: list[calls.Compared]
    bulk: list[calls.Bulk]
    start: float
    start_cpu: float
    memory: dict[str, int]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    large = Size(options.volumes, options.snapshots)
    small = Size(options.small, options.small)
    with testing.directory() as path:
        result = measure(
            Estate('small', small, path),
            Estate('large', large, path),
            options.rounds,
        )
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(asdict(result), indent=1) + '\n')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add('--volumes', type=int, default=10_000, help='of each large array')
    add('--snapshots', type=int, default=50_000, help='of each large array')
    add('--small', type=int, default=100, help='volumes of a small array')
    add('--rounds', type=int, default=60, help='of the single calls')
    add('--json', type=Path, metavar='FILE', help='keep the figures too')
    return parser


def measure(small: Estate, large: Estate, rounds: int) -> Result:
    """Fill, measure and end both pairs."""
    try:
        for estate in (small, large):
            estate.start()
            _say(f'filling {estate.label}')
            estate.fill()
        large.stop()
        _say('starting again')
        start = large.start()
        start_cpu = large.cpu()
        _say('lists')
        listed = lists.measure(large)
        library = lists.with_library(large)
        _say('calls')
        compared = calls.compare(small, large, rounds)
        _say('bulk')
        bulk = calls.bulk(large, max(3, rounds // 10))
        return Result(
            facts=_facts(small, large, rounds),
            listed=listed,
            library=library,
            compared=compared,
            bulk=bulk,
            start=start,
            start_cpu=start_cpu,
            memory=large.memory(),
        )
    finally:
        small.stop()
        large.stop()


def _say(what: str) -> None:
    print(f'{time.strftime("%H:%M:%S")} {what}', file=sys.stderr, flush=True)


def _facts(small: Estate, large: Estate, rounds: int) -> dict[str, str]:
    found = {
        'date': datetime.datetime.now(datetime.UTC).strftime('%F %H:%M UTC'),
        'machine': f'{os.cpu_count()} × {_processor()}, load'
        f' {os.getloadavg()[0]:.1f} while measuring',
        'system': f'{platform.system()} {platform.machine()}',
        'Python': platform.python_version(),
        'SQLite': sqlite3.sqlite_version,
        'small': _size(small.size),
        'large': _size(large.size),
        'rounds': str(rounds),
    }
    for name in _PACKAGES:
        found[name] = importlib.metadata.version(name)
    return found


def _processor() -> str:
    path = Path('/proc/cpuinfo')
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    return platform.processor() or platform.machine()


def _size(size: Size) -> str:
    return (
        f'each array {size.volumes} volumes, {size.snapshots} volume'
        f' snapshots, {size.hosts} hosts, {size.groups} protection groups'
    )


def table(result: Result) -> str:
    """Return the figures as Markdown tables."""
    return '\n\n'.join(
        (
            _rows(('fact', 'value'), result.facts.items()),
            _rows(
                ('list', *_LIST_HEAD),
                map(_list_row, result.listed),
            ),
            _rows(
                ('with py-pure-client', *_LIST_HEAD),
                map(_list_row, result.library),
            ),
            _rows(
                ('call', 'small', 'large', 'ratio'),
                (
                    (c.what, _ms(c.small), _ms(c.large), f'{c.ratio:.2f}')
                    for c in result.compared
                ),
            ),
            _rows(
                ('bulk call', 'median', 'slowest', 'CPU of the arrays'),
                (
                    (b.what, _ms(b.median), _ms(b.slowest), _ms(b.cpu))
                    for b in result.bulk
                ),
            ),
            _rows(('two large arrays', 'value'), _whole(result)),
        )
    )


def _list_row(listed: lists.Listed) -> tuple[Any, ...]:
    return (
        f'`{listed.what}`',
        listed.items,
        listed.pages,
        _ms(listed.page),
        _ms(listed.slowest),
        _ms(listed.cpu),
    )


def _whole(result: Result) -> list[tuple[str, str]]:
    most = sum(v for k, v in result.memory.items() if k.endswith('VmHWM'))
    return [
        ('start of both until they are connected', f'{result.start:.1f} s'),
        ('work of both for it', f'{result.start_cpu:.1f} s'),
        *(
            (f'memory, {key}', f'{value / MB:.0f} MB')
            for key, value in result.memory.items()
        ),
        ('memory of both at most', f'{most / MB:.0f} MB'),
    ]


def _ms(seconds: float) -> str:
    return f'{seconds * 1000:.1f} ms'


def _rows(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ('---',) * len(head), *rows]
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)


if __name__ == '__main__':
    sys.exit(main())
