# SPDX-License-Identifier: Apache-2.0
"""Protection groups of one array."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase


class ProtectionGroupTest(ClientCase):
    def group(self, name: str) -> Any:
        return self.client.post_protection_groups(names=[name])

    def patch(self, name: str, **fields: Any) -> Any:
        return self.client.patch_protection_groups(
            names=[name],
            protection_group=flasharray.ProtectionGroup(**fields),
        )

    def member(self, group: str, volume: str) -> Any:
        return self.client.post_protection_groups_volumes(
            group_names=[group], member_names=[volume]
        )

    def test_a_destroyed_group_keeps_its_name(self) -> None:
        self.good(self.group('dead'))
        self.bad(self.group('dead'), 'Protection group already exists.')
        self.good(self.patch('dead', destroyed=True))
        response = self.group('dead')
        self.bad(response, 'pending eradication')
        self.assertNotIn('already exists', response.errors[0].message)
        self.good(self.client.delete_protection_groups(names=['dead']))
        self.good(self.group('dead'))

    def test_membership_has_its_own_texts(self) -> None:
        self.good(self.group('texts'))
        self.volume('member')
        self.good(self.member('texts', 'member'))
        self.bad(
            self.member('texts', 'member'),
            'already belongs to protection group',
        )
        remove = self.client.delete_protection_groups_volumes
        sides = {'group_names': ['texts'], 'member_names': ['member']}
        self.assertEqual(200, remove(**sides).status_code)
        self.bad(remove(**sides), 'could not be found')

    def test_a_volume_without_group_is_an_empty_list(self) -> None:
        self.volume('lonely')
        found = self.client.get_protection_groups_volumes(
            member_names=['lonely']
        )
        self.assertEqual([], self.good(found))

    def test_a_destroyed_volume_is_hidden_from_its_group(self) -> None:
        self.good(self.group('hide'))
        self.volume('hidden')
        self.good(self.member('hide', 'hidden'))
        self.destroy('hidden')
        group = self.good(self.client.get_protection_groups(names=['hide']))[0]
        self.assertEqual(0, group.volume_count)
        self.assertEqual(
            [],
            self.good(
                self.client.get_protection_groups_volumes(group_names=['hide'])
            ),
        )

    def test_destroyed_members_are_listed_if_asked_for(self) -> None:
        self.good(self.group('asked'))
        self.volume('asked-dead')
        self.good(self.member('asked', 'asked-dead'))
        self.destroy('asked-dead')
        listing = self.client.get_protection_groups_volumes
        found = self.good(
            listing(group_names=['asked'], member_destroyed=True)
        )
        self.assertEqual(['asked-dead'], [one.member.name for one in found])
        self.bad(
            listing(member_names=['asked-dead'], member_destroyed=False),
            'Volume does not exist.',
        )

    def test_members_of_two_kinds_are_refused(self) -> None:
        self.good(self.group('kinds'))
        self.volume('kind')
        self.good(
            self.client.post_hosts(
                names=['kind-host'], host=flasharray.HostPost()
            )
        )
        self.good(self.member('kinds', 'kind'))
        self.bad(
            self.client.post_protection_groups_hosts(
                group_names=['kinds'], member_names=['kind-host']
            ),
            'another kind',
        )

    def test_a_schedule_is_changed_field_by_field(self) -> None:
        self.good(self.group('schedule'))
        self.good(
            self.patch(
                'schedule', replication_schedule={'frequency': 3_600_000}
            )
        )
        changed = self.good(
            self.patch('schedule', replication_schedule={'enabled': True})
        )[0]
        self.assertEqual(3_600_000, changed.replication_schedule.frequency)
        self.assertTrue(changed.replication_schedule.enabled)

    def test_a_too_fast_schedule_is_refused(self) -> None:
        self.good(self.group('fast'))
        self.bad(
            self.patch(
                'fast',
                replication_schedule={'enabled': True, 'frequency': 1000},
            ),
            'frequency',
        )

    def test_a_snapshot_covers_all_members(self) -> None:
        self.good(self.group('cover'))
        for name in ('cover-a', 'cover-b'):
            self.volume(name)
            self.good(self.member('cover', name))
            self.door.write(name, 0, name.encode())
        snapshot = self.good(
            self.client.post_protection_group_snapshots(
                source_names=['cover'],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPost(suffix='now')
                ),
            )
        )[0]
        self.assertEqual('cover.now', snapshot.name)
        parts = self.good(
            self.client.get_volume_snapshots(filter="name='cover.now.*'")
        )
        self.assertEqual(
            ['cover.now.cover-a', 'cover.now.cover-b'],
            [part.name for part in parts],
        )
        self.assertEqual(b'cover-b', self.door.read('cover.now.cover-b', 0, 7))

    def test_snapshots_of_a_group_are_listed_by_its_name(self) -> None:
        self.good(self.group('series'))
        for _ in range(3):
            self.good(
                self.client.post_protection_group_snapshots(
                    source_names=['series']
                )
            )
        found = self.good(
            self.client.get_protection_group_snapshots(names=['series'])
        )
        self.assertEqual(
            ['series.1', 'series.2', 'series.3'], [s.name for s in found]
        )

    def test_replication_without_target_is_refused(self) -> None:
        self.good(self.group('no-target'))
        self.bad(
            self.client.post_protection_group_snapshots(
                source_names=['no-target'], replicate_now=True
            ),
            'no target',
        )

    def test_an_unknown_target_is_refused(self) -> None:
        self.good(self.group('nowhere'))
        self.bad(
            self.client.post_protection_groups_targets(
                group_names=['nowhere'], member_names=['fa-nowhere']
            ),
            'does not exist',
        )

    def test_a_ratcheted_group_cannot_be_weakened(self) -> None:
        self.good(self.group('safe'))
        self.volume('safe')
        self.good(self.member('safe', 'safe'))
        self.good(self.patch('safe', retention_lock='ratcheted'))
        for fields in (
            {'retention_lock': 'unlocked'},
            {'destroyed': True},
            {'source_retention': {'days': 1}},
        ):
            with self.subTest(fields):
                self.bad(self.patch('safe', **fields), 'ratcheted')
        self.bad(
            self.client.delete_protection_groups_volumes(
                group_names=['safe'], member_names=['safe']
            ),
            'ratcheted',
        )

    def test_a_local_schedule_takes_and_expires_snapshots(self) -> None:
        self.good(self.group('local'))
        self.volume('local')
        self.good(self.member('local', 'local'))
        self.good(
            self.patch(
                'local',
                snapshot_schedule={'enabled': True, 'frequency': 3_600_000},
                source_retention={
                    'all_for_sec': 3600,
                    'per_day': 0,
                    'days': 0,
                },
            )
        )
        for _ in range(4):
            self.door.advance_clock(support.HOUR)
        found = self.good(
            self.client.get_protection_group_snapshots(names=['local'])
        )
        self.assertGreaterEqual(len(found), 4)
        self.assertTrue(found[0].destroyed)
        self.assertFalse(found[-1].destroyed)
