# SPDX-License-Identifier: Apache-2.0
"""Times and durations as people read them."""

import datetime


def parse(value: str) -> datetime.datetime:
    """An aware UTC time from what the API sends."""
    parsed = datetime.datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=datetime.UTC)
    return parsed.astimezone(datetime.UTC)


def now() -> datetime.datetime:
    """The present, aware, UTC."""
    return datetime.datetime.now(datetime.UTC)


def duration(seconds: float) -> str:
    """The two largest units: ``42s``, ``4m 12s``, ``3h 5m``, ``2d 7h``."""
    whole = max(0, round(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f'{days}d {hour}h'
    if hours:
        return f'{hour}h {minute}m'
    if minutes:
        return f'{minute}m {second}s'
    return f'{second}s'


def stamp(moment: datetime.datetime) -> str:
    """A time to the second: ``2026-11-21 10:38:02Z``."""
    return moment.strftime('%Y-%m-%d %H:%M:%SZ')


def elapsed(
    started_at: str | None,
    finished_at: str | None,
    at: datetime.datetime | None = None,
) -> float | None:
    """Seconds from a start to an end, or to now; None before the start."""
    if not started_at:
        return None
    end = parse(finished_at) if finished_at else (at or now())
    return (end - parse(started_at)).total_seconds()
