# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.common import exception
from aegis.db import groups, operations, session
from aegis.tests import base
from aegis.tests.fixtures import toy

OperationState = models.OperationState
GroupState = models.GroupState
FAILOVER = models.OperationType.FAILOVER
CAPTURE = models.OperationType.CAPTURE


class OperationsTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = toy.make_group(self.context)

    def create(self, **values: Any) -> models.Operation:
        return operations.create_operation(
            self.context, self.group.id, FAILOVER, {'force': True}, **values
        )

    def end(self, operation: models.Operation, state: OperationState) -> None:
        @session.writer
        def write(context: Any) -> None:
            locked = operations.lock_active(context, operation.id)
            operations.start_operation(context, locked)
            operations.end_operation(
                context,
                toy.dataclasses.replace(
                    locked, state=state, state_reason='It broke.'
                ),
                {'told': 1},
            )

        write(self.admin)

    def state_of_group(self) -> GroupState:
        return groups.get_group(self.admin, self.group.id).state

    def test_create_queues_and_moves_the_group(self) -> None:
        operation = self.create()

        found = operations.get_operation(self.context, operation.id)
        self.assertEqual(operation, found)
        self.assertIs(OperationState.QUEUED, found.state)
        self.assertEqual({'force': True}, found.arguments)
        self.assertEqual(self.context.request_id, found.request_id)
        self.assertEqual(self.context.user_id, found.user_id)
        self.assertIs(GroupState.FAILING_OVER, self.state_of_group())

    def test_a_busy_group_takes_no_second_operation(self) -> None:
        first = self.create()

        error = self.assertRaises(exception.FailoverGroupBusy, self.create)

        self.assertIn(first.id, error.detail)

    def test_a_capture_leaves_the_group_alone(self) -> None:
        operations.create_operation(self.context, self.group.id, CAPTURE, {})

        self.assertIs(GroupState.PROTECTED, self.state_of_group())

    def test_the_state_of_the_group_has_to_fit(self) -> None:
        self.end(self.create(), OperationState.SUCCEEDED)

        error = self.assertRaises(exception.FailoverGroupState, self.create)

        self.assertIn('failed_over', error.detail)
        self.assertIn('protected', error.detail)

    def test_an_empty_group_has_nothing_to_run(self) -> None:
        empty = groups.create_group(
            self.context,
            name='empty',
            protected_site='east',
            recovery_site='west',
            protected_project_id='x',
        )

        self.assertRaises(
            exception.FailoverGroupEmpty,
            operations.create_operation,
            self.context,
            empty.id,
            FAILOVER,
            {},
        )

    def test_foreign_operations_do_not_exist(self) -> None:
        operation = self.create()
        other = base.request_context(project_id=base.OTHER_PROJECT_ID)

        for function in (
            operations.get_operation,
            operations.request_cancel,
            operations.retry_operation,
        ):
            self.assertRaises(
                exception.OperationNotFound, function, other, operation.id
            )
        self.assertEqual([], operations.list_operations(other))
        self.assertRaises(
            exception.FailoverGroupNotFound,
            operations.create_operation,
            other,
            self.group.id,
            FAILOVER,
            {},
        )

    def test_list_filters(self) -> None:
        operation = self.create()

        self.assertEqual(
            [operation],
            operations.list_operations(
                self.context, {'group_id': self.group.id, 'state': 'queued'}
            ),
        )
        self.assertEqual(
            [], operations.list_operations(self.context, {'state': 'failed'})
        )

    def test_active_operations_are_those_that_have_not_ended(self) -> None:
        operation = self.create()
        self.assertEqual([operation.id], operations.list_active(self.admin))

        self.end(operation, OperationState.REVERTED)

        self.assertEqual([], operations.list_active(self.admin))

    def test_end_frees_the_group_and_keeps_the_report(self) -> None:
        operation = self.create()

        self.end(operation, OperationState.FAILED)

        found = operations.get_operation(self.context, operation.id)
        self.assertEqual({'told': 1}, found.report)
        group = groups.get_group(self.admin, self.group.id)
        self.assertIs(GroupState.ERROR, group.state)
        self.assertEqual(
            'It broke. When the cause is mended: openstack dr operation '
            f'retry {operation.id}',
            group.state_reason,
        )

    def test_a_group_that_cannot_follow_does_not_hold_the_end_up(self) -> None:
        operation = self.create()
        groups.update_group(
            self.admin, self.group.id, {'state': GroupState.SPLIT_BRAIN}
        )

        self.end(operation, OperationState.FAILED)

        self.assertIs(GroupState.SPLIT_BRAIN, self.state_of_group())
        self.assertEqual([], operations.list_active(self.admin))

    def test_cancel_is_a_wish_in_the_row(self) -> None:
        operation = self.create()

        operations.request_cancel(self.context, operation.id)

        found = operations.get_operation(self.context, operation.id)
        self.assertTrue(found.cancel_requested)
        self.assertIs(OperationState.QUEUED, found.state)

    def test_what_has_ended_cannot_be_cancelled(self) -> None:
        operation = self.create()
        self.end(operation, OperationState.REVERTED)

        self.assertRaises(
            exception.OperationState,
            operations.request_cancel,
            self.context,
            operation.id,
        )

    def test_retry_queues_the_same_operation(self) -> None:
        operation = self.create()
        self.end(operation, OperationState.FAILED)

        retried = operations.retry_operation(self.context, operation.id)

        self.assertEqual(operation.id, retried.id)
        self.assertEqual(2, retried.attempt)
        self.assertIs(OperationState.QUEUED, retried.state)
        self.assertIsNone(retried.state_reason)
        self.assertEqual({}, retried.report)
        self.assertIs(GroupState.FAILING_OVER, self.state_of_group())
        self.assertRaises(exception.FailoverGroupBusy, self.create)

    def test_success_cannot_be_retried(self) -> None:
        operation = self.create()
        self.end(operation, OperationState.SUCCEEDED)

        self.assertRaises(
            exception.OperationState,
            operations.retry_operation,
            self.context,
            operation.id,
        )

    def test_only_the_newest_operation_can_be_retried(self) -> None:
        older = self.create()
        self.end(older, OperationState.REVERTED)
        newer = self.create()
        self.end(newer, OperationState.PARTIAL)

        error = self.assertRaises(
            exception.OperationState,
            operations.retry_operation,
            self.context,
            older.id,
        )

        self.assertIn(newer.id, error.detail)

    def test_an_ended_operation_cannot_be_locked(self) -> None:
        operation = self.create()
        self.end(operation, OperationState.REVERTED)

        @session.writer
        def lock(context: Any) -> Any:
            return operations.lock_active(context, operation.id)

        self.assertIsNone(lock(self.admin))
