# SPDX-License-Identifier: Apache-2.0
"""What one end of a pod link answers the other, without processes."""

import unittest
from dataclasses import replace
from typing import Any

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.domain import pod_links, pods
from flasharray_simulator.replication import pod_link_receiver
from flasharray_simulator.replication.wire import Rejected


class VerbCase(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.array = FlashArray(Setup('there'), ':memory:')
        self.addCleanup(self.array.close)
        with self.array.transaction():
            self.array.array_connections.put(
                model.ArrayConnection(
                    'c', 'here', 'async-replication', 'x:1', peer_id='here-id'
                )
            )
            pod = pods.create(self.array, pods.NewPod('target'))
            self.pod = self.array.pods.put(
                replace(pod, promotion_status='demoted')
            )
        self.verbs = pod_link_receiver.verbs(self.array)

    def create(self, pod_id: str = 'pod-1') -> Any:
        with self.array.transaction():
            return self.verbs['link-create'](
                {
                    'source': 'here',
                    'pod_id': pod_id,
                    'pod_name': 'source',
                    'remote_pod': 'target',
                },
                b'',
            )

    def link(self) -> model.PodLink:
        found = pod_links.of_pod(self.array, self.pod.id)
        assert found is not None
        return found

    def told(self, **fields: Any) -> pod_links.Told:
        given = {
            'pod_id': 'pod-1',
            'pod_name': 'source',
            'promotion': 'promoted',
            'outbound': True,
            'paused': False,
            'baselined': True,
            'quiesce': '',
            'point': 1000,
            **fields,
        }
        return pod_links.Told(**given)

    def take_in(self, **fields: Any) -> None:
        with self.array.transaction():
            pod_links.take_in(self.array, self.link(), self.told(**fields))

    def promote(self) -> None:
        with self.array.transaction():
            self.array.pods.put(replace(self.pod, promotion_status='promoted'))


class CreationTest(VerbCase):
    def test_asking_again_is_no_second_link(self) -> None:
        self.assertEqual(self.create(), self.create())
        self.assertEqual(1, len(self.array.pod_links))

    def test_a_link_that_is_in_use_is_not_made_again(self) -> None:
        self.create()
        self.take_in()
        with self.assertRaises(Rejected):
            self.create()

    def test_another_pod_does_not_get_it(self) -> None:
        self.create()
        with self.assertRaises(Rejected):
            self.create('pod-2')


class DirectionTest(VerbCase):
    def setUp(self) -> None:
        super().setUp()
        self.create()

    def test_it_keeps_its_direction_while_the_source_is_promoted(self) -> None:
        self.take_in()
        self.assertFalse(self.link().outbound)

    def test_it_keeps_it_while_both_are_promoted(self) -> None:
        self.promote()
        self.take_in()
        self.assertFalse(self.link().outbound)

    def test_it_keeps_it_while_both_are_demoted(self) -> None:
        self.take_in(promotion='demoted')
        self.assertFalse(self.link().outbound)

    def test_it_turns_when_only_this_side_is_promoted(self) -> None:
        self.promote()
        self.take_in(promotion='demoted')
        self.assertTrue(self.link().outbound)

    def test_a_promotion_under_way_does_not_turn_it(self) -> None:
        with self.array.transaction():
            self.array.pods.put(
                replace(self.pod, promotion_status='promoting')
            )
        self.take_in(promotion='demoted')
        self.assertFalse(self.link().outbound)

    def test_ends_that_agree_by_mistake_part_by_their_ids(self) -> None:
        self.promote()
        self.take_in(outbound=False)
        first = self.array.settings.array_id < 'here-id'
        self.assertEqual(first, self.link().outbound)

    def test_the_point_of_the_source_is_known_here(self) -> None:
        self.take_in()
        self.assertEqual(1000, pod_links.point(self.array, self.link()))

    def test_without_a_baseline_there_is_no_point(self) -> None:
        self.take_in(baselined=False)
        self.assertIsNone(pod_links.point(self.array, self.link()))
        self.assertIsNone(pod_links.lag(self.array, self.link()))


class StatusTest(VerbCase):
    def setUp(self) -> None:
        super().setUp()
        self.create()
        self.array.set_reachable('here', True)

    def status(self) -> str:
        return pod_links.status(self.array, self.link())

    def test_it_follows_what_the_source_says(self) -> None:
        for fields, status in (
            ({'baselined': False}, 'baselining'),
            ({}, 'replicating'),
            ({'paused': True}, 'paused'),
            ({'quiesce': 'quiescing'}, 'quiescing'),
            ({'quiesce': 'quiesced', 'promotion': 'demoted'}, 'quiesced'),
            ({'promotion': 'demoted'}, 'idle'),
        ):
            self.take_in(**fields)
            self.assertEqual(status, self.status())

    def test_a_lost_array_makes_it_unhealthy_or_idle(self) -> None:
        self.take_in()
        self.array.set_reachable('here', False)
        self.assertEqual('unhealthy', self.status())
        self.promote()
        self.assertEqual('idle', self.status())
