# SPDX-License-Identifier: Apache-2.0
import threading
from concurrent import futures

import sqlalchemy as sa
from oslo_db import exception as db_exception

from aegis.common import context
from aegis.db import groups, session
from aegis.db import models as tables
from aegis.tests import base
from aegis.tests.fixtures import samples


@session.writer
def _count_up(context: session.Context, group_id: str) -> int:
    row = groups.lock_group(context, group_id)
    row.epoch = row.epoch + 1
    return row.epoch


class SessionTest(base.DatabaseTestCase):
    def test_a_failed_function_leaves_nothing_behind(self):
        @session.writer
        def fail(context):
            samples.create_group(context)
            raise ValueError

        self.assertRaises(ValueError, fail, self.context)
        self.assertEqual([], groups.list_groups(self.context))

    def test_a_function_within_another_sees_its_writes(self):
        @session.writer
        def create_and_read(context):
            group = samples.create_group(context)
            return groups.get_group(context, group.id)

        self.assertEqual('finance', create_and_read(self.context).name)

    def test_a_deadlock_is_tried_again(self):
        tries = []

        @session.writer
        def deadlock_once(context):
            tries.append(1)
            if len(tries) == 1:
                raise db_exception.DBDeadlock
            return samples.create_group(context)

        deadlock_once(self.context)
        self.assertEqual(1, len(groups.list_groups(self.context)))

    def test_only_the_outermost_function_is_tried_again(self):
        tries = []

        @session.writer
        def inner(context):
            tries.append('inner')
            if len(tries) == 2:
                raise db_exception.DBDeadlock

        @session.writer
        def outer(context):
            tries.append('outer')
            inner(context)

        outer(self.context)
        self.assertEqual(['outer', 'inner', 'outer', 'inner'], tries)

    def test_foreign_keys_are_enforced(self):
        @session.writer
        def orphan(context):
            context.session.execute(
                sa.insert(tables.Mapping).values(
                    group_id='nobody',
                    resource_type='network',
                    source='a',
                    target='b',
                )
            )

        self.assertRaises(db_exception.DBReferenceError, orphan, self.context)

    def test_threads_that_share_a_context_do_not_disturb_each_other(self):
        group = samples.create_group(self.context)
        shared = context.RequestContext(
            project_id=base.PROJECT_ID, overwrite=False
        )
        barrier = threading.Barrier(8)

        def work(_):
            barrier.wait(timeout=30)
            return _count_up(shared, group.id)

        with futures.ThreadPoolExecutor(8) as pool:
            counted = sorted(pool.map(work, range(8)))
        self.assertEqual(list(range(1, 9)), counted)

    def test_without_configuration_there_is_a_clear_error(self):
        session.dispose()
        self.addCleanup(session.configure, self.conf)
        self.assertRaisesRegex(
            RuntimeError,
            'configure',
            groups.list_groups,
            self.context,
        )


class ConnectionUrlTest(base.TestCase):
    def test_mariadb_connections_hold_every_character(self):
        url = session._connection_url('mysql+pymysql://u:p@h/db')
        self.assertEqual('mysql+pymysql://u:p@h/db?charset=utf8mb4', url)

    def test_a_chosen_character_set_stays(self):
        chosen = 'mysql+pymysql://u:p@h/db?charset=utf8'
        self.assertEqual(chosen, session._connection_url(chosen))
