# SPDX-License-Identifier: Apache-2.0
"""Protection groups of hosts and host groups; copies of groups."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase


class HostMemberTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = (
            self.id().rpartition('.')[2][5:30].strip('_').replace('_', '-')
        )
        self.pg = f'{self.name}-pg'
        self.host = f'{self.name}-host'
        self.volume(f'{self.name}-a')
        self.volume(f'{self.name}-b')
        self.good(self.client.post_protection_groups(names=[self.pg]))
        self.good(
            self.client.post_hosts(
                names=[self.host], host=flasharray.HostPost()
            )
        )

    def connect(self, volume: str, **sides: Any) -> None:
        self.good(
            self.client.post_connections(
                volume_names=[volume],
                connection=flasharray.ConnectionPost(),
                **(sides or {'host_names': [self.host]}),
            )
        )

    def add_host(self) -> None:
        self.good(
            self.client.post_protection_groups_hosts(
                group_names=[self.pg], member_names=[self.host]
            )
        )

    def parts(self) -> list[str]:
        """Take a snapshot; return the names of its parts."""
        made = self.good(
            self.client.post_protection_group_snapshots(source_names=[self.pg])
        )[0]
        found = self.good(
            self.client.get_volume_snapshots(filter=f"name='{made.name}.*'")
        )
        return [part.name.rpartition('.')[2] for part in found]

    def test_a_host_stands_for_its_volumes(self) -> None:
        self.add_host()
        self.connect(f'{self.name}-a')
        self.assertEqual([f'{self.name}-a'], self.parts())
        self.connect(f'{self.name}-b')
        self.assertEqual([f'{self.name}-a', f'{self.name}-b'], self.parts())

    def test_a_host_group_stands_for_its_volumes(self) -> None:
        group = f'{self.name}-hg'
        self.good(
            self.client.post_host_groups(
                names=[group], host_group=flasharray.HostGroup()
            )
        )
        self.good(
            self.client.post_host_groups_hosts(
                group_names=[group], member_names=[self.host]
            )
        )
        self.connect(f'{self.name}-a', host_group_names=[group])
        self.connect(f'{self.name}-b')
        self.good(
            self.client.post_protection_groups_host_groups(
                group_names=[self.pg], member_names=[group]
            )
        )
        self.assertEqual([f'{self.name}-a'], self.parts())
        shown = self.good(self.client.get_protection_groups(names=[self.pg]))[
            0
        ]
        self.assertEqual(
            (0, 0, 1),
            (shown.volume_count, shown.host_count, shown.host_group_count),
        )

    def test_a_volume_of_a_pod_is_not_the_hosts_group_s(self) -> None:
        pod = f'{self.name}-pod'
        self.good(self.client.post_pods(names=[pod], pod=flasharray.PodPost()))
        self.volume(f'{pod}::v')
        self.add_host()
        self.connect(f'{pod}::v')
        self.connect(f'{self.name}-a')
        self.assertEqual([f'{self.name}-a'], self.parts())

    def test_a_group_in_a_pod_takes_no_hosts(self) -> None:
        pod = f'{self.name}-pod'
        self.good(self.client.post_pods(names=[pod], pod=flasharray.PodPost()))
        self.good(self.client.post_protection_groups(names=[f'{pod}::pg']))
        self.bad(
            self.client.post_protection_groups_hosts(
                group_names=[f'{pod}::pg'], member_names=[self.host]
            ),
            'only volumes',
        )

    def test_a_deleted_host_leaves_its_groups(self) -> None:
        self.add_host()
        self.good(self.client.delete_hosts(names=[self.host]))
        self.assertEqual(
            [],
            self.good(
                self.client.get_protection_groups_hosts(group_names=[self.pg])
            ),
        )


class CopyTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = (
            self.id().rpartition('.')[2][5:30].strip('_').replace('_', '-')
        )
        self.pg = f'{self.name}-pg'
        self.v = f'{self.name}-v'
        self.volume(self.v)
        self.good(self.client.post_protection_groups(names=[self.pg]))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[self.pg], member_names=[self.v]
            )
        )
        self.door.write(self.v, 0, b'old')
        self.snapshot = self.good(
            self.client.post_protection_group_snapshots(source_names=[self.pg])
        )[0].name
        self.door.write(self.v, 0, b'new')

    def post(self, name: str, source: str, **options: Any) -> Any:
        return self.client.post_protection_groups(
            names=[name], source_names=[source], **options
        )

    def test_a_snapshot_is_restored_over_its_volumes(self) -> None:
        self.good(self.post(self.pg, self.snapshot, overwrite=True))
        self.assertEqual(b'old', self.door.read(self.v, 0, 3))

    def test_the_newest_snapshot_stands_for_the_group(self) -> None:
        self.good(
            self.client.post_protection_group_snapshots(source_names=[self.pg])
        )
        self.door.write(self.v, 0, b'lost')
        self.good(self.post(self.pg, self.pg, overwrite=True))
        self.assertEqual(b'new', self.door.read(self.v, 0, 3))

    def test_a_copy_into_a_pod_makes_volumes_and_group(self) -> None:
        pod = f'{self.name}-pod'
        self.good(self.client.post_pods(names=[pod], pod=flasharray.PodPost()))
        made = self.good(self.post(f'{pod}::pg', self.snapshot))[0]
        self.assertEqual(1, made.volume_count)
        self.assertEqual(b'old', self.door.read(f'{pod}::{self.v}', 0, 3))

    def test_nothing_is_overwritten_unasked(self) -> None:
        self.bad(self.post(f'{self.pg}2', self.snapshot), 'already exists')
        self.assertEqual(
            400,
            self.client.get_protection_groups(
                names=[f'{self.pg}2']
            ).status_code,
        )
        self.bad(self.post(self.pg, self.snapshot), 'already exists')

    def test_an_unknown_source_is_refused(self) -> None:
        self.bad(self.post(f'{self.pg}2', 'nothing.1'), 'does not exist')


class SwitchTest(ClientCase):
    def switch(self, name: str, value: Any, default: Any) -> None:
        self.door.set_switch(name, value)
        self.addCleanup(self.door.set_switch, name, default)

    def group(self, name: str) -> None:
        self.volume(f'{name}-v')
        self.good(self.client.post_protection_groups(names=[name]))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[name], member_names=[f'{name}-v']
            )
        )

    def snapshots(self, name: str) -> list[Any]:
        return self.good(
            self.client.get_protection_group_snapshots(names=[name])
        )

    def test_group_snapshot_order(self) -> None:
        self.group('order')
        for _ in range(3):
            self.client.post_protection_group_snapshots(source_names=['order'])
        names = ['order.1', 'order.2', 'order.3']
        self.assertEqual(names, [s.name for s in self.snapshots('order')])
        self.switch('group_snapshot_order', 'created-descending', 'created')
        self.assertEqual(
            names[::-1], [s.name for s in self.snapshots('order')]
        )

    def test_member_snapshot_suffix(self) -> None:
        self.group('suffix')
        self.client.post_protection_group_snapshots(source_names=['suffix'])
        name = 'suffix.1.suffix-v'

        def suffix() -> str:
            found = self.client.get_volume_snapshots(names=[name])
            return str(self.good(found)[0].suffix)

        self.assertEqual('1', suffix())
        self.switch('member_snapshot_suffix', 'group-and-volume', 'group')
        self.assertEqual('1.suffix-v', suffix())

    def test_destroyed_volume_membership(self) -> None:
        for name, value in (('kept', 'kept'), ('gone', 'removed')):
            self.group(name)
            self.switch('destroyed_volume_membership', value, 'kept')
            self.destroy(f'{name}-v')
            self.good(
                self.client.patch_volumes(
                    names=[f'{name}-v'],
                    volume=flasharray.VolumePatch(destroyed=False),
                )
            )
            group = self.good(self.client.get_protection_groups(names=[name]))[
                0
            ]
            self.assertEqual(int(value == 'kept'), group.volume_count)

    def test_frequency_minimum(self) -> None:
        self.group('minimum')

        def patch(frequency: int) -> Any:
            return self.client.patch_protection_groups(
                names=['minimum'],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule={
                        'enabled': True,
                        'frequency': frequency,
                    }
                ),
            )

        self.bad(patch(299_999), 'frequency')
        self.good(patch(300_000))
        self.switch('frequency_minimum', 60_000, 300_000)
        self.good(patch(60_000))


class TemporaryTest(ClientCase):
    def test_a_snapshot_for_replication_lives_for_an_hour(self) -> None:
        self.volume('temporary')
        self.good(self.client.post_protection_groups(names=['tmp']))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=['tmp'], member_names=['temporary']
            )
        )
        self.good(
            self.client.post_protection_group_snapshots(
                source_names=['tmp'], for_replication=True
            )
        )
        self.door.advance_clock(support.HOUR - 60_000)
        self.assertEqual(1, self.count())
        self.door.advance_clock(60_000)
        self.assertEqual(0, self.count())

    def count(self) -> int:
        return len(
            self.good(
                self.client.get_protection_group_snapshots(names=['tmp'])
            )
        )
