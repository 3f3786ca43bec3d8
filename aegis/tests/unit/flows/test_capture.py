# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.db import checkpoints
from aegis.tests.fixtures.failover import FailoverTestCase

OperationState = models.OperationState


class CaptureTest(FailoverTestCase):
    def capture(self) -> models.Operation:
        return self.app.run(self.app.begin(models.OperationType.CAPTURE))

    def test_a_new_checkpoint_and_no_new_state(self) -> None:
        group = self.app.protect()

        operation = self.capture()

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        latest = checkpoints.latest_checkpoint(self.admin, group.id)
        self.assertEqual(3, latest.version)
        self.assertEqual(group.state, self.group_now().state)
        self.assertIn('capture_group', operation.report['seconds'])

    def test_a_lost_protected_site_leaves_what_is_known(self) -> None:
        group = self.app.protect()
        self.app.lose_east()

        operation = self.capture()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual('aegis.cloud.unavailable', operation.error_code)
        latest = checkpoints.latest_checkpoint(self.admin, group.id)
        self.assertEqual(2, latest.version)
        self.assertEqual(group.state, self.group_now().state)
