# SPDX-License-Identifier: Apache-2.0
"""What single calls cost among few and among many other objects."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.estate import MIB, Estate, iqn, volume_name
from benchmarks.rest import Rest

_TAG = [{'key': 'k', 'value': 'v', 'namespace': 'n', 'copyable': False}]


@dataclass(frozen=True)
class Compared:
    """Seconds of one call on the small and on the large pair.

    The lower quartile of all rounds: other work on the machine makes
    some of them slower, and none of them faster.
    """

    what: str
    small: float
    large: float

    @property
    def ratio(self) -> float:
        return self.large / self.small


class Calls:
    """The calls of one round; every round leaves nothing behind."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._east = Rest(estate.east)
        self._west = Rest(estate.west)
        self._seconds: dict[str, list[float]] = {}

    def quartiles(self) -> dict[str, float]:
        return {
            what: statistics.quantiles(seconds)[0]
            for what, seconds in self._seconds.items()
        }

    def close(self) -> None:
        self._east.close()
        self._west.close()

    def run(self, number: int) -> None:
        """Make every call once."""
        for what, method, path, body, query in self._round(f'x-{number}'):
            rest = self._west if what.startswith('west') else self._east
            started = time.perf_counter()
            rest.call(method, path, body, **query)
            spent = time.perf_counter() - started
            self._seconds.setdefault(what, []).append(spent)

    def _round(
        self, name: str
    ) -> Iterator[tuple[str, str, str, Any, dict[str, str]]]:
        one = {'names': name}
        both = {'host_names': 'host-0', 'volume_names': name}
        group = {'group_names': 'group-0', 'member_names': name}
        yield 'create', 'POST', 'volumes', {'provisioned': MIB}, one
        yield 'get by name', 'GET', 'volumes', None, one
        yield (
            'get by filter',
            'GET',
            'volumes',
            None,
            {'filter': f"name='{name}'"},
        )
        yield 'resize', 'PATCH', 'volumes', {'provisioned': 2 * MIB}, one
        yield (
            'set tags',
            'PUT',
            'volumes/tags/batch',
            _TAG,
            {'resource_names': name},
        )
        yield 'get tags', 'GET', 'volumes/tags', None, {'resource_names': name}
        yield (
            'find host',
            'GET',
            'hosts',
            None,
            {'filter': f"iqns='{iqn(0)}' and is_local"},
        )
        yield 'connect', 'POST', 'connections', {}, both
        yield 'get connection', 'GET', 'connections', None, both
        yield 'disconnect', 'DELETE', 'connections', None, both
        yield 'join group', 'POST', 'protection-groups/volumes', None, group
        yield 'leave group', 'DELETE', 'protection-groups/volumes', None, group
        yield (
            'snapshot',
            'POST',
            'volume-snapshots',
            {'suffix': 's'},
            {'source_names': name},
        )
        yield (
            'get snapshot',
            'GET',
            'volume-snapshots',
            None,
            {'names': f'{name}.s'},
        )
        yield (
            'copy',
            'POST',
            'volumes',
            {'source': {'name': f'{name}.s'}},
            {'names': f'{name}-copy'},
        )
        yield (
            'overwrite',
            'POST',
            'volumes',
            {'source': {'name': f'{name}.s'}},
            {'names': f'{name}-copy', 'overwrite': 'true'},
        )
        yield (
            'group snapshot of 10',
            'POST',
            'protection-group-snapshots',
            {'suffix': name},
            {'source_names': 'group-0'},
        )
        yield (
            'west: transfer poll',
            'GET',
            'protection-group-snapshots/transfer',
            None,
            {
                'names': f'{self._estate.east.name}:big',
                'destroyed': 'false',
                'filter': 'progress="1.0"',
                'sort': 'started-',
                'limit': '1',
            },
        )
        yield (
            'destroy group snapshot',
            'PATCH',
            'protection-group-snapshots',
            {'destroyed': True},
            {'names': f'group-0.{name}'},
        )
        yield (
            'eradicate group snapshot',
            'DELETE',
            'protection-group-snapshots',
            None,
            {'names': f'group-0.{name}'},
        )
        yield 'rename', 'PATCH', 'volumes', {'name': f'{name}-b'}, one
        for ended in (f'{name}-b', f'{name}-copy'):
            ending = {'names': ended}
            yield 'destroy', 'PATCH', 'volumes', {'destroyed': True}, ending
            yield 'eradicate', 'DELETE', 'volumes', None, ending


def compare(small: Estate, large: Estate, rounds: int) -> list[Compared]:
    """Measure both in turns, so that the machine treats them alike."""
    few, many = Calls(small), Calls(large)
    for number in range(rounds):
        few.run(number)
        many.run(number)
    few.close()
    many.close()
    slow = many.quartiles()
    return [
        Compared(what, seconds, slow[what])
        for what, seconds in few.quartiles().items()
    ]


@dataclass(frozen=True)
class Bulk:
    """A call that makes many objects: seconds, and the array's work."""

    what: str
    median: float
    slowest: float
    cpu: float


def bulk(estate: Estate, rounds: int) -> list[Bulk]:
    """Measure volumes/batch of 100, and a group snapshot of many."""
    rest = Rest(estate.east)
    west = Rest(estate.west)
    found: dict[str, list[tuple[float, float]]] = {}

    def timed(what: str, work: Callable[[], Any]) -> None:
        worked = estate.cpu()
        started = time.perf_counter()
        work()
        spent = time.perf_counter() - started
        found.setdefault(what, []).append((spent, estate.cpu() - worked))

    for number in range(rounds):
        made = [
            {
                'name': f'batch-{number}-{n}',
                'source': {'name': f'{volume_name(n)}.s-0'},
                'tags': _TAG,
                'add_to_protection_groups': [{'name': 'group-0'}],
            }
            for n in range(100)
        ]
        new = [{**m, 'provisioned': MIB, 'source': None} for m in made]
        for what, body in (
            ('volumes/batch, 100 new', new),
            ('volumes/batch, 100 copies', made),
        ):
            timed(
                what,
                lambda body=body: rest.call(  # type: ignore[misc]
                    'POST', 'volumes/batch', body
                ),
            )
            _remove(rest, [str(m['name']) for m in made])
        whole = f'r-{number}'
        timed(
            f'group snapshot of {estate.size.parts}',
            lambda whole=whole: estate.take(rest, whole),  # type: ignore[misc]
        )
        timed(
            '… and until it is at the target',
            lambda whole=whole: estate.arrive(west, whole),  # type: ignore[misc]
        )
    rest.close()
    west.close()
    return [
        Bulk(
            what,
            statistics.median(spent for spent, _ in measured),
            max(spent for spent, _ in measured),
            statistics.mean(worked for _, worked in measured),
        )
        for what, measured in found.items()
    ]


def _remove(rest: Rest, names: list[str]) -> None:
    for some in (names[:50], names[50:]):
        joined = ','.join(some)
        rest.call('PATCH', 'volumes', {'destroyed': True}, names=joined)
        rest.call('DELETE', 'volumes', names=joined)
