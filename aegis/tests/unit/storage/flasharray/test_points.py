# SPDX-License-Identifier: Apache-2.0
import hypothesis
from hypothesis import strategies

from aegis.storage import base as contract
from aegis.storage import errors
from aegis.storage.flasharray import health, points, records
from aegis.tests import base
from aegis.tests.unit.storage.flasharray import fakes

GROUP = contract.ReplicationGroup('fa-east', 'pg')
LOCAL = 'fa-east:pg'


class PointsTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.array = fakes.FakeClient('fa-west')
        self.points = points.Points(self.array, 'fa-west')

    def arrived(self, suffix, minute, volumes=('v', 'w'), group=LOCAL):
        return self.array.add_point(
            group,
            suffix,
            volumes,
            fakes.at(minute),
            completed=fakes.at(minute + 1),
        )

    def names(self, limit=10):
        found = self.points.newest([GROUP], limit)[GROUP]
        return [point.name for point in found]


class NewestTest(PointsTestCase):
    def test_a_point_tells_all_about_itself(self):
        self.arrived('1', 5)
        (point,) = self.points.newest([GROUP], 1)[GROUP]
        self.assertEqual(
            contract.RecoveryPoint(
                group=GROUP,
                name='fa-east:pg.1',
                created_at=fakes.at(5),
                completed_at=fakes.at(6),
                size_bytes=2 * fakes.GIB,
                volumes=(
                    contract.PointVolume('v', 'fa-east:pg.1.v', fakes.GIB),
                    contract.PointVolume('w', 'fa-east:pg.1.w', fakes.GIB),
                ),
            ),
            point,
        )

    def test_newest_by_when_the_data_was_frozen(self):
        self.arrived('late', 30)
        self.arrived('early', 10)
        self.arrived('middle', 20)
        self.assertEqual(
            ['fa-east:pg.late', 'fa-east:pg.middle', 'fa-east:pg.early'],
            self.names(),
        )
        self.assertEqual(['fa-east:pg.late'], self.names(limit=1))
        self.assertEqual([], self.names(limit=0))

    def test_a_snapshot_that_is_only_listed_is_no_point(self):
        self.array.add_point(LOCAL, '1', ['v'], fakes.at(1), progress=None)
        self.assertEqual([], self.names())

    def test_a_transfer_under_way_is_no_point(self):
        self.array.add_point(LOCAL, '1', ['v'], fakes.at(1), progress=0.5)
        self.array.add_point(LOCAL, '2', ['v'], fakes.at(2), progress=1.0)
        self.array.add_point(
            LOCAL, '3', ['v'], fakes.at(3), 0.9, completed=fakes.at(4)
        )
        self.assertEqual([], self.names())

    def test_a_point_without_any_copy_is_no_point(self):
        self.arrived('1', 1, volumes=())
        self.assertEqual([], self.names())

    def test_a_point_that_lost_a_copy_is_no_point(self):
        self.arrived('1', 1)
        self.array.destroy_snapshot('fa-east:pg.1.w')
        self.assertEqual([], self.names())

    def test_a_destroyed_point_is_no_point(self):
        self.arrived('1', 1)
        self.array.destroy_snapshot('fa-east:pg.1')
        self.assertEqual([], self.names())

    def test_bad_points_do_not_use_up_the_limit(self):
        for number in range(1, 6):
            self.arrived(str(number), number)
        for number in (5, 4):
            self.array.destroy_snapshot(f'fa-east:pg.{number}.v')
        self.assertEqual(['fa-east:pg.3', 'fa-east:pg.2'], self.names(limit=2))

    def test_an_unknown_group_has_none(self):
        self.assertEqual([], self.names())

    def test_neighbours_are_not_mixed_up(self):
        self.arrived('1', 1)
        self.arrived('1', 1, group='fa-east:pg2')
        self.arrived('10', 10)
        (ten, one) = self.points.newest([GROUP], 5)[GROUP]
        self.assertEqual(
            ('fa-east:pg.10', 'fa-east:pg.1'), (ten.name, one.name)
        )
        self.assertEqual(2, len(one.volumes))

    def test_the_owner_holds_its_own_snapshots(self):
        group = contract.ReplicationGroup('fa-west', 'own')
        self.array.add_point('own', '1', ['v'], fakes.at(1), progress=None)
        (point,) = self.points.newest([group], 1)[group]
        self.assertEqual(
            ('own.1', fakes.at(1), 'v'),
            (point.name, point.completed_at, point.volumes[0].volume),
        )
        self.assertEqual([], self.points.newest([group], 1, sent=True)[group])

    def test_a_point_has_arrived_when_it_is_at_every_target(self):
        group = contract.ReplicationGroup('fa-west', 'own')
        self.array.add_point(
            'own', '1', ['v'], fakes.at(1), completed=fakes.at(2)
        )
        self.array._transfers.append(records.Transfer('own.1', 0.5, None))
        self.assertEqual([], self.points.newest([group], 1, sent=True)[group])

    def test_calls_do_not_grow_with_points_volumes_or_groups(self):
        groups = []
        for number in range(20):
            group = contract.ReplicationGroup('fa-east', f'g{number}')
            groups.append(group)
            for point in range(5):
                self.arrived(
                    str(point), point, 'abcdefgh', f'fa-east:g{number}'
                )
        found = self.points.newest(groups, 3)
        self.assertEqual({3}, {len(points) for points in found.values()})
        self.assertEqual(3, len(self.array.calls))

    @hypothesis.settings(max_examples=60, deadline=None)
    @hypothesis.given(
        strategies.lists(
            strategies.tuples(
                strategies.integers(0, 50),
                strategies.sampled_from(
                    ['good', 'listed', 'half', 'destroyed', 'partial']
                ),
            ),
            max_size=12,
        ),
        strategies.integers(1, 5),
    )
    def test_only_good_points_and_all_that_fit(self, plan, limit):
        array = fakes.FakeClient('fa-west')
        good = []
        for number, (minute, kind) in enumerate(plan):
            progress = {'listed': None, 'half': 0.5}.get(kind, 1.0)
            completed = fakes.at(minute) if progress == 1.0 else None
            name = array.add_point(
                LOCAL,
                str(number),
                ['v', 'w'],
                fakes.at(minute),
                progress,
                completed,
            )
            if kind == 'destroyed':
                array.destroy_snapshot(name)
            if kind == 'partial':
                array.destroy_snapshot(f'{name}.v')
            if kind == 'good':
                good.append(fakes.at(minute))
        found = points.Points(array, 'fa-west').newest([GROUP], limit)[GROUP]
        self.assertEqual(
            sorted(good, reverse=True)[:limit],
            [point.created_at for point in found],
        )


