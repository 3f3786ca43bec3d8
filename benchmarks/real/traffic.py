# SPDX-License-Identifier: Apache-2.0
"""Which calls reached the recovery site, whoever made them.

The web servers log every call, the simulated array tells its own.
"""

import collections
import pathlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flasharray_simulator import door

from deployment import facts

SERVICES = {
    'nova-api': 'nova',
    'cinder-api': 'cinder',
    'neutron-api': 'neutron',
}
_ACCESS = re.compile(r'^access (\w+) (\S+) (\d+) ', re.MULTILINE)
_READING = frozenset({'GET', 'HEAD'})
_ID = re.compile(
    r'[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}'
)
_VERSION = re.compile(r'^/(?:v\d[\d.]*|api/2\.\d+)(?:/\{id\}(?=/))?')


@dataclass(frozen=True)
class Mark:
    """A moment: how long each log was."""

    sizes: tuple[tuple[pathlib.Path, int], ...]


@dataclass(frozen=True)
class Traffic:
    """How many calls came, by ``service METHOD template``."""

    changes: collections.Counter[str]
    reads: collections.Counter[str]


class Counter:
    """Reads the logs of one site."""

    def __init__(self, site: facts.Site) -> None:
        self._logs = {
            site.log_directory / f'{program}.log': service
            for program, service in SERVICES.items()
        }
        self._door = door.Door(site.array.door_url)

    def mark(self) -> Mark:
        """Remember this moment; the array forgets what was before."""
        self._door.clear_call_log()
        return Mark(tuple((path, path.stat().st_size) for path in self._logs))

    def since(self, mark: Mark) -> Traffic:
        """What came since then."""
        changes: collections.Counter[str] = collections.Counter()
        reads: collections.Counter[str] = collections.Counter()
        for service, method, path in self._calls(mark):
            kind = reads if method in _READING else changes
            kind[f'{service} {method} {template(path)}'] += 1
        return Traffic(changes, reads)

    def _calls(self, mark: Mark) -> Iterator[tuple[str, str, str]]:
        for path, size in mark.sizes:
            with path.open('rb') as log:
                log.seek(size)
                text = log.read().decode(errors='replace')
            for method, uri, _ in _ACCESS.findall(text):
                yield self._logs[path], method, uri
        for call in self._door.call_log():
            yield 'array', call['method'], call['path']


def template(path: str) -> str:
    """A path without what differs from call to call."""
    plain = _ID.sub('{id}', path.partition('?')[0])
    return _VERSION.sub('', plain) or '/'


def differences(
    ours: collections.Counter[str],
    others: collections.Counter[str],
    services: Iterable[str] = ('nova', 'cinder', 'neutron', 'array'),
) -> tuple[tuple[str, int, int], ...]:
    """Calls of which one made more than the other."""
    return tuple(
        (call, ours[call], others[call])
        for call in sorted(ours.keys() | others.keys())
        if call.split()[0] in services and ours[call] != others[call]
    )
