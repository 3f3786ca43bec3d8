# SPDX-License-Identifier: Apache-2.0
"""Volume groups through py-pure-client."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase


class VolumeGroupTest(ClientCase):
    def group(self, name: str) -> None:
        self.good(
            self.client.post_volume_groups(
                names=[name], volume_group=flasharray.VolumeGroupPost()
            )
        )

    def test_a_volume_is_made_in_a_group(self) -> None:
        self.group('vg')
        volume = self.volume('vg/member')
        self.assertEqual('vg', volume.volume_group.name)
        group = self.good(self.client.get_volume_groups(names=['vg']))[0]
        self.assertEqual(1, group.volume_count)

    def test_without_its_group_a_volume_is_refused(self) -> None:
        self.bad(
            self.client.post_volumes(
                names=['no-vg/v'], volume=flasharray.VolumePost()
            ),
            'Volume group does not exist.',
        )

    def test_a_bare_new_name_stays_in_the_group(self) -> None:
        self.group('stay')
        self.volume('stay/old')
        for name in ('new', 'stay/newer'):
            changed = self.good(
                self.client.patch_volumes(
                    names=['stay/old' if name == 'new' else 'stay/new'],
                    volume=flasharray.VolumePatch(name=name),
                )
            )[0]
        self.assertEqual('stay/newer', changed.name)

    def test_a_new_name_is_no_move(self) -> None:
        self.group('from')
        self.group('to')
        self.volume('from/v')
        self.bad(
            self.client.patch_volumes(
                names=['from/v'], volume=flasharray.VolumePatch(name='to/v')
            ),
            'moved',
        )

    def test_a_volume_moves_in_and_out(self) -> None:
        self.group('move')
        self.volume('mover')

        def move(name: str, to: str) -> str:
            changed = self.client.patch_volumes(
                names=[name],
                volume=flasharray.VolumePatch(
                    volume_group=flasharray.Reference(name=to)
                ),
            )
            return str(self.good(changed)[0].name)

        self.assertEqual('move/mover', move('mover', 'move'))
        self.assertEqual('mover', move('move/mover', ''))

    def test_a_group_with_volumes_cannot_be_destroyed(self) -> None:
        self.group('full')
        self.volume('full/v')
        patch = flasharray.VolumeGroupPatch(destroyed=True)
        self.bad(
            self.client.patch_volume_groups(
                names=['full'], volume_group=patch
            ),
            'has volumes',
        )

    def test_renaming_a_group_renames_its_volumes(self) -> None:
        self.group('before')
        self.volume('before/v')
        self.good(
            self.client.patch_volume_groups(
                names=['before'],
                volume_group=flasharray.VolumeGroupPatch(name='after'),
            )
        )
        self.good(self.client.get_volumes(names=['after/v']))


class VolumeGroupSettingsTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        name = self.id().rpartition('.')[2].replace('_', '-')
        self.name = name[-40:].strip('-')
        self.good(
            self.client.post_volume_groups(
                names=[self.name], volume_group=flasharray.VolumeGroupPost()
            )
        )
        self.volume(f'{self.name}/v')

    def patch(self, **options: Any) -> Any:
        fields = options.pop('fields')
        return self.client.patch_volume_groups(
            names=[self.name],
            volume_group=flasharray.VolumeGroupPatch(**fields),
            **options,
        )

    def prioritize(self, path: str, operator: str, value: int) -> None:
        answer = self.raw(
            'PATCH',
            path,
            json={
                'priority_adjustment': {
                    'priority_adjustment_operator': operator,
                    'priority_adjustment_value': value,
                }
            },
        )
        self.assertEqual(200, answer.status_code, answer.text)

    def priority(self) -> int:
        found = self.good(self.client.get_volumes(names=[f'{self.name}/v']))
        return int(found[0].priority)

    def test_volumes_take_the_priority_of_their_group(self) -> None:
        self.prioritize(f'volume-groups?names={self.name}', '-', 10)
        self.assertEqual(-10, self.priority())
        self.prioritize(f'volumes?names={self.name}/v', '+', 10)
        self.assertEqual(0, self.priority())
        self.prioritize(f'volumes?names={self.name}/v', '=', 10)
        self.assertEqual(10, self.priority())

    def test_limits_of_a_group_are_checked(self) -> None:
        answer = self.raw(
            'PATCH',
            f'volume-groups?names={self.name}',
            json={'qos': {'iops_limit': 99}},
        )
        self.assertEqual(400, answer.status_code)

    def test_contents_go_and_are_eradicated_with_the_group(self) -> None:
        destroyed = {'destroyed': True}
        self.good(self.patch(fields=destroyed, destroy_contents=True))
        volume = self.good(self.client.get_volumes(names=[f'{self.name}/v']))[
            0
        ]
        self.assertTrue(volume.destroyed)
        self.bad(
            self.client.delete_volume_groups(names=[self.name]),
            'cannot be eradicated while it has volumes',
        )
        self.good(
            self.client.delete_volume_groups(
                names=[self.name], eradicate_contents=True
            )
        )
        self.bad(
            self.client.get_volumes(names=[f'{self.name}/v']),
            'does not exist',
        )

    def test_renaming_and_destroying_at_once_is_refused(self) -> None:
        self.bad(
            self.patch(fields={'name': 'other', 'destroyed': True}),
            'renamed alone',
        )

    def test_members_are_seen_from_both_sides(self) -> None:
        for found in (
            self.client.get_volume_groups_volumes(group_names=[self.name]),
            self.client.get_volumes_volume_groups(
                member_names=[f'{self.name}/v']
            ),
        ):
            rows = self.good(found)
            self.assertEqual(
                [(self.name, f'{self.name}/v')],
                [(row.group.name, row.member.name) for row in rows],
            )

    def test_the_space_is_that_of_its_volumes(self) -> None:
        self.door.write(f'{self.name}/v', 0, b'x' * 32_768)
        found = self.good(
            self.client.get_volume_groups_space(names=[self.name])
        )[0]
        self.assertEqual(32_768, found.space.unique)

    def test_volumes_that_went_before_go_with_the_group(self) -> None:
        self.door.set_clock_rate(0)
        self.addCleanup(self.door.set_clock_rate, 1)
        self.destroy(f'{self.name}/v')
        self.good(self.patch(fields={'destroyed': True}))
        self.good(self.client.delete_volume_groups(names=[self.name]))
        self.bad(
            self.client.get_volumes(names=[f'{self.name}/v']),
            'does not exist',
        )

    def test_no_volume_comes_back_to_a_destroyed_group(self) -> None:
        self.good(
            self.patch(fields={'destroyed': True}, destroy_contents=True)
        )
        recover = flasharray.VolumePatch(destroyed=False)
        self.bad(
            self.client.patch_volumes(
                names=[f'{self.name}/v'], volume=recover
            ),
            'Volume group has been destroyed.',
        )
        self.good(self.patch(fields={'destroyed': False}))
        self.good(
            self.client.patch_volumes(names=[f'{self.name}/v'], volume=recover)
        )
