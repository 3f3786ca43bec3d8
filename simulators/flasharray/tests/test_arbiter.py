# SPDX-License-Identifier: Apache-2.0
"""The mediator, and what an array decides with and without it."""

import unittest
from dataclasses import replace
from pathlib import Path

from flasharray_simulator import model
from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.mediator import Mediator, MediatorLost
from flasharray_simulator.replication.arbitration import Arbiter
from tests import support

POD = 'pod-id'


class MediatorTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.enterContext(support.directory()) / 'mediator'
        self.mediator = Mediator(self.path)

    def test_the_first_one_wins(self) -> None:
        self.assertEqual('a', self.mediator.claim(POD, 1, 'a'))
        self.assertEqual('a', self.mediator.claim(POD, 1, 'b'))
        self.assertEqual('a', self.mediator.claim(POD, 1, 'a'))

    def test_each_epoch_has_its_own_winner(self) -> None:
        self.mediator.claim(POD, 1, 'a')
        self.assertEqual('b', self.mediator.claim(POD, 2, 'b'))

    def test_nobody_wins_an_epoch_that_is_over(self) -> None:
        self.mediator.claim(POD, 2, 'b')
        self.assertEqual('', self.mediator.claim(POD, 1, 'a'))

    def test_pods_are_decided_apart(self) -> None:
        self.mediator.claim(POD, 1, 'a')
        self.assertEqual('b', self.mediator.claim('other', 1, 'b'))

    def test_it_survives_the_arrays(self) -> None:
        self.mediator.claim(POD, 1, 'a')
        self.assertEqual('a', Mediator(self.path).claim(POD, 1, 'b'))

    def test_a_forgotten_pod_starts_anew(self) -> None:
        self.mediator.claim(POD, 5, 'a')
        self.mediator.forget(POD)
        self.assertEqual('b', self.mediator.claim(POD, 1, 'b'))

    def test_a_directory_that_cannot_be_used_is_a_lost_mediator(self) -> None:
        file = self.path.with_name('file')
        file.write_text('')
        with self.assertRaises(MediatorLost):
            Mediator(file / 'below').check()


class ArbiterTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        root = self.enterContext(support.directory())
        self.mediator = Mediator(Path(root) / 'mediator')
        self.arrays = {name: self.make(name) for name in ('a', 'b')}
        for name, other in (('a', 'b'), ('b', 'a')):
            self.share(self.arrays[name], self.arrays[other])

    def make(self, name: str) -> FlashArray:
        array = FlashArray(Setup(name), ':memory:')
        self.addCleanup(array.close)
        return array

    def share(self, array: FlashArray, other: FlashArray) -> None:
        with array.transaction():
            array.pods.put(model.Pod(POD, 'pod', 0))
            array.pod_replicas.put(
                model.PodReplica(
                    POD,
                    other.settings.array_id,
                    other.name,
                    peer_status='online',
                    epoch=3,
                    sequence=7,
                )
            )

    def part(self, name: str) -> model.PodReplica:
        """Let an array find the other one gone; return what it decides."""
        array = self.arrays[name]
        replica = array.pod_replicas[POD]
        Arbiter(array, self.mediator).parted(replica.peer_id)
        return array.pod_replicas[POD]

    def lose_mediator(self, lost: bool = True) -> None:
        status = 'unreachable' if lost else 'online'
        for array in self.arrays.values():
            with array.transaction():
                array.environments.put(
                    replace(array.environment, mediator=status)
                )

    def elect(self, name: str) -> None:
        identifier = self.arrays[name].settings.array_id
        for array in self.arrays.values():
            with array.transaction():
                array.pod_replicas.put(
                    replace(array.pod_replicas[POD], pre_elected=identifier)
                )

    def test_exactly_one_goes_on(self) -> None:
        first, second = self.part('b'), self.part('a')
        self.assertEqual('online', first.status)
        self.assertEqual(4, first.epoch)
        self.assertEqual('offline', second.status)
        self.assertTrue(second.behind)
        self.assertIsNotNone(second.frozen_at)

    def test_without_mediator_both_stop(self) -> None:
        self.lose_mediator()
        for name in self.arrays:
            stopped = self.part(name)
            self.assertEqual('offline', stopped.status)
            self.assertFalse(stopped.behind)

    def test_one_goes_on_when_the_mediator_is_back(self) -> None:
        self.lose_mediator()
        self.part('a')
        self.part('b')
        self.lose_mediator(False)
        self.assertEqual('online', self.part('b').status)
        self.assertEqual('offline', self.part('a').status)

    def test_the_elected_one_needs_no_mediator(self) -> None:
        self.elect('b')
        self.lose_mediator()
        self.assertEqual('online', self.part('b').status)
        self.assertEqual('offline', self.part('a').status)

    def test_the_other_does_not_go_on_either_when_it_is_back(self) -> None:
        self.elect('b')
        self.lose_mediator()
        self.part('a')
        self.lose_mediator(False)
        self.assertEqual('offline', self.part('a').status)

    def test_the_preferred_one_has_a_head_start(self) -> None:
        preferred = (self.arrays['b'].settings.array_id,)
        for array in self.arrays.values():
            with array.transaction():
                array.pods.put(
                    replace(array.pods[POD], failover_preferences=preferred)
                )
        self.assertTrue(self.part('a').in_sync)
        self.assertEqual('online', self.part('b').status)
        self.assertEqual(4, self.arrays['b'].pod_replicas[POD].epoch)

    def test_who_is_not_up_to_date_never_asks(self) -> None:
        array = self.arrays['a']
        with array.transaction():
            array.pod_replicas.put(
                replace(
                    array.pod_replicas[POD], status='resyncing', behind=True
                )
            )
        self.assertEqual('offline', self.part('a').status)
        self.assertEqual('offline', self.part('a').status)
        self.assertEqual('online', self.part('b').status)
