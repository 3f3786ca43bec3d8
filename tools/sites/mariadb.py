# SPDX-License-Identifier: Apache-2.0
"""A private MariaDB server: own data directory, own port, own user."""

import os
import pathlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from sites import (
    commands,
    errors,
    layout,
    packages,
    passwords,
    plan,
    processes,
)

GROUP = 'shared'
NAME = 'mariadb'
# OpenStack's migrations are made for three-byte UTF-8.
_CHARACTER_SETS = {'aegis': 'utf8mb4'}


@dataclass(frozen=True)
class Server:
    """The database server of one state directory."""

    paths: layout.Layout
    passwords: passwords.Passwords

    @property
    def log(self) -> pathlib.Path:
        return self.paths.clouds / 'log' / 'mariadb.log'

    @property
    def socket(self) -> pathlib.Path:
        return self.paths.clouds / 'mariadb.sock'

    def program(self) -> processes.Program:
        """Return how to run it.

        What was committed survives the end of the process, as it does
        anywhere; that of the machine need not be survived.
        """
        options = {
            'datadir': self.paths.database,
            'socket': self.socket,
            'pid-file': self.paths.clouds / 'mariadb.pid',
            'bind-address': plan.SHARED_ADDRESS,
            'port': plan.DATABASE_PORT,
            'tmpdir': self.paths.home,
            'character-set-server': 'utf8mb3',
            'collation-server': 'utf8mb3_general_ci',
            'max-connections': 1500,
            'table-open-cache': 4000,
            'innodb-buffer-pool-size': '512M',
            'innodb-log-file-size': '64M',
            'innodb-flush-log-at-trx-commit': 2,
            'innodb-flush-method': 'nosync',
            'innodb-doublewrite': 0,
            'innodb-fast-shutdown': 1,
        }
        command = [
            _required('mariadbd'),
            '--no-defaults',
            '--skip-name-resolve',
        ]
        command += [f'--{key}={value}' for key, value in options.items()]
        if os.geteuid() == 0:
            command.append('--user=root')
        return processes.Program(
            GROUP,
            NAME,
            tuple(command),
            (),
            self.log,
            address=f'{plan.SHARED_ADDRESS}:{plan.DATABASE_PORT}',
        )

    def initialise(self) -> None:
        """Make an empty data directory; one that is there stays."""
        if self.paths.database.exists():
            return
        unfinished = self.paths.database.with_suffix('.new')
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        command = [
            _required('mariadb-install-db'),
            '--no-defaults',
            f'--datadir={unfinished}',
            '--skip-test-db',
            '--auth-root-authentication-method=normal',
        ]
        if os.geteuid() == 0:
            command.append('--user=root')
        commands.run(
            command,
            what='mariadb-install-db',
            environment=commands.clean_environment(self.paths.home),
        )
        unfinished.rename(self.paths.database)

    def is_ready(self) -> bool:
        """Tell whether it answers a query."""
        try:
            self.execute('SELECT 1')
        except errors.CommandFailed:
            return False
        return True

    def execute(self, statements: str, database: str = 'mysql') -> str:
        """Run SQL as the server's root, over the socket; return rows."""
        return commands.run(
            self._client(
                'mariadb', '--batch', '--skip-column-names', database
            ),
            standard_input=statements,
            what='SQL',
        )

    def is_idle(self) -> bool:
        """Tell whether no client is inside a transaction."""
        return (
            self.execute(
                'SELECT COUNT(*) FROM information_schema.innodb_trx'
            ).strip()
            == '0'
        )

    def create(self, site: plan.Site) -> None:
        """Make the databases and the database user of a site."""
        password = self.passwords.of(f'database {site.name}')
        statements = [
            f'CREATE DATABASE IF NOT EXISTS `{plan.database(site, name)}` '
            f'CHARACTER SET {_CHARACTER_SETS.get(name, "utf8mb3")};'
            for name in plan.DATABASES
        ]
        statements += [
            f"CREATE USER IF NOT EXISTS '{site.name}'@'%' "
            f"IDENTIFIED BY '{password}';",
            f"GRANT ALL ON `{site.name}\\_%`.* TO '{site.name}'@'%';",
        ]
        self.execute('\n'.join(statements))

    def dump(self, database: str, target: pathlib.Path) -> None:
        """Write a database as SQL; the file appears when it is whole."""
        text = commands.run(
            self._client(
                'mariadb-dump',
                '--skip-comments',
                '--single-transaction',
                database,
            ),
            what='mariadb-dump',
        )
        unfinished = target.with_suffix('.new')
        unfinished.write_text(text)
        unfinished.rename(target)

    def load(self, source: pathlib.Path, databases: Iterable[str]) -> None:
        """Run the SQL of a file in databases."""
        text = source.read_text()
        for database in databases:
            self.execute(text, database)

    def url(self, site: plan.Site, name: str) -> str:
        """Return the SQLAlchemy URL of a service's database."""
        password = self.passwords.of(f'database {site.name}')
        return (
            f'mysql+pymysql://{site.name}:{password}@'
            f'{plan.SHARED_ADDRESS}:{plan.DATABASE_PORT}/'
            f'{plan.database(site, name)}'
            f'?charset={_CHARACTER_SETS.get(name, "utf8mb3")}'
        )

    def _client(self, name: str, *arguments: str) -> list[str]:
        return [
            _required(name),
            '--no-defaults',
            '--user=root',
            f'--socket={self.socket}',
            *arguments,
        ]


def _required(name: str) -> str:
    path = packages.program(name)
    if path is None:
        raise errors.CloudsError(f'{name} is not installed')
    return path
