# SPDX-License-Identifier: Apache-2.0
"""Copies of pods whose ids lead there and back."""

import unittest
import uuid

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.domain import (
    group_members,
    group_snapshots,
    pods,
    protection,
    volumes,
)
from flasharray_simulator.replication import pod_image, twins

IDS = st.uuids(version=4).map(str)


class TwinTest(unittest.TestCase):
    @given(IDS, IDS)
    def test_the_twin_of_the_twin_is_the_first(
        self, key: str, identifier: str
    ) -> None:
        self.assertEqual(
            identifier, twins.twin(key, twins.twin(key, identifier))
        )

    @given(IDS, IDS)
    def test_a_twin_is_an_id_like_others(
        self, key: str, identifier: str
    ) -> None:
        self.assertEqual(4, uuid.UUID(twins.twin(key, identifier)).version)

    @given(IDS, IDS, IDS)
    def test_different_ones_have_different_twins(
        self, key: str, one: str, two: str
    ) -> None:
        self.assertEqual(
            one == two, twins.twin(key, one) == twins.twin(key, two)
        )


class CopyTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.array = FlashArray(Setup('here'), ':memory:')
        self.addCleanup(self.array.close)
        with self.array.transaction():
            self.pod = pods.create(self.array, pods.NewPod('pod'))
            self.volume = volumes.create(
                self.array, volumes.NewVolume('pod::v', 2**30)
            )
            volumes.snapshot(self.array, self.volume, 's')
            group = protection.create(self.array, 'pod::pg')
            group_members.add_volume(self.array, group, self.volume)
            group_snapshots.take_snapshot(self.array, group)
            self.array.tags.put(
                model.Tag(
                    volumes.tag_id(self.volume.id, 'n', 'k'),
                    self.volume.id,
                    'volumes',
                    'n',
                    'k',
                    'value',
                )
            )
            self.other = pods.create(self.array, pods.NewPod('other'))
        self.key = self.array.new_id()

    def copy_to_other(self) -> pod_image.PodImage:
        with self.array.transaction():
            image = pod_image.take(self.array, self.pod.id)
            copied = twins.copy(self.array, image, self.key, self.other)
            pod_image.install(self.array, copied)
            return pod_image.take(self.array, self.other.id)

    def test_everything_has_a_copy_with_names_of_the_other_pod(self) -> None:
        image = self.copy_to_other()
        names = {
            stored.name
            for kind, stored in image.objects
            if hasattr(stored, 'name')
        }
        self.assertEqual(
            {
                'other',
                'other::v',
                'other::v.s',
                'other::pg',
                'other::pg.1',
                'other::pg.1.v',
            },
            names,
        )
        kinds = sorted(kind for kind, _ in image.objects)
        self.assertIn('tag', kinds)
        self.assertIn('group_member', kinds)

    def test_copies_refer_to_copies(self) -> None:
        self.copy_to_other()
        array = self.array
        volume = array.volumes.find('other::v')
        group = array.protection_groups.find('other::pg')
        assert volume is not None and group is not None
        self.assertEqual([volume], group_members.volumes_of(array, group))
        part = array.volume_snapshots.find('other::pg.1.v')
        assert part is not None
        self.assertEqual(
            (volume.id, volume.id), (part.volume_id, part.source_id)
        )
        self.assertNotEqual(self.volume.serial, volume.serial)

    def test_the_way_back_leads_to_the_same_objects(self) -> None:
        def everything() -> set[object]:
            with self.array.transaction():
                found = pod_image.take(self.array, self.pod.id)
            return {stored for kind, stored in found.objects if kind != 'pod'}

        before = everything()
        image = self.copy_to_other()
        with self.array.transaction():
            back = twins.copy(self.array, image, self.key, self.pod)
            pod_image.install(self.array, back)
        self.assertEqual(before, everything())
