# SPDX-License-Identifier: Apache-2.0
"""purefa_host and _hg."""

from typing import Any

from tests.ansible.cases import ModulesCase

_IQN = 'iqn.2026-01.org.example:'
_NQN = 'nqn.2026-01.org.example:'


class HostModules(ModulesCase):
    def host(self, name: str) -> Any:
        return self.one(self.client.get_hosts(names=[name]))

    def test_a_host_of_each_protocol_is_made(self) -> None:
        for name, ports in (
            ('h-iscsi', {'iqn': [f'{_IQN}a', f'{_IQN}b']}),
            ('h-fc', {'wwns': ['524A937200000001', '524A937200000002']}),
            ('h-nvme', {'nqn': [f'{_NQN}a']}),
        ):
            with self.subTest(name):
                self.twice('host', name=name, **ports)
        self.assertEqual([f'{_IQN}a', f'{_IQN}b'], self.host('h-iscsi').iqns)
        self.assertEqual(2, len(self.host('h-fc').wwns))
        self.assertEqual([f'{_NQN}a'], self.host('h-nvme').nqns)

    def test_the_ports_of_a_host_are_changed(self) -> None:
        self.good('host', name='h-ports', iqn=[f'{_IQN}one'])
        self.twice('host', name='h-ports', iqn=[f'{_IQN}two'])
        self.assertEqual([f'{_IQN}two'], self.host('h-ports').iqns)

    def test_a_port_of_another_host_is_refused(self) -> None:
        self.good('host', name='h-first', iqn=[f'{_IQN}taken'])
        self.fails(
            'host', 'already in use', name='h-second', iqn=[f'{_IQN}taken']
        )

    def test_a_personality_is_set_and_removed(self) -> None:
        self.good('host', name='h-esxi')
        self.twice('host', name='h-esxi', personality='esxi')
        self.assertEqual('esxi', self.host('h-esxi').personality)
        self.twice('host', name='h-esxi', personality='delete')
        self.assertFalse(hasattr(self.host('h-esxi'), 'personality'))

    def test_chap_is_set(self) -> None:
        self.good(
            'host',
            name='h-chap',
            iqn=[f'{_IQN}chap'],
            host_user='user',
            host_password='a-long-password',
        )
        self.assertEqual('user', self.host('h-chap').chap.host_user)

    def test_a_volume_is_connected_and_disconnected(self) -> None:
        self.good('volume', name='h-volume', size='1G')
        self.good('host', name='h-conn', iqn=[f'{_IQN}conn'])
        wanted = {'name': 'h-conn', 'volume': 'h-volume'}
        self.twice('host', lun=7, **wanted)
        found = self.client.get_connections(host_names=['h-conn'])
        self.assertEqual(7, self.one(found).lun)
        self.twice('host', state='absent', **wanted)
        self.twice('host', name='h-conn', state='absent')
        self.gone(self.client.get_hosts(names=['h-conn']))

    def test_a_host_is_renamed(self) -> None:
        self.good('host', name='h-before')
        self.assertTrue(
            self.good('host', name='h-before', rename='h-after')['changed']
        )
        self.host('h-after')


class HostGroupModules(ModulesCase):
    def test_a_host_group_has_hosts_and_volumes(self) -> None:
        self.good('volume', name='g-volume', size='1G')
        for name in ('g-one', 'g-two'):
            self.good('host', name=name, iqn=[_IQN + name])
        self.twice('hg', name='g', host=['g-one', 'g-two'])
        self.twice('hg', name='g', volume=['g-volume'])
        found = self.client.get_connections(volume_names=['g-volume'])
        self.assertEqual(
            {('g-one', 'g', 254), ('g-two', 'g', 254)},
            {
                (one.host.name, one.host_group.name, one.lun)
                for one in found.items
            },
        )
        self.twice('hg', name='g', volume=['g-volume'], state='absent')
        self.twice('hg', name='g', host=['g-two'], state='absent')
        members = self.client.get_host_groups_hosts(group_names=['g'])
        self.assertEqual('g-one', self.one(members).member.name)

    def test_a_host_group_is_renamed_and_removed(self) -> None:
        self.twice('hg', name='g-short')
        self.good('hg', name='g-short', rename='g-long')
        # That it removed an empty group is no change to the module.
        self.good('hg', name='g-long', state='absent')
        self.gone(self.client.get_host_groups(names=['g-long']))


class SubnetModules(ModulesCase):
    def test_a_subnet_is_made_changed_and_removed(self) -> None:
        wanted = {
            'name': 'storage',
            'prefix': '10.21.200.0/24',
            'gateway': '10.21.200.1',
            'vlan': 2100,
        }
        self.twice('subnet', **wanted, mtu=9000)
        subnet = self.one(self.client.get_subnets(names=['storage']))
        self.assertEqual(
            ('10.21.200.0/24', '10.21.200.1', 2100, 9000),
            (subnet.prefix, subnet.gateway, subnet.vlan, subnet.mtu),
        )
        self.twice('subnet', **wanted, mtu=1500)
        self.twice('subnet', **wanted, mtu=1500, enabled=False)
        subnet = self.one(self.client.get_subnets(names=['storage']))
        self.assertEqual((1500, False), (subnet.mtu, subnet.enabled))
        self.twice('subnet', name='storage', state='absent')
        self.gone(self.client.get_subnets(names=['storage']))
