# SPDX-License-Identifier: Apache-2.0
"""What a connected array shows of its protection groups."""

from typing import Any

from pypureclient import flasharray

from tests import replication_case, support


class RemoteGroupTest(replication_case.ReplicationCase):
    def names(self, items: list[Any]) -> list[str]:
        return [item.name for item in items]

    def test_groups_are_seen_on_the_connected_array(self) -> None:
        self.protect('seen')
        found = {
            group.name: group
            for group in self.good(
                self.source.get_remote_protection_groups(on=['fa-west'])
            )
        }
        self.assertTrue(found[self.copy].is_local)
        self.assertEqual('fa-west', found[self.copy].remote.name)
        self.assertEqual('fa-east', found[self.copy].source.name)
        seen = self.good(
            self.target.get_remote_protection_groups(
                on=['fa-east'], names=[self.copy]
            )
        )[0]
        self.assertFalse(seen.is_local)

    def test_without_a_target_there_is_none(self) -> None:
        self.protect('none')
        self.assertEqual(
            [], self.good(self.source.get_remote_protection_groups())
        )
        found = self.source.get_remote_protection_groups(names=[self.copy])
        self.assertEqual(400, found.status_code)

    def test_snapshots_and_transfers_are_seen(self) -> None:
        self.protect('sent')
        name = self.replicate()
        self.wait_for(name)
        found = self.good(
            self.source.get_remote_protection_group_snapshots(
                on=['fa-west'], source_names=[self.copy]
            )
        )
        self.assertEqual([name], self.names(found))
        record = self.good(
            self.source.get_remote_protection_group_snapshots_transfer(
                on=['fa-west'], names=[name]
            )
        )[0]
        self.assertEqual(1.0, record.progress)
        self.assertEqual(self.copy, record.source.name)

    def test_a_target_asks_its_source_for_a_snapshot(self) -> None:
        self.protect('asked')
        self.here.write('asked', 0, b'asked for')
        made = self.good(
            self.target.post_remote_protection_group_snapshots(
                on='fa-east',
                source_names=[self.copy],
                replicate_now=True,
                remote_protection_group_snapshot=(
                    flasharray.RemoteProtectionGroupSnapshotPost()
                ),
            )
        )[0]
        self.assertEqual(f'{self.copy}.1', made.name)
        self.wait_for(made.name)
        self.assertEqual(
            b'asked for', self.there.read(f'{made.name}.asked', 0, 9)
        )

    def test_an_array_that_is_not_reached_is_said(self) -> None:
        self.here.set_link('fa-west', False)
        self.bad(
            self.source.get_remote_protection_groups(on=['fa-west']),
            'cannot be reached',
        )
        self.here.set_link('fa-west', True)
        support.eventually(
            lambda: (
                self.source.get_remote_protection_groups(
                    on=['fa-west']
                ).status_code
                == 200
            )
        )
