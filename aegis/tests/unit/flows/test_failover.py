# SPDX-License-Identifier: Apache-2.0
"""That the lanes of a failover fit together; all else is functional."""

from aegis import models
from aegis.tests.fixtures.failover import FailoverTestCase

OperationState = models.OperationState
GroupState = models.GroupState


class FailoverTest(FailoverTestCase):
    def test_a_group_is_recovered(self) -> None:
        self.protect_and_lose()

        operation = self.app.fail_over()

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()
        self.assertEqual(GroupState.FAILED_OVER, self.group_now().state)

    def test_a_group_that_cannot_be_recovered_leaves_nothing(self) -> None:
        self.protect_and_lose()
        self.app.west.next_server_status = 'ERROR'

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assert_nothing_left()
        self.assertEqual(GroupState.PROTECTED, self.group_now().state)
