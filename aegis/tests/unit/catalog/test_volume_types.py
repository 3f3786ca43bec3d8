# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from aegis import models
from aegis.catalog import volume_types
from aegis.clouds import objects
from aegis.common import exception
from aegis.tests.fixtures import clouds


class VolumeTypesTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.site = clouds.FakeSite()
        self.gold = self.site.add_volume_type('gold', backend='pure')
        self.silver = self.site.add_volume_type('silver', backend=None)
        self.types = (self.gold, self.silver)

    def _mapped_to(self, target: str) -> list[models.Mapping]:
        return [
            models.Mapping(models.MappedResource.VOLUME_TYPE, 'east', target)
        ]

    def _pool(
        self, name: str, free: float | None, backend: str = 'pure'
    ) -> objects.VolumePool:
        return objects.VolumePool(name, backend, free)

    def test_a_type_stands_for_itself(self) -> None:
        found = volume_types.target(self.types, (), 'gold')

        self.assertEqual(self.gold, found)

    def test_a_mapping_names_a_type_or_its_id(self) -> None:
        for target in ('gold', self.gold.id):
            mappings = self._mapped_to(target)
            self.assertEqual(
                self.gold, volume_types.target(self.types, mappings, 'east')
            )

    def test_a_missing_type_is_named(self) -> None:
        error = self.assertRaises(
            exception.NotFound,
            volume_types.target,
            self.types,
            self._mapped_to('bronze'),
            'east',
        )

        self.assertIn('bronze', str(error))
        self.assertIn('--mapping', error.remedy)

    def test_a_volume_without_a_type_has_no_target(self) -> None:
        self.assertRaises(
            exception.NotFound, volume_types.target, self.types, (), None
        )

    def test_the_pool_with_the_most_space_is_taken(self) -> None:
        pools = [
            self._pool('a', 5.0),
            self._pool('b', 7.0),
            self._pool('c', None),
            self._pool('d', 99.0, backend='other'),
        ]

        self.assertEqual('b', volume_types.pool_for(self.gold, pools).name)

    def test_a_pool_that_knows_no_space_will_do(self) -> None:
        pools = [self._pool('c', None)]

        self.assertEqual('c', volume_types.pool_for(self.gold, pools).name)

    def test_a_backend_that_does_not_run_is_named(self) -> None:
        error = self.assertRaises(
            exception.NotFound, volume_types.pool_for, self.gold, []
        )

        self.assertIn('pure', str(error))
        self.assertIn('cinder-volume', error.remedy)

    def test_a_type_without_a_backend_is_refused(self) -> None:
        error = self.assertRaises(
            exception.NotFound,
            volume_types.pool_for,
            self.silver,
            [self._pool('a', 1.0)],
        )

        self.assertIn('volume_backend_name', error.remedy)
