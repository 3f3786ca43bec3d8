# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from aegisclient.osc.v1 import operation
from aegisclient.tests import documents
from aegisclient.tests.unit.osc.v1 import base


class ListTest(base.CommandTest):
    def test_newest_come_first(self):
        self.client.operations.return_value = iter([base.an_operation()])
        _, (headers, rows) = self.act(operation.ListOperation, '')
        self.client.operations.assert_called_once_with(sort='created_at:desc')
        (row,) = rows
        self.assertEqual(len(headers), len(row))

    def test_group_is_found_by_name_over_all_projects(self):
        self.client.operations.return_value = iter([base.an_operation()])
        _, (headers, rows) = self.act(
            operation.ListOperation,
            '--group shop --state failed --type failover --all-projects '
            '--limit 3 --marker m --sort state --long',
        )
        self.client.find_failover_group.assert_called_once_with(
            'shop', all_projects=True
        )
        self.client.operations.assert_called_once_with(
            failover_group_id=documents.GROUP_ID,
            state='failed',
            type='failover',
            all_projects='true',
            max_items=3,
            marker='m',
            sort='state',
        )
        (row,) = rows
        self.assertEqual(
            documents.USER_ID, dict(zip(headers, row, strict=True))['User ID']
        )


class ShowTest(base.CommandTest):
    def setUp(self):
        super().setUp()
        self.document = documents.failed_operation()
        self.client.get_operation.return_value = base.an_operation(
            **self.document
        )

    def _show(self, arguments):
        _, (columns, values) = self.act(operation.ShowOperation, arguments)
        return dict(zip(columns, values, strict=True))

    def test_lanes_and_leftovers_are_shown_exactly(self):
        shown = self._show(documents.OPERATION_ID)
        self.assertEqual(
            self.document['lanes'], shown['lanes'].machine_readable()
        )
        self.assertEqual(
            self.document['lanes'][1]['steps'][0]['leftovers'],
            shown['leftovers'].machine_readable(),
        )
        self.assertEqual(252.0, shown['duration'].machine_readable())
        self.assertNotIn('steps', shown)

    def test_steps_and_report_are_shown_on_demand(self):
        for option in ('--steps', '--long'):
            shown = self._show(f'{option} {documents.OPERATION_ID}')
            self.assertIn('create_server', shown['steps'].human_readable())
            self.assertIn('report', shown)


class WatchTest(base.CommandTest):
    def test_progress_goes_to_standard_output_and_decides_the_code(self):
        with mock.patch(
            'aegisclient.osc.progress.watch',
            autospec=True,
            return_value=(None, 130),
        ) as watch:
            _, code = self.act(operation.WatchOperation, 'an-id')
        watch.assert_called_once_with(
            self.client, 'an-id', 2.0, self.app.stdout
        )
        self.assertEqual(130, code)

    def test_interval_of_nothing_is_refused(self):
        self.refuse(operation.WatchOperation, '--interval 0 an-id')


class RetryTest(base.CommandTest):
    def test_operation_is_retried(self):
        self.client.retry_operation.return_value = base.an_operation(attempt=2)
        _, (columns, values) = self.act(operation.RetryOperation, 'an-id')
        self.client.retry_operation.assert_called_once_with('an-id')
        self.assertEqual(2, dict(zip(columns, values, strict=True))['attempt'])


class CancelTest(base.CommandTest):
    def test_operation_is_asked_to_stop(self):
        self.client.cancel_operation.return_value = base.an_operation(
            cancel_requested=True
        )
        _, (columns, values) = self.act(operation.CancelOperation, 'an-id')
        self.client.cancel_operation.assert_called_once_with('an-id')
        shown = dict(zip(columns, values, strict=True))
        self.assertIs(True, shown['cancel_requested'].machine_readable())
