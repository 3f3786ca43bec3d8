# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from osc_lib import exceptions

from aegisclient import exceptions as client_exceptions
from aegisclient.osc.v1 import failover_group
from aegisclient.tests import documents
from aegisclient.tests.unit.osc.v1 import base


class CreateTest(base.CommandTest):
    def setUp(self):
        super().setUp()
        self.client.create_failover_group.return_value = self.group

    def test_only_what_was_given_is_sent(self):
        _, (columns, values) = self.act(
            failover_group.CreateFailoverGroup,
            '--protected-site east shop',
            name='shop',
            protected_site='east',
        )
        self.client.create_failover_group.assert_called_once_with(
            name='shop', protected_site='east'
        )
        shown = dict(zip(columns, values, strict=True))
        self.assertEqual('shop', shown['name'])
        self.assertEqual(
            documents.group()['mappings'],
            shown['mappings'].machine_readable(),
        )

    def test_every_option_is_sent(self):
        self.act(
            failover_group.CreateFailoverGroup,
            '--protected-site east --recovery-site west '
            '--replication-type sync --on-member-failure revert '
            '--description mine --mapping network:a=b '
            '--mapping network:a=c shop',
        )
        self.client.create_failover_group.assert_called_once_with(
            name='shop',
            description='mine',
            protected_site='east',
            recovery_site='west',
            replication_type='sync',
            on_member_failure='revert',
            mappings=[
                {'resource_type': 'network', 'source': 'a', 'target': 'c'}
            ],
        )

    def test_protected_site_is_required(self):
        self.refuse(failover_group.CreateFailoverGroup, 'shop')

    def test_bad_mapping_is_refused_before_anything_is_sent(self):
        self.refuse(
            failover_group.CreateFailoverGroup,
            '--protected-site east --mapping network=b shop',
        )


class ListTest(base.CommandTest):
    def test_all_pages_of_the_own_project_by_name(self):
        self.client.failover_groups.return_value = iter([self.group])
        _, (headers, rows) = self.act(failover_group.ListFailoverGroup, '')
        self.client.failover_groups.assert_called_once_with(sort='name:asc')
        (row,) = rows
        self.assertEqual(len(headers), len(row))
        self.assertEqual(
            'protected', dict(zip(headers, row, strict=True))['State']
        )

    def test_part_order_filters_and_more_columns(self):
        self.client.failover_groups.return_value = iter([self.group])
        _, (headers, rows) = self.act(
            failover_group.ListFailoverGroup,
            '--limit 5 --marker m --sort state:desc --all-projects '
            '--name shop --state error --long',
        )
        self.client.failover_groups.assert_called_once_with(
            max_items=5,
            marker='m',
            sort='state:desc',
            all_projects='true',
            name='shop',
            state='error',
        )
        (row,) = rows
        self.assertEqual(
            'continue',
            dict(zip(headers, row, strict=True))['On Member Failure'],
        )


class ShowTest(base.CommandTest):
    def test_group_is_found_by_name(self):
        _, (columns, _) = self.act(failover_group.ShowFailoverGroup, 'shop')
        self.client.find_failover_group.assert_called_once_with('shop')
        self.assertIn('revision', columns)


class SetTest(base.CommandTest):
    def _set(self, arguments):
        self.act(failover_group.SetFailoverGroup, arguments)
        self.client.update_failover_group.assert_called_once()
        (group,), changes = self.client.update_failover_group.call_args
        self.assertIs(self.group, group)
        return changes

    def test_only_what_was_given_is_changed(self):
        self.assertEqual(
            {'name': 'store', 'on_member_failure': 'stop'},
            self._set('--name store --on-member-failure stop shop'),
        )

    def test_mapping_is_added_to_those_present(self):
        self.assertEqual(
            {
                'mappings': [
                    *documents.group()['mappings'],
                    {'resource_type': 'flavor', 'source': 'a', 'target': 'b'},
                ]
            },
            self._set('--mapping flavor:a=b shop'),
        )

    def test_no_mapping_removes_all(self):
        self.assertEqual({'mappings': []}, self._set('--no-mapping shop'))

    def test_no_mapping_with_mapping_replaces_all(self):
        self.assertEqual(
            {
                'mappings': [
                    {'resource_type': 'flavor', 'source': 'a', 'target': 'b'}
                ]
            },
            self._set('--no-mapping --mapping flavor:a=b shop'),
        )

    def test_nothing_to_change_is_an_error(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'Nothing to change',
            self.act,
            failover_group.SetFailoverGroup,
            'shop',
        )
        self.client.update_failover_group.assert_not_called()


