# SPDX-License-Identifier: Apache-2.0
"""Pods of one array: what they hold, what they refuse."""

import itertools
from typing import Any

from pypureclient import flasharray

from tests import support
from tests.client_case import ClientCase

_NUMBERS = itertools.count(1)
FIELDS = {
    *('id', 'name', 'context', 'array_count', 'arrays', 'destroyed'),
    *('eradication_config', 'failover_preferences', 'footprint'),
    *('link_source_count', 'link_target_count', 'mediator'),
    *('mediator_version', 'members', 'promotion_status', 'quota_limit'),
    *('requested_promotion_state', 'source', 'space', 'time_remaining'),
}


class PodCase(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.pod = f'pod-{next(_NUMBERS)}'

    def make(self, name: str | None = None, **fields: Any) -> Any:
        return self.good(
            self.client.post_pods(
                names=[name or self.pod], pod=flasharray.PodPost(**fields)
            )
        )[0]

    def change(self, **fields: Any) -> Any:
        options = {
            key: fields.pop(key)
            for key in ('destroy_contents',)
            if key in fields
        }
        return self.client.patch_pods(
            names=[self.pod],
            pod=flasharray.PodPatch(**fields),
            **options,
        )

    def inside(self, name: str) -> str:
        return f'{self.pod}::{name}'

    def found(self, kind: str, **options: Any) -> set[str]:
        items = self.good(getattr(self.client, f'get_{kind}')(**options))
        return {i.name for i in items if i.name.startswith(f'{self.pod}::')}

    def fill(self) -> None:
        """Put one of each kind into the test's pod."""
        self.make()
        self.good(
            self.client.post_volume_groups(
                names=[self.inside('vg')],
                volume_group=flasharray.VolumeGroupPost(),
            )
        )
        self.volume(self.inside('v'))
        self.volume(self.inside('vg/w'))
        self.group('pg', 'v')

    def group(self, name: str, *members: str) -> None:
        self.good(
            self.client.post_protection_groups(names=[self.inside(name)])
        )
        if members:
            self.good(
                self.client.post_protection_groups_volumes(
                    group_names=[self.inside(name)],
                    member_names=[self.inside(m) for m in members],
                )
            )

    def groups_of(self, volume: str) -> list[str]:
        found = self.client.get_protection_groups_volumes(
            member_names=[volume]
        )
        return [m.group.name for m in self.good(found)]

    def move(self, volume: str, pod: str, **options: Any) -> Any:
        return self.client.patch_volumes(
            names=[volume],
            volume=flasharray.VolumePatch(pod=flasharray.Reference(name=pod)),
            **options,
        )


class PodTest(PodCase):
    def test_every_field_is_there(self) -> None:
        self.make()
        item = self.raw('GET', f'pods?names={self.pod}').json()['items'][0]
        self.assertEqual(set(), FIELDS - item.keys())
        self.assertEqual('purestorage', item['mediator'])
        self.assertEqual(
            {
                *('id', 'name', 'frozen_at', 'mediator_status', 'member'),
                *('pre_elected', 'progress', 'status'),
            },
            set(item['arrays'][0]),
        )
        self.assertEqual('online', item['arrays'][0]['status'])
        self.assertEqual({'name': None, 'id': None}, item['source'])

    def test_a_name_is_taken_whatever_its_case(self) -> None:
        self.make()
        self.bad(
            self.client.post_pods(
                names=[self.pod.upper()], pod=flasharray.PodPost()
            ),
            'Pod already exists.',
        )

    def test_bad_names_are_refused(self) -> None:
        for name in ('a.b', 'a/b', '-a', '1', 'a' * 64):
            with self.subTest(name):
                self.bad(
                    self.client.post_pods(
                        names=[name], pod=flasharray.PodPost()
                    ),
                    'Invalid pod name',
                )

    def test_an_unknown_pod_does_not_exist(self) -> None:
        self.bad(
            self.client.get_pods(names=['nothing']), 'Pod does not exist.'
        )
        self.bad(
            self.client.post_volumes(
                names=['nothing::v'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            ),
            'Pod does not exist.',
        )

    def test_the_mediator_can_be_another(self) -> None:
        self.make()
        changed = self.good(self.change(mediator='mediator.example.org'))
        self.assertEqual('mediator.example.org', changed[0].mediator)

    def test_only_an_array_of_the_pod_is_preferred(self) -> None:
        self.make()
        changed = self.good(
            self.change(failover_preferences=[{'name': 'fa-one'}])
        )[0]
        self.assertEqual(
            ['fa-one'], [p.name for p in changed.failover_preferences]
        )
        self.bad(
            self.change(failover_preferences=[{'name': 'fa-two'}]), 'member'
        )

    def test_members_come_with_their_rest_version(self) -> None:
        self.make()
        for version, has in (('2.26', False), ('2.36', True)):
            item = self.raw(
                'GET', f'../{version}/pods?names={self.pod}'
            ).json()['items'][0]
            self.assertEqual(has, 'members' in item)
            self.assertEqual(has, 'member' in item['arrays'][0])


class ContentsTest(PodCase):
    def test_everything_names_its_pod(self) -> None:
        self.fill()
        self.good(
            self.client.post_protection_group_snapshots(
                source_names=[self.inside('pg')]
            )
        )
        for kind in (
            'volumes',
            'volume_groups',
            'protection_groups',
            'volume_snapshots',
            'protection_group_snapshots',
        ):
            items = self.good(
                getattr(self.client, f'get_{kind}')(
                    filter=f"pod.name='{self.pod}'"
                )
            )
            self.assertTrue(items, kind)
            self.assertEqual({self.pod}, {i.pod.name for i in items})

    def test_parts_of_a_group_snapshot_have_no_second_pod(self) -> None:
        self.fill()
        self.good(
            self.client.post_protection_group_snapshots(
                source_names=[self.inside('pg')]
            )
        )
        self.assertEqual(
            {self.inside('pg.1.v')}, self.found('volume_snapshots')
        )

    def test_a_group_has_only_volumes_of_its_pod(self) -> None:
        self.fill()
        self.volume(f'local-{self.pod}')
        self.bad(
            self.client.post_protection_groups_volumes(
                group_names=[self.inside('pg')],
                member_names=[f'local-{self.pod}'],
            ),
            'same pod',
        )

    def test_a_rename_renames_all_that_is_inside(self) -> None:
        self.fill()
        self.good(
            self.client.post_volume_snapshots(
                source_names=[self.inside('v')],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.good(
            self.client.post_protection_group_snapshots(
                source_names=[self.inside('pg')]
            )
        )
        old, new = self.pod, f'{self.pod}-new'
        self.good(self.change(name=new))
        self.assertEqual(set(), self.found('volumes'))
        self.pod = new
        self.assertEqual(
            {self.inside('v'), self.inside('vg/w')}, self.found('volumes')
        )
        self.assertEqual(
            {self.inside('v.s'), self.inside('pg.1.v')},
            self.found('volume_snapshots'),
        )
        self.assertEqual({self.inside('pg')}, self.found('protection_groups'))
        self.assertEqual({self.inside('vg')}, self.found('volume_groups'))
        self.bad(self.client.get_pods(names=[old]), 'does not exist')

    def test_a_member_is_renamed_by_its_bare_or_full_name(self) -> None:
        self.fill()
        for old, name in (('v', 'x'), ('x', self.inside('y'))):
            self.good(
                self.client.patch_volumes(
                    names=[self.inside(old)],
                    volume=flasharray.VolumePatch(name=name),
                )
            )
        self.assertIn(self.inside('y'), self.found('volumes'))
        self.bad(
            self.client.patch_volumes(
                names=[self.inside('y')],
                volume=flasharray.VolumePatch(name='other::y'),
            ),
            'cannot be moved',
        )

    def test_the_space_of_a_pod_is_that_of_its_volumes(self) -> None:
        self.fill()
        self.door.write(self.inside('v'), 0, b'x' * 70_000)
        pod = self.good(self.client.get_pods(names=[self.pod]))[0]
        self.assertEqual(2 * support.GIB, pod.space.total_provisioned)
        self.assertEqual(3 * 32_768, pod.space.unique)
        self.assertEqual(pod.space.footprint, pod.footprint)

    def test_a_clone_has_the_volumes_and_their_bytes(self) -> None:
        self.fill()
        self.door.write(self.inside('v'), 0, b'cloned')
        clone = f'clone-{self.pod}'
        made = self.make(clone, source=flasharray.Reference(name=self.pod))
        self.assertEqual(self.pod, made.source.name)
        self.assertEqual(b'cloned', self.door.read(f'{clone}::v', 0, 6))
        self.assertEqual([f'{clone}::pg'], self.groups_of(f'{clone}::v'))
        serials = {
            self.good(self.client.get_volumes(names=[name]))[0].serial
            for name in (self.inside('v'), f'{clone}::v')
        }
        self.assertEqual(2, len(serials))


class QuotaTest(PodCase):
    def test_what_is_too_much_is_refused(self) -> None:
        self.make(quota_limit=support.GIB)
        self.volume(self.inside('v'))
        self.bad(
            self.client.post_volumes(
                names=[self.inside('w')],
                volume=flasharray.VolumePost(provisioned=2**20),
            ),
            'limit reached',
        )
        self.bad(
            self.client.patch_volumes(
                names=[self.inside('v')],
                volume=flasharray.VolumePatch(provisioned=2 * support.GIB),
            ),
            'limit reached',
        )
        self.volume(f'local-{self.pod}')
        self.bad(self.move(f'local-{self.pod}', self.pod), 'limit reached')

    def test_a_destroyed_volume_makes_room(self) -> None:
        self.make(quota_limit=support.GIB)
        self.volume(self.inside('v'))
        self.destroy(self.inside('v'))
        self.volume(self.inside('w'))
        self.bad(
            self.client.patch_volumes(
                names=[self.inside('v')],
                volume=flasharray.VolumePatch(destroyed=False),
            ),
            'limit reached',
        )

    def test_it_is_not_set_below_what_is_used(self) -> None:
        self.make()
        self.volume(self.inside('v'))
        self.bad(self.change(quota_limit=2**20), 'limit reached')
        self.good(self.change(quota_limit=2**20, ignore_usage=True))
        changed = self.good(self.change(quota_limit=''))[0]
        self.assertFalse(hasattr(changed, 'quota_limit'))


class DestroyTest(PodCase):
    def test_contents_go_only_when_told_to(self) -> None:
        self.fill()
        self.bad(self.change(destroyed=True), 'not empty')
        self.good(self.change(destroyed=True, destroy_contents=True))
        for kind in ('volumes', 'volume_groups', 'protection_groups'):
            self.assertEqual(set(), self.found(kind, destroyed=False), kind)
            self.assertTrue(self.found(kind, destroyed=True), kind)

    def test_recovery_brings_the_contents_back(self) -> None:
        self.fill()
        self.volume(self.inside('gone'))
        self.destroy(self.inside('gone'))
        self.door.advance_clock(1000)
        self.good(self.change(destroyed=True, destroy_contents=True))
        self.good(self.change(destroyed=False))
        self.assertEqual(
            {self.inside('v'), self.inside('vg/w')},
            self.found('volumes', destroyed=False),
        )
        self.assertEqual([self.inside('pg')], self.groups_of(self.inside('v')))

    def test_a_destroyed_pod_keeps_its_name(self) -> None:
        self.make()
        self.good(self.change(destroyed=True))
        response = self.client.post_pods(
            names=[self.pod], pod=flasharray.PodPost()
        )
        self.bad(response, 'pending eradication')
        self.assertNotIn('already exists', response.errors[0].message)

    def test_it_takes_nothing_any_more(self) -> None:
        self.make()
        self.good(self.change(destroyed=True))
        self.bad(
            self.client.post_volumes(
                names=[self.inside('v')],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            ),
            'has been destroyed',
        )
        self.bad(self.change(destroyed=True), 'has been destroyed')

    def test_eradication_needs_destruction_and_permission(self) -> None:
        self.fill()
        self.bad(self.client.delete_pods(names=[self.pod]), 'destroyed')
        self.good(self.change(destroyed=True, destroy_contents=True))
        self.bad(
            self.client.delete_pods(names=[self.pod]), 'Cannot eradicate pod'
        )
        self.good(
            self.client.delete_pods(names=[self.pod], eradicate_contents=True)
        )
        self.assertEqual(set(), self.found('volumes'))
        self.make()

    def test_it_vanishes_with_time(self) -> None:
        self.fill()
        self.good(self.change(destroyed=True, destroy_contents=True))
        pod = self.good(self.client.get_pods(names=[self.pod]))[0]
        self.assertGreater(pod.time_remaining, 0)
        self.door.advance_clock(support.DAY + 1000)
        self.bad(self.client.get_pods(names=[self.pod]), 'does not exist')
        self.assertEqual(set(), self.found('volumes'))


class MoveTest(PodCase):
    def test_a_volume_moves_in_with_its_snapshots_and_bytes(self) -> None:
        self.make()
        name = f'mover-{self.pod}'
        serial = self.volume(name).serial
        self.door.write(name, 0, b'moved')
        self.good(
            self.client.post_volume_snapshots(
                source_names=[name],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        moved = self.good(self.move(name, self.pod))[0]
        self.assertEqual(self.inside(name), moved.name)
        self.assertEqual(serial, moved.serial)
        self.assertEqual(
            {self.inside(f'{name}.s')}, self.found('volume_snapshots')
        )
        self.assertEqual(b'moved', self.door.read(self.inside(name), 0, 5))

    def test_a_volume_moves_out(self) -> None:
        self.fill()
        moved = self.good(self.move(self.inside('v'), ''))[0]
        self.assertEqual('v', moved.name)
        self.assertEqual([], self.groups_of('v'))
        self.good(self.move('v', self.pod))

    def test_memberships_outside_end_in_the_same_call(self) -> None:
        self.fill()
        name, group = f'mover-{self.pod}', f'group-{self.pod}'
        self.volume(name)
        self.good(self.client.post_protection_groups(names=[group]))
        self.good(
            self.client.post_protection_groups_volumes(
                group_names=[group], member_names=[name]
            )
        )
        self.bad(self.move(name, self.pod), 'protection group')
        self.good(
            self.move(
                name,
                self.pod,
                remove_from_protection_group_names=[group],
                add_to_protection_group_names=[self.inside('pg')],
            )
        )
        self.assertEqual(
            [self.inside('pg')], self.groups_of(self.inside(name))
        )

    def test_a_taken_name_or_an_unknown_pod_stops_it(self) -> None:
        self.fill()
        self.volume(f'taken-{self.pod}')
        self.volume(self.inside(f'taken-{self.pod}'))
        self.bad(self.move(f'taken-{self.pod}', self.pod), 'already exists')
        self.bad(
            self.move(f'taken-{self.pod}', 'nothing'), 'Pod does not exist.'
        )

    def test_a_group_keeps_its_snapshots_of_a_volume_that_left(self) -> None:
        self.fill()
        self.door.write(self.inside('v'), 0, b'kept')
        self.good(
            self.client.post_protection_group_snapshots(
                source_names=[self.inside('pg')]
            )
        )
        self.good(self.move(self.inside('v'), ''))
        self.assertEqual(b'kept', self.door.read(self.inside('pg.1.v'), 0, 4))
        self.good(
            self.client.patch_volumes(
                names=['v'], volume=flasharray.VolumePatch(destroyed=True)
            )
        )
        self.good(self.client.delete_volumes(names=['v']))


class DefaultProtectionTest(PodCase):
    def protect(self, container: str, *groups: str) -> Any:
        return self.client.patch_container_default_protections(
            names=[container],
            container_default_protection=(
                flasharray.ContainerDefaultProtection(
                    default_protections=[
                        flasharray.DefaultProtectionReference(
                            name=group, type='protection_group'
                        )
                        for group in groups
                    ]
                )
            ),
        )

    def create(self, name: str, **options: Any) -> None:
        self.good(
            self.client.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(provisioned=support.GIB),
                **options,
            )
        )

    def test_there_is_none_at_first(self) -> None:
        self.make()
        found = self.good(
            self.client.get_container_default_protections(names=[self.pod])
        )
        self.assertEqual([], found[0].default_protections)
        self.assertEqual('pod', found[0].type)

    def test_new_volumes_of_the_pod_join(self) -> None:
        self.fill()
        self.good(self.protect(self.pod, self.inside('pg')))
        self.create(self.inside('joins'))
        self.create(self.inside('stays'), with_default_protection=False)
        self.assertEqual(
            [self.inside('pg')], self.groups_of(self.inside('joins'))
        )
        self.assertEqual([], self.groups_of(self.inside('stays')))

    def test_new_volumes_of_the_array_join(self) -> None:
        group = f'group-{self.pod}'
        self.good(self.client.post_protection_groups(names=[group]))
        self.good(self.protect('fa-one', group))
        self.addCleanup(self.protect, 'fa-one')
        self.create(f'joins-{self.pod}')
        self.assertEqual([group], self.groups_of(f'joins-{self.pod}'))

    def test_the_group_must_be_in_the_container(self) -> None:
        self.fill()
        self.bad(self.protect('fa-one', self.inside('pg')), 'container')
