# SPDX-License-Identifier: Apache-2.0
"""Retyping between all kinds of replication, in every direction."""

import itertools
from typing import Any

from tests.cinder.cases import CinderCase, every_driver, kind_of

KINDS = ('none', 'async', 'sync', 'trisync')
_IN_POD = frozenset({'sync', 'trisync'})


class RetypeCase(CinderCase):
    replication = 'trisync'
    group = 'cinder-group-3'
    pod_group = 'cinder-pod::cinder-trisync'

    def name_as(self, volume: Any, kind: str) -> str:
        prefix = 'cinder-pod::' if kind in _IN_POD else ''
        return f'{prefix}{volume.name}-cinder'

    def assertIs(self, volume: Any, kind: str) -> None:
        """Check where a volume is and who replicates it."""
        name = self.name_as(volume, kind)
        self.assertIn(name, self.on(self.east))
        self.assertEqual(kind in _IN_POD, name in self.on(self.west))
        self.assertEqual(kind == 'async', name in self.members(self.group))
        self.assertEqual(
            kind == 'trisync', name in self.members(self.pod_group)
        )

    def assertNoGhosts(self) -> None:
        for array in (self.east, self.west):
            ghosts = [
                pod.name
                for pod in self.pods(array).values()
                if 'ghost' in pod.name and not pod.destroyed
            ]
            self.assertEqual([], ghosts)

    def check(self, before: str, after: str) -> None:
        volume = self.create(kind_of(before))
        self.assertIs(volume, before)
        self.write(volume, b'retyped')
        serial = self.on_array(volume)['serial']
        volume = self.retype(volume, kind_of(after))
        self.assertIs(volume, after)
        name = self.name_as(volume, after)
        self.assertEqual(serial, self.on(self.east)[name]['serial'])
        for array in (self.east, self.west)[: 2 if after in _IN_POD else 1]:
            self.assertEqual(b'retyped', self.read(name, 7, array))
        self.assertNoGhosts()


class RetypeTest(RetypeCase):
    """Every direction that Cinder's driver knows."""

    def test_every_direction(self) -> None:
        for before, after in itertools.permutations(KINDS, 2):
            with self.subTest(f'{before} to {after}'):
                self.check(before, after)


@every_driver
class GhostPodTest(RetypeCase):
    def test_into_the_pod_and_out_of_it(self) -> None:
        for before, after in (('async', 'sync'), ('sync', 'none')):
            with self.subTest(f'{before} to {after}'):
                self.check(before, after)
