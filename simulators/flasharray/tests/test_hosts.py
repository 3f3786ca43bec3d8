# SPDX-License-Identifier: Apache-2.0
"""Hosts, host groups and their connections."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator.domain import hosts
from tests.client_case import ClientCase


class HostTest(ClientCase):
    def host(self, name: str, **ports: Any) -> Any:
        return self.client.post_hosts(
            names=[name], host=flasharray.HostPost(**ports)
        )

    def connect(self, host: str, volume: str) -> Any:
        return self.client.post_connections(
            host_names=[host], volume_names=[volume]
        )

    def test_a_host_is_found_by_its_iqn(self) -> None:
        self.good(self.host('by-iqn', iqns=['iqn.2000-01.org:Find']))
        found = self.good(
            self.client.get_hosts(
                filter="iqns='iqn.2000-01.org:find' and is_local"
            )
        )
        self.assertEqual(['by-iqn'], [host.name for host in found])

    def test_no_host_is_an_empty_list(self) -> None:
        found = self.client.get_hosts(filter="iqns='iqn.no' and is_local")
        self.assertEqual([], self.good(found))

    def test_a_taken_name_is_refused(self) -> None:
        self.good(self.host('taken'))
        self.bad(self.host('taken'), 'Host already exists.')

    def test_a_taken_iqn_is_refused(self) -> None:
        self.good(self.host('owner', iqns=['iqn.taken']))
        self.bad(self.host('thief', iqns=['iqn.taken']), 'already in use')

    def test_wwns_are_kept_without_colons(self) -> None:
        self.good(self.host('fc', wwns=['21:00:00:24:ff:00:00:01']))
        found = self.good(
            self.client.get_hosts(
                filter="wwns='21000024FF000001' and is_local"
            )
        )
        self.assertEqual(1, len(found))

    def test_two_protocols_are_refused(self) -> None:
        self.bad(self.host('two', iqns=['iqn.x'], nqns=['nqn.x']), 'protocol')

    def test_chap_passwords_are_not_shown(self) -> None:
        self.good(self.host('chap'))
        self.good(
            self.client.patch_hosts(
                names=['chap'],
                host=flasharray.HostPatch(
                    chap=flasharray.Chap(
                        host_user='u', host_password='sesame-sesame'
                    )
                ),
            )
        )
        body = self.raw('GET', 'hosts?names=chap').text
        self.assertNotIn('sesame', body)
        self.assertNotIn('sesame', str(self.door.call_log()))
        self.assertNotIn('sesame', str(self.door.objects()))

    def test_luns_start_at_one_and_are_used_again(self) -> None:
        self.good(self.host('luns'))
        for name in ('lun-a', 'lun-b', 'lun-c'):
            self.volume(name)
        first = self.good(self.connect('luns', 'lun-a'))[0]
        second = self.good(self.connect('luns', 'lun-b'))[0]
        self.assertEqual((1, 2), (first.lun, second.lun))
        self.client.delete_connections(
            host_names=['luns'], volume_names=['lun-a']
        )
        self.assertEqual(1, self.good(self.connect('luns', 'lun-c'))[0].lun)

    def test_connecting_twice_is_refused(self) -> None:
        self.good(self.host('again'))
        self.volume('again')
        self.good(self.connect('again', 'again'))
        self.bad(self.connect('again', 'again'), 'Connection already exists.')

    def test_unknown_sides_are_refused(self) -> None:
        self.good(self.host('sides'))
        self.volume('sides')
        self.bad(self.connect('nobody', 'sides'), 'Host does not exist.')
        self.bad(self.connect('sides', 'nothing'), 'Volume does not exist.')
        self.bad(
            self.client.delete_connections(
                host_names=['sides'], volume_names=['sides']
            ),
            'Connection does not exist.',
        )

    def test_a_connected_host_cannot_be_deleted(self) -> None:
        self.good(self.host('busy'))
        self.volume('busy')
        self.good(self.connect('busy', 'busy'))
        self.bad(
            self.client.delete_hosts(names=['busy']),
            'cannot be deleted due to existing connections',
        )

    def test_a_connected_volume_cannot_be_destroyed(self) -> None:
        self.good(self.host('holder'))
        self.volume('held')
        self.good(self.connect('holder', 'held'))
        self.bad(
            self.client.patch_volumes(
                names=['held'],
                volume=flasharray.VolumePatch(destroyed=True),
            ),
            'connected',
        )

    def test_all_hosts_of_a_group_see_its_volumes(self) -> None:
        self.good(self.client.post_host_groups(names=['cluster']))
        for name in ('node-a', 'node-b'):
            self.good(self.host(name))
        self.good(
            self.client.post_host_groups_hosts(
                group_names=['cluster'], member_names=['node-a', 'node-b']
            )
        )
        self.volume('shared')
        made = self.good(
            self.client.post_connections(
                host_group_names=['cluster'], volume_names=['shared']
            )
        )
        self.assertEqual({254}, {connection.lun for connection in made})
        found = self.good(self.client.get_connections(host_names=['node-a']))
        self.assertEqual('shared', found[0].volume.name)
        volume = self.good(self.client.get_volumes(names=['shared']))[0]
        self.assertEqual(2, volume.connection_count)


class HostSettingsTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = self.id().rpartition('.')[2].replace('_', '-')
        self.name = self.name[-40:].strip('-')
        self.iqn = f'iqn.2026-01.org:{self.name}'
        self.host = self.good(
            self.client.post_hosts(
                names=[self.name], host=flasharray.HostPost(iqns=[self.iqn])
            )
        )[0]

    def patch(self, **fields: Any) -> Any:
        return self.client.patch_hosts(
            names=[self.name], host=flasharray.HostPatch(**fields)
        )

    def raw_patch(self, **fields: Any) -> Any:
        return self.raw('PATCH', f'hosts?names={self.name}', json=fields)

    def now(self) -> Any:
        return self.good(self.client.get_hosts(names=[self.name]))[0]

    def test_initiators_are_added_removed_and_replaced(self) -> None:
        self.good(self.patch(add_iqns=[f'{self.iqn}-2', f'{self.iqn}-2']))
        self.assertEqual([self.iqn, f'{self.iqn}-2'], self.now().iqns)
        self.good(self.patch(remove_iqns=[self.iqn.upper()]))
        self.assertEqual([f'{self.iqn}-2'], self.now().iqns)
        self.good(self.patch(iqns=[self.iqn]))
        self.assertEqual([self.iqn], self.now().iqns)

    def test_an_initiator_that_is_not_there_cannot_be_removed(self) -> None:
        self.bad(self.patch(remove_iqns=['iqn.nobody']), 'does not exist')

    def test_a_removed_initiator_is_free_again(self) -> None:
        self.good(self.patch(iqns=[]))
        self.good(
            self.client.post_hosts(
                names=[f'{self.name}-2'],
                host=flasharray.HostPost(iqns=[self.iqn]),
            )
        )

    def test_another_protocol_needs_the_first_to_go(self) -> None:
        self.bad(self.patch(add_nqns=['nqn.x']), 'one protocol only')
        self.good(self.patch(iqns=[], add_nqns=[f'nqn.{self.name}']))
        self.assertEqual([f'nqn.{self.name}'], self.now().nqns)

    def test_a_wwn_has_sixteen_digits(self) -> None:
        self.bad(self.patch(iqns=[], wwns=['2100:NOPE']), 'wwns')

    def test_every_personality_is_taken_and_can_be_cleared(self) -> None:
        for personality in hosts.PERSONALITIES:
            with self.subTest(personality):
                self.good(self.patch(personality=personality))
                self.assertEqual(personality, self.now().personality)
        self.good(self.patch(personality='delete'))
        self.assertFalse(hasattr(self.now(), 'personality'))
        self.assertEqual(400, self.raw_patch(personality='dos').status_code)

    def test_chap_passwords_have_a_length_and_differ(self) -> None:
        chap = flasharray.Chap(host_user='u', host_password='short')
        self.bad(self.patch(chap=chap), '12 to 255')
        same = flasharray.Chap(
            host_password='a-long-password', target_password='a-long-password'
        )
        self.bad(self.patch(chap=same), 'must differ')

    def test_chap_is_cleared_with_empty_words(self) -> None:
        self.good(
            self.patch(
                chap=flasharray.Chap(
                    target_user='t', target_password='a-long-password'
                )
            )
        )
        self.assertEqual('****', self.now().chap.target_password)
        self.good(
            self.patch(
                chap=flasharray.Chap(target_user='', target_password='')
            )
        )
        self.assertFalse(hasattr(self.now().chap, 'target_user'))

    def test_preferred_arrays_are_known_ones(self) -> None:
        wanted = [flasharray.Reference(name='FA-ONE')]
        self.good(self.patch(preferred_arrays=wanted))
        preferred = self.now().preferred_arrays[0]
        self.assertEqual('fa-one', preferred.name)
        self.assertEqual(
            self.good(self.client.get_arrays())[0].id, preferred.id
        )
        unknown = [flasharray.Reference(name='fa-none')]
        self.bad(self.patch(preferred_arrays=unknown), 'does not exist')

    def test_vlans_are_numbers_or_words(self) -> None:
        for vlan in ('any', 'untagged', '17'):
            with self.subTest(vlan):
                self.good(self.patch(vlan=vlan))
                self.assertEqual(vlan, self.now().vlan)
        self.assertEqual(400, self.raw_patch(vlan='4095').status_code)

    def test_a_renamed_host_keeps_its_initiators(self) -> None:
        self.good(self.patch(name=f'{self.name}-new'))
        found = self.good(
            self.client.get_hosts(filter=f"iqns='{self.iqn}' and is_local")
        )
        self.assertEqual([f'{self.name}-new'], [host.name for host in found])

    def test_no_host_is_destroyed(self) -> None:
        self.assertEqual([], self.good(self.client.get_hosts(destroyed=True)))
        self.assertFalse(self.now().destroyed)

    def test_connectivity_follows_the_paths(self) -> None:
        self.assertEqual('Redundant', self.now().port_connectivity.details)
        self.door.set_initiator_paths(self.iqn, ['CT0.ETH4'])
        found = self.now().port_connectivity
        self.assertEqual(
            ('unhealthy', 'Single Controller'), (found.status, found.details)
        )
        self.door.set_initiator_paths(self.iqn, [])
        self.assertEqual('critical', self.now().port_connectivity.status)

    def test_tags_of_a_host_leave_with_it(self) -> None:
        self.good(
            self.client.put_hosts_tags_batch(
                resource_names=[self.name],
                tag=[flasharray.TagBatch(key='rack', value='7')],
            )
        )
        found = self.good(
            self.client.get_hosts_tags(resource_names=[self.name])
        )
        self.assertEqual(['7'], [tag.value for tag in found])
        self.good(self.client.delete_hosts(names=[self.name]))
        rows = self.raw('GET', 'hosts/tags').json()['items']
        self.assertNotIn(self.name, [row['resource']['name'] for row in rows])


class HostGroupTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        name = self.id().rpartition('.')[2].replace('_', '-')
        self.group = name[-40:].strip('-')
        self.host = f'{self.group}-h'
        self.good(
            self.client.post_host_groups(
                names=[self.group], host_group=flasharray.HostGroupPost()
            )
        )
        self.good(
            self.client.post_hosts(
                names=[self.host], host=flasharray.HostPost()
            )
        )

    def join(self) -> Any:
        return self.client.post_host_groups_hosts(
            group_names=[self.group], member_names=[self.host]
        )

    def test_a_host_is_in_one_group_only(self) -> None:
        self.good(self.join())
        self.bad(self.join(), 'already belongs to a host group')

    def test_members_are_seen_from_both_sides(self) -> None:
        self.good(self.join())
        for found in (
            self.client.get_host_groups_hosts(group_names=[self.group]),
            self.client.get_hosts_host_groups(member_names=[self.host]),
        ):
            rows = self.good(found)
            self.assertEqual(
                [(self.group, self.host)],
                [(row.group.name, row.member.name) for row in rows],
            )

    def test_a_host_joins_and_leaves_by_its_own_field(self) -> None:
        for name in (self.group, ''):
            with self.subTest(name):
                answer = self.raw(
                    'PATCH',
                    f'hosts?names={self.host}',
                    json={'host_group': {'name': name}},
                )
                item = answer.json()['items'][0]
                self.assertEqual(name or None, item['host_group']['name'])

    def test_a_group_with_hosts_stays(self) -> None:
        self.good(self.join())
        self.bad(
            self.client.delete_host_groups(names=[self.group]),
            'cannot be deleted while it has hosts',
        )
        self.good(
            self.client.delete_host_groups_hosts(
                group_names=[self.group], member_names=[self.host]
            )
        )
        self.good(self.client.delete_host_groups(names=[self.group]))

    def test_a_renamed_group_keeps_its_hosts(self) -> None:
        self.good(self.join())
        self.good(
            self.client.patch_host_groups(
                names=[self.group],
                host_group=flasharray.HostGroupPatch(name=f'{self.group}-2'),
            )
        )
        host = self.good(self.client.get_hosts(names=[self.host]))[0]
        self.assertEqual(f'{self.group}-2', host.host_group.name)

    def test_a_group_is_a_member_of_protection_groups(self) -> None:
        self.good(self.join())
        self.volume(f'{self.group}-v')
        self.good(
            self.client.post_connections(
                host_group_names=[self.group],
                volume_names=[f'{self.group}-v'],
            )
        )
        protection = f'{self.group}-pg'
        self.good(self.client.post_protection_groups(names=[protection]))
        self.good(
            self.client.post_host_groups_protection_groups(
                group_names=[protection], member_names=[self.group]
            )
        )
        found = self.good(
            self.client.get_protection_groups(names=[protection])
        )[0]
        self.assertEqual(1, found.host_group_count)
