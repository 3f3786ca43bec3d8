# SPDX-License-Identifier: Apache-2.0
"""Whole failovers through the real aegis.clouds and the clients' libraries.

The tests of :mod:`test_failover` that end in a recovered application, run
again over HTTP, and what only a network can do to a failover.
"""

from aegis import models
from aegis.common import exception
from aegis.tests.fixtures.failover import FailoverTestCase
from aegis.tests.functional.flows import test_failover

OperationState = models.OperationState
# Keystone's calls are made anew in each run; all others are the lanes'.
_LATENCY_SECONDS = 0.01


class UnplannedFailoverOverHttpTest(test_failover.UnplannedFailoverTest):
    over_http = True

    def test_east_was_asked_nothing_but_whether_it_answers(self) -> None:
        called = {
            call['name'] for call in self.app.emulator.door.calls('east')
        }
        self.assertEqual(
            set(), called & {'stop_server', 'lock_server', 'manage_volume'}
        )

    def test_each_call_was_made_in_the_tenants_project(self) -> None:
        projects = {
            call['project']
            for call in self.app.emulator.door.calls('west')
            if call['service'] in ('nova', 'cinder', 'neutron')
            and call['method'] != 'GET'
        }
        self.assertEqual({self.context.project_id}, projects)


class ReachableProtectedSiteOverHttpTest(
    test_failover.ReachableProtectedSiteTest
):
    over_http = True


class TroubledFailoverTest(FailoverTestCase):
    """What a network and busy services do to a failover."""

    over_http = True

    def setUp(self) -> None:
        super().setUp()
        self.protect_and_lose()
        self.door = self.app.emulator.door

    def test_answers_that_are_lost_are_made_good(self) -> None:
        for name in (
            'create_network',
            'create_router',
            'create_security_group',
            'create_ports',
            'create_server',
            'manage_volume',
            'set_tags',
        ):
            self.door.fault('west', name=name, effect='reset', when='after')

        operation = self.app.fail_over()

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assertEqual([], self.door.faults_left('west'))
        self.assert_recovered_once()

    def test_tokens_that_expire_are_renewed(self) -> None:
        self.door.expire_tokens('west')

        operation = self.app.fail_over()

        self.assertEqual(OperationState.SUCCEEDED, operation.state)

    def test_slow_services_in_a_crowd_are_waited_for(self) -> None:
        self.door.set_latency('west', {'exponential': _LATENCY_SECONDS})
        self.door.set_limit('west', 'neutron', 1)
        for kind in ('server.build', 'volume.manage'):
            self.door.set_delay('west', kind, 0.3)

        operation = self.app.fail_over()

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()

    def test_what_is_refused_for_ever_leaves_nothing(self) -> None:
        self.door.fault('west', name='create_server', status=403, times=None)

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual(exception.CloudForbidden.code, operation.error_code)
        births = self.door.births('west', operation.id)
        self.assertEqual(
            [], [each for kind in births.values() for each in kind]
        )
        self.assertEqual([], self.app.live_volumes())
