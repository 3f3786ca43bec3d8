# SPDX-License-Identifier: Apache-2.0
"""What volumes and snapshots may be, and when they may be used."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase

MIB = 2**20
PIB = 2**50


class RuleCase(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        name = self.id().rpartition('.')[2].replace('_', '-')
        self.name = name[-36:].strip('-')
        self.volume(self.name)

    def snapshot(self, suffix: str = 's') -> Any:
        return self.client.post_volume_snapshots(
            source_names=[self.name],
            volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
        )

    def patch(self, name: str = '', **fields: Any) -> Any:
        return self.client.patch_volumes(
            names=[name or self.name], volume=flasharray.VolumePatch(**fields)
        )


class SizeTest(RuleCase):
    def test_the_smallest_and_the_largest_are_allowed(self) -> None:
        for number, size in enumerate((MIB, 4 * PIB)):
            with self.subTest(size):
                self.volume(f'{self.name}-{number}', size)

    def test_beyond_them_is_refused(self) -> None:
        for size in (MIB - 512, 4 * PIB + 512, MIB + 1):
            with self.subTest(size):
                answer = self.raw(
                    'POST',
                    f'volumes?names={self.name}-x',
                    json={'provisioned': size},
                )
                self.assertEqual(400, answer.status_code)

    def test_a_volume_without_a_size_has_one_mebibyte(self) -> None:
        made = self.raw('POST', f'volumes?names={self.name}-x', json={})
        self.assertEqual(MIB, made.json()['items'][0]['provisioned'])


class QosTest(RuleCase):
    def test_limits_in_range_are_kept_and_cleared(self) -> None:
        for limits in (
            {'iops_limit': 100, 'bandwidth_limit': MIB},
            {'iops_limit': 100_000_000, 'bandwidth_limit': 512 * 2**30},
            {'iops_limit': None, 'bandwidth_limit': None},
        ):
            with self.subTest(limits):
                answer = self.raw(
                    'PATCH', f'volumes?names={self.name}', json={'qos': limits}
                )
                self.assertEqual(limits, answer.json()['items'][0]['qos'])

    def test_a_priority_is_one_of_few(self) -> None:
        answer = self.raw(
            'PATCH',
            f'volumes?names={self.name}',
            json={
                'priority_adjustment': {
                    'priority_adjustment_operator': '+',
                    'priority_adjustment_value': 7,
                }
            },
        )
        self.assertEqual(400, answer.status_code)


class DestroyedTest(RuleCase):
    def test_a_snapshot_of_a_destroyed_volume_cannot_be_copied(self) -> None:
        self.good(self.snapshot())
        self.destroy(self.name)
        self.bad(
            self.copy(f'{self.name}.s', f'{self.name}-c'),
            'has been destroyed',
        )

    def test_a_group_snapshot_of_a_destroyed_volume_can(self) -> None:
        group = f'{self.name}-pg'
        self.door.write(self.name, 0, b'kept')
        self.good(self.client.post_protection_groups(names=[group]))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[group], member_names=[self.name]
            )
        )
        taken = self.good(
            self.client.post_protection_group_snapshots(source_names=[group])
        )[0]
        self.destroy(self.name)
        self.good(self.copy(f'{taken.name}.{self.name}', f'{self.name}-c'))
        self.assertEqual(b'kept', self.door.read(f'{self.name}-c', 0, 4))

    def test_a_destroyed_volume_cannot_be_overwritten(self) -> None:
        self.volume(f'{self.name}-t')
        self.destroy(f'{self.name}-t')
        self.bad(
            self.copy(self.name, f'{self.name}-t', overwrite=True),
            'has been destroyed',
        )

    def test_a_destroyed_volume_takes_no_data(self) -> None:
        self.destroy(self.name)
        with self.assertRaisesRegex(Exception, 'has been destroyed'):
            self.door.write(self.name, 0, b'late')

    def test_a_name_that_waits_for_eradication_is_told(self) -> None:
        self.destroy(self.name)
        answer = self.client.post_volumes(
            names=[self.name.upper()],
            volume=flasharray.VolumePost(provisioned=MIB),
        )
        self.bad(answer, 'pending eradication')

    def test_a_recovered_snapshot_can_be_copied_again(self) -> None:
        self.good(self.snapshot())
        for destroyed in (True, False):
            self.good(
                self.client.patch_volume_snapshots(
                    names=[f'{self.name}.s'],
                    volume_snapshot=flasharray.VolumeSnapshotPatch(
                        destroyed=destroyed
                    ),
                )
            )
        self.good(self.copy(f'{self.name}.s', f'{self.name}-c'))

    def test_a_destroyed_snapshot_vanishes_in_time(self) -> None:
        self.good(self.snapshot())
        self.good(
            self.client.patch_volume_snapshots(
                names=[f'{self.name}.s'],
                volume_snapshot=flasharray.VolumeSnapshotPatch(destroyed=True),
            )
        )
        self.door.advance_clock(support.DAY + 1)
        self.bad(
            self.client.get_volume_snapshots(names=[f'{self.name}.s']),
            'does not exist',
        )


class EmptyNamesTest(RuleCase):
    def test_empty_names_never_mean_all(self) -> None:
        for method, path, body in (
            ('PATCH', 'volumes?names=', {'destroyed': True}),
            ('DELETE', 'volumes?names=', None),
            ('PATCH', 'volume-snapshots?names=', {'destroyed': True}),
            ('DELETE', 'hosts?names=', None),
            ('DELETE', 'host-groups?names=', None),
            ('DELETE', 'volume-groups?names=', None),
            ('POST', 'volume-snapshots?source_names=', {}),
            ('DELETE', 'connections?host_names=&volume_names=', None),
            ('DELETE', 'host-groups/hosts?group_names=g&member_names=', None),
        ):
            with self.subTest(f'{method} {path}'):
                answer = self.raw(method, path, json=body)
                self.assertEqual(400, answer.status_code)
                self.assertEqual(
                    'Missing or invalid parameter.',
                    answer.json()['errors'][0]['message'],
                )


class SnapshotBatchTest(RuleCase):
    options = ['--profile', '2.50']

    def post(self, *bodies: dict[str, Any]) -> Any:
        return self.raw(
            'POST', 'volume-snapshots/batch', '2.50', json=list(bodies)
        )

    def test_different_snapshots_are_taken_in_one_call(self) -> None:
        self.volume(f'{self.name}-2')
        answer = self.post(
            {'source_name': self.name, 'suffix': 'one'},
            {
                'source_name': f'{self.name}-2',
                'suffix': 'two',
                'tags': [{'key': 'k', 'value': 'v'}],
            },
        )
        self.assertEqual(
            [f'{self.name}.one', f'{self.name}-2.two'],
            [item['name'] for item in answer.json()['items']],
        )

    def test_one_bad_snapshot_stops_all(self) -> None:
        answer = self.post(
            {'source_name': self.name, 'suffix': 'one'},
            {'source_name': 'nothing', 'suffix': 'two'},
        )
        self.assertEqual(400, answer.status_code)
        self.bad(
            self.client.get_volume_snapshots(names=[f'{self.name}.one']),
            'does not exist',
        )
