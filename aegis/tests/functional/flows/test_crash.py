# SPDX-License-Identifier: Apache-2.0
"""An engine dies at each point of each step of a failover."""

from typing import Any, NoReturn

import fixtures
import testscenarios

from aegis import models
from aegis.common import exception
from aegis.tests.fixtures.failover import FailoverTestCase

OperationState = models.OperationState
GroupState = models.GroupState

PREPARE = (
    'resolve_recovery_point',
    'preflight',
    'fence_protected_site',
    'ensure_networks',
    'ensure_security_groups',
    'ensure_keypairs',
    'ensure_server_groups',
    'promote_volumes',
)
RECOVER = (
    'clear_earlier_attempts',
    'adopt_volumes',
    'manage_volumes',
    'restore_volumes',
    'create_ports',
    'create_server',
    'associate_floating_ips',
    'validate_member',
    'record_placement',
)
FINISH = ('activate_recovery_site',)


class KilledFailoverTest(testscenarios.WithScenarios, FailoverTestCase):
    """An engine dies once, or at every step; the end is the same."""

    scenarios = [
        (f'{step}_{moment}', {'step': step, 'moment': moment})
        for step in (*PREPARE, *RECOVER, *FINISH)
        for moment in ('before', 'acting', 'after')
    ]

    def test_it_ends_as_without_the_kill(self) -> None:
        self.protect_and_lose()
        died: list[str] = []

        def dies(step: str, moment: str) -> bool:
            if died or (step, moment) != (self.step, self.moment):
                return False
            died.append(step)
            return True

        operation = self.app.run_with_kills(self.app.begin(), dies)

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()


def refuse(*_: Any) -> NoReturn:
    """Stands for the last step's first look."""
    raise exception.CloudForbidden(
        service='nova', site='west', http_status=403, reason='no'
    )


class KilledRevertTest(testscenarios.WithScenarios, FailoverTestCase):
    """The run fails at its end, having died at a step before."""

    scenarios = [
        (f'{step}_{moment}', {'step': step, 'moment': moment})
        for step in ('promote_volumes', *RECOVER[:-2])
        for moment in ('acting', 'after')
    ]

    def test_nothing_is_left(self) -> None:
        self.protect_and_lose()
        self.useFixture(
            fixtures.MonkeyPatch(
                'aegis.tasks.validate.ValidateMember._server_problems', refuse
            )
        )
        died: list[str] = []

        def dies(step: str, moment: str) -> bool:
            if died or (step, moment) != (self.step, self.moment):
                return False
            died.append(step)
            return True

        operation = self.app.run_with_kills(self.app.begin(), dies)

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual('aegis.cloud.forbidden', operation.error_code)
        self.assert_nothing_left()
        self.assertEqual(GroupState.PROTECTED, self.group_now().state)
