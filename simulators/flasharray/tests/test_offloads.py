# SPDX-License-Identifier: Apache-2.0
"""Offload targets and the snapshots in them."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase


class OffloadCase(ClientCase):
    def nfs(self, name: str) -> Any:
        return self.good(
            self.client.post_offloads(
                names=[name],
                offload=flasharray.OffloadPost(
                    nfs=flasharray.OffloadNfs(
                        address='192.0.2.4', mount_point='/offload'
                    )
                ),
            )
        )[0]

    def keep(self, offload: str, volume: str, suffix: str) -> Any:
        return self.good(
            self.client.post_remote_volume_snapshots(
                source_names=[volume],
                on=offload,
                remote_volume_snapshot=flasharray.RemoteVolumeSnapshotPost(
                    suffix=suffix
                ),
            )
        )[0]

    def names_in(self, offload: str, **options: Any) -> list[str]:
        found = self.good(
            self.client.get_remote_volume_snapshots(on=offload, **options)
        )
        return [snapshot.name for snapshot in found]


class TargetTest(OffloadCase):
    def test_a_target_is_connected_and_forgotten(self) -> None:
        made = self.nfs('nfs-a')
        self.assertEqual('nfs', made.protocol)
        self.assertEqual('connected', made.status)
        self.assertEqual('/offload', made.nfs.mount_point)
        self.good(self.client.delete_offloads(names=['nfs-a']))
        self.bad(
            self.client.get_offloads(names=['nfs-a']),
            'Offload does not exist.',
        )

    def test_a_secret_is_not_shown(self) -> None:
        for name, offload in (
            (
                's3-a',
                flasharray.OffloadPost(
                    s3=flasharray.OffloadS3(
                        access_key_id='id',
                        bucket='bucket',
                        secret_access_key='hush',
                    )
                ),
            ),
            (
                'azure-a',
                flasharray.OffloadPost(
                    azure=flasharray.OffloadAzure(
                        account_name='account', secret_access_key='hush'
                    )
                ),
            ),
        ):
            with self.subTest(name):
                self.good(
                    self.client.post_offloads(names=[name], offload=offload)
                )
                body = self.raw('GET', f'offloads?names={name}').text
                self.assertNotIn('hush', body)

    def test_a_protocol_is_needed_with_what_it_needs(self) -> None:
        for body in ({}, {'nfs': {'address': 'x'}}, {'nfs': {}, 's3': {}}):
            with self.subTest(body):
                answer = self.raw('POST', 'offloads?names=bad', json=body)
                self.assertEqual(400, answer.status_code)

    def test_protocols_are_told_apart(self) -> None:
        self.nfs('nfs-b')
        found = self.good(self.client.get_offloads(protocol='nfs'))
        self.assertEqual({'nfs'}, {offload.protocol for offload in found})


class VolumeTest(OffloadCase):
    def setUp(self) -> None:
        super().setUp()
        self.target = f'o-{self.id().rpartition(".")[2][:40]}'
        self.target = self.target.replace('_', '-').rstrip('-')
        self.nfs(self.target)
        self.name = f'v-{self.target}'
        self.volume(self.name)
        self.door.write(self.name, 0, b'old')

    def test_a_copy_is_kept_apart(self) -> None:
        kept = self.keep(self.target, self.name, 's1')
        self.assertEqual(f'fa-one:{self.name}.s1', kept.name)
        self.assertEqual(f'fa-one:{self.name}', kept.source.name)
        self.assertEqual(self.target, kept.remote.name)
        self.bad(
            self.client.get_volume_snapshots(names=[f'{self.name}.s1']),
            'does not exist',
        )

    def test_its_transfer_is_told(self) -> None:
        kept = self.keep(self.target, self.name, 's1')
        transfer = self.good(
            self.client.get_remote_volume_snapshots_transfer(
                on=self.target, names=[kept.name]
            )
        )[0]
        self.assertEqual(1.0, transfer.progress)
        self.assertGreater(transfer.data_transferred, 0)
        self.assertGreaterEqual(transfer.completed, transfer.started)

    def test_its_bytes_are_those_of_then(self) -> None:
        kept = self.keep(self.target, self.name, 's1')
        self.door.write(self.name, 0, b'new')
        restored = self.good(
            self.client.post_volume_snapshots(
                source_names=[kept.name],
                on=self.target,
                volume_snapshot=flasharray.VolumeSnapshotPost(),
            )
        )[0]
        self.assertEqual(b'old', self.door.read(restored.name, 0, 3))
        self.good(self.copy(restored.name, f'{self.name}-r'))
        self.assertEqual(b'old', self.door.read(f'{self.name}-r', 0, 3))

    def test_a_destroyed_copy_comes_back_or_fades(self) -> None:
        kept = self.keep(self.target, self.name, 's1')
        gone = self.client.patch_remote_volume_snapshots(
            names=[kept.name],
            on=self.target,
            remote_volume_snapshot=flasharray.DestroyedPatchPost(
                destroyed=True
            ),
        )
        self.assertIsNotNone(self.good(gone)[0].time_remaining)
        self.assertEqual([], self.names_in(self.target, destroyed=False))
        self.assertEqual(
            [kept.name], self.names_in(self.target, destroyed=True)
        )
        self.door.advance_clock(support.DAY + 1000)
        self.assertEqual([], self.names_in(self.target))

    def test_only_a_destroyed_copy_is_eradicated(self) -> None:
        kept = self.keep(self.target, self.name, 's1')
        self.bad(
            self.client.delete_remote_volume_snapshots(
                names=[kept.name], on=self.target
            ),
            'must be destroyed',
        )

    def test_the_copies_go_with_their_target(self) -> None:
        self.keep(self.target, self.name, 's1')
        self.good(self.client.delete_offloads(names=[self.target]))
        left = self.good(self.client.get_remote_volume_snapshots())
        self.assertNotIn(self.target, {s.remote.name for s in left})

    def test_a_list_of_all_names_the_targets(self) -> None:
        self.keep(self.target, self.name, 's1')
        names = [
            snapshot.name
            for snapshot in self.good(
                self.client.get_remote_volume_snapshots()
            )
        ]
        self.assertIn(f'{self.target}:fa-one:{self.name}.s1', names)

    def test_a_filter_takes_the_names_of_the_target(self) -> None:
        self.keep(self.target, self.name, 's1')
        self.keep(self.target, self.name, 's2')
        found = self.names_in(self.target, filter="name='fa-one:*.s2'")
        self.assertEqual([f'fa-one:{self.name}.s2'], found)

    def test_an_unknown_target_is_refused(self) -> None:
        self.bad(
            self.client.get_remote_volume_snapshots(on='nowhere'),
            'Offload does not exist.',
        )

    def test_the_space_is_that_of_the_copies(self) -> None:
        def used() -> int:
            found = self.client.get_offloads(names=[self.target])
            return int(self.good(found)[0].space.total_physical)

        before = used()
        self.keep(self.target, self.name, 's1')
        self.assertGreater(used(), before)


class GroupTest(OffloadCase):
    def test_a_group_is_kept_with_all_volumes(self) -> None:
        self.nfs('o-group')
        for name in ('g-a', 'g-b'):
            self.volume(name)
            self.door.write(name, 0, name.encode())
        self.good(self.client.post_protection_groups(names=['pg-o']))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=['pg-o'], member_names=['g-a', 'g-b']
            )
        )
        kept = self.good(
            self.client.post_remote_protection_group_snapshots(
                source_names=['pg-o'], on='o-group'
            )
        )[0]
        self.assertTrue(kept.name.startswith('fa-one:pg-o.'))
        parts = self.names_in('o-group')
        self.assertEqual(
            [f'{kept.name}.g-a', f'{kept.name}.g-b'], sorted(parts)
        )
        transfer = self.good(
            self.client.get_remote_protection_group_snapshots_transfer(
                on='o-group', names=[kept.name]
            )
        )[0]
        self.assertEqual(1.0, transfer.progress)
        self.good(
            self.client.patch_remote_protection_group_snapshots(
                names=[kept.name],
                on='o-group',
                remote_protection_group_snapshot=(
                    flasharray.DestroyedPatchPost(destroyed=True)
                ),
            )
        )
        self.assertEqual([], self.names_in('o-group', destroyed=False))
        self.good(
            self.client.delete_remote_protection_group_snapshots(
                names=[kept.name], on='o-group'
            )
        )
        self.assertEqual([], self.names_in('o-group'))
