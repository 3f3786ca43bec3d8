# SPDX-License-Identifier: Apache-2.0
import sqlite3

import ddt
import fixtures
import pymysql
import sqlalchemy as sa
from oslo_db import exception as db_exception

from aegis.common import exception
from aegis.db import outages, session
from aegis.tests import base


class _DiskFull(Exception):
    """As psycopg2 raises it."""

    pgcode = '53100'


def _full_sqlite() -> Exception:
    with sqlite3.connect(':memory:') as connection:
        connection.execute('PRAGMA max_page_count = 1')
        try:
            connection.execute('CREATE TABLE t (x)')
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError('there was room')


def _operational(error: Exception) -> sa.exc.OperationalError:
    return sa.exc.OperationalError('UPDATE t SET x = ?', ('secret',), error)


@ddt.ddt
class TranslatedTest(base.TestCase):
    def translate(self, error: Exception) -> exception.DatabaseUnavailable:
        def fail() -> None:
            with outages.translated():
                raise error

        found: exception.DatabaseUnavailable = self.assertRaises(
            exception.DatabaseUnavailable, fail
        )
        return found

    @ddt.data(
        _full_sqlite(),
        pymysql.err.OperationalError(1114, "The table 'steps' is full"),
        pymysql.err.OperationalError(1021, 'Disk full'),
        _DiskFull('could not extend file'),
    )
    def test_a_full_disk_is_told_from_others(self, error):
        found = self.translate(_operational(error))
        self.assertEqual(
            ('aegis.database.full', 503), (found.code, found.status)
        )
        self.assertIn('make room', found.remedy)

    @ddt.data(
        db_exception.DBConnectionError(),
        _operational(pymysql.err.OperationalError(2013, 'Lost connection')),
        _operational(pymysql.err.OperationalError(1040, 'Too many')),
        _operational(Exception()),
    )
    def test_others_are_unavailability(self, error):
        found = self.translate(error)
        self.assertEqual('aegis.database.unavailable', found.code)

    def test_the_log_has_the_reason_and_no_data(self):
        logger = self.useFixture(fixtures.FakeLogger())
        self.translate(
            _operational(pymysql.err.OperationalError(1021, 'Disk full'))
        )
        self.assertIn('has no room left', logger.output)
        self.assertIn('Disk full', logger.output)
        self.assertNotIn('secret', logger.output)

    def test_other_errors_stay_what_they_are(self):
        def fail() -> None:
            with outages.translated():
                raise db_exception.DBDuplicateEntry

        self.assertRaises(db_exception.DBDuplicateEntry, fail)


class SessionTest(base.DatabaseTestCase):
    """Both kinds of transaction say it in our words."""

    def test_a_transaction(self):
        for kind in (session.reader, session.writer):

            @kind
            def fail(context):
                raise db_exception.DBConnectionError

            self.assertRaises(
                exception.DatabaseUnavailable, fail, self.context
            )
