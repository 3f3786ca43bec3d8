# SPDX-License-Identifier: Apache-2.0
"""What every storage driver must do, over each of them."""

import dataclasses
import datetime
import threading

from aegis.storage import base as contract
from aegis.storage import errors, noop
from aegis.tests import base
from aegis.tests.fixtures import arrays
from aegis.tests.functional.storage import worlds
from aegis.tests.functional.storage.worlds import EAST, WEST


class ConformanceTests:
    """Mixed into a test case that gives ``self.world``."""

    world: worlds.World

    def setUp(self):
        super().setUp()
        self.world = self.make_world()
        self.east, self.west = self.world.east, self.world.west
        self.operation = contract.Tag(
            'aegis:operation', self.world.unique('operation')
        )
        self.volumes = [
            self.world.add_volume(EAST, f'volume-{name}')
            for name in ('one', 'two', 'three')
        ]
        self.group = self.world.add_group('group', self.volumes)

    def tags(self, member='member'):
        return (self.operation, contract.Tag('aegis:member', member))

    def take_point(self, suffix='first'):
        name = self.east.create_recovery_point(self.group, suffix)
        arrays.wait_until(
            lambda: any(
                point.name.endswith(name)
                for point in self.west.recovery_points(self.group, 1)
            ),
            'the recovery point to arrive',
        )
        return self.west.recovery_points(self.group, 1)[0]

    def promotions(self, volumes=None, tags=None):
        return [
            contract.Promotion(volume, f'new-{volume}', tags or self.tags())
            for volume in volumes or self.volumes
        ]

    def promote(self, volumes=None):
        point = self.take_point()
        return self.west.promote(point, self.promotions(volumes))

    # capabilities, capacity

    def test_capabilities(self):
        found = self.west.capabilities()
        self.assertIn(contract.ReplicationKind.ASYNC, found.replication)
        self.assertGreaterEqual(found.batch_limit, 1)
        self.assertTrue(found.overwrite)

    def test_capacity_is_of_the_right_array_and_has_its_clock(self):
        before = self.east.capacity()
        self.assertEqual(EAST, before.array)
        self.assertGreater(before.total_bytes, before.used_bytes)
        self.assertIsNotNone(before.now.tzinfo)
        self.assertLessEqual(before.now, self.east.capacity().now)

    # resolve

    def test_resolve_answers_in_order_with_groups_and_targets(self):
        references = [
            contract.VolumeReference('a', EAST, self.volumes[2]),
            contract.VolumeReference('b', EAST, 'nothing-of-that-name'),
            contract.VolumeReference('c', None, self.volumes[0]),
            contract.VolumeReference('d', None, None),
        ]
        found = self.east.resolve(references)
        self.assertEqual(['a', 'b', 'c', 'd'], [v.volume_id for v in found])
        self.assertEqual(
            [self.volumes[2], None, self.volumes[0], None],
            [v.name for v in found],
        )
        self.assertEqual((self.group,), found[0].groups)
        (target,) = found[0].targets
        self.assertEqual((WEST, True), (target.array, target.allowed))
        self.assertEqual(worlds.MIB, found[0].size_bytes)
        self.assertTrue(found[0].serial)
        self.assertNotEqual(found[0].serial, found[2].serial)
        self.assertEqual((), found[1].groups)

    def test_resolve_survives_odd_names(self):
        for name in ('*', "a'b", 'a,b', '', ' ', 'a*', '(', "' or name='*"):
            (found,) = self.east.resolve(
                [contract.VolumeReference('x', EAST, name)]
            )
            self.assertIsNone(found.name, name)

    def test_resolve_finds_a_volume_by_its_cinder_id(self):
        volume_id = self.world.unique('0a1b')
        name = f'volume-{volume_id}-cinder'
        self.world.rename(EAST, self.volumes[0], name)
        (found,) = self.east.resolve(
            [contract.VolumeReference(volume_id, None, self.volumes[0])]
        )
        self.assertEqual(name, found.name)

    def test_resolve_tells_whether_a_host_is_connected(self):
        self.world.connect(EAST, self.volumes[1])
        found = self.east.resolve(
            [contract.VolumeReference(v, EAST, v) for v in self.volumes]
        )
        self.assertEqual([False, True, False], [v.connected for v in found])

    # recovery points

    def test_a_group_without_points_or_at_all_has_none(self):
        self.assertEqual([], self.west.recovery_points(self.group, 5))
        unknown = dataclasses.replace(self.group, name='unknown')
        self.assertEqual([], self.west.recovery_points(unknown, 5))

    def test_a_point_has_a_copy_of_every_volume(self):
        before = self.east.capacity().now
        point = self.take_point()
        self.assertEqual(self.group, point.group)
        self.assertEqual(
            sorted(self.volumes), sorted(c.volume for c in point.volumes)
        )
        self.assertEqual({worlds.MIB}, {c.size_bytes for c in point.volumes})
        self.assertEqual(3 * worlds.MIB, point.size_bytes)
        self.assertLessEqual(point.created_at, point.completed_at)
        self.assertLess(
            before - datetime.timedelta(minutes=1), point.created_at
        )

    def test_points_come_newest_first_and_limited(self):
        names = [self.take_point(s).name for s in ('a', 'b', 'c')]
        self.assertEqual(
            names[::-1],
            [p.name for p in self.west.recovery_points(self.group, 5)],
        )
        self.assertEqual(
            names[:0:-1],
            [p.name for p in self.west.recovery_points(self.group, 2)],
        )

    def test_a_point_is_made_once_per_name(self):
        first = self.east.create_recovery_point(self.group, 'final')
        self.assertEqual(
            first, self.east.create_recovery_point(self.group, 'final')
        )
        self.take_point('next')
        self.assertEqual(2, len(self.west.recovery_points(self.group, 9)))

    def test_only_the_owner_makes_points(self):
        self.assertRaises(
            errors.WrongArray,
            self.west.create_recovery_point,
            self.group,
            'x',
        )

    def test_no_point_of_an_unknown_group(self):
        unknown = dataclasses.replace(self.group, name='unknown')
        self.assertRaises(
            errors.NotFound, self.east.create_recovery_point, unknown, 'x'
        )

    def test_a_lost_point_is_not_listed(self):
        kept, lost = self.take_point('kept'), self.take_point('lost')
        self.world.lose_point(lost)
        self.assertEqual([kept], self.west.recovery_points(self.group, 5))

    # replication health

    def test_health_before_and_after_the_first_point(self):
        (health,) = self.west.replication_health([self.group])
        self.assertIsNone(health.lag_seconds)
        self.assertIsNone(health.newest_point)
        self.assertTrue(health.link_connected)
        point = self.take_point()
        (health,) = self.west.replication_health([self.group])
        self.assertEqual(point.name, health.newest_point)
        self.assertTrue(0 <= health.lag_seconds < 60, health)

    def test_health_of_several_groups_in_order(self):
        unknown = dataclasses.replace(self.group, name='unknown')
        asked = [unknown, self.group]
        found = self.west.replication_health(asked)
        self.assertEqual(asked, [health.group for health in found])
        self.assertIsNone(found[0].newest_point)

    def test_health_tells_of_a_cut_link(self):
        self.addCleanup(self.world.set_link, True)
        self.world.set_link(False)
        arrays.wait_until(
            lambda: not self.link_connected(), 'the cut to be noticed'
        )
        self.world.set_link(True)
        arrays.wait_until(self.link_connected, 'the link to come back')

    def link_connected(self):
        (health,) = self.west.replication_health([self.group])
        return health.link_connected

    def test_pause_and_resume(self):
        for change, enabled in (
            (self.east.resume, True),
            (self.east.resume, True),
            (self.east.pause, False),
            (self.east.pause, False),
            (self.east.resume, True),
        ):
            change(self.group)
            (health,) = self.east.replication_health([self.group])
            self.assertEqual(enabled, health.schedule_enabled)
            self.assertEqual(enabled, health.interval_seconds is not None)

    def test_only_the_owner_pauses(self):
        self.assertRaises(errors.WrongArray, self.west.pause, self.group)
        unknown = dataclasses.replace(self.group, name='unknown')
        self.assertRaises(errors.NotFound, self.east.pause, unknown)

    # promote, find

    def test_promotion_makes_new_volumes_in_order(self):
        point = self.take_point()
        wanted = self.promotions(self.volumes[::-1])
        found = self.west.promote(point, wanted)
        self.assertEqual([p.name for p in wanted], [v.name for v in found])
        for volume in found:
            self.assertEqual(set(self.tags()), set(volume.tags))
            self.assertEqual(worlds.MIB, volume.size_bytes)
            self.assertFalse(volume.connected)
            self.assertTrue(self.world.exists(WEST, volume.name))
        self.assertEqual(3, len({volume.serial for volume in found}))
        self.assertEqual([], self.west.promote(point, []))

    def test_promoting_again_changes_nothing(self):
        point = self.take_point()
        first = self.west.promote(point, self.promotions())
        self.assertEqual(first, self.west.promote(point, self.promotions()))
        self.assertEqual(3, len(self.west.find(self.tags())))

    def test_promoting_the_rest_keeps_what_is_there(self):
        point = self.take_point()
        some = self.west.promote(point, self.promotions(self.volumes[:1]))
        every = self.west.promote(point, self.promotions())
        self.assertEqual(some[0], every[0])
        self.assertEqual(3, len(self.west.find(self.tags())))

    def test_promoting_again_after_cinder_renamed(self):
        point = self.take_point()
        self.west.promote(point, self.promotions())
        new_name = self.world.unique('volume-managed-cinder')
        self.world.rename(WEST, f'new-{self.volumes[1]}', new_name)
        found = self.west.promote(point, self.promotions())
        self.assertEqual(new_name, found[1].name)
        self.assertEqual(3, len(self.west.find(self.tags())))

    def test_a_strangers_volume_is_neither_taken_nor_harmed(self):
        point = self.take_point()
        stranger = self.world.add_volume(WEST, 'stranger')
        promotions = [
            *self.promotions(self.volumes[:1]),
            contract.Promotion(self.volumes[1], stranger, self.tags()),
        ]
        self.assertRaises(
            errors.NameTaken, self.west.promote, point, promotions
        )
        self.assertTrue(self.world.exists(WEST, stranger))
        self.assertEqual([], self.west.find(self.tags()))

    def test_a_volume_of_another_operation_is_a_stranger(self):
        point = self.take_point()
        self.west.promote(point, self.promotions())
        others = self.promotions(tags=(contract.Tag('other', 'x'),))
        self.assertRaises(errors.NameTaken, self.west.promote, point, others)

    def test_a_lost_point_is_not_promoted(self):
        point = self.take_point()
        self.world.lose_point(point)
        self.assertRaises(
            errors.PointIncomplete,
            self.west.promote,
            point,
            self.promotions(),
        )

    def test_a_volume_that_is_not_in_the_point_is_not_promoted(self):
        point = self.take_point()
        self.assertRaises(
            errors.PointIncomplete,
            self.west.promote,
            point,
            self.promotions([*self.volumes, 'nothing']),
        )
        self.assertEqual([], self.west.find(self.tags()))

    def test_promotion_again_after_a_discard(self):
        point = self.take_point()
        first = self.west.promote(point, self.promotions())
        self.west.discard([v.name for v in first], self.tags())
        again = self.west.promote(point, self.promotions())
        self.assertEqual([v.name for v in first], [v.name for v in again])
        self.assertEqual(again, self.west.promote(point, self.promotions()))

    def test_many_threads_promote_the_same_at_once(self):
        point = self.take_point()
        found = []

        def promote():
            found.append(self.west.promote(point, self.promotions()))

        threads = [threading.Thread(target=promote) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([found[0]] * 6, found)
        self.assertEqual(3, len(self.west.find(self.tags())))

    def test_find_wants_all_tags(self):
        self.promote()
        self.assertEqual(3, len(self.west.find([self.operation])))
        self.assertEqual([], self.west.find(self.tags('other')))
        self.assertEqual([], self.west.find([contract.Tag("o'dd", '*')]))

    def test_find_without_tags_is_refused(self):
        self.assertRaises(errors.GuardFailed, self.west.find, [])

    # discard

    def test_discard_spares_what_is_not_named(self):
        found = self.promote()
        names = [volume.name for volume in found]
        self.west.discard(names[:2], self.tags())
        self.assertEqual(found[2:], self.west.find(self.tags()))
        self.west.discard(names, self.tags())
        self.west.discard(names, self.tags())
        self.assertEqual([], self.west.find(self.tags()))

    def test_discard_refuses_a_stranger_before_it_begins(self):
        names = [volume.name for volume in self.promote()]
        stranger = self.world.add_volume(WEST, 'stranger')
        self.assertRaises(
            errors.BirthTagMissing,
            self.west.discard,
            [*names, stranger],
            self.tags(),
        )
        self.assertTrue(self.world.exists(WEST, stranger))
        self.assertEqual(3, len(self.west.find(self.tags())))

    def test_discard_refuses_a_connected_volume_before_it_begins(self):
        names = [volume.name for volume in self.promote()]
        self.world.connect(WEST, names[2])
        self.assertRaises(
            errors.VolumeInUse, self.west.discard, names, self.tags()
        )
        self.assertEqual(3, len(self.west.find(self.tags())))
        self.world.disconnect(WEST, names[2])
        self.west.discard(names, self.tags())

    def test_discard_without_tags_is_refused(self):
        names = [volume.name for volume in self.promote()]
        self.assertRaises(errors.GuardFailed, self.west.discard, names, [])

    # overwrite

    def overwrites(self, found, safety_name='safety-1', **changes):
        return [
            dataclasses.replace(
                contract.Overwrite(
                    volume, one.name, one.serial, self.tags(), safety_name
                ),
                **changes,
            )
            for volume, one in zip(self.volumes, found, strict=True)
        ]

    def test_overwriting_keeps_the_identity_of_volumes(self):
        found = self.promote()
        point = self.take_point('second')
        after = self.west.overwrite(point, self.overwrites(found))
        self.assertEqual(
            [(v.name, v.serial, v.tags) for v in found],
            [(v.name, v.serial, v.tags) for v in after],
        )
        self.assertEqual(
            after, self.west.overwrite(point, self.overwrites(found))
        )

    def test_overwriting_refuses_what_is_not_the_recorded_volume(self):
        found = self.promote()
        point = self.take_point('second')
        for kind, changes in (
            (errors.GuardFailed, {'serial': 'OTHER'}),
            (errors.GuardFailed, {'target': 'nothing-of-that-name'}),
            (errors.GuardFailed, {'tags': ()}),
            (errors.BirthTagMissing, {'tags': self.tags('other')}),
            (errors.PointIncomplete, {'volume': 'nothing'}),
        ):
            overwrites = self.overwrites(found)
            overwrites[2] = dataclasses.replace(overwrites[2], **changes)
            self.assertRaises(kind, self.west.overwrite, point, overwrites)

    def test_overwriting_refuses_a_connected_volume(self):
        found = self.promote()
        point = self.take_point('second')
        self.world.connect(WEST, found[0].name)
        self.assertRaises(
            errors.VolumeInUse,
            self.west.overwrite,
            point,
            self.overwrites(found),
        )

    # protect, unprotect

    def groups_of(self, volume):
        (found,) = self.east.resolve(
            [contract.VolumeReference(volume, EAST, volume)]
        )
        return found.groups

    def test_protect_and_unprotect(self):
        extra = self.world.add_volume(EAST, 'extra')
        self.east.protect([extra, self.volumes[0]], self.group)
        self.east.protect([extra], self.group)
        self.assertEqual((self.group,), self.groups_of(extra))
        self.east.unprotect([extra], self.group)
        self.east.unprotect([extra], self.group)
        self.assertEqual((), self.groups_of(extra))
        self.assertEqual((self.group,), self.groups_of(self.volumes[0]))

    def test_protecting_what_does_not_exist(self):
        unknown = dataclasses.replace(self.group, name='unknown')
        self.assertRaises(
            errors.NotFound, self.east.protect, self.volumes[:1], unknown
        )
        self.assertRaises(
            errors.NotFound, self.east.protect, ['nothing'], self.group
        )
        self.assertRaises(
            errors.WrongArray, self.west.protect, ['x'], self.group
        )

    # errors and sessions

    def test_closing_twice_and_going_on(self):
        self.east.close()
        self.east.close()
        self.assertEqual(EAST, self.east.capacity().array)


class NoopConformanceTest(ConformanceTests, base.TestCase):
    def make_world(self):
        noop.reset()
        self.addCleanup(noop.reset)
        return worlds.NoopWorld()


class FlashArrayConformanceTest(ConformanceTests, base.TestCase):
    """Over two simulated arrays in two other processes."""

    profile = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = worlds.shared_arrays(cls.profile)

    def make_world(self):
        world = worlds.FlashArrayWorld(self.pair)
        self.addCleanup(world.close)
        return world


class OldFlashArrayConformanceTest(FlashArrayConformanceTest):
    """Over arrays too old to make many volumes in one request."""

    profile = '2.26'
