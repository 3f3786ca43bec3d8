# SPDX-License-Identifier: Apache-2.0
"""The schema's revisions and the way from one to the next."""

import pathlib

from alembic import command, script
from alembic import config as alembic_config
from alembic import migration as alembic_migration

from aegis.db import session

_HERE = pathlib.Path(__file__).parent


def _configuration() -> alembic_config.Config:
    configuration = alembic_config.Config(str(_HERE / 'alembic.ini'))
    configuration.set_main_option(
        'script_location', str(_HERE).replace('%', '%%')
    )
    return configuration


def sync(revision: str = 'head') -> None:
    """Bring the configured database to a revision. Idempotent."""
    configuration = _configuration()
    with session.engine().begin() as connection:
        configuration.attributes['connection'] = connection
        command.upgrade(configuration, revision)


def version() -> str | None:
    """The revision the database is at; None for an empty one."""
    with session.engine().connect() as connection:
        migration = alembic_migration.MigrationContext.configure(connection)
        return migration.get_current_revision()


def head() -> str:
    """The newest revision this code knows."""
    directory = script.ScriptDirectory.from_config(_configuration())
    revision = directory.get_current_head()
    assert revision is not None  # noqa: S101
    return revision
