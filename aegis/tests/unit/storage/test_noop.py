# SPDX-License-Identifier: Apache-2.0
"""What the conformance suite cannot see of the noop driver."""

import datetime

from aegis.storage import base, errors, noop
from aegis.tests import base as test_base

TAGS = (base.Tag('operation', 'o1'), base.Tag('member', 'm1'))


class NoopTestCase(test_base.TestCase):
    def setUp(self):
        super().setUp()
        noop.reset()
        self.addCleanup(noop.reset)
        self.east = noop.world('east')
        self.west = noop.world('west')
        self.driver = noop.NoopDriver('west')
        self.east.add_volume('one')
        self.east.add_volume('two')
        self.group = self.east.add_group('pg', ['one', 'two'], ['west'])
        self.east.replicate('pg', '1')
        (self.point,) = self.driver.recovery_points(self.group, 10)

    def promotions(self):
        return [
            base.Promotion('one', 'new-one', TAGS),
            base.Promotion('two', 'new-two', TAGS),
        ]


class WorldTest(NoopTestCase):
    def test_it_is_shared_by_name(self):
        self.assertIs(self.east, noop.world('east'))
        self.assertIsNot(self.east, self.west)

    def test_a_renamed_volume_is_found_by_its_tags(self):
        self.driver.promote(self.point, self.promotions())
        self.west.rename_volume('new-one', 'volume-x-cinder')
        self.driver.promote(self.point, self.promotions())
        self.assertEqual(
            {'volume-x-cinder', 'new-two'}, set(self.west.volumes)
        )

    def test_a_lost_point_cannot_be_promoted(self):
        self.west.lose_point(self.point.name)
        self.assertRaises(
            errors.PointIncomplete,
            self.driver.promote,
            self.point,
            self.promotions(),
        )

    def test_the_clock_tells_the_lag(self):
        later = self.point.created_at + datetime.timedelta(minutes=3)
        self.west.clock = lambda: later
        (health,) = self.driver.replication_health([self.group])
        self.assertEqual(180, health.lag_seconds)

    def test_a_cut_link_shows_at_both_sides(self):
        self.east.link_connected = False
        (health,) = self.driver.replication_health([self.group])
        self.assertFalse(health.link_connected)

    def test_overwriting_notes_where_the_content_came_from(self):
        volume = self.west.add_volume('old', tags=TAGS)
        self.driver.overwrite(
            self.point,
            [base.Overwrite('one', 'old', volume.serial, TAGS, 'safety')],
        )
        self.assertEqual('east:pg.1.one', volume.content)


class FaultTest(NoopTestCase):
    def test_a_call_fails_once_before_it_does_anything(self):
        self.west.fail('promote', errors.ArrayBusy('busy'))
        self.assertRaises(
            errors.ArrayBusy,
            self.driver.promote,
            self.point,
            self.promotions(),
        )
        self.assertEqual({}, self.west.volumes)
        self.driver.promote(self.point, self.promotions())
        self.assertEqual({'new-one', 'new-two'}, set(self.west.volumes))

    def test_a_call_fails_in_the_middle_of_its_work(self):
        for method, call in (
            ('promote', lambda: self.driver.promote(self.point, promotions)),
            (
                'discard',
                lambda: self.driver.discard(['new-one', 'new-two'], TAGS),
            ),
        ):
            promotions = self.promotions()
            self.west.fail(method, errors.ArrayUnreachable('gone'), after=1)
            self.assertRaises(errors.ArrayUnreachable, call)
            self.assertEqual(1, len(self.driver.find(TAGS)))
            call()
        self.assertEqual([], self.driver.find(TAGS))

    def test_any_method_can_be_made_to_fail(self):
        self.west.fail('capacity', errors.ArrayUnreachable('gone'))
        self.assertRaises(errors.ArrayUnreachable, self.driver.capacity)
        self.assertEqual('west', self.driver.capacity().array)
