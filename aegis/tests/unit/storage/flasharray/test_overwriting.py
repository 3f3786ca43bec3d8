# SPDX-License-Identifier: Apache-2.0
import dataclasses

from aegis.storage import base as contract
from aegis.storage import errors
from aegis.storage.flasharray import driver, faults
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes

GROUP = contract.ReplicationGroup('fa-east', 'pg')
TAGS = (contract.Tag('aegis:member', 'm1'),)


class OverwriteTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.array = fakes.FakeClient('fa-west')
        self.driver = driver.FlashArrayDriver('fa-west', self.array)
        self.array.add_point(
            'fa-east:pg',
            '1',
            ['v', 'w'],
            fakes.at(1),
            completed=fakes.at(2),
        )
        (self.point,) = self.driver.recovery_points(GROUP, 1)
        self.overwrites = []
        for name in ('v', 'w'):
            volume = self.array.add_volume(f'old-{name}')
            self.array.set_tags(f'old-{name}', TAGS)
            self.overwrites.append(
                contract.Overwrite(
                    name, f'old-{name}', volume.serial, TAGS, 'safety-1'
                )
            )
        self.array.calls.clear()

    def overwrite(self, *overwrites):
        return self.driver.overwrite(self.point, overwrites or self.overwrites)

    def change(self, **fields):
        self.overwrites[1] = dataclasses.replace(self.overwrites[1], **fields)

    def assertRefused(self, kind):
        error = self.assertRaises(kind, self.overwrite)
        self.assertEqual([], self.array.writes)
        return error

    def test_saved_first_then_filled_then_marked(self):
        found = self.overwrite()
        self.assertEqual(
            ['snapshot_volumes', 'copy', 'tag'], self.array.writes
        )
        self.assertEqual(['old-v', 'old-w'], [volume.name for volume in found])
        self.assertEqual('fa-east:v', self.array.volume('old-v').source)
        self.assertEqual(
            self.overwrites[0].serial, self.array.volume('old-v').serial
        )
        self.assertEqual(TAGS, found[0].tags)
        self.assertEqual(
            2,
            len(
                self.array.volume_snapshots(
                    ['old-v.safety-1', 'old-w.safety-1']
                )
            ),
        )

    def test_a_second_time_changes_nothing_even_in_use(self):
        self.overwrite()
        self.array.change_volume('old-v', connections=1)
        self.array.calls.clear()
        self.overwrite()
        self.assertEqual([], self.array.writes)

    def test_another_safety_name_is_another_overwrite(self):
        self.overwrite()
        self.array.calls.clear()
        self.change(safety_name='safety-2')
        self.overwrite()
        self.assertEqual(
            ['snapshot_volumes', 'copy', 'tag'], self.array.writes
        )

    def test_different_safety_names_at_once(self):
        self.change(safety_name='safety-2')
        self.overwrite()
        self.assertEqual(2, self.array.count('snapshot_volumes'))
        self.assertEqual(1, self.array.count('copy'))

    def test_what_was_saved_is_never_saved_again(self):
        """A second snapshot would hold what was half overwritten."""
        for method in ('copy', 'tag'):
            self.array.fail(method, errors.ArrayUnreachable('gone'))
            self.assertRaises(errors.ArrayUnreachable, self.overwrite)
        self.overwrite()
        self.assertEqual(1, self.array.count('snapshot_volumes'))

    def test_a_lost_answer_is_looked_up(self):
        self.array.fail('copy', faults.OutcomeUnknown('?'), done=True)
        self.overwrite()
        self.assertEqual(1, self.array.count('snapshot_volumes'))

    def test_nothing_to_do(self):
        self.assertEqual([], self.driver.overwrite(self.point, []))

    def test_another_serial_is_refused(self):
        self.change(serial='OTHER')
        self.assertIn('OTHER', str(self.assertRefused(errors.GuardFailed)))

    def test_a_missing_volume_is_refused(self):
        self.change(target='nothing')
        self.assertRefused(errors.GuardFailed)

    def test_missing_birth_tags_are_refused(self):
        self.change(tags=(*TAGS, contract.Tag('more', 'x')))
        self.assertRefused(errors.BirthTagMissing)

    def test_no_birth_tags_are_refused(self):
        self.change(tags=())
        self.assertRefused(errors.GuardFailed)

    def test_a_connected_volume_is_refused(self):
        self.array.change_volume('old-w', connections=1)
        self.assertRefused(errors.VolumeInUse)

    def test_a_volume_without_a_copy_is_refused(self):
        self.change(volume='x')
        self.assertRefused(errors.PointIncomplete)

    def test_a_lost_point_is_refused(self):
        self.array.destroy_snapshot(self.point.name)
        self.assertRefused(errors.PointIncomplete)

    def test_a_destroyed_safety_snapshot_is_refused(self):
        self.array.add_snapshot('old-w.safety-1', destroyed=True)
        self.assertRefused(errors.GuardFailed)
