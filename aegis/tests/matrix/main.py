# SPDX-License-Identifier: Apache-2.0
"""The command: run a matrix, or a part of it."""

import argparse
import functools
import logging
from collections.abc import Iterator

from aegis.flows import registry
from aegis.tests.matrix import (
    cases,
    crash,
    faultcases,
    faults,
    jobs,
    laboratory,
    properties,
    tallies,
)


def main(arguments: list[str] | None = None) -> int:
    """Print each wrong end and the counts; 1 if there is a wrong end."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    tally: jobs.Tally = options.tally(options.verbose)
    examine = options.examine
    if 'only' in options:
        examine = functools.partial(examine, options.only)
    broken = jobs.run(examine, options.divide(options), tally)
    for reason in broken:
        print(f'BROKEN {reason}')
    print(f'{tally}, {len(broken)} broken')
    return 0 if tally.good and not broken else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m aegis.tests.matrix',
        description='Disturb every flow at every place of it.',
    )
    commands = parser.add_subparsers(required=True, metavar='MATRIX')
    crashes = commands.add_parser(
        'crash', help='kill and stall engines at every place'
    )
    crashes.set_defaults(examine=_crashes, tally=tallies.CrashTally)
    broken = commands.add_parser(
        'faults', help='let every external call fail in every way'
    )
    broken.set_defaults(examine=_faults, tally=tallies.FaultTally)
    for command in (crashes, broken):
        command.set_defaults(divide=jobs.shares)
        _add_options(command)
    sequences = commands.add_parser(
        'property', help='do anything in any order'
    )
    sequences.set_defaults(
        examine=properties.examine,
        tally=tallies.PropertyTally,
        divide=properties.plans,
    )
    _add_sequence_options(sequences)
    for command in (crashes, broken, sequences):
        _add_common_options(command)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--part', type=int, default=0, help='which part of the cases')
    add('--of', type=int, default=1, help='how many parts there are')
    add('--only', default='', metavar='TEXT', help='runs whose name has it')
    add('--case', default='', metavar='PATTERN', help='cases that fit it')


def _add_sequence_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--runs', type=int, default=100, help='how many sequences')
    add('--steps', type=int, default=10, help='how many actions each has')
    add('--seed', type=int, default=1, help='other sequences')
    add('--blob', default='', help='run a wrong sequence again')


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--jobs', type=int, default=2)
    add('--verbose', action='store_true', help='name every case')


def _runs(only: str) -> list[cases.Run]:
    runs = (
        cases.Run(flow, world, way)
        for flow in registry.registered()
        for way in cases.Way
        for world in cases.World
    )
    return [run for run in runs if only in str(run)]


def _crashes(only: str, share: jobs.Share) -> Iterator[crash.Outcome]:
    room = laboratory.RealLaboratory(laboratory.CRASHES)
    try:
        matrix = crash.CrashMatrix(room)
        for run in _runs(only):
            clean = matrix.clean(run)
            if clean is not None:
                found = cases.cases(run, clean.points, clean.calls)
                for case in share.take(found):
                    yield matrix.check(case, clean)
    finally:
        room.close()


def _faults(only: str, share: jobs.Share) -> Iterator[faults.Outcome]:
    room = laboratory.RealLaboratory(laboratory.FAULTS)
    try:
        matrix = faults.FaultMatrix(room)
        for run in _runs(only):
            clean = matrix.clean(run)
            if clean is not None:
                found = faultcases.cases(run, clean.calls)
                for case in share.take(found):
                    yield matrix.check(case, clean)
    finally:
        room.close()
