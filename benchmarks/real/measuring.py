# SPDX-License-Identifier: Apache-2.0
"""Every contender at every number of servers, one after the other."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.real import cleaning, rig, traffic, verification
from benchmarks.real.contender import Contender


@dataclass(frozen=True)
class Plan:
    """What to measure; a round is one run of each contender."""

    servers: tuple[int, ...]
    rounds: int

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]:
        """A share for each round at each number of servers."""
        return tuple(
            (f'farm-{count}-{number}', count)
            for count in self.servers
            for number in range(1, self._rounds(count) + 1)
        )

    @property
    def total(self) -> int:
        """How many servers the farm has."""
        return sum(size for _, size in self.sizes) + 1

    def _rounds(self, servers: int) -> int:
        # A second of polling more or less is nothing to many servers.
        return self.rounds if servers < 10 else 1


@dataclass(frozen=True)
class Measurement:
    """One run of one contender; ``parts`` is its own tale of the time.

    ``failure`` says what went wrong; then the time means nothing.
    """

    contender: str
    servers: int
    seconds: float
    reads: dict[str, int]
    changes: dict[str, int]
    parts: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None


def measure(
    running: rig.Rig, contenders: Sequence[Contender], plan: Plan
) -> Iterator[Measurement]:
    """Build the farm, lose the first site, and measure.

    Each share is brought up by each contender, and the recovery site is
    cleaned in between. One more server is brought up before by all, so that
    nobody pays for what is slow the first time.
    """
    application = running.build_farm(plan.total)
    warm_up, *shares = rig.shares(application, (('farm-0', 1), *plan.sizes))
    for contender in contenders:
        contender.prepare([warm_up, *shares])
    source = running.lose_the_first_site(application)
    for contender in contenders:
        contender.learn(source)
    counter = traffic.Counter(running.sites.west)
    # The first one is not measured.
    for share in (warm_up, *shares):
        for contender in _turn(contenders, share):
            measured = _run(running, contender, source, share, counter)
            if share is not warm_up:
                yield measured


def _turn(
    contenders: Sequence[Contender], share: rig.Share
) -> Iterable[Contender]:
    """Every other share in the other order, so that nobody is favoured."""
    number = int(share.name.rpartition('-')[2])
    return contenders if number % 2 else tuple(reversed(contenders))


def _run(
    running: rig.Rig,
    contender: Contender,
    source: rig.Source,
    share: rig.Share,
    counter: traffic.Counter,
) -> Measurement:
    cleaning.clean(running)
    mark = counter.mark()
    running.output.say(f'{len(share.servers)} servers, {contender.title} ...')
    parts: dict[str, Any] = {}
    failure = None
    began = time.monotonic()
    try:
        parts = contender.fail_over(share)
        seconds = time.monotonic() - began
        seen = counter.since(mark)
        verification.verify(running, source, share)
    except Exception as error:
        # The others are measured all the same.
        seconds = time.monotonic() - began
        seen = counter.since(mark)
        failure = f'{type(error).__name__}: {error}'
    running.output.say(f'{contender.title}: {failure or f"{seconds:.1f} s"}')
    return Measurement(
        contender=contender.name,
        servers=len(share.servers),
        seconds=seconds,
        reads=dict(seen.reads),
        changes=dict(seen.changes),
        parts=parts,
        failure=failure,
    )
