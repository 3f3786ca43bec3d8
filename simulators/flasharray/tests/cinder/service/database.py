# SPDX-License-Identifier: Apache-2.0
"""A MariaDB server of our own, in which speed counts, not durability.

SQLite would not do: with several writing processes, a transaction that
reads before it writes fails at once when another one has the file.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests import support
from tests.cinder.service.daemon import Daemon

_STARTING = 60.0
_OPTIONS = (
    '--skip-networking',
    '--character-set-server=utf8mb3',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-flush-method=nosync',
    '--innodb-doublewrite=0',
)


def is_installed() -> bool:
    return None not in (_server(), shutil.which('mariadb-install-db'))


@contextlib.contextmanager
def running(directory: Path) -> Iterator[str]:
    """Run it with an empty database; yield its URL once it is up."""
    directory.mkdir()
    data, path = directory / 'data', directory / 'socket'
    _run(
        'mariadb-install-db',
        '--no-defaults',
        f'--datadir={data}',
        '--skip-test-db',
        '--auth-root-authentication-method=normal',
        *_as_root(),
    )
    server = Daemon(
        [
            str(_server()),
            '--no-defaults',
            f'--datadir={data}',
            f'--socket={path}',
            f'--pid-file={directory / "pid"}',
            *_OPTIONS,
            *_as_root(),
        ],
        directory / 'log',
    )
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        support.eventually(lambda: _makes(server, path), _STARTING, 'MariaDB')
        yield f'mysql+pymysql://root@localhost/cinder?unix_socket={path}'


def _server() -> str | None:
    return shutil.which('mariadbd') or shutil.which(
        'mariadbd', path='/usr/sbin:/usr/local/sbin'
    )


def _as_root() -> list[str]:
    return ['--user=root'] if os.geteuid() == 0 else []


def _makes(server: Daemon, path: Path) -> bool:
    server.check()
    done = subprocess.run(
        [
            'mariadb',
            '--no-defaults',
            f'--socket={path}',
            '--user=root',
            '--execute=CREATE DATABASE IF NOT EXISTS cinder',
        ],
        capture_output=True,
    )
    return done.returncode == 0


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f'{command[0]}: {done.stderr}{done.stdout}')
