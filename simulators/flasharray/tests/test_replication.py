# SPDX-License-Identifier: Apache-2.0
"""Asynchronous replication between two arrays in two processes."""

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import replication_case, support


class GroupTest(replication_case.ReplicationCase):
    def test_the_copy_of_a_group_has_its_settings(self) -> None:
        self.protect(allow=False)
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    target_retention={
                        'all_for_sec': 14_400,
                        'days': 7,
                        'per_day': 3,
                    }
                ),
            )
        )
        copy = support.eventually(
            lambda: (
                (c := self.wait_for_copy()).target_retention.days == 7 and c
            ),
            what='the retention',
        )
        self.assertFalse(copy.is_local)
        self.assertEqual('fa-east', copy.source.name)

    def test_replication_must_be_allowed_at_the_target(self) -> None:
        self.protect(allow=False)
        row = self.target_row()
        self.assertFalse(row.allowed)
        self.assertEqual('disallowed', row.status)
        self.bad(
            self.source.post_protection_group_snapshots(
                source_names=[self.group], replicate_now=True
            ),
            'no target',
        )
        self.allow(True)
        self.assertEqual('replicating', self.target_row().status)

    def test_permission_has_its_own_texts(self) -> None:
        self.protect()
        self.bad(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            ),
            'already includes',
        )
        self.bad(
            self.target.patch_protection_groups_targets(
                group_names=[self.copy],
                target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
            ),
            'already allowed on',
        )

    def test_the_copy_cannot_be_changed(self) -> None:
        self.protect()
        self.bad(
            self.target.patch_protection_groups(
                names=[self.copy],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule={'enabled': True}
                ),
            ),
            'another array',
        )

    def test_the_arrays_list_each_other(self) -> None:
        found = self.good(self.source.get_array_connections())[0]
        self.assertEqual('fa-west', found.name)
        self.assertEqual('connected', found.status)
        self.assertEqual('async-replication', found.type)

    def test_a_recreated_group_does_not_reuse_suffixes(self) -> None:
        self.protect('again-a')
        self.wait_for(self.replicate())
        self.wait_for(self.replicate())
        for change in ({'destroyed': True},):
            self.good(
                self.source.patch_protection_groups(
                    names=[self.group],
                    protection_group=flasharray.ProtectionGroup(**change),
                )
            )
        self.source.delete_protection_groups(names=[self.group])
        self.good(self.source.post_protection_groups(names=[self.group]))
        self.good(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            )
        )
        self.good(
            self.source.post_protection_groups_volumes(
                group_names=[self.group], member_names=['again-a']
            )
        )
        support.eventually(lambda: self.target_row().allowed)
        name = self.replicate()
        self.assertEqual(f'{self.copy}.3', name)
        self.wait_for(name)


class BytesTest(replication_case.ReplicationCase):
    def test_the_replica_has_the_bytes_of_its_moment(self) -> None:
        self.protect('bytes-a', 'bytes-b')
        self.here.write('bytes-a', 100_000, b'old a' * 1000)
        self.here.write('bytes-b', 0, b'old b')
        before = {n: self.here.digest(n) for n in ('bytes-a', 'bytes-b')}
        name = self.replicate()
        self.here.write('bytes-a', 100_000, b'new a' * 1000)
        self.here.write('bytes-b', 0, b'new b')
        self.wait_for(name)
        for volume in ('bytes-a', 'bytes-b'):
            made = self.good(
                self.restore(f'{name}.{volume}', f'restored-{volume}')
            )[0]
            self.assertEqual(f'fa-east:{volume}', made.source.name)
            self.assertEqual(
                before[volume], self.there.digest(f'restored-{volume}')
            )
        self.assertEqual(
            b'old a' * 1000,
            self.there.read('restored-bytes-a', 100_000, 5000),
        )

    def test_both_sides_tell_when_it_was_taken(self) -> None:
        self.protect('when')
        name = self.replicate()
        self.wait_for(name)
        local = name.removeprefix('fa-east:')
        taken = self.good(
            self.source.get_protection_group_snapshots(names=[local])
        )[0].created
        for names in ([name], [self.copy]):
            found = self.good(
                self.target.get_protection_group_snapshots(names=names)
            )[0]
            self.assertEqual(taken, found.created)
        part = self.good(
            self.target.get_volume_snapshots(filter=f"name='{name}.*'")
        )[0]
        self.assertEqual(taken, part.created)
        self.assertEqual('fa-east:when', part.source.name)

    def test_only_changes_are_sent_again(self) -> None:
        self.protect('delta')
        self.here.write('delta', 0, bytes(range(1, 251)) * 10_000)
        first = self.wait_for(self.replicate())
        self.here.write('delta', 5 * BLOCK, b'changed')
        second = self.wait_for(self.replicate())
        self.assertEqual(77 * BLOCK, first.data_transferred)
        self.assertEqual(BLOCK, second.data_transferred)

    def test_zeroed_blocks_become_zeros_there(self) -> None:
        self.protect('zeroed')
        self.here.write('zeroed', 0, b'x' * 3 * BLOCK)
        self.wait_for(self.replicate())
        self.here.write('zeroed', BLOCK, bytes(BLOCK))
        name = self.replicate()
        self.wait_for(name)
        self.assertEqual(
            self.here.digest('zeroed'), self.there.digest(f'{name}.zeroed')
        )

    def test_an_empty_volume_is_replicated(self) -> None:
        self.protect('empty')
        record = self.wait_for(self.replicate())
        self.assertEqual(0, record.data_transferred)

    def test_the_newest_complete_snapshot_is_found_as_cinder_does(
        self,
    ) -> None:
        self.protect('newest')
        self.wait_for(self.replicate())
        newest = self.replicate()
        self.wait_for(newest)
        found = self.good(
            self.target.get_protection_group_snapshots_transfer(
                names=[self.copy],
                destroyed=False,
                filter='progress="1.0"',
                sort=['started-'],
                limit=1,
            )
        )
        self.assertEqual([newest], [record.name for record in found])
