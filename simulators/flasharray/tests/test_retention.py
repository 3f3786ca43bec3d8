# SPDX-License-Identifier: Apache-2.0
"""Retention at the source and at the target of replication."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import replication_case, support

SHORT = {'all_for_sec': 3600, 'per_day': 0, 'days': 0}
LONG = {'all_for_sec': 864_000, 'per_day': 0, 'days': 0}


class RetentionCase(replication_case.ReplicationCase):
    def retain(self, **fields: Any) -> None:
        """Set retentions; wait until the target knows them."""
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(**fields),
            )
        )
        if 'target_retention' in fields:
            wanted = fields['target_retention']['all_for_sec']
            support.eventually(
                lambda: (
                    self.wait_for_copy().target_retention.all_for_sec == wanted
                )
            )

    def send(self) -> str:
        """Send a snapshot that is under retention; wait for it."""
        name = self.replicate(replicate_now=True, apply_retention=True)
        self.wait_for(name)
        return name

    def pass_time(self, milliseconds: int) -> None:
        """Move both clocks, and make them the same."""
        goal = max(self.here.clock(), self.there.clock()) + milliseconds
        for door in (self.here, self.there):
            door.advance_clock(max(0, goal - door.clock()))

    def states(self, client: Any, group: str) -> dict[str, bool]:
        """Return by suffix which snapshots are destroyed."""
        found = self.good(client.get_protection_group_snapshots(names=[group]))
        return {snapshot.suffix: snapshot.destroyed for snapshot in found}

    def here_states(self) -> dict[str, bool]:
        return self.states(self.source, self.group)

    def there_states(self) -> dict[str, bool]:
        return self.states(self.target, self.copy)


class ExpiryTest(RetentionCase):
    def test_both_sides_expire_by_their_own_retention(self) -> None:
        self.protect('own')
        self.retain(source_retention=SHORT, target_retention=LONG)
        for _ in range(3):
            self.send()
        self.pass_time(2 * support.HOUR)
        self.assertEqual(
            {'1': True, '2': True, '3': False}, self.here_states()
        )
        self.assertEqual(
            {'1': False, '2': False, '3': False}, self.there_states()
        )

    def test_what_is_expired_is_eradicated_a_day_later(self) -> None:
        self.protect('later')
        self.retain(source_retention=SHORT, target_retention=SHORT)
        self.send()
        self.send()
        self.pass_time(2 * support.HOUR)
        self.assertEqual({'1': True, '2': False}, self.there_states())
        self.pass_time(support.DAY)
        self.assertEqual({'2': False}, self.there_states())
        self.assertEqual({'2': False}, self.here_states())

    def test_the_next_transfer_starts_from_what_is_kept(self) -> None:
        self.protect('base')
        self.retain(source_retention=SHORT, target_retention=SHORT)
        self.here.write('base', 0, b'b' * 5 * BLOCK)
        self.send()
        self.pass_time(30 * support.DAY)
        self.here.write('base', 0, b'c')
        record = self.wait_for(
            self.replicate(replicate_now=True, apply_retention=True)
        )
        self.assertEqual(BLOCK, record.data_transferred)

    def test_a_snapshot_without_retention_stays(self) -> None:
        self.protect('stays')
        self.retain(source_retention=SHORT, target_retention=SHORT)
        self.wait_for(self.replicate(replicate_now=True))
        self.send()
        self.send()
        self.pass_time(10 * support.DAY)
        kept = {'1': False, '2': True, '3': False}
        self.assertEqual(kept, self.there_states())
        self.assertEqual(kept, self.here_states())

    def test_the_switch_expired_at_target_eradicates_at_once(self) -> None:
        self.there.set_switch('expired_at_target', 'eradicated')
        self.addCleanup(
            self.there.set_switch, 'expired_at_target', 'destroyed'
        )
        self.protect('at-once')
        self.retain(source_retention=LONG, target_retention=SHORT)
        self.send()
        self.send()
        self.pass_time(2 * support.HOUR)
        self.assertEqual({'2': False}, self.there_states())

    def test_an_expired_snapshot_can_be_recovered(self) -> None:
        self.protect('back')
        self.here.write('back', 0, b'one')
        self.retain(source_retention=LONG, target_retention=SHORT)
        name = self.send()
        self.send()
        self.pass_time(2 * support.HOUR)
        self.bad(self.restore(f'{name}.back', 'from-expired'), 'destroyed')
        self.retain(target_retention=LONG)
        self.good(
            self.target.patch_protection_group_snapshots(
                names=[name],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPatch(destroyed=False)
                ),
            )
        )
        self.good(self.restore(f'{name}.back', 'from-expired'))
        self.assertEqual(b'one', self.there.read('from-expired', 0, 3))


class InheritanceTest(RetentionCase):
    def patch_copy(self, retention: dict[str, int]) -> None:
        self.good(
            self.target.patch_protection_groups(
                names=[self.copy],
                protection_group=flasharray.ProtectionGroup(
                    target_retention=retention
                ),
            )
        )

    def kept_for(self) -> int:
        return int(self.wait_for_copy().target_retention.all_for_sec)

    def test_the_target_may_have_a_retention_of_its_own(self) -> None:
        self.protect('inherit')
        self.retain(target_retention=SHORT)
        self.patch_copy(LONG)
        self.retain(source_retention=LONG)
        self.send()
        self.assertEqual(LONG['all_for_sec'], self.kept_for())

    def test_a_new_retention_of_the_source_counts_again(self) -> None:
        self.protect('again')
        self.patch_copy(LONG)
        self.retain(target_retention=SHORT)
        self.assertEqual(SHORT['all_for_sec'], self.kept_for())


class LinkLossTest(RetentionCase):
    def test_what_expired_before_the_link_was_back_is_skipped(self) -> None:
        self.protect('skipped')
        self.retain(source_retention=SHORT, target_retention=LONG)
        self.send()
        self.here.set_link('fa-west', False)
        for number in (2, 3):
            self.here.write('skipped', 0, bytes([number]) * 10)
            self.replicate(replicate=True, apply_retention=True)
        self.pass_time(2 * support.HOUR)
        self.here.write('skipped', 0, b'newest')
        newest = self.replicate(replicate=True, apply_retention=True)
        self.here.set_link('fa-west', True)
        self.wait_for(newest)
        self.assertEqual({'1': False, '4': False}, self.there_states())
        self.assertEqual(b'newest', self.there.read(f'{newest}.skipped', 0, 6))

    def test_one_that_is_under_way_is_not_skipped(self) -> None:
        self.protect('running')
        self.retain(source_retention=SHORT, target_retention=LONG)
        data = self.group.encode() * 4 * BLOCK
        self.here.write('running', 0, data[: 4 * BLOCK])
        self.here.freeze_transfers(True, at=0.5)
        name = self.replicate(replicate_now=True, apply_retention=True)
        self.wait_for_progress(name, 0.5)
        self.here.set_link('fa-west', False)
        self.pass_time(5 * support.HOUR)
        self.assertEqual({'1': False}, self.here_states())
        self.here.freeze_transfers(False)
        self.here.set_link('fa-west', True)
        self.wait_for(name)
        self.assertEqual(
            self.here.digest('running'), self.there.digest(f'{name}.running')
        )

    def test_a_snapshot_eradicated_in_between_leaves_nothing_there(
        self,
    ) -> None:
        self.protect('gone')
        self.here.write('gone', 0, b'x' * 4 * BLOCK)
        self.here.freeze_transfers(True, at=0.5)
        name = self.replicate()
        self.wait_for_progress(name, 0.5)
        self.here.set_link('fa-west', False)
        local = name.removeprefix('fa-east:')
        self.good(
            self.source.patch_protection_group_snapshots(
                names=[local],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPatch(destroyed=True)
                ),
            )
        )
        self.good(self.source.delete_protection_group_snapshots(names=[local]))
        self.assertEqual({'1': False}, self.there_states())
        self.here.set_link('fa-west', True)
        support.eventually(lambda: not self.there_states())
