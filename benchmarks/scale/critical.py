# SPDX-License-Identifier: Apache-2.0
"""How long a failover takes that loses no time. Pure.

The calls that Aegis made in a run are what it needs; each takes the latency
of the sites. A member's chain is what the lane of a group's only member
called, one after the other. Of many members as many chains run side by side
as the configuration allows, between the lane that prepares all and the one
that ends it:

    prepare + ceil(members / lanes) * chain + finish

Where a list of the larger run has several pages, each look in the chain has
as many. Calls to the array take what the array itself says. That processors
are busy, that somebody waits for a look that is under way or for a lock, and
whatever the database takes is not part of it.
"""

import collections
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aegis import models
from benchmarks.scale import runs

LOOKS = frozenset(
    {'list_volumes', 'list_servers', 'list_ports', 'list_floating_ips'}
)


@dataclass(frozen=True)
class Path:
    """Seconds of each part, and the calls in a member's chain."""

    prepare: float
    chain: float
    finish: float
    rounds: int
    calls: float

    @property
    def seconds(self) -> float:
        return self.prepare + self.rounds * self.chain + self.finish


def path(run: runs.Run, alone: runs.Run, lanes: int, latency: float) -> Path:
    """The critical path of a run.

    :param alone: the run of one member at the same sites.
    :param lanes: how many members are worked on at the same time.
    """
    (lane,) = (each for each in alone.lanes if each.member_id)
    pages = _pages(run.calls)
    own = _within(alone.calls, lane)
    calls = sum(
        pages.get(call.name, 1.0) for call in own if not call.is_further_page
    )
    at_array = sum(call.seconds for call in _within(alone.array_calls, lane))
    first, *_, last = sorted(run.lanes, key=lambda each: each.wave)
    return Path(
        prepare=_spent(run, first, latency),
        chain=calls * latency + at_array,
        finish=_spent(run, last, latency),
        rounds=math.ceil(run.members / lanes),
        calls=calls,
    )


def _spent(run: runs.Run, lane: models.Lane, latency: float) -> float:
    """What a lane that ran alone waited for others."""
    at_sites = latency * len(_within(run.calls, lane))
    at_array = sum(call.seconds for call in _within(run.array_calls, lane))
    return at_sites + at_array


def _within(
    calls: Iterable[runs.Call], lane: models.Lane
) -> Sequence[runs.Call]:
    started, finished = lane.started_at, lane.finished_at
    assert started is not None and finished is not None
    return [
        call
        for call in calls
        if started.timestamp() <= call.ended <= finished.timestamp()
    ]


def _pages(calls: Iterable[runs.Call]) -> dict[str, float]:
    """How many pages a look at each kind had on the average."""
    made: collections.Counter[str] = collections.Counter()
    looks: collections.Counter[str] = collections.Counter()
    for call in calls:
        if call.name in LOOKS:
            made[call.name] += 1
            looks[call.name] += not call.is_further_page
    return {name: made[name] / max(1, looks[name]) for name in made}
