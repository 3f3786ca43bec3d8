# SPDX-License-Identifier: Apache-2.0
"""Volume groups through py-pure-client."""

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
