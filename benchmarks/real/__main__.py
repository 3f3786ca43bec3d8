# SPDX-License-Identifier: Apache-2.0
"""python -m benchmarks.real: build two sites, lose one, compare."""

import argparse
import pathlib
import sys
import tempfile
from collections.abc import Callable, Sequence

from benchmarks import reporting
from benchmarks.real import (
    ansible,
    bare,
    contender,
    measuring,
    results,
    rig,
    service,
)
from sites import console

PACKAGES = ('aegis', 'openstacksdk', 'py-pure-client', 'taskflow')
CONTENDERS = ('aegis', 'bare', 'ansible-forks', 'ansible-in-a-row')


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog='python -m benchmarks.real',
        description=(
            'Build two real OpenStack sites, lose one of them, and measure '
            'how long it takes until all servers of a farm, with two '
            'volumes each, are ACTIVE at the other one and were read back.'
        ),
    )
    made.add_argument(
        '--servers',
        type=int,
        nargs='+',
        default=[1, 10, 30],
        help='how many at a time (1 10 30)',
    )
    made.add_argument(
        '--contenders',
        nargs='+',
        choices=CONTENDERS,
        default=list(CONTENDERS),
        help='who takes part (all)',
    )
    made.add_argument(
        '--rounds',
        type=int,
        default=3,
        help='runs of which the median counts, below 10 servers (3)',
    )
    made.add_argument(
        '--keep',
        action='store_true',
        help='leave the sites running',
    )
    return made


def contenders(
    running: rig.Rig, names: Sequence[str]
) -> list[contender.Contender]:
    """Return those who take part, in the order of their names."""
    makers: dict[str, Callable[[], contender.Contender]] = {
        'aegis': lambda: service.Aegis(running),
        'bare': lambda: bare.Bare(running),
        'ansible-in-a-row': lambda: ansible.Ansible(running, 'in_a_row', 1),
        'ansible-forks': lambda: ansible.Ansible(
            running, 'forks', ansible.FORKS
        ),
    }
    return [makers[name]() for name in CONTENDERS if name in names]


def main() -> int:
    """Measure, print and keep; the exit code tells of missed goals."""
    chosen = parser().parse_args()
    facts = reporting.machine(PACKAGES)
    output = console.Console()
    plan = measuring.Plan(tuple(chosen.servers), chosen.rounds)
    measured: list[measuring.Measurement] = []
    found = results.report(facts, measured, {})
    with tempfile.TemporaryDirectory() as directory:
        running = rig.start(pathlib.Path(directory), output)
        try:
            who = contenders(running, chosen.contenders)
            titles = {each.name: each.title for each in who}
            for each in measuring.measure(running, who, plan):
                measured.append(each)
                # What was measured is not lost with what was not.
                found = results.report(facts, measured, titles)
                found.keep()
        finally:
            print(found.text(), flush=True)
            running.aegis.stop()
            if not chosen.keep:
                rig.clouds_command('down')
    good = all(goal.met for goal in found.goals)
    return 0 if good and not any(each.failure for each in measured) else 1


if __name__ == '__main__':
    sys.exit(main())
