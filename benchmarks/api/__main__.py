# SPDX-License-Identifier: Apache-2.0
"""Asks the API for many groups with many members, by many clients.

The API runs under uWSGI as tools/deployment deploys it, tokens are validated
by an emulated Keystone for each request, a created group's project is looked
up by an engine behind RabbitMQ.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import reporting
from benchmarks.api import deployment, filling

_PACKAGES = (
    'aegis',
    'pecan',
    'uWSGI',
    'keystonemiddleware',
    'SQLAlchemy',
    'PyMySQL',
    'oslo.messaging',
)
_COLUMNS = (
    'request',
    'clients',
    'answers',
    'per second',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    'p50/versions',
)


@dataclass(frozen=True)
class Request:
    what: str
    method: str
    path: str
    body: str | None = None


_NEW = json.dumps(
    {'failover_group': {'name': 'new-{name}', 'protected_site': 'east'}}
)
TRIVIAL = Request('versions', 'GET', '/v1')
REQUESTS = (
    TRIVIAL,
    Request('healthcheck', 'GET', '/healthcheck'),
    Request('list 50 groups', 'GET', '/v1/failover-groups?limit=50'),
    Request('list 1,000 groups', 'GET', '/v1/failover-groups?limit=1000'),
    Request('show a group', 'GET', '/v1/failover-groups/{group}'),
    Request('list members', 'GET', '/v1/failover-groups/{group}/members'),
    Request('create a group', 'POST', '/v1/failover-groups', _NEW),
)


@dataclass(frozen=True)
class Measured:
    """Latencies in ascending order; cpu is that of the API, per answer."""

    request: Request
    clients: int
    seconds: float
    latencies: tuple[float, ...]
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def median(self) -> float:
        return statistics.median(self.latencies)

    @property
    def slowest(self) -> float:
        """The 99th percentile."""
        at = min(len(self.latencies) - 1, int(len(self.latencies) * 0.99))
        return self.latencies[at]


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    machine = reporting.machine(_PACKAGES)
    with (
        tempfile.TemporaryDirectory(prefix='aegis-api-') as directory,
        deployment.deployment(Path(directory)) as deployed,
    ):
        _say(f'filling {wanted.groups} groups')
        groups = filling.fill(
            deployment.PROJECT, wanted.groups, wanted.members
        )
        found = []
        for request in REQUESTS:
            for clients in wanted.clients:
                _say(f'{request.what}, {clients} clients')
                found.append(
                    measure(deployed, groups, request, clients, wanted.seconds)
                )
        version = deployed.database.version
    title = f'{wanted.groups} groups of {wanted.members} members, {version}'
    rows = tuple(_row(each, found) for each in found)
    report = reporting.Report(
        'api', machine, (reporting.Table(title, _COLUMNS, rows),)
    )
    print(report.text())
    print(f'\nkept in {report.keep()}')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.api', description=__doc__
    )
    add = parser.add_argument
    add('--groups', type=int, default=1000)
    add('--members', type=int, default=20, help='of each group')
    add('--clients', type=int, nargs='+', default=[1, 8, 32])
    add('--seconds', type=float, default=10.0, help='for each figure')
    return parser


def measure(
    deployed: deployment.Deployed,
    groups: list[str],
    request: Request,
    clients: int,
    seconds: float,
) -> Measured:
    """Let clients ask for some seconds.

    :raises RuntimeError: when anything but success was answered.
    """
    before = deployed.api.cost().cpu
    answer = subprocess.run(
        [sys.executable, '-m', 'benchmarks.api.client'],
        input=json.dumps(
            {
                'host': deployed.host,
                'port': deployed.port,
                'token': deployed.token,
                'groups': groups,
                'method': request.method,
                'path': request.path,
                'body': request.body,
                'clients': clients,
                'seconds': seconds,
            }
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    spent = deployed.api.cost().cpu - before
    found = json.loads(answer.stdout)
    if found['refusals']:
        raise RuntimeError(f'{request.what}: {found["refusals"]}')
    latencies = tuple(sorted(found['latencies']))
    return Measured(
        request, clients, found['seconds'], latencies, spent / len(latencies)
    )


def _say(what: str) -> None:
    print(f'{time.strftime("%H:%M:%S")} {what}', file=sys.stderr, flush=True)


def _row(
    measured: Measured, found: Sequence[Measured]
) -> tuple[reporting.Cell, ...]:
    (trivial,) = (
        each
        for each in found
        if each.request is TRIVIAL and each.clients == measured.clients
    )
    return (
        measured.request.what,
        measured.clients,
        len(measured.latencies),
        measured.rate,
        measured.median * 1000,
        measured.slowest * 1000,
        measured.cpu * 1000,
        measured.median / trivial.median,
    )


if __name__ == '__main__':
    sys.exit(main())
