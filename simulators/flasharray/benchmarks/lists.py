# SPDX-License-Identifier: Apache-2.0
"""What the lists cost that clients read, page by page."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.estate import Estate, iqn, volume_name
from benchmarks.rest import Rest

_SET = ','.join(f"'{volume_name(n)}'" for n in range(100))


@dataclass(frozen=True)
class Listed:
    """A whole list: its items and pages, and seconds per page."""

    what: str
    items: int
    pages: int
    slowest: float
    total: float


def east_lists() -> Iterator[tuple[str, dict[str, str]]]:
    yield 'volumes', {}
    yield 'volumes', {'destroyed': 'false'}
    yield 'volumes', {'total_item_count': 'true'}
    yield 'volumes', {'sort': 'name-'}
    yield 'volumes', {'sort': 'created'}
    yield 'volumes', {'filter': f'name=({_SET})'}
    yield 'volumes', {'filter': "name='volume-0001*'"}
    yield 'volumes', {'filter': "contains(name,'9')"}
    yield 'volumes', {'filter': "pod.name='cinder-pod'"}
    yield 'volumes', {'filter': 'not destroyed'}
    yield 'volume-snapshots', {}
    yield 'volume-snapshots', {'sort': 'created-'}
    yield 'volume-snapshots', {'filter': f"source.name='{volume_name(7)}'"}
    yield 'volume-snapshots', {'source_names': volume_name(7)}
    yield 'volume-snapshots', {'filter': "suffix='s-1'"}
    yield 'hosts', {}
    yield 'hosts', {'filter': f"iqns='{iqn(7)}' and is_local"}
    yield 'connections', {}
    yield 'connections', {'filter': f"volume.name='{volume_name(7)}'"}
    yield 'connections', {'filter': "host.name='host-7'"}
    yield 'protection-groups', {}
    yield 'protection-groups/volumes', {}
    yield 'volumes/tags', {}
    yield 'volumes/space', {}
    yield 'volumes/performance', {}


def west_lists(estate: Estate) -> Iterator[tuple[str, dict[str, str]]]:
    group = f'{estate.east.name}:big'
    yield 'volume-snapshots', {'filter': f"name='{group}.1.*'"}
    yield (
        'volume-snapshots',
        {'filter': f"source.name='{estate.east.name}:{volume_name(7)}'"},
    )
    yield (
        'protection-group-snapshots/transfer',
        {
            'names': group,
            'destroyed': 'false',
            'filter': 'progress="1.0"',
            'sort': 'started-',
        },
    )


def measure(estate: Estate) -> list[Listed]:
    found = []
    for array, lists in (
        (estate.east, east_lists()),
        (estate.west, west_lists(estate)),
    ):
        rest = Rest(array)
        found += [_listed(rest, path, query) for path, query in lists]
        rest.close()
    return found


def _listed(rest: Rest, path: str, query: dict[str, str]) -> Listed:
    seconds = []
    items = 0
    for spent, page in rest.pages(path, **query):
        seconds.append(spent)
        items += len(page['items'])
    return Listed(
        _title(path, query), items, len(seconds), max(seconds), sum(seconds)
    )


def _title(path: str, query: dict[str, str]) -> str:
    text = '&'.join(f'{key}={value}' for key, value in query.items())
    text = text if len(text) < 70 else f'{text[:60]}…)'
    return f'{path}?{text}' if text else path


_LIBRARY = ('volumes', 'volume_snapshots', 'hosts', 'protection_groups')


def with_library(estate: Estate) -> list[Listed]:
    """List what Cinder reads each minute with py-pure-client."""
    client: Any = estate.east.client()
    found = []
    for family in _LIBRARY:
        started = time.perf_counter()
        items = len(list(getattr(client, f'get_{family}')().items))
        total = time.perf_counter() - started
        pages = -(-items // 1000) or 1
        found.append(
            Listed(f'{family} (all)', items, pages, total / pages, total)
        )
    return found
