# SPDX-License-Identifier: Apache-2.0
"""From measurements to tables and goals."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from benchmarks import reporting
from benchmarks.real import rig, traffic
from benchmarks.real.measuring import Measurement
from testing import ansible

NAME = 'real'
MOST_TIMES_BARE = 1.15
LEAST_TIMES_FASTER = {'ansible-in-a-row': 5.0, 'ansible-forks': 2.0}
# Whoever brings up less than a batch of servers has nothing to do side by
# side; the goals on playbooks are about many.
MANY = 10


def report(
    machine: reporting.Machine,
    measured: Sequence[Measurement],
    titles: Mapping[str, str],
) -> reporting.Report:
    """Sum up a run; figures are medians of its rounds."""
    failures = [
        f'FAILED: {titles[each.contender]} with {each.servers} servers: '
        f'{each.failure}'
        for each in measured
        if each.failure
    ]
    measured = [each for each in measured if not each.failure]
    return reporting.Report(
        NAME,
        machine,
        (
            _times(measured, titles),
            _calls(measured, titles),
            *_parts(measured),
            *_differences(measured),
        ),
        tuple(_goals(measured, titles)),
        (_versions(), *failures),
    )


def _versions() -> str:
    """Of which releases the sites and the collections are."""
    services = dict(
        line.split('==')
        for line in (rig.TOOLS / 'constraints-clouds.txt')
        .read_text()
        .splitlines()
        if '==' in line
    )
    wanted = ('keystone', 'nova', 'cinder', 'neutron')
    listed = ', '.join(f'{name} {services[name]}' for name in wanted)
    return f'Sites: {listed}. Collections: ansible {ansible.RELEASE}.'


def seconds(
    measured: Iterable[Measurement], contender: str, servers: int
) -> float | None:
    """The median time of a contender, None if it took no part."""
    found = [
        each.seconds
        for each in measured
        if (each.contender, each.servers) == (contender, servers)
    ]
    return statistics.median(found) if found else None


def _sizes(measured: Iterable[Measurement]) -> list[int]:
    return sorted({each.servers for each in measured})


def _times(
    measured: Sequence[Measurement], titles: Mapping[str, str]
) -> reporting.Table:
    rows: list[tuple[reporting.Cell, ...]] = []
    for servers in _sizes(measured):
        aegis = seconds(measured, 'aegis', servers)
        for contender, title in titles.items():
            taken = seconds(measured, contender, servers)
            if taken is None:
                continue
            rows.append(
                (
                    servers,
                    title,
                    taken,
                    taken / servers,
                    taken / aegis if aegis else None,
                )
            )
    columns = ('servers', 'contender', 's', 's a server', 'times Aegis')
    return reporting.Table(
        'From "fail over" to all servers ACTIVE and read back',
        columns,
        tuple(rows),
    )


def _calls(
    measured: Sequence[Measurement], titles: Mapping[str, str]
) -> reporting.Table:
    rows: list[tuple[reporting.Cell, ...]] = []
    for servers in _sizes(measured):
        for contender, title in titles.items():
            found = _first(measured, contender, servers)
            if found is not None:
                changes = Counter(found.changes)
                rows.append(
                    (
                        servers,
                        title,
                        *(_of(changes, service) for service in _SERVICES),
                        sum(found.reads.values()),
                    )
                )
    return reporting.Table(
        'Calls at the recovery site, the services\' own included',
        ('servers', 'contender', *_SERVICES, 'reads'),
        tuple(rows),
    )


_SERVICES = ('nova', 'cinder', 'neutron', 'array')


def _of(changes: Counter[str], service: str) -> int:
    return sum(
        count for call, count in changes.items() if call.split()[0] == service
    )


def _first(
    measured: Iterable[Measurement], contender: str, servers: int
) -> Measurement | None:
    for each in measured:
        if (each.contender, each.servers) == (contender, servers):
            return each
    return None


def _parts(measured: Sequence[Measurement]) -> Iterable[reporting.Table]:
    """Where Aegis' time goes at the greatest number of servers."""
    sizes = _sizes(measured)
    found = _first(measured, 'aegis', sizes[-1]) if sizes else None
    if found is None:
        return
    split: dict[str, dict[str, float]] = found.parts['seconds']
    services = sorted({name for row in split.values() for name in row})
    services.remove('wall')
    yield reporting.Table(
        f'Aegis, {found.servers} servers: seconds of work by step and whom '
        'it waited for, all lanes together',
        ('step', 'wall', *services),
        tuple(
            (
                step,
                row['wall'],
                *(row.get(service) for service in services),
            )
            for step, row in split.items()
        ),
    )


def _differences(
    measured: Sequence[Measurement],
) -> Iterable[reporting.Table]:
    """Calls of which Aegis or the bare script makes more."""
    sizes = _sizes(measured)
    if not sizes:
        return
    aegis = _first(measured, 'aegis', sizes[-1])
    bare = _first(measured, 'bare', sizes[-1])
    if aegis is None or bare is None:
        return
    for kind, ours, others in (
        ('Changing calls', aegis.changes, bare.changes),
        ('Reads', aegis.reads, bare.reads),
    ):
        rows = traffic.differences(Counter(ours), Counter(others))
        yield reporting.Table(
            f'{kind} in which Aegis and the bare script differ, '
            f'{aegis.servers} servers',
            ('call', 'Aegis', 'bare script'),
            rows or (('none', None, None),),
        )


def _goals(
    measured: Sequence[Measurement], titles: Mapping[str, str]
) -> Iterable[reporting.Goal]:
    for servers in _sizes(measured):
        aegis = seconds(measured, 'aegis', servers)
        if aegis is None:
            continue
        bare = seconds(measured, 'bare', servers)
        if bare is not None:
            yield reporting.Goal(
                f'Aegis over bare script, {servers} servers',
                aegis / bare,
                MOST_TIMES_BARE,
                '×',
            )
        if servers < MANY:
            continue
        for contender, limit in LEAST_TIMES_FASTER.items():
            taken = seconds(measured, contender, servers)
            if taken is not None:
                yield reporting.Goal(
                    f'{titles[contender]} over Aegis, {servers} servers',
                    taken / aegis,
                    limit,
                    '×',
                    at_least=True,
                )
