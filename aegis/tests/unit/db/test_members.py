# SPDX-License-Identifier: Apache-2.0
import dataclasses

from oslo_utils import uuidutils

from aegis import models
from aegis.common import exception
from aegis.db import groups, members
from aegis.tests import base
from aegis.tests.fixtures import samples


class MembersTestCase(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.other = base.request_context(base.OTHER_PROJECT_ID)
        self.group = samples.create_group(self.context)

    def _group(self) -> models.FailoverGroup:
        return groups.get_group(self.context, self.group.id)


class AddMemberTest(MembersTestCase):
    def test_a_member_is_read_back_as_it_was_added(self):
        added = samples.add_member(self.context, self.group.id, wave=3)
        self.assertEqual(
            added, members.get_member(self.context, self.group.id, added.id)
        )

    def test_the_first_member_makes_the_group_protected(self):
        samples.add_member(self.context, self.group.id)
        self.assertEqual(models.GroupState.PROTECTED, self._group().state)
        self.assertEqual(2, self._group().revision)

    def test_a_server_is_a_member_only_once(self):
        server = uuidutils.generate_uuid()
        samples.add_member(self.context, self.group.id, server_id=server)
        error = self.assertRaises(
            exception.MemberExists,
            samples.add_member,
            self.context,
            self.group.id,
            server_id=server,
        )
        self.assertIn(server, error.detail)
        self.assertEqual(
            1, len(members.list_members(self.context, self.group.id))
        )

    def test_a_busy_group_takes_no_member(self):
        samples.running_operation(self.context, self.group)
        self.assertRaises(
            exception.FailoverGroupBusy,
            samples.add_member,
            self.context,
            self.group.id,
        )

    def test_a_failed_over_group_takes_no_member(self):
        groups.update_group(
            self.context,
            self.group.id,
            {'state': models.GroupState.FAILED_OVER},
        )
        error = self.assertRaises(
            exception.FailoverGroupState,
            samples.add_member,
            self.context,
            self.group.id,
        )
        self.assertIn('protected or unprotected', error.detail)

    def test_a_foreign_group_takes_no_member(self):
        self.assertRaises(
            exception.FailoverGroupNotFound,
            samples.add_member,
            self.other,
            self.group.id,
        )


class FindMemberTest(MembersTestCase):
    def test_members_come_in_the_order_in_which_they_start(self):
        for name, wave in (('late', 2), ('first', 1), ('second', 1)):
            samples.add_member(self.context, self.group.id, name, wave)
        found = members.list_members(self.context, self.group.id)
        self.assertEqual(
            ['first', 'second', 'late'], [member.name for member in found]
        )

    def test_a_member_is_found_by_id_and_by_name(self):
        added = samples.add_member(self.context, self.group.id, 'web')
        for key in (added.id, 'web'):
            self.assertEqual(
                added, members.find_member(self.context, self.group.id, key)
            )

    def test_a_name_that_two_members_have_is_a_conflict(self):
        samples.add_member(self.context, self.group.id, 'web')
        samples.add_member(self.context, self.group.id, 'web')
        self.assertRaises(
            exception.Conflict,
            members.find_member,
            self.context,
            self.group.id,
            'web',
        )

    def test_an_unknown_member_does_not_exist(self):
        for find in (members.find_member, members.get_member):
            self.assertRaises(
                exception.MemberNotFound,
                find,
                self.context,
                self.group.id,
                'nobody',
            )

    def test_a_member_of_another_group_does_not_exist(self):
        second = samples.create_group(self.context, 'second')
        added = samples.add_member(self.context, second.id)
        self.assertRaises(
            exception.MemberNotFound,
            members.get_member,
            self.context,
            self.group.id,
            added.id,
        )

    def test_the_members_of_a_foreign_group_do_not_exist(self):
        added = samples.add_member(self.context, self.group.id)
        for find, arguments in (
            (members.list_members, ()),
            (members.get_member, (added.id,)),
            (members.find_member, ('web',)),
        ):
            self.assertRaises(
                exception.FailoverGroupNotFound,
                find,
                self.other,
                self.group.id,
                *arguments,
            )

    def test_a_member_is_found_by_its_server(self):
        server = uuidutils.generate_uuid()
        added = samples.add_member(
            self.context, self.group.id, server_id=server
        )
        self.assertEqual(
            added, members.member_by_server(self.other, 'east', server)
        )
        self.assertIsNone(
            members.member_by_server(self.context, 'west', server)
        )


class RemoveMemberTest(MembersTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.member = samples.add_member(self.context, self.group.id)

    def _remove(self) -> None:
        members.remove_member(self.context, self.group.id, self.member.id)

    def test_a_removed_member_is_gone_with_its_placements(self):
        self._remove()
        self.assertEqual([], members.list_members(self.context, self.group.id))
        self.assertEqual(
            [], members.placements(self.context, [self.member.id])
        )

    def test_the_last_member_takes_the_protection_along(self):
        groups.update_group(
            self.context,
            self.group.id,
            {'replication_array': 'fa', 'replication_group': 'pg'},
        )
        self._remove()
        group = self._group()
        self.assertEqual(models.GroupState.UNPROTECTED, group.state)
        self.assertIsNone(group.replication_array)
        self.assertIsNone(group.replication_group)

    def test_the_group_stays_protected_while_it_has_members(self):
        samples.add_member(self.context, self.group.id, 'other')
        self._remove()
        self.assertEqual(models.GroupState.PROTECTED, self._group().state)

    def test_a_failed_over_group_keeps_its_state(self):
        groups.update_group(
            self.context,
            self.group.id,
            {'state': models.GroupState.FAILED_OVER},
        )
        self._remove()
        self.assertEqual(models.GroupState.FAILED_OVER, self._group().state)

    def test_a_member_of_a_busy_group_stays(self):
        samples.running_operation(self.context, self.group)
        self.assertRaises(exception.FailoverGroupBusy, self._remove)

    def test_a_member_that_is_gone_is_not_found(self):
        self._remove()
        self.assertRaises(exception.MemberNotFound, self._remove)


class PlacementsTest(MembersTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.member = samples.add_member(self.context, self.group.id)

    def _read(self, site: str | None = None) -> list[models.Placement]:
        return [
            dataclasses.replace(placement, updated_at=None)
            for placement in members.placements(
                self.context, [self.member.id], site
            )
        ]

    def test_a_placement_is_read_back_as_it_was_saved(self):
        saved = samples.placement(self.member.id, 'west')
        members.save_placement(self.context, saved)
        self.assertEqual([saved], self._read('west'))

    def test_a_member_has_one_placement_at_each_site(self):
        members.save_placement(
            self.context, samples.placement(self.member.id, 'west')
        )
        sites = [placement.site for placement in self._read()]
        self.assertEqual(['east', 'west'], sites)

    def test_saving_again_replaces_volumes_and_ports(self):
        members.save_placement(self.context, samples.placement(self.member.id))
        last = samples.placement(self.member.id, ports=())
        members.save_placement(self.context, last)
        self.assertEqual([last], self._read())

    def test_a_volume_alone_has_no_server(self):
        for site in ('west', 'north'):
            saved = samples.placement(self.member.id, site, server_id=None)
            members.save_placement(self.context, saved)
            self.assertEqual([saved], self._read(site))

    def test_no_members_have_no_placements(self):
        self.assertEqual([], members.placements(self.context, []))
