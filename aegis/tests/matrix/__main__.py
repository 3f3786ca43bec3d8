# SPDX-License-Identifier: Apache-2.0
"""``python -m aegis.tests.matrix``: run the crash matrix, or a part of it."""

import argparse
import logging
import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from multiprocessing import queues
from typing import Any

from aegis.flows import registry
from aegis.tests.matrix import cases, crash, ends, laboratory

_FORK = multiprocessing.get_context('fork')


def main(arguments: list[str] | None = None) -> int:
    """Print each wrong end and the counts; 1 if there is a wrong end."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    runs = [run for run in _runs() if options.only in str(run)]
    outcomes: queues.Queue[Any] = _FORK.Queue()
    jobs = [
        _FORK.Process(
            target=_work,
            args=(runs[number :: options.jobs], options, outcomes),
        )
        for number in range(min(options.jobs, len(runs)))
    ]
    for job in jobs:
        job.start()
    counts = Counts(options.verbose)
    for _ in jobs:
        counts.take(iter(outcomes.get, None))
    for job in jobs:
        job.join()
        counts.broken += bool(job.exitcode)
    print(counts)
    return 1 if counts.wrong or counts.broken or not counts.cases else 0


class Counts:
    """What came of all cases."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self.cases = self.orphans = self.duplicates = 0
        self.wrong = self.unreached = self.broken = 0

    def take(self, outcomes: Iterable[crash.Outcome | str]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, str):
                self.broken += 1
                print(f'BROKEN {outcome}', flush=True)
                continue
            self.cases += 1
            self._take(outcome.case, outcome.reached, outcome.difference)

    def _take(
        self, case: cases.Case, reached: bool, difference: ends.Difference
    ) -> None:
        self.orphans += len(difference.orphans)
        self.duplicates += len(difference.duplicates)
        self.unreached += not reached
        if difference:
            self.wrong += 1
            print(f'WRONG {case}: {difference}', flush=True)
        elif self._verbose:
            print(f'{"ok" if reached else "--"} {case}', flush=True)

    def __str__(self) -> str:
        return (
            f'{self.cases} crash points, {self.orphans} orphans, '
            f'{self.duplicates} duplicates, {self.wrong} wrong ends, '
            f'{self.unreached} not reached, {self.broken} broken'
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m aegis.tests.matrix',
        description='Kill and stall engines at every place of every flow.',
    )
    add = parser.add_argument
    add('--part', type=int, default=0, help='which part of the cases')
    add('--of', type=int, default=1, help='how many parts there are')
    add('--only', default='', metavar='TEXT', help='runs whose name has it')
    add('--case', default='', metavar='TEXT', help='cases whose name has it')
    add('--jobs', type=int, default=2)
    add('--verbose', action='store_true', help='name every case')
    return parser


def _runs() -> Iterator[cases.Run]:
    for flow in registry.registered():
        for way in cases.Way:
            for world in cases.World:
                yield cases.Run(flow, world, way)


def _work(
    runs: list[cases.Run],
    options: argparse.Namespace,
    outcomes: 'queues.Queue[Any]',
) -> None:
    try:
        room = laboratory.RealLaboratory()
        try:
            for run in runs:
                for outcome in _examine(crash.CrashMatrix(room), run, options):
                    outcomes.put(outcome)
        finally:
            room.close()
    except Exception as error:
        outcomes.put(f'{[str(run) for run in runs]}: {error}')
    finally:
        outcomes.put(None)


def _examine(
    matrix: crash.CrashMatrix, run: cases.Run, options: argparse.Namespace
) -> Iterator[crash.Outcome]:
    clean = matrix.clean(run)
    if clean is None:
        return
    found = [
        case
        for case in cases.cases(run, clean.points, clean.calls)
        if options.case in str(case)
    ]
    for case in cases.share(found, options.part, options.of):
        yield matrix.check(case, clean)


if __name__ == '__main__':
    sys.exit(main())
