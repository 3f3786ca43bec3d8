# SPDX-License-Identifier: Apache-2.0
"""A target that has no space left."""

import random
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import support


class FullTargetTest(support.PairCase):
    options = ['--capacity', str(40 * BLOCK)]

    def setUp(self) -> None:
        super().setUp()
        self.one, self.two = self.east.client(), self.west.client()

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
        self.two.post_volumes(names=['filler'], volume=size)
        data = random.Random(3).randbytes(5 * BLOCK)
        self.east.door.write('here::v', 0, data)
        free = 40 * BLOCK - self.used()
        filling = random.Random(4).randbytes(free)
        self.west.door.write('filler', 0, filling)
        self.one.post_pod_replica_links(
            local_pod_names=['here'],
            remote_names=['fa-west'],
            remote_pod_names=['there'],
        )
        self.west.door.advance_clock(support.HOUR)
        self.assertEqual('baselining', self.link_status())
        self.two.patch_volumes(
            names=['filler'], volume=flasharray.VolumePatch(destroyed=True)
        )
        self.two.delete_volumes(names=['filler'])
        support.eventually(lambda: self.link_status() == 'replicating')
        self.assertEqual(
            self.east.door.digest('here::v'), self.west.door.digest('there::v')
        )

    def used(self) -> int:
        space = next(iter(self.two.get_arrays_space().items)).space
        return int(space.total_physical)

    def link_status(self) -> str:
        found = self.one.get_pod_replica_links(local_pod_names=['here'])
        return str(next(iter(found.items)).status)

    def record(self) -> Any:
        found = self.two.get_protection_group_snapshots_transfer()
        return next(iter(found.items), None)
