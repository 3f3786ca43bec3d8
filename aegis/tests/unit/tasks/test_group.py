# SPDX-License-Identifier: Apache-2.0
import dataclasses

from aegis import models
from aegis.tasks import group, validate
from aegis.tests import base
from aegis.tests.fixtures import bench

LaneState = models.LaneState
WEB = bench.MEMBERS['web']


class GroupTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.records = self.bench.records
        self.bench.east.down = True


class RecordPlacementTest(GroupTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench.prepare()

    def placed(self) -> models.Placement | None:
        return self.records.places.get((WEB, 'west'))

    def test_where_the_member_lives_now(self) -> None:
        self.bench.recover('web')

        placed = self.placed()

        (server,) = self.bench.west.servers.values()
        (volume,) = self.bench.west.volumes.values()
        (floating,) = self.bench.west.floating_ips.values()
        self.assertEqual(server.id, placed.server_id)
        self.assertEqual(
            (
                models.PlacedVolume(
                    ordinal=0,
                    volume_id=volume.id,
                    name='web-0',
                    size_gib=1,
                    array='fa-west',
                    array_volume=volume.array_volume,
                ),
            ),
            placed.volumes,
        )
        (port,) = placed.ports
        self.assertEqual(floating.address, port.floating_ip)
        self.assertEqual(server.mac_addresses, (port.mac_address,))

    def test_a_kill_before_it_was_recorded(self) -> None:
        rig = self.bench.rig('web')
        with rig.killed_at('record_placement', 'acting'):
            rig.run(*bench.RECOVER)
        self.assertIsNotNone(self.placed())

        self.assertIs(LaneState.SUCCEEDED, rig.run(*bench.RECOVER))

    def test_a_stale_one_is_replaced(self) -> None:
        stale = dataclasses.replace(
            self.records.places[WEB, 'east'], site='west'
        )
        self.records.save_placement(None, stale)

        self.bench.recover('web')

        self.assertNotEqual(stale.server_id, self.placed().server_id)

    def test_undoing_forgets_it(self) -> None:
        rig = self.bench.recover('web')

        self.assertIs(LaneState.REVERTED, rig.undo(*bench.RECOVER))

        self.assertIsNone(self.placed())
        self.assertIn((WEB, 'east'), self.records.places)

    def test_undoing_keeps_what_another_run_recorded(self) -> None:
        rig = self.bench.recover('web')
        other = dataclasses.replace(self.placed(), server_id='another')
        self.records.save_placement(None, other)

        rig.undo(*bench.RECOVER)

        self.assertEqual('another', self.placed().server_id)

    def test_a_volume_that_vanished(self) -> None:
        rig = self.bench.recover('web', validate.ValidateMember)
        self.bench.west.volumes.clear()

        rig.run(*bench.RECOVER)

        row = rig.store.step('record_placement')
        self.assertEqual('aegis.cloud.not_found', row.error_code)


class ActivateRecoverySiteTest(GroupTestCase):
    def run_step(self) -> tuple[str, int]:
        self.bench.rig().run(group.ActivateRecoverySite)
        return self.records.group.active_site, self.records.group.epoch

    def test_the_epoch_is_raised(self) -> None:
        self.assertEqual(('west', 1), self.run_step())

    def test_the_epoch_is_raised_once(self) -> None:
        rig = self.bench.rig()
        with rig.killed_at('activate_recovery_site', 'acting'):
            rig.run(group.ActivateRecoverySite)

        state = rig.run(group.ActivateRecoverySite)

        self.assertIs(LaneState.SUCCEEDED, state)
        self.assertEqual(1, self.records.group.epoch)
        row = rig.store.step('activate_recovery_site')
        self.assertEqual({'subject': 'epoch 1'}, row.result)

    def test_it_is_never_undone(self) -> None:
        rig = self.bench.rig()
        rig.run(group.ActivateRecoverySite)

        rig.undo(group.ActivateRecoverySite)

        self.assertEqual('west', self.records.group.active_site)
