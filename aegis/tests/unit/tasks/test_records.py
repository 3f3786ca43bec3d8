# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from aegis.db import checkpoints, members
from aegis.tasks import access, base, results
from aegis.tests import base as test_base
from aegis.tests.fixtures import bench


class Reading(access.GroupTask):
    result_type = results.Recorded

    def observe(self) -> results.Recorded:
        source = self.captured.server.name
        return results.Recorded(f'{source} {len(self.protected_placements())}')


class ReadingFirst(Reading):
    step = 'first'


class ReadingAgain(Reading):
    step = 'again'


class LaneRecordsTest(test_base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))

    def read(self, *steps: type[base.JournaledTask]) -> tuple[int, int]:
        """Run a lane; how often checkpoint and placements were read."""
        with (
            mock.patch.object(
                checkpoints,
                'latest_checkpoint',
                wraps=self.bench.records.latest_checkpoint,
            ) as captured,
            mock.patch.object(
                members, 'placements', wraps=self.bench.records.placements
            ) as placed,
        ):
            rig = self.bench.rig('web')
            rig.run(*steps)
            self.assertEqual(
                results.Recorded('web 1'), bench.result(rig, steps[-1])
            )
            return captured.call_count, placed.call_count

    def test_the_steps_of_a_lane_read_them_once(self) -> None:
        self.assertEqual((1, 1), self.read(ReadingFirst, ReadingAgain))

    def test_each_lane_reads_them_anew(self) -> None:
        self.read(ReadingFirst)

        self.assertEqual((1, 1), self.read(ReadingFirst))
