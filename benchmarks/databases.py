# SPDX-License-Identifier: Apache-2.0
"""Databases for Aegis: a private MariaDB server, or a file of SQLite."""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes

MARIADB = 'mariadb'
SQLITE = 'sqlite'
KINDS = (MARIADB, SQLITE)
_USER = 'mysql'
_NAME = 'aegis'


@dataclass(frozen=True)
class Database:
    """url is what ``[database] connection`` takes; server None for SQLite."""

    url: str
    version: str
    server: processes.Running | None = None


@contextlib.contextmanager
def database(kind: str, directory: Path) -> Iterator[Database]:
    """Give an empty database below a directory."""
    if kind == SQLITE:
        yield Database(f'sqlite:///{directory / "aegis.sqlite"}', 'SQLite')
        return
    with _mariadb(directory) as found:
        yield found


@contextlib.contextmanager
def _mariadb(directory: Path) -> Iterator[Database]:
    """A server with its own defaults, so that a commit is on the disk.

    It is reached by a Unix socket. As root it runs as the user that its
    package has made.
    """
    home = directory / 'mariadb'
    home.mkdir()
    prefix = _unprivileged(home)
    socket = home / 'socket'
    _run(
        *prefix,
        'mariadb-install-db',
        '--no-defaults',
        f'--datadir={home / "data"}',
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
    )
    server = (
        *prefix,
        _program('mariadbd'),
        '--no-defaults',
        f'--datadir={home / "data"}',
        f'--socket={socket}',
        f'--pid-file={home / "pid"}',
        '--skip-networking',
        '--character-set-server=utf8mb4',
        '--innodb-buffer-pool-size=256M',
        '--max-connections=500',
    )
    client = ('mariadb', '--no-defaults', '--user=root', f'--socket={socket}')

    def answers() -> bool:
        running.require()
        asked = subprocess.run(
            [*client, '--execute=SELECT 1'], capture_output=True, check=False
        )
        return asked.returncode == 0

    with processes.running(server, directory / 'mariadb.log') as running:
        processes.until(answers, 'MariaDB')
        version = _run(
            *client,
            '--batch',
            '--skip-column-names',
            f'--execute=CREATE DATABASE {_NAME}; SELECT VERSION()',
        )
        yield Database(
            f'mysql+pymysql://root@localhost/{_NAME}?unix_socket={socket}',
            f'MariaDB {version.strip()}',
            running,
        )


def _unprivileged(home: Path) -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    user = pwd.getpwnam(_USER)
    os.chown(home, user.pw_uid, user.pw_gid)
    for parent in home.parents:
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    ids = (f'--reuid={_USER}', f'--regid={_USER}', '--init-groups')
    return ('setpriv', *ids, '--')


def _program(name: str) -> str:
    found = shutil.which(name, path=f'{os.environ["PATH"]}:/usr/sbin')
    if found is None:
        raise FileNotFoundError(f'{name} is missing: install mariadb-server')
    return found


def _run(*command: str) -> str:
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise RuntimeError(f'{command[0]}: {answer.stderr[-2000:]}')
    return answer.stdout
