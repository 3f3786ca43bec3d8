# SPDX-License-Identifier: Apache-2.0
"""Groups of a stretched pod replicate to a third array, from either."""

import unittest
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.testing import RunningArrays
from tests import support

NAMES = ('fa-a', 'fa-b', 'fa-c')


class ThirdArrayTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.arrays = self.enterContext(RunningArrays(names=NAMES))
        self.clients = {array.name: array.client() for array in self.arrays}
        self.doors = {array.name: array.door for array in self.arrays}
        self.stretch()
        self.protect()

    def good(self, response: Any) -> list[Any]:
        self.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def stretch(self) -> None:
        client = self.clients['fa-a']
        self.good(
            client.patch_array_connections(
                names=['fa-b'],
                array_connection=flasharray.ArrayConnection(
                    type='sync-replication'
                ),
            )
        )
        self.good(client.post_pods(names=['pod'], pod=flasharray.PodPost()))
        self.good(
            client.post_volumes(
                names=['pod::v'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )
        self.good(
            client.post_pods_arrays(group_names=['pod'], member_names=['fa-b'])
        )
        self.wait_in_sync()

    def wait_in_sync(self) -> None:
        for name in ('fa-a', 'fa-b'):
            support.eventually(
                lambda n=name: all(
                    status.status == 'online'
                    for status in self.good(
                        self.clients[n].get_pods(names=['pod'])
                    )[0].arrays
                ),
                what='the resync',
            )

    def protect(self) -> None:
        source, target = self.clients['fa-a'], self.clients['fa-c']
        self.good(source.post_protection_groups(names=['pod::pg']))
        self.good(
            source.post_protection_groups_volumes(
                group_names=['pod::pg'], member_names=['pod::v']
            )
        )
        self.good(
            source.post_protection_groups_targets(
                group_names=['pod::pg'], member_names=['fa-c']
            )
        )
        support.eventually(
            lambda: (
                target.get_protection_groups(names=['pod:pg']).status_code
                == 200
            ),
            what='the copy of the group',
        )
        self.good(
            target.patch_protection_groups_targets(
                group_names=['pod:pg'],
                target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
            )
        )
        for name in ('fa-a', 'fa-b'):
            support.eventually(
                lambda n=name: (
                    self.good(
                        self.clients[n].get_protection_groups_targets(
                            group_names=['pod::pg']
                        )
                    )[0].allowed
                ),
                what='the permission',
            )

    def replicate(self, name: str, data: bytes) -> None:
        """Write and replicate on one array; compare at the target."""
        self.doors[name].write('pod::v', 0, data)
        made = self.good(
            self.clients[name].post_protection_group_snapshots(
                source_names=['pod::pg'], replicate_now=True
            )
        )[0]
        copy = made.name.replace('::', ':')
        support.eventually(
            lambda: self.is_complete(copy), what=f'{copy} from {name}'
        )
        found = self.doors['fa-c'].read(f'{copy}.v', 0, len(data))
        self.assertEqual(data, found)

    def is_complete(self, name: str) -> bool:
        response = self.clients[
            'fa-c'
        ].get_protection_group_snapshots_transfer(names=[name])
        return response.status_code == 200 and any(
            record.progress == 1.0 for record in response.items
        )

    def test_either_array_replicates_also_alone(self) -> None:
        self.replicate('fa-a', b'through a')
        self.replicate('fa-b', b'through b')
        for name, other in (('fa-a', 'fa-b'), ('fa-b', 'fa-a')):
            with self.subTest(gone=name):
                self.arrays[name].kill()
                self.replicate(other, f'without {name}'.encode())
                self.arrays[name].start()
                self.arrays[name].ready('fa-c', other)
                self.wait_in_sync()
        groups = self.good(self.clients['fa-c'].get_protection_groups())
        self.assertEqual(['pod:pg'], [group.name for group in groups])
