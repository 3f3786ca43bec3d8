# SPDX-License-Identifier: Apache-2.0
"""SafeMode: what it refuses, and what only time takes away."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase

REFUSED = 'retention lock is ratcheted'
DISABLED = 'manual eradication is disabled'


class LockedGroupTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.pg = f'pg-{self.id().rpartition(".")[2][:40]}'.replace('_', '-')
        self.v = f'{self.pg}-v'
        self.volume(self.v)
        self.good(self.client.post_protection_groups(names=[self.pg]))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[self.pg], member_names=[self.v]
            )
        )

    def patch(self, **fields: Any) -> Any:
        return self.client.patch_protection_groups(
            names=[self.pg],
            protection_group=flasharray.ProtectionGroup(**fields),
        )

    def lock(self) -> None:
        self.good(self.patch(retention_lock='ratcheted'))

    def snapshot(self) -> str:
        made = self.client.post_protection_group_snapshots(
            source_names=[self.pg]
        )
        return str(self.good(made)[0].name)

    def destroy_snapshot(self, name: str) -> Any:
        return self.client.patch_protection_group_snapshots(
            names=[name],
            protection_group_snapshot=(
                flasharray.ProtectionGroupSnapshotPatch(destroyed=True)
            ),
        )

    def test_it_is_not_destroyed(self) -> None:
        self.lock()
        self.bad(self.patch(destroyed=True), REFUSED)

    def test_it_is_not_unlocked(self) -> None:
        self.lock()
        self.bad(self.patch(retention_lock='unlocked'), REFUSED)

    def test_its_snapshots_are_not_destroyed(self) -> None:
        name = self.snapshot()
        self.lock()
        self.bad(self.destroy_snapshot(name), REFUSED)

    def test_it_loses_no_member(self) -> None:
        self.lock()
        self.bad(
            self.client.delete_protection_groups_volumes(
                group_names=[self.pg], member_names=[self.v]
            ),
            REFUSED,
        )
        self.bad(
            self.client.patch_volumes(
                names=[self.v],
                volume=flasharray.VolumePatch(),
                remove_from_protection_group_names=[self.pg],
            ),
            REFUSED,
        )

    def test_it_gains_members(self) -> None:
        self.lock()
        self.volume(f'{self.v}2')
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[self.pg], member_names=[f'{self.v}2']
            )
        )

    def test_its_retention_only_grows(self) -> None:
        self.lock()
        kept = {'all_for_sec': 90_000, 'per_day': 5, 'days': 8}
        for kind in ('source_retention', 'target_retention'):
            self.good(self.patch(**{kind: kept}))
            for field, value in kept.items():
                self.bad(self.patch(**{kind: {field: value - 1}}), REFUSED)

    def test_its_schedules_only_get_faster(self) -> None:
        for kind in ('replication_schedule', 'snapshot_schedule'):
            self.good(
                self.patch(
                    **{kind: {'enabled': True, 'frequency': support.HOUR}}
                )
            )
        self.lock()
        for kind in ('replication_schedule', 'snapshot_schedule'):
            self.good(self.patch(**{kind: {'frequency': support.HOUR // 2}}))
            self.bad(
                self.patch(**{kind: {'frequency': support.HOUR}}), REFUSED
            )
            self.bad(self.patch(**{kind: {'enabled': False}}), REFUSED)

    def test_what_was_destroyed_before_is_not_eradicated(self) -> None:
        name = self.snapshot()
        self.good(self.destroy_snapshot(name))
        self.lock()
        self.bad(
            self.client.delete_protection_group_snapshots(names=[name]),
            DISABLED,
        )
        group = self.good(self.client.get_protection_groups(names=[self.pg]))[
            0
        ]
        self.assertEqual(
            'all-disabled', group.eradication_config.manual_eradication
        )

    def test_its_volumes_are_destroyed_but_not_eradicated(self) -> None:
        self.lock()
        self.destroy(self.v)
        self.bad(self.client.delete_volumes(names=[self.v]), DISABLED)

    def test_its_host_is_not_deleted(self) -> None:
        host, pg = f'{self.pg}-h', f'{self.pg}-hosts'
        self.good(
            self.client.post_hosts(names=[host], host=flasharray.HostPost())
        )
        self.good(self.client.post_protection_groups(names=[pg]))
        self.good(
            self.client.post_protection_groups_hosts(
                group_names=[pg], member_names=[host]
            )
        )
        self.good(
            self.client.patch_protection_groups(
                names=[pg],
                protection_group=flasharray.ProtectionGroup(
                    retention_lock='ratcheted'
                ),
            )
        )
        self.bad(self.client.delete_hosts(names=[host]), REFUSED)

    def test_the_array_says_that_a_part_is_protected(self) -> None:
        self.lock()
        array = self.good(self.client.get_arrays())[0]
        self.assertEqual(
            'partially-disabled', array.eradication_config.manual_eradication
        )

    def test_a_pod_with_a_locked_group_is_not_eradicated(self) -> None:
        pod = f'pod-{self.id().rpartition(".")[2][:20]}'.replace('_', '-')
        self.good(self.client.post_pods(names=[pod], pod=flasharray.PodPost()))
        self.volume(f'{pod}::v')
        self.good(self.client.post_protection_groups(names=[f'{pod}::pg']))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[f'{pod}::pg'], member_names=[f'{pod}::v']
            )
        )
        self.good(
            self.client.patch_protection_groups(
                names=[f'{pod}::pg'],
                protection_group=flasharray.ProtectionGroup(
                    retention_lock='ratcheted'
                ),
            )
        )
        found = self.good(self.client.get_pods(names=[pod]))[0]
        self.assertEqual(
            'partially-disabled', found.eradication_config.manual_eradication
        )
        self.bad(
            self.client.patch_pods(
                names=[pod],
                pod=flasharray.PodPatch(destroyed=True),
                destroy_contents=True,
            ),
            REFUSED,
        )

    def test_only_time_eradicates_and_later_than_elsewhere(self) -> None:
        other = f'{self.pg}-other'
        self.good(self.client.post_protection_groups(names=[other]))
        name = self.snapshot()
        self.good(self.destroy_snapshot(name))
        self.lock()
        self.good(
            self.client.patch_arrays(
                array=flasharray.Arrays(
                    eradication_config={'disabled_delay': 3 * support.DAY}
                )
            )
        )
        self.addCleanup(
            self.client.patch_arrays,
            array=flasharray.Arrays(
                eradication_config={'disabled_delay': support.DAY}
            ),
        )
        self.good(
            self.client.patch_protection_groups(
                names=[other],
                protection_group=flasharray.ProtectionGroup(destroyed=True),
            )
        )
        self.door.advance_clock(2 * support.DAY)
        self.assertEqual(
            400,
            self.client.get_protection_groups(names=[other]).status_code,
        )
        left = self.good(
            self.client.get_protection_group_snapshots(names=[name])
        )[0]
        self.assertLessEqual(left.time_remaining, support.DAY)
        self.door.advance_clock(support.DAY)
        self.assertEqual(
            400,
            self.client.get_protection_group_snapshots(
                names=[name]
            ).status_code,
        )


class ProtectedArrayTest(ClientCase):
    def test_nothing_is_eradicated_by_hand(self) -> None:
        self.volume('v')
        self.good(self.client.post_protection_groups(names=['pg']))
        self.good(
            self.client.post_volume_snapshots(
                source_names=['v'],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.good(
            self.client.patch_volume_snapshots(
                names=['v.s'],
                volume_snapshot=flasharray.VolumeSnapshotPatch(destroyed=True),
            )
        )
        self.assertEqual(200, self.patch('all-disabled').status_code)
        self.destroy('v')
        self.good(
            self.client.patch_protection_groups(
                names=['pg'],
                protection_group=flasharray.ProtectionGroup(destroyed=True),
            )
        )
        self.bad(self.client.delete_volume_snapshots(names=['v.s']), DISABLED)
        self.bad(self.client.delete_volumes(names=['v']), DISABLED)
        self.bad(self.client.delete_protection_groups(names=['pg']), DISABLED)
        self.assertEqual(400, self.patch('all-enabled').status_code)
        config = self.good(self.client.get_arrays())[0].eradication_config
        self.assertEqual('all-disabled', config.manual_eradication)
        self.door.advance_clock(support.DAY)
        self.assertEqual([], self.good(self.client.get_volumes()))

    def patch(self, manual_eradication: str) -> Any:
        """Change it; the client library takes the field for read-only."""
        config = {'manual_eradication': manual_eradication}
        return self.raw('PATCH', 'arrays', json={'eradication_config': config})
