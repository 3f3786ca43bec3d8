# SPDX-License-Identifier: Apache-2.0
"""How many objects there may be, and full arrays."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator.door import DoorError
from tests.client_case import ClientCase


class LimitTest(ClientCase):
    def limit(self, kind: str, collection: str, more: int) -> None:
        self.addCleanup(self.door.set_limit, kind, None)
        present = len(self.door.objects()[collection])
        self.door.set_limit(kind, present + more)

    def test_there_is_no_limit_at_first(self) -> None:
        self.assertEqual({None}, set(self.door.limits().values()))

    def test_volumes_end_at_their_limit(self) -> None:
        self.limit('volumes', 'volumes', 1)
        self.volume('last')
        answer = self.client.post_volumes(
            names=['beyond'], volume=flasharray.VolumePost(provisioned=2**20)
        )
        self.bad(answer, 'Volume limit reached.')

    def test_a_batch_beyond_the_limit_makes_nothing(self) -> None:
        self.limit('volumes', 'volumes', 1)
        answer = self.client.post_volumes(
            names=['both-1', 'both-2'],
            volume=flasharray.VolumePost(provisioned=2**20),
        )
        self.bad(answer, 'limit reached')
        self.bad(self.client.get_volumes(names=['both-1']), 'does not exist')

    def test_what_is_there_can_still_change(self) -> None:
        self.volume('steady')
        self.limit('volumes', 'volumes', 0)
        self.good(
            self.client.patch_volumes(
                names=['steady'],
                volume=flasharray.VolumePatch(name='steadier'),
            )
        )

    def test_each_kind_has_its_own(self) -> None:
        self.volume('kinds')
        self.good(
            self.client.post_hosts(names=['kinds'], host=flasharray.HostPost())
        )
        calls: dict[str, Any] = {
            'volume-snapshots': lambda: self.client.post_volume_snapshots(
                source_names=['kinds'],
                volume_snapshot=flasharray.VolumeSnapshotPost(),
            ),
            'hosts': lambda: self.client.post_hosts(
                names=['kinds-2'], host=flasharray.HostPost()
            ),
            'host-groups': lambda: self.client.post_host_groups(
                names=['kinds']
            ),
            'connections': lambda: self.client.post_connections(
                host_names=['kinds'], volume_names=['kinds']
            ),
            'volume-groups': lambda: self.client.post_volume_groups(
                names=['kinds'], volume_group=flasharray.VolumeGroupPost()
            ),
            'protection-groups': lambda: self.client.post_protection_groups(
                names=['kinds']
            ),
            'pods': lambda: self.client.post_pods(
                names=['kinds'], pod=flasharray.PodPost()
            ),
        }
        for kind, call in calls.items():
            with self.subTest(kind):
                self.addCleanup(self.door.set_limit, kind, None)
                self.door.set_limit(kind, 0)
                self.bad(call(), 'limit reached')
                self.door.set_limit(kind, None)
                self.good(call())

    def test_an_unknown_kind_is_told(self) -> None:
        with self.assertRaisesRegex(DoorError, 'no kind'):
            self.door.set_limit('wishes', 3)

    def test_a_limit_survives_a_restart(self) -> None:
        self.addCleanup(self.door.set_limit, 'tags', None)
        self.door.set_limit('tags', 12)
        self.array.kill()
        self.array.start()
        self.array.ready()
        self.assertEqual(12, self.door.limits()['tags'])


class FullArrayTest(ClientCase):
    options = ['--capacity', str(2**20)]

    def test_a_full_array_takes_no_more(self) -> None:
        self.volume('full')
        self.volume('empty')
        block = bytes(range(256)) * 128
        for number in range(32):
            data = number.to_bytes(2, 'big') + block[2:]
            self.door.write('full', number * len(block), data)
        with self.assertRaisesRegex(DoorError, 'out of space'):
            self.door.write('empty', 0, b'one too many' + block[12:])
        self.assertEqual(bytes(12), self.door.read('empty', 0, 12))
        # What the array has already takes no more room.
        self.door.write('empty', 0, data)
        self.good(self.copy('full', 'full-copy'))
        self.assertEqual(
            self.door.digest('full'), self.door.digest('full-copy')
        )
