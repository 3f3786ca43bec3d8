# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import fixtures

from aegis import models
from aegis.flows import capture, failover, registry
from aegis.tests import base
from aegis.tests.fixtures import journal

Type = models.OperationType


class RegistryTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch('aegis.flows.registry._flows', {})
        )

    def test_what_is_installed_is_found(self) -> None:
        self.assertIsInstance(
            registry.operation_flow(Type.FAILOVER), failover.FailoverFlow
        )
        self.assertIsInstance(
            registry.operation_flow(Type.CAPTURE), capture.CaptureFlow
        )
        self.assertLessEqual(
            {Type.CAPTURE, Type.FAILOVER}, set(registry.registered())
        )

    def test_what_is_not_installed_is_not(self) -> None:
        with mock.patch.object(registry, 'NAMESPACE', 'aegis.none.such'):
            self.assertEqual((), registry.registered())
            self.assertRaises(KeyError, registry.operation_flow, Type.FAILOVER)

    def test_the_newest_registration_counts(self) -> None:
        mine = mock.Mock(type=Type.FAILOVER)
        registry.register(mine)
        self.assertIs(mine, registry.operation_flow(Type.FAILOVER))
        self.assertIn(Type.CAPTURE, registry.registered())

    def test_one_that_cannot_be_loaded_is_no_secret(self) -> None:
        broken = RuntimeError('broken')
        with mock.patch(
            'stevedore.extension.ExtensionManager',
            side_effect=lambda *args, on_load_failure_callback, **kwargs: (
                on_load_failure_callback(None, None, broken)
            ),
        ):
            error = self.assertRaises(RuntimeError, registry.registered)
        self.assertIs(broken, error)

    def test_which_flow_closes_an_operation(self) -> None:
        self.assertTrue(registry.is_finish(failover.FINISH))
        self.assertFalse(registry.is_finish(failover.RECOVER))


class PlanTest(base.TestCase):
    """The lanes of an operation, and that each can be built."""

    def lanes(
        self, operation_type: models.OperationType, *waves: int
    ) -> list[tuple[str, str, int, str | None]]:
        flow = registry.operation_flow(operation_type)
        members = [
            journal.make_member(id=f'm{number}', name='web', wave=wave)
            for number, wave in enumerate(waves)
        ]
        planned = flow.plan(journal.make_group(), members)
        rig = journal.LaneRig(self.conf, member=members[0])
        for lane in planned:
            rig.store.lane = journal.make_lane(flow=lane.flow)
            self.assertEqual(lane.flow, flow.build(rig.environment()).name)
        return [
            (lane.name, lane.flow, lane.wave, lane.member_id)
            for lane in planned
        ]

    def test_of_a_failover(self) -> None:
        self.assertEqual(
            [
                ('prepare', 'failover.prepare', 0, None),
                ('web', 'failover.recover', 2, 'm0'),
                ('web', 'failover.recover', 1, 'm1'),
                ('web', 'failover.recover', 2, 'm2'),
                ('finish', 'failover.finish', 3, None),
            ],
            self.lanes(Type.FAILOVER, 2, 1, 2),
        )

    def test_of_a_capture(self) -> None:
        self.assertEqual(
            [('capture', 'capture.group', 0, None)],
            self.lanes(Type.CAPTURE, 1, 2),
        )
