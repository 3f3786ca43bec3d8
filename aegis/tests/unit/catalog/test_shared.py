# SPDX-License-Identifier: Apache-2.0
"""Security groups, key pairs and server groups at the target."""

import dataclasses

from oslotest import base

from aegis import models
from aegis.catalog import (
    births,
    keypairs,
    security_groups,
    server_groups,
    translation,
)
from aegis.clouds import errors, networking, objects
from aegis.common import exception
from aegis.tests.fixtures import clouds
from aegis.tests.unit.catalog import samples


class _SharedTestCase(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self._renew()

    def _renew(self) -> None:
        self.sample = samples.Sample()
        self.west = self.sample.west
        self.manifest = self.sample.captured()


class SecurityGroupsTest(_SharedTestCase):
    def _ensure(self) -> translation.SecurityGroupTranslation:
        return security_groups.ensure(
            self.sample.target, self.manifest, samples.BIRTH
        )

    def _remove(self) -> tuple[models.Leftover, ...]:
        return security_groups.remove(self.sample.target, samples.BIRTH)

    def _source(self, name: str) -> objects.SecurityGroup:
        (found,) = [
            group
            for group in self.manifest.security_groups
            if group.name == name
        ]
        return found

    def _target(self, name: str) -> objects.SecurityGroup:
        group_id = self._ensure().id_of(self._source(name).id)
        return self.west.security_groups[group_id]

    def test_a_missing_group_is_made_with_just_its_rules(self) -> None:
        made = self._target('web')
        remote = self._target('monitoring')

        self.assertEqual(
            {
                clouds.ingress(443),
                clouds.ingress(9100, remote_group=remote.id),
            },
            set(made.rules),
        )
        self.assertEqual((), remote.rules)
        self.assertTrue(networking.born(made, samples.BIRTH.tags))

    def test_the_projects_group_of_the_name_is_used_as_it_is(self) -> None:
        present = self.west.add_security_group(
            self.sample.target_id, 'web', [clouds.ingress(22)]
        )

        self.assertEqual(present, self._target('web'))

    def test_the_default_group_is_never_made(self) -> None:
        self.assertEqual(self.sample.default, self._target('default'))

    def test_a_second_call_makes_nothing(self) -> None:
        first = self._ensure()
        before = self.sample.snapshot(self.west)

        self.assertEqual(first, self._ensure())
        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_a_group_that_lets_itself_in_does_so_at_the_target(self) -> None:
        group = self.sample.web_group
        self.sample.east.security_groups[group.id] = dataclasses.replace(
            group, rules=(clouds.ingress(80, remote_group=group.id),)
        )
        self.manifest = self.sample.captured()

        made = self._target('web')

        self.assertEqual([made.id], [rule.remote_group for rule in made.rules])

    def test_a_rule_for_an_unknown_group_is_left_out(self) -> None:
        group = self.sample.web_group
        self.sample.east.security_groups[group.id] = dataclasses.replace(
            group, rules=(clouds.ingress(80, remote_group='foreign'),)
        )
        self.manifest = self.sample.captured()

        self.assertEqual((), self._target('web').rules)

    def test_two_groups_of_one_name_at_the_target_are_refused(self) -> None:
        for _ in range(2):
            self.west.add_security_group(self.sample.target_id, 'web')

        self.assertRaises(exception.Conflict, self._ensure)

    def test_a_cut_short_call_is_gone_on_with(self) -> None:
        for method in (
            'create_security_group',
            'create_security_group_rules',
            'delete_security_group_rule',
        ):
            for after in (False, True):
                with self.subTest(method=method, after=after):
                    self._renew()
                    self.west.fail(
                        method,
                        errors.make(
                            exception.CloudUnavailable, 'west', 'neutron', ''
                        ),
                        after=after,
                    )
                    self.assertRaises(exception.CloudUnavailable, self._ensure)
                    self.test_a_missing_group_is_made_with_just_its_rules()
                    self.assertEqual(3, len(self.west.security_groups))

    def test_a_half_made_group_is_completed(self) -> None:
        source = self._source('web')
        tags = births.tags(samples.BIRTH, source.id)
        half = self.west.add_security_group(
            self.sample.target_id, 'web', description=networking.mark(tags)
        )

        made = self._target('web')

        self.assertEqual((half.id, ''), (made.id, made.description))

    def test_what_was_made_goes_and_the_rest_stays(self) -> None:
        before = self.sample.snapshot(self.west)
        self._ensure()

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_a_group_in_use_is_left_over(self) -> None:
        made = self._target('web')
        self.west.add_port(
            self.sample.target_id,
            self.west.add_network(self.sample.target_id, 'n').id,
            security_groups=(made.id,),
        )

        (leftover,) = self._remove()

        self.assertEqual(
            ('neutron', 'security_group', made.id, 'web'),
            (
                leftover.service,
                leftover.resource_type,
                leftover.resource_id,
                leftover.name,
            ),
        )

    def test_what_was_not_captured_has_no_translation(self) -> None:
        error = self.assertRaises(
            exception.NotFound, self._ensure().id_of, 'foreign'
        )

        self.assertIn('foreign', str(error))


class KeypairsTest(_SharedTestCase):
    def _ensure(self, *mappings: models.Mapping) -> str:
        found = keypairs.ensure(self.sample.target, self.manifest, mappings)
        return found.name_of(self.sample.keypair)

    def _key(self, name: str) -> str:
        return self.west.keypairs[(clouds.AEGIS_USER, name)].public_key

    def test_a_missing_key_is_imported_for_aegis(self) -> None:
        self.assertEqual('admin', self._ensure())
        self.assertEqual(self.sample.keypair.public_key, self._key('admin'))

    def test_a_second_call_imports_nothing(self) -> None:
        self._ensure()
        self._ensure()

        self.assertEqual(1, len(self.west.called('create_keypair')))

    def test_the_same_key_with_another_comment_is_used(self) -> None:
        key = ' '.join(self.sample.keypair.public_key.split()[:2])
        self.west.add_keypair('admin', public_key=f'{key} another comment')

        self.assertEqual('admin', self._ensure())
        self.assertEqual([], self.west.called('create_keypair'))

    def test_a_name_taken_by_another_key_gets_the_project_added(self) -> None:
        self.west.add_keypair('admin', public_key='ssh-rsa OTHER')

        name = self._ensure()

        self.assertEqual(f'admin-{self.sample.target_id[:8]}', name)
        self.assertEqual(self.sample.keypair.public_key, self._key(name))
        self.assertEqual('ssh-rsa OTHER', self._key('admin'))

    def test_two_taken_names_are_refused(self) -> None:
        for name in ('admin', f'admin-{self.sample.target_id[:8]}'):
            self.west.add_keypair(name, public_key='ssh-rsa OTHER')

        self.assertRaises(exception.Conflict, self._ensure)

    def test_a_mapped_key_is_used(self) -> None:
        self.west.add_keypair('recovery')
        mapping = models.Mapping(
            models.MappedResource.KEYPAIR, 'admin', 'recovery'
        )

        self.assertEqual('recovery', self._ensure(mapping))

    def test_a_mapped_key_that_is_missing_is_named(self) -> None:
        mapping = models.Mapping(
            models.MappedResource.KEYPAIR, 'admin', 'recovery'
        )

        error = self.assertRaises(exception.NotFound, self._ensure, mapping)

        self.assertIn('recovery', str(error))

    def test_a_conflict_about_something_else_is_told(self) -> None:
        self.west.fail(
            'create_keypair',
            errors.make(
                exception.CloudConflict, 'west', 'nova', 'locked', 409
            ),
        )

        error = self.assertRaises(exception.CloudConflict, self._ensure)

        self.assertIn('locked', str(error))

    def test_another_group_may_import_the_same_key_meanwhile(self) -> None:
        west = self.west
        conflict = errors.make(
            exception.CloudConflict, 'west', 'nova', 'exists', 409
        )
        west.fail('create_keypair', conflict, after=True)

        self.assertEqual('admin', self._ensure())

    def test_a_certificate_is_compared_whole(self) -> None:
        certificate = dataclasses.replace(
            self.sample.keypair, type='x509', public_key='a b c\n'
        )

        self.assertEqual(['a b c'], keypairs._key(certificate))


class ServerGroupsTest(_SharedTestCase):
    def _ensure(self) -> objects.ServerGroup:
        found = server_groups.ensure(
            self.sample.target, self.manifest, samples.BIRTH
        )
        group_id = found.id_of(self.sample.servers_group.id)
        return self.west.server_groups[group_id]

    def _remove(self) -> tuple[models.Leftover, ...]:
        return server_groups.remove(self.sample.target, samples.BIRTH)

    def test_a_missing_group_is_made_with_its_birth_in_its_name(self) -> None:
        made = self._ensure()

        self.assertEqual(
            ('apart-aegis-11111111-22222222', 'anti-affinity'),
            (made.name, made.policy),
        )

    def test_the_projects_group_of_name_and_policy_is_used(self) -> None:
        self.west.add_server_group(self.sample.target_id, 'apart', 'affinity')
        present = self.west.add_server_group(self.sample.target_id, 'apart')

        self.assertEqual(present, self._ensure())

    def test_a_second_call_makes_nothing(self) -> None:
        self.assertEqual(self._ensure(), self._ensure())
        self.assertEqual(1, len(self.west.called('create_server_group')))

    def test_without_groups_nothing_is_asked(self) -> None:
        members = tuple(
            dataclasses.replace(member, server_groups=())
            for member in self.manifest.members
        )
        manifest = dataclasses.replace(self.manifest, members=members)

        server_groups.ensure(self.sample.target, manifest, samples.BIRTH)

        self.assertEqual([], self.west.calls)

    def test_a_long_name_is_cut_before_the_birth(self) -> None:
        name = server_groups._name('x' * 255, samples.BIRTH)

        self.assertEqual(255, len(name))
        self.assertTrue(name.endswith('-aegis-11111111-22222222'))

    def test_what_was_made_goes_and_the_rest_stays(self) -> None:
        self.west.add_server_group(self.sample.target_id, 'other')
        before = self.sample.snapshot(self.west)
        self._ensure()

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))
