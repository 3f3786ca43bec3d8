# SPDX-License-Identifier: Apache-2.0
import hypothesis
from hypothesis import strategies

from aegis.storage import base as contract
from aegis.storage.flasharray import names
from aegis.tests import base

NAME = strategies.from_regex(r'[A-Za-z][A-Za-z0-9-]{0,10}', fullmatch=True)


class NamesTest(base.TestCase):
    def test_a_group_is_named_by_its_array_at_the_target(self):
        group = contract.ReplicationGroup('fa-a', 'pg')
        self.assertEqual('fa-a:pg', names.local_group(group, 'fa-b'))
        self.assertEqual('pg', names.local_group(group, 'FA-A'))

    def test_a_group_in_a_pod_is_named_by_its_pod_at_the_target(self):
        group = contract.ReplicationGroup('fa-a', 'pod::pg')
        self.assertEqual('pod:pg', names.local_group(group, 'fa-b'))
        self.assertEqual('pod::pg', names.local_group(group, 'fa-a'))

    def test_the_original_follows_a_rename(self):
        group = contract.ReplicationGroup('fa-a', 'pg')
        self.assertEqual(
            'new',
            names.original(group, 'fa-a:pg.1', 'fa-a:pg.1.old', 'fa-a:new'),
        )

    def test_without_a_source_the_copy_tells_the_original(self):
        group = contract.ReplicationGroup('fa-a', 'pg')
        self.assertEqual(
            'vg/old',
            names.original(group, 'fa-a:pg.1', 'fa-a:pg.1.vg/old', None),
        )

    @hypothesis.given(NAME, NAME, NAME, NAME, strategies.booleans())
    def test_the_original_is_found_again(
        self, array, pod, group, volume, podded
    ):
        """Whatever is replicated leads back to what it was made of."""
        prefix = f'{pod}::' if podded else ''
        container = pod if podded else array
        owned = contract.ReplicationGroup(array, f'{prefix}{group}')
        point = f'{container}:{group}.7'
        for source in (f'{container}:{volume}', None):
            self.assertEqual(
                f'{prefix}{volume}',
                names.original(owned, point, f'{point}.{volume}', source),
            )
        self.assertEqual(point, names.point_of(f'{point}.{volume}'))
        self.assertEqual(f'{container}:{group}', names.group_of(point))

    def test_a_local_copy_leads_to_the_original_too(self):
        group = contract.ReplicationGroup('fa-a', 'pod::pg')
        self.assertEqual(
            'pod::v',
            names.original(group, 'pod::pg.1', 'pod::pg.1.v', 'pod::v'),
        )

    def test_containers_are_stripped(self):
        for name in ('v', 'vg/v', 'pod::v', 'pod::vg/v'):
            self.assertEqual('v', names.without_container(name))
