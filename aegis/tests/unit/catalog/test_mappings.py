# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st
from oslotest import base

from aegis import models
from aegis.catalog import mappings

NAMES = st.text('abcdef', min_size=1, max_size=3)
RESOURCES = st.sampled_from(models.MappedResource)
MAPPINGS = st.lists(
    st.builds(models.Mapping, RESOURCES, NAMES, NAMES),
    unique_by=lambda mapping: (mapping.resource_type, mapping.source),
)
ONE_TO_ONE = MAPPINGS.map(
    lambda found: list(
        {(each.resource_type, each.target): each for each in found}.values()
    )
)
FLAVOR = models.MappedResource.FLAVOR
NETWORK = models.MappedResource.NETWORK


class MappingsTest(base.BaseTestCase):
    @given(MAPPINGS)
    def test_what_is_mapped_is_looked_for_under_its_target(
        self, found: list[models.Mapping]
    ) -> None:
        for each in found:
            self.assertEqual(
                each.target,
                mappings.target(found, each.resource_type, each.source),
            )

    @given(MAPPINGS, RESOURCES, NAMES)
    def test_what_is_not_mapped_stands_for_itself(
        self,
        found: list[models.Mapping],
        resource: models.MappedResource,
        name: str,
    ) -> None:
        others = [
            each
            for each in found
            if (each.resource_type, each.source) != (resource, name)
        ]

        self.assertEqual(name, mappings.target(others, resource, name))
        self.assertIsNone(mappings.mapped(others, resource, name))

    @given(ONE_TO_ONE)
    def test_mappings_read_both_ways(
        self, found: list[models.Mapping]
    ) -> None:
        for each in found:
            there = mappings.target(found, each.resource_type, each.source)
            self.assertEqual(
                each.source, mappings.source(found, each.resource_type, there)
            )

    @given(ONE_TO_ONE)
    def test_turning_round_twice_changes_nothing(
        self, found: list[models.Mapping]
    ) -> None:
        twice = mappings.inverted(mappings.inverted(found))

        self.assertEqual(tuple(found), twice)

    @given(MAPPINGS)
    def test_every_target_leads_back_to_one_of_its_sources(
        self, found: list[models.Mapping]
    ) -> None:
        for each in found:
            back = mappings.source(found, each.resource_type, each.target)
            self.assertIn(
                models.Mapping(each.resource_type, back, each.target), found
            )

    def test_the_first_of_several_sources_is_where_it_comes_back_to(
        self,
    ) -> None:
        found = [
            models.Mapping(FLAVOR, 'small', 'tiny'),
            models.Mapping(FLAVOR, 'medium', 'tiny'),
        ]

        self.assertEqual('small', mappings.source(found, FLAVOR, 'tiny'))

    def test_a_name_goes_before_an_id(self) -> None:
        found = [
            models.Mapping(NETWORK, 'id-1', 'by-id'),
            models.Mapping(NETWORK, 'net', 'by-name'),
        ]

        self.assertEqual(
            'by-name', mappings.target(found, NETWORK, 'net', 'id-1')
        )
        self.assertEqual(
            'by-id', mappings.target(found, NETWORK, 'other', 'id-1')
        )
        self.assertEqual(
            'other', mappings.target(found, NETWORK, 'other', None)
        )
