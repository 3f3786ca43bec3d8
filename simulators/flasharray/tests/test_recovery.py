# SPDX-License-Identifier: Apache-2.0
"""What is recovered, renamed and counted when its surroundings changed."""

import unittest
from pathlib import Path
from typing import Any

from tests import local, support


class RecoveryTest(unittest.TestCase):
    def setUp(self) -> None:
        path: Path = self.enterContext(support.directory())
        pair = local.LocalPair(('fa-east', 'fa-west'), path)
        self.addCleanup(pair.close)
        self.array = pair[0]

    def good(
        self, method: str, path: str, body: Any = None, /, **query: str
    ) -> local.Reply:
        reply = self.array.call(method, path, body, **query)
        self.assertEqual(200, reply.status, reply.body)
        return reply

    def bad(
        self, words: str, path: str, body: Any = None, /, **query: str
    ) -> None:
        reply = self.array.call('PATCH', path, body, **query)
        self.assertEqual(400, reply.status, reply.body)
        self.assertIn(words, reply.message)

    def volume(self, name: str) -> None:
        self.good('POST', 'volumes', {'provisioned': 2**20}, names=name)

    def test_a_volume_is_not_recovered_into_a_destroyed_group(self) -> None:
        self.good('POST', 'volume-groups', names='vg')
        self.volume('vg/a')
        gone = {'destroyed': True}
        self.good(
            'PATCH', 'volume-groups', gone, names='vg', destroy_contents='true'
        )
        back = {'destroyed': False}
        self.bad('Volume group has been', 'volumes', back, names='vg/a')
        self.good('PATCH', 'volume-groups', back, names='vg')
        self.good('PATCH', 'volumes', back, names='vg/a')

    def test_nothing_is_recovered_into_a_destroyed_pod(self) -> None:
        self.good('POST', 'pods', {}, names='p')
        self.volume('p::a')
        self.good('POST', 'protection-groups', names='p::pg')
        gone = {'destroyed': True}
        self.good('PATCH', 'pods', gone, names='p', destroy_contents='true')
        back = {'destroyed': False}
        self.bad('Pod has been', 'volumes', back, names='p::a')
        self.bad('Pod has been', 'protection-groups', back, names='p::pg')

    def test_a_counted_suffix_passes_over_a_given_one(self) -> None:
        self.volume('v')
        self.good(
            'POST', 'volume-snapshots', {'suffix': '1'}, source_names='v'
        )
        taken = self.good('POST', 'volume-snapshots', source_names='v')
        self.assertEqual('2', taken.items[0]['suffix'])

    def test_two_parts_of_a_snapshot_never_have_one_name(self) -> None:
        self.volume('v')
        self.volume('w')
        self.good('POST', 'protection-groups', names='pg')
        self.good(
            'POST',
            'protection-groups/volumes',
            group_names='pg',
            member_names='v,w',
        )
        self.good(
            'POST',
            'protection-group-snapshots',
            {'suffix': 's'},
            source_names='pg',
        )
        self.good('PATCH', 'volumes', {'destroyed': True}, names='w')
        self.good('DELETE', 'volumes', names='w')
        self.good('PATCH', 'volumes', {'name': 'w'}, names='v')
        names = [s['name'] for s in self.good('GET', 'volume-snapshots').items]
        self.assertEqual(['pg.s.v', 'pg.s.w'], names)
