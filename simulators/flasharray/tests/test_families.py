# SPDX-License-Identifier: Apache-2.0
"""Families that clients read along."""

from email.utils import parsedate_to_datetime

from tests import support
from tests.client_case import ClientCase


class OtherFamiliesTest(ClientCase):
    def test_an_unknown_pod_is_refused(self) -> None:
        self.assertEqual([], self.good(self.client.get_pods()))
        self.bad(
            self.client.get_pods(names=['cinder-pod']), 'Pod does not exist.'
        )
        self.bad(
            self.client.get_container_default_protections(
                names=['cinder-pod']
            ),
            'Pod does not exist.',
        )

    def test_space_counts_what_is_written(self) -> None:
        self.volume('space')
        before = self.good(self.client.get_arrays_space())[0].space
        self.door.write('space', 0, b'space' * 100_000)
        after = self.good(self.client.get_arrays_space())[0].space
        self.assertGreater(after.total_physical, before.total_physical)
        self.assertGreaterEqual(after.total_reduction, 1.0)

    def test_performance_has_a_point_per_resolution(self) -> None:
        now = self.door.clock()
        response = self.client.get_arrays_performance(
            start_time=now - 60_000,
            end_time=now,
            resolution=30_000,
            total_item_count=True,
        )
        self.assertGreaterEqual(response.total_item_count, 1)
        self.assertEqual(0, self.good(response)[0].writes_per_sec)

    def test_no_pod_link_is_a_count_of_zero(self) -> None:
        response = self.client.get_pod_replica_links(total_item_count=True)
        self.assertEqual(200, response.status_code)
        self.assertEqual(0, response.total_item_count)

    def test_the_array_tells_its_time(self) -> None:
        self.door.advance_clock(2 * support.DAY)
        answer = self.raw('GET', 'arrays')
        item = answer.json()['items'][0]
        date = parsedate_to_datetime(answer.headers['Date'])
        now = self.door.clock()
        self.assertLess(abs(item['_as_of'] - now), 60_000)
        self.assertLess(abs(date.timestamp() * 1000 - now), 60_000)

    def test_families_without_objects_are_empty_lists(self) -> None:
        for path in (
            'alerts',
            'fleets',
            'offloads',
            'policies/nfs',
            'remote-protection-groups',
            'remote-volume-snapshots',
            'virtual-machines?vm_type=vvol',
        ):
            with self.subTest(path):
                body = self.raw('GET', path).json()
                self.assertEqual([], body['items'])
