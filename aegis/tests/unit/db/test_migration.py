# SPDX-License-Identifier: Apache-2.0
import os

import sqlalchemy as sa
from oslo_db.sqlalchemy import test_migrations

from aegis.db import migration, models, session
from aegis.tests import base
from aegis.tests.fixtures import database


class EmptyDatabaseTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        if os.environ.get(database.URL_VARIABLE):
            url = database.empty_server_database('_empty')
        else:
            url = f'sqlite:///{self.create_tempfiles([("db", "")])[0]}'
        self.config(group='database', connection=url)
        session.configure(self.conf)
        self.addCleanup(session.dispose)


class ModelsInSyncTest(
    test_migrations.ModelsMigrationsSync, EmptyDatabaseTestCase
):
    """The revisions make exactly the tables that the models describe."""

    def db_sync(self, engine: sa.Engine) -> None:
        migration.sync()

    def get_engine(self) -> sa.Engine:
        return session.engine()

    def get_metadata(self) -> sa.MetaData:
        return models.Base.metadata

    def include_object(self, object_, name, type_, reflected, compare_to):
        return name != 'alembic_version'


class MigrationTest(EmptyDatabaseTestCase):
    def test_an_empty_database_has_no_version(self):
        self.assertIsNone(migration.version())

    def test_sync_brings_the_database_to_head(self):
        migration.sync()
        self.assertEqual(migration.head(), migration.version())

    def test_sync_can_be_repeated(self):
        migration.sync()
        migration.sync()
        self.assertEqual(migration.head(), migration.version())

    def test_sync_stops_at_a_named_revision(self):
        migration.sync('0001')
        self.assertEqual('0001', migration.version())