class DeleteTest(base.CommandTest):
    def test_failure_of_one_does_not_keep_the_others(self):
        lost = client_exceptions.sdk_exceptions.NotFoundException('none')
        self.client.find_failover_group.side_effect = [lost, self.group]
        with self.assertLogs('aegisclient.osc.command', 'ERROR') as logged:
            command, _ = self.act(
                failover_group.DeleteFailoverGroup, 'gone shop'
            )
        self.client.delete_failover_group.assert_called_once_with(self.group)
        self.assertEqual(1, command.exit_code)
        self.assertIn('failover group gone: none', logged.output[0])


class FailoverTest(base.CommandTest):
    def setUp(self):
        super().setUp()
        self.client.start_failover.return_value = base.an_operation()

    def test_newest_point_without_force_and_without_waiting(self):
        command, (columns, values) = self.act(failover_group.Failover, 'shop')
        self.client.start_failover.assert_called_once_with(
            self.group, recovery_point=None, force=False, reason=None
        )
        self.client.follow_operation.assert_not_called()
        self.assertEqual(0, command.exit_code)
        self.assertEqual(
            documents.OPERATION_ID,
            dict(zip(columns, values, strict=True))['id'],
        )

    def test_chosen_point_and_force_with_reason(self):
        self.act(
            failover_group.Failover,
            f'--recovery-point {documents.POINT_ID} --force --reason fire shop',
        )
        self.client.start_failover.assert_called_once_with(
            self.group,
            recovery_point=documents.POINT_ID,
            force=True,
            reason='fire',
        )

    def test_force_without_reason_starts_nothing(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            '--force needs --reason',
            self.act,
            failover_group.Failover,
            '--force shop',
        )
        self.client.start_failover.assert_not_called()

    def test_waiting_shows_progress_on_standard_error_and_then_the_end(self):
        ended = base.an_operation(state='partial')
        with mock.patch(
            'aegisclient.osc.progress.watch',
            autospec=True,
            return_value=(ended, 2),
        ) as watch:
            command, (columns, values) = self.act(
                failover_group.Failover, '--wait --interval 0.5 shop'
            )
        watch.assert_called_once_with(
            self.client, documents.OPERATION_ID, 0.5, self.app.stderr
        )
        self.assertEqual(2, command.exit_code)
        self.assertEqual(
            'partial', dict(zip(columns, values, strict=True))['state']
        )

    def test_interrupted_waiting_shows_the_operation_as_it_started(self):
        with mock.patch(
            'aegisclient.osc.progress.watch',
            autospec=True,
            return_value=(None, 130),
        ):
            command, (columns, values) = self.act(
                failover_group.Failover, '--wait shop'
            )
        self.assertEqual(130, command.exit_code)
        self.assertEqual(
            'queued', dict(zip(columns, values, strict=True))['state']
        )


class CaptureTest(base.CommandTest):
    def test_capture_is_started(self):
        self.client.start_capture.return_value = base.an_operation(
            type='capture'
        )
        _, (columns, values) = self.act(failover_group.Capture, 'shop')
        self.client.start_capture.assert_called_once_with(self.group)
        self.assertEqual(
            'capture', dict(zip(columns, values, strict=True))['type']
        )
