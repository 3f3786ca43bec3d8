# SPDX-License-Identifier: Apache-2.0
import dataclasses

from aegis.storage import base as contract
from aegis.storage import errors
from aegis.storage.flasharray import driver, faults
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes

OWN = contract.ReplicationGroup('fa-west', 'own')
OTHER = contract.ReplicationGroup('fa-east', 'pg')
TAGS = (contract.Tag('operation', 'o'), contract.Tag('member', 'm'))


class DriverTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.array = fakes.FakeClient('fa-west')
        self.driver = driver.FlashArrayDriver('fa-west', self.array)


class ArrayTest(DriverTestCase):
    def test_capabilities_need_no_call(self):
        found = self.driver.capabilities()
        self.assertEqual({contract.ReplicationKind.ASYNC}, found.replication)
        self.assertEqual(100, found.batch_limit)
        self.assertEqual([], self.array.calls)

    def test_capacity_has_the_clock_of_the_array(self):
        self.assertEqual(
            contract.Capacity('fa-west', 100, 40, 60, self.array.now),
            self.driver.capacity(),
        )

    def test_an_array_that_tells_no_time_is_told_on(self):
        self.array.now = None
        self.assertRaises(errors.ArrayFailed, self.driver.capacity)

    def test_closing_logs_out(self):
        self.driver.close()
        self.assertTrue(self.array.closed)

    def test_synchronous_groups_are_refused(self):
        group = dataclasses.replace(OWN, kind=contract.ReplicationKind.SYNC)
        for call in (
            lambda: self.driver.recovery_points(group, 1),
            lambda: self.driver.replication_health([OWN, group]),
            lambda: self.driver.create_recovery_point(group, 'x'),
            lambda: self.driver.pause(group),
        ):
            self.assertRaises(errors.ArrayRefused, call)
        self.assertEqual([], self.array.calls)


class CreateRecoveryPointTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        self.array.add_group('own', ['v'], ['fa-east'])

    def create(self, group=OWN):
        return self.driver.create_recovery_point(group, 'final')

    def test_it_is_named_by_the_array(self):
        self.assertEqual('own.final', self.create())

    def test_a_second_time_makes_no_second_one(self):
        self.create()
        self.assertEqual('own.final', self.create())
        self.assertEqual(1, self.array.count('snapshot_group'))

    def test_a_lost_answer_makes_no_second_one(self):
        self.array.fail(
            'snapshot_group', faults.OutcomeUnknown('?'), done=True
        )
        self.create()
        self.assertEqual(1, self.array.count('snapshot_group'))

    def test_a_destroyed_one_keeps_the_name(self):
        self.create()
        self.array.destroy_snapshot('own.final')
        self.assertRaises(errors.NameTaken, self.create)

    def test_an_unknown_group(self):
        group = contract.ReplicationGroup('fa-west', 'nothing')
        self.assertRaises(errors.NotFound, self.create, group)

    def test_only_the_owner_can(self):
        error = self.assertRaises(errors.WrongArray, self.create, OTHER)
        self.assertIn('fa-east', str(error))
        self.assertEqual([], self.array.calls)


class FindTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        for name, tags in (
            ('both', TAGS),
            ('one', TAGS[:1]),
            ('none', ()),
            ('also', (*TAGS, contract.Tag('more', 'x'))),
        ):
            self.array.add_volume(name)
            self.array.set_tags(name, tags)

    def names(self, tags):
        return [volume.name for volume in self.driver.find(tags)]

    def test_all_tags_count(self):
        self.assertEqual(['also', 'both'], self.names(TAGS))
        self.assertEqual(['also', 'both', 'one'], self.names(TAGS[:1]))
        self.assertEqual([], self.names([contract.Tag('member', 'other')]))

    def test_every_birth_tag_is_told(self):
        self.assertEqual(3, len(self.driver.find(TAGS)[0].tags))

    def test_destroyed_volumes_are_not_found(self):
        self.array.set_destroyed(['both'], True)
        self.assertEqual(['also'], self.names(TAGS))

    def test_no_tags_are_not_all_volumes(self):
        self.assertRaises(errors.GuardFailed, self.driver.find, [])


class DiscardTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        for name in ('v', 'w'):
            self.array.add_volume(name)
            self.array.set_tags(name, TAGS)

    def discard(self, *names, tags=TAGS):
        self.driver.discard(names, tags)

    def assertRefused(self, kind, *names, tags=TAGS):
        self.assertRaises(kind, self.driver.discard, names, tags)
        self.assertEqual([], self.array.writes)

    def test_volumes_are_destroyed_in_bulk_and_can_be_recovered(self):
        self.discard('v', 'w')
        self.assertTrue(self.array.volume('v').destroyed)
        self.assertTrue(self.array.volume('w').destroyed)
        self.assertEqual(['tag', 'set_destroyed'], self.array.writes)

    def test_what_is_gone_is_fine(self):
        self.discard('v')
        self.array.calls.clear()
        self.discard('v', 'nothing')
        self.assertEqual([], self.array.writes)

    def test_a_lost_answer_is_looked_up(self):
        self.array.fail('set_destroyed', faults.OutcomeUnknown('?'), True)
        self.discard('v')
        self.assertEqual(1, self.array.count('set_destroyed'))

    def test_one_that_vanishes_meanwhile_is_fine(self):
        self.array.fail('set_destroyed', errors.NotFound('gone'), True)
        self.discard('v', 'w')
        self.assertTrue(self.array.volume('w').destroyed)

    def test_a_volume_without_the_tags_stops_all(self):
        self.array.add_volume('x')
        self.array.set_tags('x', TAGS[:1])
        self.assertRefused(errors.BirthTagMissing, 'v', 'x')

    def test_a_connected_volume_stops_all(self):
        self.array.change_volume('w', connections=1)
        self.assertRefused(errors.VolumeInUse, 'v', 'w')

    def test_no_tags_are_no_guard(self):
        self.assertRefused(errors.GuardFailed, 'v', tags=())


class MembershipTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        for name in ('v', 'w'):
            self.array.add_volume(name)
        self.array.add_group('own', ['v'], ['fa-east'])

    def members(self):
        return sorted(m.volume for m in self.array.members('own'))

    def test_only_the_missing_are_added(self):
        self.driver.protect(['V', 'w'], OWN)
        self.assertEqual(['v', 'w'], self.members())
        self.driver.protect(['v', 'w'], OWN)
        self.assertEqual(1, self.array.count('add_members'))

    def test_only_members_are_taken_out(self):
        self.driver.unprotect(['V', 'w'], OWN)
        self.assertEqual([], self.members())
        self.driver.unprotect(['v', 'w'], OWN)
        self.assertEqual(1, self.array.count('remove_members'))

    def test_one_that_was_added_meanwhile_is_fine(self):
        self.array.fail('add_members', faults.AlreadyExists('is'), True)
        self.driver.protect(['w'], OWN)
        self.assertEqual(['v', 'w'], self.members())

    def test_an_unknown_volume_or_group(self):
        self.assertRaises(errors.NotFound, self.driver.protect, ['x'], OWN)
        group = contract.ReplicationGroup('fa-west', 'nothing')
        for call in (self.driver.protect, self.driver.unprotect):
            self.assertRaises(errors.NotFound, call, ['v'], group)

    def test_only_the_owner_can(self):
        for call in (self.driver.protect, self.driver.unprotect):
            self.assertRaises(errors.WrongArray, call, ['v'], OTHER)


class ScheduleTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        self.array.add_group('own', ['v'], ['fa-east'])

    def enabled(self):
        (group,) = self.array.groups(['own'])
        return group.schedule_enabled

    def test_it_is_switched_off_and_on_once(self):
        self.driver.pause(OWN)
        self.driver.pause(OWN)
        self.assertFalse(self.enabled())
        self.driver.resume(OWN)
        self.driver.resume(OWN)
        self.assertTrue(self.enabled())
        self.assertEqual(2, self.array.count('set_schedule'))

    def test_an_unknown_group(self):
        group = contract.ReplicationGroup('fa-west', 'nothing')
        self.assertRaises(errors.NotFound, self.driver.pause, group)

    def test_only_the_owner_can(self):
        self.assertRaises(errors.WrongArray, self.driver.pause, OTHER)
        self.assertRaises(errors.WrongArray, self.driver.resume, OTHER)
