# SPDX-License-Identifier: Apache-2.0
from openstack import exceptions as sdk_exceptions

from aegisclient.osc.v1 import member
from aegisclient.tests import documents
from aegisclient.tests.unit.osc.v1 import base


class ListTest(base.CommandTest):
    def test_members_come_by_wave_and_name(self):
        self.client.members.return_value = iter(
            [
                base.a_member(name='late', wave=2),
                base.a_member(name='b'),
                base.a_member(name='a'),
            ]
        )
        _, (headers, rows) = self.act(member.ListMember, 'shop')
        self.assertEqual(
            ['a', 'b', 'late'], [row[headers.index('Name')] for row in rows]
        )

    def test_volumes_and_addresses_are_those_of_the_active_site(self):
        placements = [
            {
                'site': 'west',
                'server_id': None,
                'volumes': [],
                'ports': [],
            },
            *documents.member()['placements'],
        ]
        self.client.members.return_value = iter(
            [base.a_member(placements=placements)]
        )
        _, (headers, (row,)) = self.act(member.ListMember, '--long shop')
        shown = dict(zip(headers, row, strict=True))
        self.assertIn('web-1-root', shown['Volumes'].human_readable())
        self.assertEqual(placements, shown['Placements'].machine_readable())

    def test_member_that_is_nowhere_has_no_volumes(self):
        self.client.members.return_value = iter([base.a_member(placements=[])])
        _, (headers, (row,)) = self.act(member.ListMember, 'shop')
        self.assertEqual([], row[headers.index('Volumes')].machine_readable())


class AddServerTest(base.CommandTest):
    def test_servers_are_passed_on_as_given(self):
        self.client.add_server.return_value = base.a_member()
        _, (_, rows) = self.act(
            member.AddServer, '--wave 3 shop web-1 web-2', wave=3
        )
        self.assertEqual(2, len(rows))
        self.assertEqual(
            [(self.group, 'web-1', 3), (self.group, 'web-2', 3)],
            [call.args for call in self.client.add_server.call_args_list],
        )

    def test_refused_server_does_not_keep_the_others(self):
        refused = sdk_exceptions.ConflictException('not replicated')
        self.client.add_server.side_effect = [refused, base.a_member()]
        with self.assertLogs('aegisclient.osc.command', 'ERROR') as logged:
            command, (_, rows) = self.act(member.AddServer, 'shop web-1 web-2')
        self.assertEqual((1, 1), (len(rows), command.exit_code))
        self.assertIn('server web-1: not replicated', logged.output[0])

    def test_wave_below_one_is_refused(self):
        self.refuse(member.AddServer, '--wave 0 shop web-1')


class RemoveServerTest(base.CommandTest):
    def test_member_is_looked_up_and_removed_by_its_id(self):
        self.client.find_member.return_value = base.a_member()
        command, _ = self.act(member.RemoveServer, 'shop web-1')
        self.client.find_member.assert_called_once_with(self.group, 'web-1')
        self.client.remove_member.assert_called_once_with(
            self.group, documents.MEMBER_ID
        )
        self.assertEqual(0, command.exit_code)
