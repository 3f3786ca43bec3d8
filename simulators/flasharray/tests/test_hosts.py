# SPDX-License-Identifier: Apache-2.0
"""Hosts, host groups and their connections."""

from typing import Any

from pypureclient import flasharray

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
