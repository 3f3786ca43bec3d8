# SPDX-License-Identifier: Apache-2.0
"""The command line of tools/test."""

import argparse
import sys
from collections.abc import Sequence
from concurrent import futures
from functools import partial

from sites import console, errors
from testing import environment, parts, results
from testing.session import Session

_EPILOG = (
    'Everything needed is installed below AEGIS_STATE_DIR (~/.cache/aegis). '
    'The last line says how many checks and tests passed and failed; the '
    'exit code is 0 only if something ran and nothing failed.'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the wanted parts; return the exit code."""
    wanted = _parser().parse_args(arguments)
    output = console.Console(sys.stdout)
    try:
        session = Session(
            environment.ensure(output), output, verbose=wanted.verbose
        )
        found = _run(session, chosen(wanted.parts))
    except errors.CloudsError as error:
        output.say(f'tools/test cannot go on: {error}')
        found = [results.of_check('set up', False, 0.0)]
    for line in results.summary(found):
        print(line)
    print(results.verdict(found), flush=True)
    return results.exit_code(found)


def chosen(names: Sequence[str]) -> list[parts.Part]:
    """The parts of these names, in the order in which parts run.

    ``all`` and no name at all are every part that need not be asked for.
    """
    if not names or 'all' in names:
        return [
            part for part in parts.ALL if not part.asked or part.name in names
        ]
    return [part for part in parts.ALL if part.name in names]


def lines(wanted: Sequence[parts.Part]) -> list[list[parts.Part]]:
    """The parts that run beside others: those of each line, in order."""
    names = dict.fromkeys(part.line for part in wanted if part.line)
    return [[part for part in wanted if part.line == name] for name in names]


def _run(
    session: Session, wanted: Sequence[parts.Part]
) -> list[results.Result]:
    for extra in sorted({extra for part in wanted for extra in part.extras}):
        environment.ensure_extra(session.environment, extra, session.output)
    found = _run_line(session, [part for part in wanted if not part.line])
    beside = lines(wanted)
    with futures.ThreadPoolExecutor(max(1, len(beside))) as pool:
        for each in pool.map(partial(_run_line, session), beside):
            found += each
    return found


def _run_line(
    session: Session, line: Sequence[parts.Part]
) -> list[results.Result]:
    return [result for part in line for result in _run_part(session, part)]


def _run_part(session: Session, part: parts.Part) -> list[results.Result]:
    session.output.say(f'== {part.name}: {part.purpose}')
    try:
        return part.run(session)
    except errors.CloudsError as error:
        session.output.say(f'{part.name} cannot go on: {error}')
        return [results.of_check(part.name, False, 0.0)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='tools/test',
        description='Lint, check and test everything in this repository.',
        epilog=_EPILOG,
    )
    names = [part.name for part in parts.ALL]
    parser.add_argument(
        'parts',
        nargs='*',
        metavar='PART',
        type=_part_name,
        help=f'{", ".join(names)} or all (default: all but matrix)',
    )
    parser.add_argument(
        '-v',
        '--verbose',
        action='store_true',
        help='show all output as it comes, not only that of what failed',
    )
    return parser


def _part_name(text: str) -> str:
    known = [part.name for part in parts.ALL]
    if text not in (*known, 'all'):
        raise argparse.ArgumentTypeError(
            f'there is no part {text}; choose from {", ".join(known)}, all'
        )
    return text
