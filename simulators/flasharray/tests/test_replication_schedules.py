# SPDX-License-Identifier: Apache-2.0
"""Schedules and retentions of two arrays in two processes."""

from typing import Any

from pypureclient import flasharray

from tests import replication_case, support


class ScheduleTest(replication_case.ReplicationCase):
    def schedule(self, **fields: Any) -> None:
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule=fields
                ),
            )
        )

    def count(self) -> int:
        return len(
            self.good(
                self.target.get_protection_group_snapshots(
                    names=[self.copy], filter='not destroyed'
                )
            )
        )

    def test_an_enabled_schedule_replicates_each_interval(self) -> None:
        self.protect('hourly')
        self.schedule(frequency=support.HOUR)
        self.schedule(enabled=True)
        self.wait_for(f'{self.copy}.1')
        self.here.advance_clock(support.HOUR)
        self.wait_for(f'{self.copy}.2')
        self.schedule(enabled=True)
        self.schedule(frequency=support.HOUR)
        self.here.advance_clock(support.HOUR // 2)
        self.assertEqual(2, self.count())

    def test_a_disabled_schedule_replicates_no_more(self) -> None:
        self.protect('stopped')
        self.schedule(enabled=True, frequency=support.HOUR)
        self.wait_for(f'{self.copy}.1')
        self.schedule(enabled=False)
        self.here.advance_clock(5 * support.HOUR)
        self.assertEqual(1, self.count())

    def test_a_clock_jump_makes_one_snapshot(self) -> None:
        self.protect('jump')
        self.schedule(enabled=True, frequency=support.HOUR)
        self.wait_for(f'{self.copy}.1')
        self.here.advance_clock(25 * support.HOUR)
        self.wait_for(f'{self.copy}.2')
        self.assertEqual(2, self.count())

    def test_an_empty_group_makes_no_snapshot(self) -> None:
        self.protect()
        self.schedule(enabled=True, frequency=support.HOUR)
        self.here.advance_clock(support.HOUR)
        self.assertEqual(0, self.count())

    def test_retention_at_the_target_destroys_old_ones(self) -> None:
        self.protect('retention')
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    target_retention={
                        'all_for_sec': 3600,
                        'per_day': 0,
                        'days': 0,
                    }
                ),
            )
        )
        first, second = (
            self.replicate(replicate_now=True, apply_retention=True)
            for _ in range(2)
        )
        self.wait_for(first)
        self.wait_for(second)
        support.eventually(
            lambda: self.wait_for_copy().target_retention.days == 0
        )
        behind = self.here.clock() - self.there.clock()
        self.there.advance_clock(max(0, behind) + 2 * support.HOUR)
        found = self.good(
            self.target.get_protection_group_snapshots(names=[self.copy])
        )
        self.assertEqual(
            {first: True, second: False},
            {snapshot.name: snapshot.destroyed for snapshot in found},
        )
