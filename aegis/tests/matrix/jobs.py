# SPDX-License-Identifier: Apache-2.0
"""Cases spread over processes, each of which has a laboratory of its own."""

import argparse
import multiprocessing
import re
import signal
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import queues
from typing import Any, Protocol, TypeVar

_FORK = multiprocessing.get_context('fork')
_Case = TypeVar('_Case')


class Share:
    """The cases that one process is to examine: one of several shares.

    Each share has something of everything, and the same each time: cases
    are dealt by a hash, not by their place in the list.

    :param case: a regular expression that the name of a case has to fit.
    """

    def __init__(self, number: int, of: int, case: str = '') -> None:
        self._number = number % of
        self._of = of
        self._case = case

    def take(self, found: Iterable[_Case]) -> list[_Case]:
        return [case for case in found if self._has(str(case))]

    def _has(self, name: str) -> bool:
        mine = zlib.crc32(name.encode()) % self._of == self._number
        return mine and re.search(self._case, name) is not None


class Tally(Protocol):
    """Counts what came of cases."""

    def take(self, outcome: Any) -> None:
        """Count one, and print what has to be seen of it."""

    @property
    def good(self) -> bool:
        """Whether there were cases, and nothing is wrong."""


Examine = Callable[[Any], Iterator[Any]]


def shares(options: argparse.Namespace) -> list[Share]:
    """What each job of this part gets."""
    return [
        Share(
            options.part % options.of + options.of * job,
            options.of * options.jobs,
            options.case,
        )
        for job in range(options.jobs)
    ]


def run(
    examine: Examine, wanted: Sequence[Any], tally: Tally
) -> tuple[str, ...]:
    """Examine each share in a process of its own.

    Whoever ends this process politely (``SIGTERM``) ends those as well.

    :returns: how processes broke down.
    """
    signal.signal(signal.SIGTERM, _leave)
    outcomes: queues.Queue[Any] = _FORK.Queue()
    workers = [
        _FORK.Process(target=_work, args=(examine, share, outcomes))
        for share in wanted
    ]
    for worker in workers:
        worker.start()
    broken = []
    try:
        for _ in workers:
            for outcome in iter(outcomes.get, None):
                if isinstance(outcome, str):
                    broken.append(outcome)
                else:
                    tally.take(outcome)
    except SystemExit:
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for worker in workers:
            worker.join()
    return tuple(broken)


def _leave(number: int, _frame: Any) -> None:
    # An exception, so that worlds and arrays are ended on the way out.
    sys.exit(128 + number)


def _work(examine: Examine, share: Any, outcomes: 'queues.Queue[Any]') -> None:
    try:
        for outcome in examine(share):
            outcomes.put(outcome)
    except Exception as error:
        outcomes.put(str(error) or type(error).__name__)
    finally:
        outcomes.put(None)
