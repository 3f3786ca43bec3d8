# SPDX-License-Identifier: Apache-2.0
import datetime
from typing import Any

from aegis import models
from aegis.common import exception, names
from aegis.engine import recovery_points, services
from aegis.storage import errors, noop
from aegis.tests import base
from aegis.tests.fixtures import application, journal


class ListPointsTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sites = self.useFixture(application.Sites(self.conf))
        self.services = services.Services(
            conf=self.conf,
            clouds=self.sites.clouds,
            storage=application.Storage(),
            waiter=self.sites.waiter,
        )

    def list(self, limit: int = 10, **values: Any) -> list[Any]:
        group = journal.make_group(
            **{
                'replication_array': application.EAST_ARRAY,
                'replication_group': application.PROTECTION_GROUP,
                **values,
            }
        )
        return recovery_points.list_points(self.services, group, limit)

    def replicate(self, minute: int) -> None:
        now = datetime.datetime(2031, 1, 1, 0, minute, tzinfo=datetime.UTC)
        for world in (self.sites.source, self.sites.target):
            world.clock = lambda: now
        self.sites.replicate(str(minute))

    def test_a_group_without_members_has_none(self) -> None:
        self.assertEqual([], self.list(replication_group=None))

    def test_none_has_arrived_yet(self) -> None:
        self.assertEqual([], self.list())

    def test_the_newest_come_first(self) -> None:
        for minute in (1, 2, 3):
            self.replicate(minute)

        found = self.list(2)

        self.assertEqual([3, 2], [each.created_at.minute for each in found])
        self.assertEqual([0.0, 60.0], [each.age_seconds for each in found])

    def test_what_is_told_of_one(self) -> None:
        self.replicate(1)

        (found,) = self.list()

        self.assertIsInstance(found, models.RecoveryPoint)
        self.assertEqual(
            names.recovery_point_id(
                f'{application.EAST_ARRAY}:{application.PROTECTION_GROUP}.1'
            ),
            found.id,
        )
        self.assertEqual((4, 7 << 30), (found.volume_count, found.size_bytes))
        self.assertEqual(journal.GROUP_ID, found.group_id)

    def test_all_arrays_of_the_site_are_asked(self) -> None:
        self.conf.set_override(
            'arrays', ['fa-more', application.WEST_ARRAY], group='site:west'
        )
        self.replicate(1)
        (point,) = noop.NoopDriver(application.WEST_ARRAY).recovery_points(
            next(iter(self.sites.target.points)), 1
        )
        noop.world('fa-more').receive(point)

        self.assertEqual(2, len(self.list()))

    def test_an_array_that_does_not_answer(self) -> None:
        self.sites.target.fail(
            'recovery_points',
            errors.ArrayUnreachable('fa-west: no route to 192.0.2.1'),
        )

        error = self.assertRaises(exception.StorageFailed, self.list)

        self.assertEqual('aegis.storage.unreachable', error.code)
        self.assertEqual(errors.ArrayUnreachable.remedy, error.remedy)
        self.assertIn('The storage of site west failed', error.detail)
        self.assertNotIn('fa-west', error.detail)
        self.assertNotIn('192.0.2.1', error.detail)
