# SPDX-License-Identifier: Apache-2.0
"""Two connected arrays, as processes, filled to a size."""

import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rest import Rest, poll
from flasharray_simulator import testing

MIB = 2**20
BATCH = 100
HOSTS_PER_VOLUMES = 20
GROUPS_PER_VOLUMES = 50
PARTS = 1000
PEER = 'west'


@dataclass(frozen=True)
class Size:
    """How many volumes and volume snapshots each array of a pair has."""

    volumes: int
    snapshots: int

    @property
    def hosts(self) -> int:
        return max(1, self.volumes // HOSTS_PER_VOLUMES)

    @property
    def groups(self) -> int:
        return max(1, self.volumes // GROUPS_PER_VOLUMES)

    @property
    def parts(self) -> int:
        """Return the volumes of the group that is replicated."""
        return min(PARTS, self.volumes)


class Estate:
    """A pair of arrays, ``east`` replicating to ``west``."""

    def __init__(self, label: str, size: Size, directory: Path) -> None:
        self.label = label
        self.size = size
        self.names = (f'{label}-east', f'{label}-{PEER}')
        self.arrays = tuple(
            testing.ArrayProcess(name, directory / name, f'token-{name}')
            for name in self.names
        )
        for one, other in (self.arrays, self.arrays[::-1]):
            one.options = [
                '--connect',
                f'{other.name}={other.replication_address}',
            ]

    @property
    def east(self) -> testing.ArrayProcess:
        return self.arrays[0]

    @property
    def west(self) -> testing.ArrayProcess:
        return self.arrays[1]

    def start(self) -> float:
        """Start both; return after how many seconds both answer."""
        started = time.perf_counter()
        for array in self.arrays:
            array.start()
        self.east.ready(self.west.name)
        self.west.ready(self.east.name)
        return time.perf_counter() - started

    def stop(self) -> None:
        for array in self.arrays:
            array.kill()

    def fill(self) -> None:
        """Make the objects of both arrays, and protect some of them."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._fill, self.arrays))
        self._replicate()

    def _fill(self, array: testing.ArrayProcess) -> None:
        rest = Rest(array)
        for names in _chunks(self.size.volumes):
            rest.call('POST', 'volumes/batch', [_volume(n) for n in names])
        self._snapshots(rest)
        for number in range(self.size.hosts):
            _host(rest, number, self.size)
        for number in range(self.size.groups):
            _group(rest, number, self.size)
        rest.close()

    def _snapshots(self, rest: Rest) -> None:
        turns = self.size.snapshots // self.size.volumes
        for turn in range(turns):
            for names in _chunks(self.size.volumes):
                rest.call(
                    'POST',
                    'volume-snapshots',
                    {'suffix': f's-{turn}'},
                    source_names=','.join(names),
                )
        if turns > 1:
            self._destroy(rest, f's-{turns - 1}')

    def _destroy(self, rest: Rest, suffix: str) -> None:
        """Leave some that wait for their eradication, as arrays do."""
        for names in _chunks(self.size.volumes):
            for some in (names[:50], names[50:]):
                rest.call(
                    'PATCH',
                    'volume-snapshots',
                    {'destroyed': True},
                    names=','.join(f'{name}.{suffix}' for name in some),
                )

    def _replicate(self) -> None:
        """Let the group ``big`` replicate, and send it once."""
        east, west = Rest(self.east), Rest(self.west)
        door = self.east.door
        east.call('POST', 'protection-groups', names='big')
        for names in _chunks(self.size.parts):
            for name in names[:: self.size.parts // 10 or 1]:
                door.write(name, 0, name.encode())
            east.call(
                'POST',
                'protection-groups/volumes',
                group_names='big',
                member_names=','.join(names),
            )
        east.call(
            'POST',
            'protection-groups/targets',
            group_names='big',
            member_names=self.west.name,
        )
        copy = f'{self.east.name}:big'
        poll(lambda: _has(west, 'protection-groups', copy))
        west.call(
            'PATCH',
            'protection-groups/targets',
            {'allowed': True},
            group_names=copy,
        )
        poll(
            lambda: east.call(
                'GET', 'protection-groups/targets', group_names='big'
            )['items'][0]['allowed']
        )
        self.take(east, '1')
        self.arrive(west, '1')
        east.close()
        west.close()

    def take(self, east: Rest, suffix: str) -> None:
        """Take a snapshot of ``big`` and begin to send it."""
        east.call(
            'POST',
            'protection-group-snapshots',
            {'suffix': suffix},
            source_names='big',
            replicate_now='true',
        )

    def arrive(self, west: Rest, suffix: str) -> None:
        """Return when the snapshot is complete at the target."""
        name = f'{self.east.name}:big.{suffix}'
        poll(lambda: self._arrived(west, name))

    def _arrived(self, west: Rest, name: str) -> bool:
        found = west.call(
            'GET',
            'protection-group-snapshots/transfer',
            names=f'{self.east.name}:big',
            filter='progress="1.0"',
        )
        return name in {item['name'] for item in found['items']}

    def cpu(self) -> float:
        """Return the seconds that the processors worked for both."""
        ticks = 0
        for array in self.arrays:
            assert array.process is not None
            stat = Path(f'/proc/{array.process.pid}/stat').read_text()
            fields = stat.rpartition(')')[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf('SC_CLK_TCK')

    def memory(self) -> dict[str, int]:
        """Return the resident bytes of each process: now and at most."""
        found: dict[str, int] = {}
        for array in self.arrays:
            assert array.process is not None
            status = Path(f'/proc/{array.process.pid}/status').read_text()
            for key in ('VmRSS', 'VmHWM'):
                match = re.search(rf'{key}:\s+(\d+) kB', status)
                assert match is not None
                found[f'{array.name} {key}'] = int(match[1]) * 1024
        return found


def volume_name(number: int) -> str:
    return f'volume-{number:06d}'


def _chunks(count: int) -> Iterator[list[str]]:
    for first in range(0, count, BATCH):
        last = min(count, first + BATCH)
        yield [volume_name(number) for number in range(first, last)]


def _volume(name: str) -> dict[str, object]:
    return {
        'name': name,
        'provisioned': 64 * MIB,
        'tags': [{'key': 'purpose', 'value': 'speed', 'namespace': 'b'}],
    }


def iqn(number: int) -> str:
    return f'iqn.2026-01.org.example:host-{number}'


def _host(rest: Rest, number: int, size: Size) -> None:
    name = f'host-{number}'
    rest.call('POST', 'hosts', {'iqns': [iqn(number)]}, names=name)
    first = number * HOSTS_PER_VOLUMES // 2
    rest.call(
        'POST',
        'connections',
        host_names=name,
        volume_names=','.join(
            volume_name(n % size.volumes) for n in range(first, first + 10)
        ),
    )


def _group(rest: Rest, number: int, size: Size) -> None:
    name = f'group-{number}'
    rest.call('POST', 'protection-groups', names=name)
    rest.call(
        'POST',
        'protection-groups/volumes',
        group_names=name,
        member_names=','.join(
            volume_name((number * 10 + n) % size.volumes) for n in range(10)
        ),
    )


def _has(rest: Rest, path: str, name: str) -> bool:
    found = rest.call('GET', path, filter=f"name='{name}'")
    return bool(found['items'])
