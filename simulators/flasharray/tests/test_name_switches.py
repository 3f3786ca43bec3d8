# SPDX-License-Identifier: Apache-2.0
"""Switches of names: of destroyed objects, and of renaming."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator import switches
from tests.client_case import ClientCase


class NameSwitchCase(ClientCase):
    def switch(self, name: str, value: str) -> None:
        self.addCleanup(
            self.door.set_switch, name, switches.find(name).default
        )
        self.door.set_switch(name, value)

    def rename(self, name: str, wanted: str) -> Any:
        return self.client.patch_volumes(
            names=[name], volume=flasharray.VolumePatch(name=wanted)
        )


class DestroyedNameTest(NameSwitchCase):
    def again(self, name: str) -> str:
        """Destroy a volume and make one of that name; return why not."""
        self.volume(name)
        self.destroy(name)
        response = self.client.post_volumes(
            names=[name], volume=flasharray.VolumePost(provisioned=2**20)
        )
        self.assertEqual(400, response.status_code)
        return str(response.errors[0].message)

    def test_a_destroyed_name_does_not_exist_already(self) -> None:
        text = self.again('gone-a')
        self.assertIn('pending eradication', text)
        self.assertNotIn('already exists', text)

    def test_destroyed_name_text(self) -> None:
        self.switch('destroyed_name_text', 'already-exists')
        self.assertEqual('Volume already exists.', self.again('gone-b'))

    def test_it_is_for_all_kinds(self) -> None:
        self.switch('destroyed_name_text', 'already-exists')
        self.good(self.client.post_protection_groups(names=['pg']))
        self.good(
            self.client.patch_protection_groups(
                names=['pg'],
                protection_group=flasharray.ProtectionGroup(destroyed=True),
            )
        )
        self.bad(
            self.client.post_protection_groups(names=['pg']),
            'Protection group already exists.',
        )


class RenameTest(NameSwitchCase):
    def setUp(self) -> None:
        super().setUp()
        for group in ('vg', 'other'):
            self.client.post_volume_groups(
                names=[group], volume_group=flasharray.VolumeGroupPost()
            )
        if self.client.get_pods(names=['pod']).status_code == 400:
            self.good(
                self.client.post_pods(names=['pod'], pod=flasharray.PodPost())
            )

    def test_a_member_takes_both_forms(self) -> None:
        self.volume('vg/both')
        self.assertEqual(
            'vg/b2', self.good(self.rename('vg/both', 'b2'))[0].name
        )
        self.assertEqual(
            'vg/b3', self.good(self.rename('vg/b2', 'vg/b3'))[0].name
        )

    def test_member_rename_bare(self) -> None:
        self.volume('vg/bare')
        self.switch('member_rename', 'bare')
        self.bad(self.rename('vg/bare', 'vg/bare2'), 'Invalid volume name')
        self.good(self.rename('vg/bare', 'bare2'))

    def test_member_rename_full(self) -> None:
        self.volume('vg/full')
        self.volume('plain')
        self.switch('member_rename', 'full')
        self.bad(self.rename('vg/full', 'full2'), 'Invalid volume name')
        self.good(self.rename('vg/full', 'vg/full2'))
        self.good(self.rename('plain', 'plainer'))

    def test_a_rename_does_not_move(self) -> None:
        self.volume('vg/stays')
        self.bad(self.rename('vg/stays', 'other/stays'), 'cannot be moved')

    def test_rename_across(self) -> None:
        self.volume('vg/goes')
        self.switch('rename_across', 'moves')
        moved = self.good(self.rename('vg/goes', 'other/went'))[0]
        self.assertEqual('other/went', moved.name)
        self.assertEqual('other', moved.volume_group.name)
        moved = self.good(self.rename('other/went', 'pod::inside'))[0]
        self.assertEqual('pod::inside', moved.name)
        self.assertEqual('pod', moved.pod.name)
