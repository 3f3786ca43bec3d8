# SPDX-License-Identifier: Apache-2.0
import unittest

from aegisclient.osc import lanes
from aegisclient.tests import documents


class RowsTest(unittest.TestCase):
    def test_lanes_come_in_the_order_in_which_they_run(self):
        rows = lanes.rows(
            [
                documents.lane(name='web-2', wave=1),
                documents.lane(name='finish', wave=2),
                documents.lane(name='web-1', wave=1),
                documents.lane(name='prepare', wave=0),
            ]
        )
        self.assertEqual(
            ['prepare', 'web-1', 'web-2', 'finish'],
            [row.name for row in rows],
        )

    def test_running_lane_is_at_its_running_step(self):
        lane = documents.lane(
            state='running',
            steps=[
                documents.step(name='manage_volumes', state='succeeded'),
                documents.step(name='create_server', message='BUILD'),
            ],
        )
        (row,) = lanes.rows([lane])
        self.assertEqual(('create_server', 'BUILD'), (row.step, row.message))

    def test_failed_lane_is_at_the_step_that_failed_not_the_last(self):
        lane = documents.lane(
            state='failed',
            steps=[
                documents.step(name='first', state='reverted'),
                documents.step(name='second', state='failed'),
                documents.step(name='third', state='reverted'),
            ],
        )
        (row,) = lanes.rows([lane])
        self.assertEqual('second', row.step)

    def test_error_code_follows_the_reason(self):
        lane = documents.lane(
            state='failed', reason='No quota', error_code='aegis.cloud.quota'
        )
        (row,) = lanes.rows([lane])
        self.assertEqual('No quota (aegis.cloud.quota)', row.message)

    def test_lane_that_has_succeeded_has_nothing_more_to_say(self):
        lane = documents.lane(
            state='succeeded', steps=[documents.step(message='done')]
        )
        (row,) = lanes.rows([lane])
        self.assertEqual(('', ''), (row.step, row.message))


class StepRowsTest(unittest.TestCase):
    def test_time_is_split_by_service(self):
        lane = documents.lane(
            steps=[
                documents.step(
                    finished_at='2026-11-21T10:41:00Z',
                    service_seconds={'nova': 48.2, 'cinder': 1.0},
                )
            ]
        )
        (row,) = lanes.step_rows([lane])
        self.assertEqual('50.0s (nova 48.2s, cinder 1.0s)', row[3])


class TableTest(unittest.TestCase):
    def test_cells_stand_under_each_other_without_empty_columns(self):
        self.assertEqual(
            'a    x\nbbb  y',
            lanes.table([('a', '', 'x'), ('bbb', '', 'y')]),
        )


class FailuresTest(unittest.TestCase):
    def test_only_lanes_with_a_reason_of_their_own_are_failures(self):
        failed = documents.lane(state='failed', reason='No quota')
        found = [
            failed,
            documents.lane(state='reverted'),
            documents.lane(state='skipped', reason='another lane failed'),
            documents.lane(state='succeeded'),
        ]
        self.assertEqual([failed], lanes.failures(found))
