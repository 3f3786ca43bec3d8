# SPDX-License-Identifier: Apache-2.0
"""Values as the services write them, and as we do."""

import datetime
from collections.abc import Iterable, Mapping

from aegis.clouds import objects


def time(text: str | None) -> datetime.datetime | None:
    """A moment of theirs, always UTC though not all of them say so."""
    if not text:
        return None
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC)


def pairs(
    mapping: Mapping[str, object] | None,
) -> tuple[objects.Pair, ...]:
    """A mapping as pairs, ordered by key."""
    return tuple(
        objects.Pair(key=key, value=str(value))
        for key, value in sorted((mapping or {}).items())
    )


def mapping(entries: Iterable[objects.Pair]) -> dict[str, str]:
    """Pairs as a mapping."""
    return {entry.key: entry.value for entry in entries}


def is_true(value: object) -> bool:
    """A truth value that a service may write as a word."""
    return str(value).lower() in ('true', '1', 'yes', '<is> true')
