# SPDX-License-Identifier: Apache-2.0
"""One protection group that replicates to two arrays."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import support

_SHORT = {'all_for_sec': 3600, 'per_day': 0, 'days': 0}


class TwoTargetsTest(support.unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.arrays = cls.enterClassContext(
            support.RunningArrays(('fa-east', 'fa-west', 'fa-north'))
        )
        cls.east, cls.west, cls.north = cls.arrays
        cls.client = cls.east.client()
        cls.targets = {
            'fa-west': cls.west.client(),
            'fa-north': cls.north.client(),
        }

    def setUp(self) -> None:
        super().setUp()
        self.pg = (
            self.id().rpartition('.')[2][5:30].strip('_').replace('_', '-')
        )
        self.v = f'{self.pg}-v'
        self.addCleanup(self.east.door.set_link, 'fa-north', True)
        self.client.post_volumes(
            names=[self.v],
            volume=flasharray.VolumePost(provisioned=support.GIB),
        )
        self.client.post_protection_groups(names=[self.pg])
        self.client.post_protection_groups_volumes(
            group_names=[self.pg], member_names=[self.v]
        )
        made = self.client.post_protection_groups_targets(
            group_names=[self.pg], member_names=list(self.targets)
        )
        self.assertEqual(200, made.status_code, made)

    def allow(self, *names: str) -> None:
        for name in names:
            support.eventually(lambda name=name: self.let(name))
            support.eventually(lambda name=name: self.rows()[name].allowed)

    def let(self, name: str) -> bool:
        answer = self.targets[name].patch_protection_groups_targets(
            group_names=[f'fa-east:{self.pg}'],
            target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
        )
        return bool(answer.status_code == 200)

    def rows(self) -> dict[str, Any]:
        found = self.client.get_protection_groups_targets(
            group_names=[self.pg]
        )
        return {row.member.name: row for row in found.items}

    def send(self) -> str:
        made = self.client.post_protection_group_snapshots(
            source_names=[self.pg], replicate_now=True, apply_retention=True
        )
        self.assertEqual(200, made.status_code, made)
        return f'fa-east:{next(iter(made.items)).name}'

    def record(self, target: str, name: str) -> Any:
        found = self.targets[target].get_protection_group_snapshots_transfer(
            names=[name]
        )
        if found.status_code != 200:
            return None
        return next(iter(found.items), None)

    def complete(self, target: str, name: str) -> Any:
        def look() -> Any:
            record = self.record(target, name)
            return record if record and record.progress == 1.0 else None

        return support.eventually(look, what=f'{name} on {target}')

    def test_only_those_that_allow_it_get_it(self) -> None:
        self.allow('fa-west')
        name = self.send()
        self.complete('fa-west', name)
        self.assertIsNone(self.record('fa-north', name))
        self.assertEqual('disallowed', self.rows()['fa-north'].status)

    def test_both_get_the_same_bytes(self) -> None:
        self.allow('fa-west', 'fa-north')
        self.east.door.write(self.v, 0, self.pg.encode())
        name = self.send()
        digests = set()
        for target, array in (
            ('fa-west', self.west),
            ('fa-north', self.north),
        ):
            self.complete(target, name)
            digests.add(array.door.digest(f'{name}.{self.v}'))
        self.assertEqual({self.east.door.digest(self.v)}, digests)

    def test_each_starts_from_what_it_got_last(self) -> None:
        self.allow('fa-west', 'fa-north')
        self.client.patch_protection_groups(
            names=[self.pg],
            protection_group=flasharray.ProtectionGroup(
                source_retention=_SHORT
            ),
        )
        data = b''.join(
            f'{self.pg}{n}'.encode().ljust(BLOCK, b'.') for n in range(8)
        )
        self.east.door.write(self.v, 0, data)
        first = self.send()
        for target in self.targets:
            self.complete(target, first)
        self.east.door.set_link('fa-north', False)
        self.east.door.write(self.v, 0, b'second')
        second = self.send()
        self.complete('fa-west', second)
        self.east.door.advance_clock(5 * support.HOUR)
        left = self.client.get_protection_group_snapshots(
            names=[self.pg], filter='not destroyed'
        )
        self.assertEqual(
            [first, second], [f'fa-east:{s.name}' for s in left.items]
        )
        self.east.door.set_link('fa-north', True)
        record = self.complete('fa-north', second)
        self.assertEqual(BLOCK, record.data_transferred)
        self.assertEqual(
            self.east.door.digest(self.v),
            self.north.door.digest(f'{second}.{self.v}'),
        )
