# SPDX-License-Identifier: Apache-2.0
"""purefa_pg, _pgsched and _pgsnap, and replication to the other array."""

from typing import Any

from pypureclient.flasharray import TargetProtectionGroupPostPatch

from tests.ansible.cases import ModulesCase
from tests.support import DAY, HOUR, eventually


class ProtectionModules(ModulesCase):
    def group(self, name: str) -> Any:
        return self.one(self.client.get_protection_groups(names=[name]))

    def members(self, name: str) -> list[str]:
        found = self.client.get_protection_groups_volumes(group_names=[name])
        return [item.member.name for item in found.items]

    def test_a_group_is_made_with_volumes(self) -> None:
        for name in ('pg-a', 'pg-b'):
            self.good('volume', name=name, size='1G')
        self.twice('pg', name='pg-members', volume=['pg-a'])
        self.twice('pg', name='pg-members', volume=['pg-b'])
        self.assertEqual({'pg-a', 'pg-b'}, {*self.members('pg-members')})
        self.twice('pg', name='pg-members', volume=['pg-a'], state='absent')
        self.assertEqual(['pg-b'], self.members('pg-members'))

    def test_a_group_has_hosts_or_host_groups(self) -> None:
        self.good('host', name='pg-host')
        self.good('hg', name='pg-hg')
        self.twice('pg', name='pg-of-hosts', host=['pg-host'])
        self.twice('pg', name='pg-of-hgs', hostgroup=['pg-hg'])
        self.assertEqual(1, self.group('pg-of-hosts').host_count)
        self.assertEqual(1, self.group('pg-of-hgs').host_group_count)

    def test_a_group_is_renamed_destroyed_and_eradicated(self) -> None:
        self.twice('pg', name='pg-short')
        self.twice('pg', name='pg-short', rename='pg-long')
        self.twice('pg', name='pg-long', state='absent')
        self.assertTrue(self.group('pg-long').destroyed)
        self.twice('pg', name='pg-long')
        self.twice('pg', name='pg-long', state='absent', eradicate=True)
        self.gone(self.client.get_protection_groups(names=['pg-long']))

    def test_a_group_is_locked(self) -> None:
        self.twice('pg', name='pg-safe', safe_mode=True)
        self.assertEqual('ratcheted', self.group('pg-safe').retention_lock)
        found = self.run_module('pg', name='pg-safe', state='absent')
        self.assertTrue(found.get('failed'), found)

    def test_schedules_are_kept_as_given(self) -> None:
        self.good('pg', name='pg-when', enabled=False)
        self.twice(
            'pgsched',
            name='pg-when',
            schedule='snapshot',
            enabled=True,
            snap_frequency=86400,
            snap_at='3PM',
            all_for=7200,
            per_day=5,
            days=10,
        )
        self.twice(
            'pgsched',
            name='pg-when',
            schedule='replication',
            enabled=True,
            replicate_frequency=86400,
            replicate_at='4AM',
            blackout_start='2AM',
            blackout_end='5AM',
            target_all_for=3600,
            target_per_day=2,
            target_days=3,
        )
        group = self.group('pg-when')
        # The module gives times of day in seconds.
        self.assertEqual(
            (DAY, 15 * HOUR // 1000),
            (group.snapshot_schedule.frequency, group.snapshot_schedule.at),
        )
        blackout = group.replication_schedule.blackout
        self.assertEqual(
            (2 * HOUR // 1000, 5 * HOUR // 1000),
            (blackout.start, blackout.end),
        )
        self.assertEqual(3600, group.target_retention.all_for_sec)
        for schedule in ('snapshot', 'replication'):
            self.twice(
                'pgsched', name='pg-when', schedule=schedule, state='absent'
            )
        self.assertFalse(self.group('pg-when').replication_schedule.enabled)

    def test_a_snapshot_is_restored(self) -> None:
        self.good('volume', name='restore', size='1G')
        self.good('pg', name='pg-restore', volume=['restore'], enabled=False)
        self.east.door.write('restore', 0, b'early')
        shot = {'name': 'pg-restore', 'suffix': 'one'}
        self.twice('pgsnap', **shot)
        self.east.door.write('restore', 0, b'later')
        copy = {**shot, 'state': 'copy', 'restore': 'restore'}
        self.assertTrue(
            self.good('pgsnap', target='restored', **copy)['changed']
        )
        self.assertEqual(b'early', self.east.door.read('restored', 0, 5))
        self.good(
            'pgsnap',
            target='restore',
            overwrite=True,
            with_default_protection=False,
            **copy,
        )
        self.assertEqual(b'early', self.east.door.read('restore', 0, 5))

    def test_a_snapshot_is_renamed_destroyed_and_eradicated(self) -> None:
        self.good('pg', name='pg-shots')
        self.twice('pgsnap', name='pg-shots', suffix='one')
        self.good(
            'pgsnap', name='pg-shots', suffix='one', target='two',
            state='rename',
        )  # fmt: skip
        shot = {'name': 'pg-shots', 'suffix': 'two', 'state': 'absent'}
        self.twice('pgsnap', **shot)
        self.twice('pgsnap', eradicate=True, **shot)
        self.gone(
            self.client.get_protection_group_snapshots(names=['pg-shots.two'])
        )


class ReplicationModules(ModulesCase):
    def test_the_original_playbook_recovers_on_the_other_array(self) -> None:
        """As sdodsley/openstack-dr does for asynchronous replication."""
        self._replicate('dr', 'dr-volume')
        self.east.door.write('dr-volume', 0, b'kept')
        self.good('pgsnap', name='dr', suffix='now', now=True)
        self.east.door.write('dr-volume', 0, b'lost')
        newest = eventually(lambda: self._newest('dr-volume'))
        name, _, suffix = newest.rpartition('.')
        copy = {'name': name, 'suffix': suffix, 'target': 'restored-from-dr'}
        self.assertTrue(
            self.good('snap', self.west, state='copy', **copy)['changed']
        )
        self.assertEqual(
            b'kept', self.west.door.read('restored-from-dr', 0, 4)
        )
        again = self.good('snap', self.west, state='copy', **copy)
        self.assertFalse(again['changed'])

    def _replicate(self, group: str, volume: str) -> None:
        self.good('volume', name=volume, size='1G')
        self.twice(
            'pg', name=group, volume=[volume], target=['fa-west'],
            enabled=False,
        )  # fmt: skip
        there = f'fa-east:{group}'
        eventually(
            lambda: (
                self.peer.get_protection_groups(names=[there]).status_code
                == 200
            )
        )
        # No module allows a target.
        self.one(
            self.peer.patch_protection_groups_targets(
                group_names=[there],
                target=TargetProtectionGroupPostPatch(allowed=True),
            )
        )
        eventually(
            lambda: (
                self.one(
                    self.client.get_protection_groups_targets(
                        group_names=[group]
                    )
                ).allowed
            )
        )

    def _newest(self, volume: str) -> str:
        """Return the newest snapshot, chosen as the playbook does."""
        found = self.good('info', self.west, gather_subset=['snapshots'])
        snapshots = [
            (facts['created_epoch'], name)
            for name, facts in found['purefa_info']['snapshots'].items()
            if facts['source'] == f'fa-east:{volume}'
        ]
        return max(snapshots)[1] if snapshots else ''
