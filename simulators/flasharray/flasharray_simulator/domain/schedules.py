# SPDX-License-Identifier: Apache-2.0
"""When a schedule is due, and which snapshots a retention lets go."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from flasharray_simulator.model import DAY, Retention, Schedule


class Dated(Protocol):
    @property
    def created(self) -> int: ...


D = TypeVar('D', bound=Dated)


def first_due(schedule: Schedule, now: int) -> int:
    """Return when a schedule that is switched on now runs first (ms)."""
    if schedule.at is not None and schedule.frequency >= DAY:
        today = now - now % DAY + schedule.at
        return today if today >= now else today + DAY
    return _after_blackout(schedule, now)


def next_due(schedule: Schedule, due: int, now: int) -> int:
    """Return the run after the one that was due; never in the past.

    Runs that were missed (array down, clock moved) are not made up for.
    """
    missed = max(0, now - due) // schedule.frequency
    return _after_blackout(schedule, due + (missed + 1) * schedule.frequency)


def _after_blackout(schedule: Schedule, moment: int) -> int:
    start, end = schedule.blackout.start, schedule.blackout.end
    if start is None or end is None or start == end:
        return moment
    day, offset = moment - moment % DAY, moment % DAY
    if start < end:
        return day + end if start <= offset < end else moment
    if offset >= start:
        return day + DAY + end
    return day + end if offset < end else moment


def expired(snapshots: Iterable[D], retention: Retention, now: int) -> list[D]:
    """Return the snapshots that a retention does not keep.

    Kept are all younger than ``all_for_sec`` and then, for ``days`` more
    days, the newest ``per_day`` of each day.
    """
    newest_first = sorted(snapshots, key=lambda s: s.created, reverse=True)
    all_until = retention.all_for_sec * 1000
    per_day: dict[int, int] = {}
    gone: list[D] = []
    for snapshot in newest_first:
        age = now - snapshot.created
        if age < all_until:
            continue
        day = (age - all_until) // DAY
        used = per_day.get(day, 0)
        if day < retention.days and used < retention.per_day:
            per_day[day] = used + 1
        else:
            gone.append(snapshot)
    return gone
