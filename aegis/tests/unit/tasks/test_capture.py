# SPDX-License-Identifier: Apache-2.0
import datetime

from aegis import models
from aegis.clouds import objects
from aegis.common import exception
from aegis.tasks import capture
from aegis.tests import base
from aegis.tests.fixtures import bench, journal

LaneState = models.LaneState
WEB = bench.MEMBERS['web']


class CaptureGroupTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.records = self.bench.records
        later = journal.NOW - datetime.timedelta(seconds=1)
        self.bench.operation = journal.make_operation(created_at=later)
        self.records.checkpoint = None

    def capture(self) -> journal.LaneRig:
        rig = self.bench.rig()
        rig.run(capture.CaptureGroup)
        return rig

    def server(self) -> objects.Server:
        return next(
            server
            for server in self.bench.east.servers.values()
            if server.name == 'web'
        )

    def test_all_members_are_in_the_new_checkpoint(self) -> None:
        rig = self.capture()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(
            'checkpoint 1', bench.result(rig, capture.CaptureGroup).subject
        )
        self.assertEqual(
            {*bench.MEMBERS.values(), None},
            {each.member_id for each in self.records.checkpoint.resources},
        )

    def test_where_members_live_is_brought_up_to_date(self) -> None:
        self.bench.east.change_volume(
            self.server().attachments[0].volume_id, name='renamed'
        )

        self.capture()

        (volume,) = self.records.places[WEB, 'east'].volumes
        self.assertEqual('renamed', volume.name)

    def test_what_the_array_called_a_volume_stays(self) -> None:
        before = self.records.places[WEB, 'east'].volumes
        self.bench.east.change_volume(
            self.server().attachments[0].volume_id,
            array=None,
            array_volume=None,
        )

        self.capture()

        self.assertEqual(before, self.records.places[WEB, 'east'].volumes)

    def test_the_array_is_kept_where_cinder_tells_the_name_only(self) -> None:
        before = self.records.places[WEB, 'east'].volumes
        self.bench.east.change_volume(
            self.server().attachments[0].volume_id, array=None
        )

        self.capture()

        self.assertEqual(before, self.records.places[WEB, 'east'].volumes)

    def test_once_is_enough_after_a_kill(self) -> None:
        rig = self.bench.rig()
        with rig.killed_at('capture_group', 'acting'):
            rig.run(capture.CaptureGroup)

        rig.run(capture.CaptureGroup)

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(1, self.records.checkpoint.version)

    def test_an_old_checkpoint_is_not_enough(self) -> None:
        self.capture()
        self.bench.operation = journal.make_operation(
            created_at=journal.NOW + datetime.timedelta(seconds=1)
        )
        rig = self.bench.rig()
        self.conf.set_override('recovery_timeout', 5, group='failover')

        rig.run(capture.CaptureGroup)

        self.assertEqual(2, self.records.checkpoint.version)

    def test_a_member_whose_server_was_deleted(self) -> None:
        server = self.server()
        del self.bench.east.servers[server.id]

        rig = self.capture()

        row = rig.store.step('capture_group')
        self.assertEqual(exception.CloudNotFound.code, row.error_code)
        self.assertIn(f'there is no server {server.id}', row.message)
        self.assertIsNone(self.records.checkpoint)

    def test_a_protected_site_that_does_not_answer(self) -> None:
        self.bench.east.down = True

        rig = self.capture()

        self.assertEqual('aegis.cloud.unavailable', rig.store.lane.error_code)
        self.assertIs(LaneState.REVERTED, rig.store.lane.state)
