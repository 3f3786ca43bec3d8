# SPDX-License-Identifier: Apache-2.0
"""What the lists cost that clients read, page by page."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.estate import Estate, iqn, volume_name
from benchmarks.rest import Rest

PAGE = 1000
LEAST_PAGES = 5
_SET = ','.join(f"'{volume_name(n)}'" for n in range(100))


@dataclass(frozen=True)
class Listed:
    """A whole list: its items and pages, and seconds for one page.

    ``cpu`` is what the array worked for one page on average.
    """

    what: str
    items: int
    pages: int
    page: float
    slowest: float
    cpu: float


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
        found += [_listed(estate, rest, path, query) for path, query in lists]
        rest.close()
    return found


def _listed(
    estate: Estate, rest: Rest, path: str, query: dict[str, str]
) -> Listed:
    """Read a list of some pages once, a short one again and again."""
    seconds: list[float] = []
    rounds = items = 0
    worked = estate.cpu()
    while len(seconds) < LEAST_PAGES:
        rounds += 1
        for spent, page in rest.pages(path, **query):
            seconds.append(spent)
            items += len(page['items'])
    worked = estate.cpu() - worked
    return Listed(
        _title(path, query),
        items // rounds,
        len(seconds) // rounds,
        statistics.median(seconds),
        max(seconds),
        worked / len(seconds),
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
        worked = estate.cpu()
        seconds: list[float] = []
        started = time.perf_counter()
        items = 0
        for items, _ in enumerate(getattr(client, f'get_{family}')().items, 1):
            if items % PAGE == 0:
                seconds.append(time.perf_counter() - started)
                started = time.perf_counter()
        seconds.append(time.perf_counter() - started)
        worked = estate.cpu() - worked
        pages = -(-items // PAGE) or 1
        found.append(
            Listed(
                family,
                items,
                pages,
                statistics.median(seconds[:pages]),
                max(seconds),
                worked / pages,
            )
        )
    return found
