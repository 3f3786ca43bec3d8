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

    def record(self) -> Any:
        found = self.two.get_protection_group_snapshots_transfer()
        return next(iter(found.items), None)
