# SPDX-License-Identifier: Apache-2.0
"""``aegis-manage``: what the operator does by hand, next to the database."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy.exc
from oslo_config import cfg
from oslo_db import exception as db_exception

from aegis import conf as aegis_conf
from aegis.cmd import checks
from aegis.common import context, exception, rpc
from aegis.db import lanes, migration, operations, session
from aegis.engine import rpcapi

Parsers = Any  # argparse has no public name for them
Command = Callable[[cfg.ConfigOpts], int]


def sync(conf: cfg.ConfigOpts) -> int:
    """Bring the tables to a revision."""
    migration.sync(conf.command.revision)
    print(f'The database is at version {migration.version()}.')
    return 0


def version(conf: cfg.ConfigOpts) -> int:
    """Show the revision of the tables."""
    print(migration.version() or 'The database has no tables yet.')
    return 0


def list_operations(conf: cfg.ConfigOpts) -> int:
    """List the operations that have not ended, or all of them."""
    found = operations.list_operations(context.admin_context())
    for operation in reversed(found):
        if conf.command.all or operation.finished_at is None:
            print(
                f'{operation.id}  {operation.type:10} {operation.state:10} '
                f'group {operation.group_id}  since {operation.created_at}'
            )
    return 0


def resume(conf: cfg.ConfigOpts) -> int:
    """Give an operation to whichever engine takes it.

    Whoever still runs it loses it first and can record nothing any more.
    """
    asking = context.admin_context(overwrite=True)
    operation = operations.get_operation(asking, conf.command.operation)
    if operation.finished_at is not None:
        raise exception.OperationState(
            operation=operation.id,
            state=operation.state,
            action='resumed',
            remedy='Retry it with "openstack dr operation retry".',
        )
    released = lanes.release_operation(asking, operation.id)
    bus = rpc.Bus(conf)
    try:
        rpcapi.EngineAPI(conf, bus).run_operation(asking, operation.id)
    finally:
        bus.close()
    print(f'{released} lanes of operation {operation.id} were released.')
    return 0


def check(conf: cfg.ConfigOpts) -> int:
    """Look for mistakes in the configuration; asks no site and no array."""
    found = 0
    for title, look in checks.CHECKS.items():
        problems = list(look(conf))
        found += len(problems)
        print(f'{title}: {"not good" if problems else "good"}')
        for problem in problems:
            print(f'  {problem}')
    return 1 if found else 0


def _add_commands(parsers: Parsers) -> None:
    database = _group(parsers, 'db', 'the tables')
    command = _command(database, 'sync', sync)
    command.add_argument('revision', nargs='?', default='head')
    _command(database, 'version', version)
    operation = _group(parsers, 'operation', 'runs')
    command = _command(operation, 'list', list_operations)
    command.add_argument(
        '--all', action='store_true', help='also those that have ended'
    )
    command = _command(operation, 'resume', resume)
    command.add_argument('operation', help='its id')
    configuration = _group(parsers, 'config', 'the configuration')
    _command(configuration, 'check', check)


def _group(parsers: Parsers, name: str, about: str) -> Parsers:
    parser = parsers.add_parser(name, help=about)
    return parser.add_subparsers(dest='action', required=True)


def _command(
    parsers: Parsers, name: str, run: Command
) -> argparse.ArgumentParser:
    about = (run.__doc__ or '').partition('\n')[0]
    parser = parsers.add_parser(name, help=about, description=run.__doc__)
    parser.set_defaults(run=run)
    return parser


COMMAND = cfg.SubCommandOpt('command', title='commands', handler=_add_commands)


def main() -> int:
    """Run a command; returns the exit code."""
    conf = aegis_conf.CONF
    conf.register_cli_opt(COMMAND)
    try:
        aegis_conf.parse(sys.argv[1:], conf)
        session.configure(conf)
        return int(conf.command.run(conf))
    except cfg.Error as error:
        print(f'aegis-manage: {error}', file=sys.stderr)
        return 2
    except exception.AegisError as error:
        print(f'aegis-manage: {error.detail} {error.remedy}', file=sys.stderr)
        return 1
    except (sqlalchemy.exc.SQLAlchemyError, db_exception.DBError) as error:
        print(f'aegis-manage: the database failed: {error}', file=sys.stderr)
        return 1
    finally:
        session.dispose()


if __name__ == '__main__':
    sys.exit(main())