class RequireCompleteTest(PointsTestCase):
    def point(self, suffix='1', group=GROUP):
        return contract.RecoveryPoint(
            group=group,
            name=f'{LOCAL}.{suffix}' if group is GROUP else f'own.{suffix}',
            created_at=fakes.at(1),
            completed_at=fakes.at(2),
            size_bytes=1,
            volumes=(contract.PointVolume('v', 'x', 1),),
        )

    def assertRefused(self, point):
        error = self.assertRaises(
            errors.PointIncomplete, self.points.require_complete, point
        )
        self.assertIn(point.name, str(error))

    def test_an_arrived_point_passes(self):
        self.arrived('1', 1)
        self.points.require_complete(self.point())

    def test_others_are_refused(self):
        self.assertRefused(self.point('0'))
        self.array.add_point(LOCAL, '1', ['v'], fakes.at(1), progress=0.5)
        self.assertRefused(self.point('1'))
        self.arrived('2', 2)
        self.array.destroy_snapshot(f'{LOCAL}.2')
        self.assertRefused(self.point('2'))

    def test_points_of_the_array_itself_need_no_transfer(self):
        own = contract.ReplicationGroup('fa-west', 'own')
        self.assertRefused(self.point(group=own))
        self.array.add_point('own', '1', ['v'], fakes.at(1), progress=None)
        self.points.require_complete(self.point(group=own))
        self.array.destroy_snapshot('own.1')
        self.assertRefused(self.point(group=own))

    def test_a_volume_without_a_copy_is_named(self):
        error = self.assertRaises(
            errors.PointIncomplete,
            points.copies_of,
            self.point(),
            ['v', 'w', 'x'],
        )
        self.assertIn('w, x', str(error))


class HealthTest(PointsTestCase):
    def setUp(self):
        super().setUp()
        self.health = health.Health(self.array, 'fa-west', self.points)
        self.array.add_group(LOCAL, targets=['fa-west'])
        self.array.links = [records.Connection('fa-east', True)]

    def one(self, group=GROUP):
        (found,) = self.health.of([group])
        return found

    def test_everything_is_fine(self):
        self.arrived('1', 50)
        self.assertEqual(
            contract.ReplicationHealth(
                group=GROUP,
                link_connected=True,
                schedule_enabled=True,
                interval_seconds=300.0,
                lag_seconds=600.0,
                newest_point='fa-east:pg.1',
            ),
            self.one(),
        )

    def test_a_schedule_that_is_off_has_no_interval(self):
        self.array.set_schedule(LOCAL, False)
        found = self.one()
        self.assertFalse(found.schedule_enabled)
        self.assertIsNone(found.interval_seconds)

    def test_without_a_point_there_is_no_lag(self):
        found = self.one()
        self.assertIsNone(found.lag_seconds)
        self.assertIsNone(found.newest_point)

    def test_a_cut_link_is_seen(self):
        self.array.links = [records.Connection('fa-east', False)]
        self.assertFalse(self.one().link_connected)
        self.array.links = []
        self.assertFalse(self.one().link_connected)

    def test_a_target_that_does_not_allow_receives_nothing(self):
        self.array._targets = []
        self.array.add_target(LOCAL, 'fa-west', allowed=False)
        self.assertFalse(self.one().link_connected)

    def test_a_group_unknown_here_is_off(self):
        found = self.one(contract.ReplicationGroup('fa-east', 'other'))
        self.assertFalse(found.schedule_enabled)
        self.assertIsNone(found.interval_seconds)

    def test_the_owner_looks_at_the_links_to_its_targets(self):
        own = contract.ReplicationGroup('fa-west', 'own')
        self.array.add_group('own', targets=['fa-east', 'fa-south'])
        self.assertFalse(self.one(own).link_connected)
        self.array.links.append(records.Connection('fa-south', True))
        self.assertTrue(self.one(own).link_connected)

    def test_without_the_clock_of_the_array_there_is_no_answer(self):
        self.array.now = None
        self.assertRaises(errors.ArrayFailed, self.health.of, [GROUP])

    def test_calls_do_not_grow_with_groups(self):
        groups = [
            contract.ReplicationGroup('fa-east', f'g{n}') for n in range(50)
        ]
        for group in groups:
            self.arrived('1', 1, group=f'fa-east:{group.name}')
        self.assertEqual(groups, [h.group for h in self.health.of(groups)])
        self.assertEqual(7, len(self.array.calls))
        self.assertEqual([], self.health.of([]))
