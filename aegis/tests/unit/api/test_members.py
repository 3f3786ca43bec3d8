# SPDX-License-Identifier: Apache-2.0
import ddt
from oslo_utils import uuidutils

from aegis.common import exception
from aegis.db import groups, members
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base


class MembersTestCase(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)
        self.path = f'/v1/failover-groups/{self.group.id}/members'


@ddt.ddt
class AddMemberTest(MembersTestCase):
    def test_a_server_is_added_and_shown(self):
        response = self.request(
            'POST',
            self.path,
            {'member': {'server': 'web', 'wave': 3}},
            expect=201,
        )
        member = response.json['member']
        self.assertEqual(('web', 3), (member['name'], member['wave']))
        self.assertEqual(self.group.id, member['failover_group_id'])
        self.assertEqual([member], self.get(self.path)['members'])

    def test_a_member_starts_in_the_first_wave_by_default(self):
        response = self.request(
            'POST', self.path, {'member': {'server': 'web'}}, expect=201
        )
        self.assertEqual(1, response.json['member']['wave'])

    def test_a_refusal_tells_why_for_each_volume(self):
        details = [{'volume_id': 'v1', 'reason': 'it is encrypted'}]
        self.engine.error = exception.MemberIneligible(
            server='web', reason='1 of 2 volumes', details=details
        )
        error = self.error(
            409, 'POST', self.path, {'member': {'server': 'web'}}
        )
        self.assertEqual('aegis.member.ineligible', error['code'])
        self.assertEqual(details, error['details'])

    def test_an_unknown_server_is_not_found(self):
        self.engine.error = exception.ServerNotFound(name='web', site='east')
        error = self.error(
            404, 'POST', self.path, {'member': {'server': 'web'}}
        )
        self.assertEqual('aegis.server.not_found', error['code'])

    def test_no_engine_is_unavailable(self):
        self.engine.error = base.ENGINE_DOWN
        error = self.error(
            503, 'POST', self.path, {'member': {'server': 'web'}}
        )
        self.assertEqual('aegis.engine.unavailable', error['code'])

    def test_a_group_that_is_none_is_not_found(self):
        path = f'/v1/failover-groups/{uuidutils.generate_uuid()}/members'
        self.error(404, 'POST', path, {'member': {'server': 'web'}})

    @ddt.data(
        {},
        {'server': ''},
        {'server': 'web', 'wave': 0},
        {'server': 'web', 'wave': 1.5},
        {'server': 'web', 'wave': True},
        {'server': 'web', 'wave': 10**12},
        {'server': 'web', 'kind': 'volume'},
    )
    def test_what_breaks_the_schema_is_refused(self, member):
        self.error(400, 'POST', self.path, {'member': member})


class ListMembersTest(MembersTestCase):
    def test_a_member_shows_where_it_lives(self):
        added = samples.add_member(self.context, self.group.id)
        (placement,) = members.placements(self.context, [added.id])
        (member,) = self.get(self.path)['members']
        self.assertEqual(placement.server_id, member['server_id'])
        (shown,) = member['placements']
        self.assertEqual('east', shown['site'])
        self.assertEqual(
            [0, 1], [each['ordinal'] for each in shown['volumes']]
        )
        self.assertEqual(['10.0.0.5'], shown['ports'][0]['fixed_ips'])
        self.assertEqual('203.0.113.5', shown['ports'][0]['floating_ip'])

    def test_the_server_is_the_one_at_the_active_site(self):
        added = samples.add_member(self.context, self.group.id)
        there = samples.placement(added.id, 'west')
        members.save_placement(self.context, there)
        groups.update_group(
            self.context, self.group.id, {'active_site': 'west'}
        )
        (member,) = self.get(self.path)['members']
        self.assertEqual(there.server_id, member['server_id'])
        self.assertEqual(2, len(member['placements']))

    def test_members_come_in_the_order_in_which_they_start(self):
        for name, wave in (('late', 2), ('first', 1)):
            samples.add_member(self.context, self.group.id, name, wave)
        names = [each['name'] for each in self.get(self.path)['members']]
        self.assertEqual(['first', 'late'], names)

    def test_nothing_of_the_arrays_is_shown(self):
        samples.add_member(self.context, self.group.id)
        response = self.request('GET', self.path, expect=200)
        self.assertNotIn('fa-east', response.text)
        self.assertNotIn('-cinder', response.text)


class RemoveMemberTest(MembersTestCase):
    def test_a_member_is_removed(self):
        added = samples.add_member(self.context, self.group.id)
        self.request('DELETE', f'{self.path}/{added.id}', expect=204)
        self.assertEqual([], self.get(self.path)['members'])

    def test_a_member_of_a_busy_group_stays(self):
        added = samples.add_member(self.context, self.group.id)
        samples.running_operation(self.context, self.group)
        error = self.error(409, 'DELETE', f'{self.path}/{added.id}')
        self.assertEqual('aegis.failover_group.busy', error['code'])

    def test_a_member_that_is_none_is_not_found(self):
        error = self.error(404, 'DELETE', f'{self.path}/unknown')
        self.assertEqual('aegis.member.not_found', error['code'])
