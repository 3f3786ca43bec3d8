# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import objects
from aegis.common import exception
from aegis.db import checkpoints, groups, members
from aegis.engine import membership
from aegis.storage import errors
from aegis.tests import base
from aegis.tests.fixtures import application, ledger


class MembershipTestCase(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.app = self.useFixture(
            application.Application(self.conf, self.context)
        )
        self.east = self.app.east

    def server(self, name: str) -> objects.Server:
        return next(
            each for each in self.east.servers.values() if each.name == name
        )

    def volume(self, name: str) -> objects.Volume:
        return next(
            each for each in self.east.volumes.values() if each.name == name
        )

    def captured(self) -> catalog.GroupManifest:
        return catalog.from_checkpoint(
            checkpoints.latest_checkpoint(self.admin, self.app.group.id)
        )

    def group_now(self) -> models.FailoverGroup:
        return groups.get_group(self.context, self.app.group.id)


class AddMemberTest(MembershipTestCase):
    def test_by_name_or_id(self) -> None:
        for given in ('web', self.server('database').id):
            member = self.app.add(given, wave=2)
            self.assertEqual(
                member,
                members.get_member(self.context, self.app.group.id, member.id),
            )
            self.assertEqual(2, member.wave)

    def test_the_group_is_bound_to_the_replication(self) -> None:
        self.app.add('web')

        group = self.group_now()

        self.assertEqual(
            (application.EAST_ARRAY, application.PROTECTION_GROUP),
            (group.replication_array, group.replication_group),
        )

    def test_everybody_is_in_the_newest_checkpoint(self) -> None:
        web = self.app.add('web')
        database = self.app.add('database')

        captured = self.captured()

        self.assertEqual(
            {web.id, database.id},
            {member.member_id for member in captured.members},
        )
        self.assertEqual(
            {'front', 'public'}, {each.name for each in captured.networks}
        )
        self.assertEqual(1, len(captured.subnets))

    def test_one_more_member_costs_no_calls_for_the_others(self) -> None:
        self.app.add('web')
        self.east.calls.clear()

        self.app.add('database')

        self.assertEqual(1, len(self.east.called('list_attachments')))

    def test_a_member_that_left_is_forgotten(self) -> None:
        web = self.app.add('web')
        database = self.app.add('database')
        members.remove_member(self.context, self.app.group.id, web.id)
        flavor = next(iter(self.east.flavors.values()))
        disk = ledger.add_disk(
            self.east,
            application.EAST_PROJECT,
            application.STORING,
            'third',
            0,
        )
        self.east.add_server(application.EAST_PROJECT, 'third', flavor, [disk])

        third = self.app.add('third')

        self.assertEqual(
            {database.id, third.id},
            {member.member_id for member in self.captured().members},
        )

    def test_old_checkpoints_do_not_pile_up(self) -> None:
        for _ in range(12):
            web = self.app.add('web')
            members.remove_member(self.context, self.app.group.id, web.id)
        self.app.add('web')

        latest = checkpoints.latest_checkpoint(self.admin, self.app.group.id)
        self.assertEqual(13, latest.version)
        self.assertEqual(
            0, checkpoints.prune(self.admin, self.app.group.id, 10)
        )

    def test_where_a_volume_lies_is_what_the_array_says(self) -> None:
        volume = self.volume('web-0')
        self.east.change_volume(volume.id, array=None, array_volume=None)

        member = self.app.add('web')

        (placed,) = members.placements(self.admin, [member.id], site='east')
        self.assertEqual(
            [(application.EAST_ARRAY, volume.array_volume)],
            [(each.array, each.array_volume) for each in placed.volumes],
        )

    def test_nothing_is_changed_at_the_site(self) -> None:
        self.app.add('web')

        self.assertEqual(
            [],
            [
                call.method
                for call in self.east.calls
                if not call.method.startswith(
                    ('get_', 'list_', 'find_', 'interface_tags')
                )
            ],
        )

    def test_an_array_volume_that_shows_up_twice_is_one(self) -> None:
        self.conf.set_override(
            'arrays', [application.EAST_ARRAY, 'fa-more'], group='site:east'
        )
        self.east.change_volume(self.volume('web-0').id, array=None)

        self.app.add('web')

        self.assertEqual(
            application.EAST_ARRAY, self.group_now().replication_array
        )


class RefusedMemberTest(MembershipTestCase):
    def refused(
        self, kind: type[exception.AegisError], server: str = 'web'
    ) -> Any:
        error = self.assertRaises(kind, self.app.add, server)
        self.assertNotIn('fa-east', error.detail + str(error.details))
        return error

    def test_an_unknown_server(self) -> None:
        error = self.refused(exception.ServerNotFound, 'nobody')
        self.assertEqual('aegis.server.not_found', error.code)
        self.assertIn('nobody in your project at site east', error.detail)

    def test_a_server_of_another_project(self) -> None:
        flavor = next(iter(self.east.flavors.values()))
        other = self.east.add_server('other', 'theirs', flavor)
        self.refused(exception.ServerNotFound, other.id)

    def test_a_member_of_this_group(self) -> None:
        self.app.add('web')
        error = self.refused(exception.MemberExists)
        self.assertIn('already a member of group ledger', error.detail)

    def test_a_member_of_another_group(self) -> None:
        self.app.add('web')
        self.app.group = groups.create_group(
            self.context,
            name='second',
            protected_site='east',
            recovery_site='west',
            protected_project_id=application.EAST_PROJECT,
        )
        error = self.refused(exception.MemberExists)
        self.assertIn('already a member of another group', error.detail)

    def test_a_server_that_boots_from_an_image(self) -> None:
        self.east.change_server(self.server('web').id, boots_from_image=True)
        error = self.refused(exception.MemberIneligible)
        self.assertEqual('aegis.member.boots_from_image', error.code)
        self.assertEqual(
            'Server web cannot be protected: Its root disk is not a volume.',
            error.detail,
        )

    def test_every_volume_that_is_in_the_way(self) -> None:
        self.app.source.groups[application.PROTECTION_GROUP].volumes.discard(
            self.volume('database-1').array_volume
        )
        self.east.change_volume(self.volume('database-2').id, encrypted=True)

        error = self.refused(exception.MemberIneligible, 'database')

        self.assertEqual('aegis.member.ineligible', error.code)
        self.assertEqual(
            [('database-1', 'not_replicated'), ('database-2', 'encrypted')],
            [
                (each['name'], each['code'])
                for each in error.details
                if each['name'] != 'database-0'
            ],
        )
        self.assertIsNone(self.group_now().replication_group)
        self.assertIsNone(
            checkpoints.latest_checkpoint(self.admin, self.app.group.id)
        )

    def test_a_volume_on_other_storage(self) -> None:
        self.east.change_volume(
            self.volume('web-0').id, array='local', array_volume=None
        )
        error = self.refused(exception.MemberIneligible)
        self.assertEqual('unknown_storage', error.details[0]['code'])

    def test_an_array_that_does_not_answer(self) -> None:
        self.app.source.fail(
            'resolve', errors.ArrayUnreachable('fa-east is gone')
        )
        error = self.refused(exception.StorageFailed)
        self.assertEqual('aegis.storage.unreachable', error.code)

    def test_another_protection_group_came_in_between(self) -> None:
        stale = self.app.group
        groups.update_group(
            self.admin,
            self.app.group.id,
            {'replication_array': 'x', 'replication_group': 'y'},
        )
        error = self.assertRaises(
            exception.Conflict,
            membership.add_member,
            self.app.services,
            self.context,
            stale,
            'web',
            1,
        )
        self.assertIn('another protection group meanwhile', error.detail)
        self.assertEqual([], members.list_members(self.admin, stale.id))


class ProtectedProjectTest(MembershipTestCase):
    def resolve(self) -> str:
        return membership.resolve_protected_project(
            self.app.services, application.WEST_PROJECT, 'west', 'east'
        )

    def test_the_one_of_the_same_names(self) -> None:
        for name, domain in (('tenant', 'other'), ('other', 'acme')):
            self.east.add_project(name, domain_name=domain)
        self.assertEqual(application.EAST_PROJECT, self.resolve())

    def test_there_is_none(self) -> None:
        self.east.projects.clear()
        error = self.assertRaises(exception.NotFound, self.resolve)
        self.assertEqual(
            'There is no project acme/tenant at site east.', error.detail
        )
        self.assertEqual(
            'Create the project there, with the same names.', error.remedy
        )
