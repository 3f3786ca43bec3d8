# SPDX-License-Identifier: Apache-2.0
import ddt
import sqlalchemy as sa
from oslo_utils import uuidutils

from aegis import models
from aegis.common import exception
from aegis.db import groups, session
from aegis.tests import base
from aegis.tests.fixtures import samples

MAPPING = models.Mapping(models.MappedResource.NETWORK, 'blue', 'green')


class GroupsTestCase(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.other = base.request_context(base.OTHER_PROJECT_ID)


class CreateGroupTest(GroupsTestCase):
    def test_a_group_is_read_back_as_it_was_created(self):
        created = samples.create_group(
            self.context,
            description='all of it',
            on_member_failure=models.MemberFailurePolicy.STOP,
            mappings=[MAPPING],
        )
        self.assertEqual(created, groups.get_group(self.context, created.id))
        self.assertEqual((MAPPING,), created.mappings)

    def test_a_new_group_is_unprotected_and_active_at_the_protected_site(
        self,
    ):
        created = samples.create_group(self.context)
        self.assertEqual(models.GroupState.UNPROTECTED, created.state)
        self.assertEqual('east', created.active_site)
        self.assertEqual(base.PROJECT_ID, created.project_id)
        self.assertEqual((0, 1), (created.epoch, created.revision))

    def test_a_name_is_unique_in_a_project(self):
        samples.create_group(self.context, 'finance')
        error = self.assertRaises(
            exception.FailoverGroupExists,
            samples.create_group,
            self.context,
            'finance',
        )
        self.assertIn('finance', error.detail)

    def test_another_project_may_use_the_same_name(self):
        samples.create_group(self.context, 'finance')
        samples.create_group(self.other, 'finance')

    def test_names_differ_by_case(self):
        samples.create_group(self.context, 'finance')
        samples.create_group(self.context, 'Finance')

    def test_a_name_may_hold_any_character(self):
        name = 'Größe 東 \N{GRINNING FACE}'
        created = samples.create_group(self.context, name)
        read = groups.get_group(self.context, created.id)
        self.assertEqual(name, read.name)


class FindGroupTest(GroupsTestCase):
    def test_a_foreign_group_does_not_exist(self):
        group = samples.create_group(self.context)
        for find in (groups.get_group, groups.find_group):
            error = self.assertRaises(
                exception.FailoverGroupNotFound, find, self.other, group.id
            )
            self.assertEqual(404, error.status)

    def test_a_foreign_name_does_not_exist(self):
        samples.create_group(self.context, 'finance')
        self.assertRaises(
            exception.FailoverGroupNotFound,
            groups.find_group,
            self.other,
            'finance',
        )

    def test_an_administrator_sees_every_group(self):
        group = samples.create_group(self.context)
        self.assertEqual(group, groups.get_group(self.admin, group.id))

    def test_a_group_is_found_by_its_name(self):
        group = samples.create_group(self.context, 'finance')
        self.assertEqual(group, groups.find_group(self.context, 'finance'))

    def test_an_id_counts_before_a_name(self):
        group = samples.create_group(self.context, 'finance')
        samples.create_group(self.context, group.id)
        self.assertEqual(group, groups.find_group(self.context, group.id))


@ddt.ddt
class ListGroupsTest(GroupsTestCase):
    def _names(self, **arguments) -> list[str]:
        found = groups.list_groups(self.context, **arguments)
        return [group.name for group in found]

    def setUp(self) -> None:
        super().setUp()
        for name in ('a', 'b', 'c'):
            samples.create_group(
                self.context, name, mappings=[MAPPING], description='same'
            )
        samples.create_group(self.other, 'd')

    def test_the_newest_comes_first(self):
        self.assertEqual(['c', 'b', 'a'], self._names())

    def test_an_administrator_sees_all_projects(self):
        self.assertEqual(4, len(groups.list_groups(self.admin)))

    @ddt.data(
        ([('name', 'asc')], ['a', 'b', 'c']),
        ([('name', 'desc')], ['c', 'b', 'a']),
        ([('description', 'asc'), ('name', 'desc')], ['c', 'b', 'a']),
    )
    @ddt.unpack
    def test_pages_join_to_the_whole_list(self, sort, expected):
        names, marker = [], None
        while True:
            page = groups.list_groups(
                self.context, sort=sort, limit=1, marker=marker
            )
            if not page:
                break
            names.append(page[0].name)
            marker = page[0].id
        self.assertEqual(expected, names)

    def test_a_filter_takes_a_value(self):
        self.assertEqual(['b'], self._names(filters={'name': 'b'}))

    def test_a_filter_takes_several_values(self):
        self.assertEqual(['c', 'a'], self._names(filters={'name': ['a', 'c']}))

    def test_an_unknown_marker_is_a_bad_request(self):
        self.assertRaises(
            exception.BadRequest,
            groups.list_groups,
            self.context,
            marker=uuidutils.generate_uuid(),
        )

    def test_a_foreign_marker_is_a_bad_request(self):
        (foreign,) = groups.list_groups(self.other)
        self.assertRaises(
            exception.BadRequest,
            groups.list_groups,
            self.context,
            marker=foreign.id,
        )

    def test_a_marker_need_not_match_the_filter(self):
        marker = groups.find_group(self.context, 'c').id
        self.assertEqual(
            ['a'], self._names(filters={'name': 'a'}, marker=marker)
        )

    def test_a_list_takes_two_queries_however_long(self):
        statements = []
        sa.event.listen(
            session.engine(),
            'before_cursor_execute',
            lambda *args: statements.append(args[2]),
        )
        groups.list_groups(self.context)
        selects = [text for text in statements if 'FROM' in text]
        self.assertEqual(2, len(selects))


class UpdateGroupTest(GroupsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context, mappings=[MAPPING])

    def test_a_change_raises_the_revision(self):
        changed = groups.update_group(
            self.context, self.group.id, {'description': 'new'}
        )
        self.assertEqual('new', changed.description)
        self.assertEqual(2, changed.revision)
        self.assertGreater(changed.updated_at, self.group.updated_at)
        self.assertEqual(
            changed, groups.get_group(self.context, self.group.id)
        )

    def test_mappings_stay_when_they_are_not_named(self):
        changed = groups.update_group(
            self.context, self.group.id, {'description': 'new'}
        )
        self.assertEqual((MAPPING,), changed.mappings)

    def test_mappings_are_replaced_as_a_whole(self):
        other = models.Mapping(models.MappedResource.FLAVOR, 'small', 'big')
        changed = groups.update_group(
            self.context, self.group.id, {'mappings': [other]}
        )
        self.assertEqual((other,), changed.mappings)

    def test_an_enumeration_is_stored_by_its_value(self):
        changed = groups.update_group(
            self.context,
            self.group.id,
            {'on_member_failure': models.MemberFailurePolicy.REVERT},
        )
        self.assertEqual(
            models.MemberFailurePolicy.REVERT, changed.on_member_failure
        )

    def test_the_expected_revision_lets_a_change_through(self):
        changed = groups.update_group(
            self.context, self.group.id, {'name': 'new'}, expected_revision=1
        )
        self.assertEqual('new', changed.name)

    def test_another_revision_stops_a_change(self):
        error = self.assertRaises(
            exception.RevisionConflict,
            groups.update_group,
            self.context,
            self.group.id,
            {'name': 'new'},
            expected_revision=7,
        )
        self.assertEqual(412, error.status)
        unchanged = groups.get_group(self.context, self.group.id)
        self.assertEqual(self.group, unchanged)

    def test_a_taken_name_is_refused(self):
        samples.create_group(self.context, 'taken')
        self.assertRaises(
            exception.FailoverGroupExists,
            groups.update_group,
            self.context,
            self.group.id,
            {'name': 'taken'},
        )

    def test_what_makes_the_group_cannot_be_changed(self):
        self.assertRaises(
            ValueError,
            groups.update_group,
            self.context,
            self.group.id,
            {'project_id': base.OTHER_PROJECT_ID},
        )

    def test_a_foreign_group_cannot_be_changed(self):
        self.assertRaises(
            exception.FailoverGroupNotFound,
            groups.update_group,
            self.other,
            self.group.id,
            {'name': 'mine'},
        )


class DeleteGroupTest(GroupsTestCase):
    def test_an_empty_group_goes_with_its_mappings(self):
        group = samples.create_group(self.context, mappings=[MAPPING])
        groups.delete_group(self.context, group.id)
        self.assertEqual([], groups.list_groups(self.context))

    def test_a_group_with_members_stays(self):
        group = samples.create_group(self.context)
        samples.add_member(self.context, group.id)
        self.assertRaises(
            exception.FailoverGroupInUse,
            groups.delete_group,
            self.context,
            group.id,
        )

    def test_a_busy_group_stays_and_the_operation_is_named(self):
        group = samples.create_group(self.context)
        operation_id = samples.running_operation(self.context, group)
        error = self.assertRaises(
            exception.FailoverGroupBusy,
            groups.delete_group,
            self.context,
            group.id,
        )
        self.assertIn(operation_id, error.detail)

    def test_a_foreign_group_stays(self):
        group = samples.create_group(self.context)
        self.assertRaises(
            exception.FailoverGroupNotFound,
            groups.delete_group,
            self.other,
            group.id,
        )


class CountMembersTest(GroupsTestCase):
    def test_groups_without_members_are_left_out(self):
        first = samples.create_group(self.context, 'first')
        second = samples.create_group(self.context, 'second')
        samples.add_member(self.context, first.id, 'one')
        samples.add_member(self.context, first.id, 'two')
        self.assertEqual(
            {first.id: 2},
            groups.count_members(self.context, [first.id, second.id]),
        )
