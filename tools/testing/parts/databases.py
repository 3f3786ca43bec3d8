# SPDX-License-Identifier: Apache-2.0
"""The database tests on the servers that people use in production."""

import pathlib
from dataclasses import dataclass

from sites import packages
from testing import environment, results
from testing.session import Session

_BINARIES = pathlib.Path('/usr/lib/postgresql')


@dataclass(frozen=True)
class Server:
    """A database server, as tools/test-databases names it."""

    name: str
    title: str
    package: packages.Requirement


def _has_mariadb() -> bool:
    return packages.program('mariadbd') is not None


def _has_postgresql() -> bool:
    return any(_BINARIES.glob('*/bin/postgres'))


SERVERS = (
    Server(
        'mariadb',
        'MariaDB',
        packages.Requirement('mariadb-server', _has_mariadb),
    ),
    Server(
        'postgresql',
        'PostgreSQL',
        packages.Requirement('postgresql', _has_postgresql),
    ),
)


def run(session: Session) -> list[results.Result]:
    """Install the servers unless they are there; run the tests on each.

    :raises sites.errors.CloudsError: when one cannot be installed.
    """
    packages.ensure(session.output, [server.package for server in SERVERS])
    return [_run(session, server) for server in SERVERS]


def _run(session: Session, server: Server) -> results.Result:
    name = f'functional: database tests on {server.title}'
    program = environment.REPOSITORY / 'tools' / 'test-databases'
    ended = session.run(
        name,
        [str(program), '--only', server.name],
        extra={'PYTHON': session.program('python')},
    )
    return results.of_suite(
        name, ended.output, ended.return_code, ended.seconds
    )
