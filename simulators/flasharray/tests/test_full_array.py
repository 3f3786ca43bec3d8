# SPDX-License-Identifier: Apache-2.0
"""A target that has no space left."""

import random
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from flasharray_simulator.door import DoorError
from tests import support


class FullCase(support.PairCase):
    options = ['--capacity', str(40 * BLOCK)]

    def setUp(self) -> None:
        super().setUp()
        self.one, self.two = self.east.client(), self.west.client()

    def used(self) -> int:
        space = next(iter(self.two.get_arrays_space().items)).space
        return int(space.total_physical)

    def fill(self) -> None:
        """Leave no room in the west."""
        size = flasharray.VolumePost(provisioned=support.GIB)
        self.two.post_volumes(names=['filler'], volume=size)
        free = 40 * BLOCK - self.used()
        self.west.door.write('filler', 0, random.Random(4).randbytes(free))

    def empty(self) -> None:
        self.two.patch_volumes(
            names=['filler'], volume=flasharray.VolumePatch(destroyed=True)
        )
        self.two.delete_volumes(names=['filler'])


class FullTargetTest(FullCase):
    def test_a_transfer_waits_until_there_is_space(self) -> None:
        for client in (self.one, self.two):
            client.post_volumes(
                names=['v'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        data = random.Random(1).randbytes(30 * BLOCK)
        self.west.door.write('v', 0, data)
        self.one.post_protection_groups(names=['pg'])
        self.one.post_protection_groups_volumes(
            group_names=['pg'], member_names=['v']
        )
        self.one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-west']
        )
        support.eventually(
            lambda: (
                self.two.patch_protection_groups_targets(
                    group_names=['fa-east:pg'],
                    target=flasharray.TargetProtectionGroupPostPatch(
                        allowed=True
                    ),
                ).status_code
                == 200
            )
        )
        support.eventually(
            lambda: (
                list(self.one.get_protection_groups_targets().items)[0].allowed
            )
        )
        other = random.Random(2).randbytes(30 * BLOCK)
        self.east.door.write('v', 0, other)
        self.one.post_protection_group_snapshots(
            source_names=['pg'], replicate_now=True
        )
        record = support.eventually(self.record)
        self.assertLess(record.progress, 1.0)
        self.west.door.advance_clock(support.HOUR)
        self.assertLess(self.record().progress, 1.0)
        self.two.patch_volumes(
            names=['v'], volume=flasharray.VolumePatch(destroyed=True)
        )
        self.two.delete_volumes(names=['v'])
        support.eventually(lambda: self.record().progress == 1.0)
        self.assertEqual(
            self.east.door.digest('v'),
            self.west.door.digest('fa-east:pg.1.v'),
        )

    def test_a_pod_link_waits_until_there_is_space(self) -> None:
        pod = flasharray.PodPost()
        self.one.post_pods(names=['here'], pod=pod)
        self.two.post_pods(names=['there'], pod=pod)
        self.two.patch_pods(
            names=['there'],
            pod=flasharray.PodPatch(requested_promotion_state='demoted'),
        )
        size = flasharray.VolumePost(provisioned=support.GIB)
        self.one.post_volumes(names=['here::v'], volume=size)
        data = random.Random(3).randbytes(5 * BLOCK)
        self.east.door.write('here::v', 0, data)
        self.fill()
        self.one.post_pod_replica_links(
            local_pod_names=['here'],
            remote_names=['fa-west'],
            remote_pod_names=['there'],
        )
        self.west.door.advance_clock(support.HOUR)
        self.assertEqual('baselining', self.link_status())
        self.empty()
        support.eventually(lambda: self.link_status() == 'replicating')
        self.assertEqual(
            self.east.door.digest('here::v'), self.west.door.digest('there::v')
        )

    def link_status(self) -> str:
        found = self.one.get_pod_replica_links(local_pod_names=['here'])
        return str(next(iter(found.items)).status)

    def record(self) -> Any:
        found = self.two.get_protection_group_snapshots_transfer()
        return next(iter(found.items), None)


class FullMirrorTest(FullCase):
    def setUp(self) -> None:
        super().setUp()
        self.one.patch_array_connections(
            names=['fa-west'],
            array_connection=flasharray.ArrayConnection(
                type='sync-replication'
            ),
        )
        self.one.post_pods(names=['pod'], pod=flasharray.PodPost())
        self.one.post_volumes(
            names=['pod::v'],
            volume=flasharray.VolumePost(provisioned=support.GIB),
        )

    def stretch(self) -> None:
        self.one.post_pods_arrays(
            group_names=['pod'], member_names=['fa-west']
        )

    def in_sync(self) -> bool:
        pod = next(iter(self.one.get_pods(names=['pod']).items))
        return {one.status for one in pod.arrays} == {'online'}

    def test_a_pod_is_stretched_when_there_is_space(self) -> None:
        data = random.Random(5).randbytes(5 * BLOCK)
        self.east.door.write('pod::v', 0, data)
        self.fill()
        self.stretch()
        self.west.door.advance_clock(support.HOUR)
        self.assertFalse(self.in_sync())
        self.empty()
        support.eventually(self.in_sync)
        self.assertEqual(data, self.west.door.read('pod::v', 0, len(data)))
        self.fill()
        with self.assertRaisesRegex(DoorError, 'out of space'):
            self.east.door.write('pod::v', 0, b'no room')
        for array in (self.east, self.west):
            self.assertEqual(data[:7], array.door.read('pod::v', 0, 7))
        self.assertTrue(self.in_sync())
