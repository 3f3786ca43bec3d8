# SPDX-License-Identifier: Apache-2.0
import configparser
import unittest

from sites import (
    arrays,
    assembly,
    cinder,
    glance,
    keystone,
    neutron,
    nova,
    placement,
    plan,
    rendering,
)
from sites.tests import fixtures


def parse(
    files: tuple[rendering.File, ...], name: str
) -> configparser.RawConfigParser:
    text = next(file.text for file in files if file.path.name == name)
    parsed = configparser.RawConfigParser()
    parsed.read_string(text)
    return parsed


class CinderTest(unittest.TestCase):
    def setUp(self) -> None:
        self.here = fixtures.make_context(self, plan.EAST)
        self.parsed = parse(cinder.files(self.here), 'cinder.conf')

    def test_every_enabled_backend_has_a_section_of_the_pure_driver(
        self,
    ) -> None:
        enabled = self.parsed['DEFAULT']['enabled_backends'].split(',')
        self.assertEqual(['finance', 'retail', 'local'], enabled)
        for name in enabled:
            self.assertEqual(
                'cinder.volume.drivers.pure.PureISCSIDriver',
                self.parsed[name]['volume_driver'],
            )

    def test_each_tenant_has_a_protection_group_of_its_own(self) -> None:
        self.assertEqual(
            ['finance-east', 'retail-east'],
            [
                self.parsed[name]['pure_replication_pg_name']
                for name in ('finance', 'retail')
            ],
        )

    def test_tenants_replicate_to_the_peer(self) -> None:
        device = dict(
            pair.split(':', 1)
            for pair in self.parsed['finance']['replication_device'].split(',')
        )
        self.assertEqual('fa-west', device['backend_id'])
        self.assertEqual(plan.WEST.array.management, device['san_ip'])
        self.assertEqual('async', device['type'])
        self.assertEqual(
            arrays.token(self.here, plan.WEST), device['api_token']
        )

    def test_the_local_backend_does_not_replicate(self) -> None:
        self.assertNotIn('replication_device', self.parsed['local'])

    def test_the_array_certificate_is_verified(self) -> None:
        for name in ('finance', 'retail', 'local'):
            self.assertEqual(
                'True', self.parsed[name]['driver_ssl_cert_verify']
            )

    def test_the_default_type_is_the_one_that_anyone_may_use(self) -> None:
        self.assertEqual(
            'local', self.parsed['DEFAULT']['default_volume_type']
        )


class NovaTest(unittest.TestCase):
    def test_the_compute_host_knows_no_database(self) -> None:
        parsed = parse(
            nova.files(fixtures.make_context(self)), 'nova-compute.conf'
        )
        self.assertFalse(
            [name for name in parsed.sections() if 'database' in name]
        )

    def test_the_other_services_know_both_databases(self) -> None:
        parsed = parse(nova.files(fixtures.make_context(self)), 'nova.conf')
        self.assertIn('/east_nova?', parsed['database']['connection'])
        self.assertIn('/east_nova_api?', parsed['api_database']['connection'])


class EverySiteTest(unittest.TestCase):
    def test_nothing_of_one_site_names_the_region_of_the_other(self) -> None:
        for site in plan.SITES:
            here = fixtures.make_context(self, site)
            other = plan.peer_of(site)
            for service in assembly.SERVICES:
                for file in service.files(here):
                    self.assertNotIn(other.region, file.text)
                    self.assertNotIn(other.address + ':', file.text)

    def test_programs_have_names_of_their_own(self) -> None:
        here = fixtures.make_context(self)
        names = [
            program.name
            for service in assembly.SERVICES
            for program in service.programs(here)
        ]
        self.assertEqual(len(names), len(set(names)))

    def test_a_changed_configuration_changes_the_fingerprint(self) -> None:
        here = fixtures.make_context(self)
        files = keystone.files(here)
        changed = (rendering.File(files[0].path, files[0].text + '#'),)
        self.assertNotEqual(
            here.daemon('x', files=files).fingerprint(),
            here.daemon('x', files=changed).fingerprint(),
        )

    def test_passwords_are_not_on_any_command_line(self) -> None:
        here = fixtures.make_context(self)
        for service in (keystone, placement, glance, cinder, neutron, nova):
            for program in service.programs(here):
                text = ' '.join(program.command)
                for user in plan.SERVICE_USERS:
                    self.assertNotIn(here.service_password(user), text)


class KeystoneTest(unittest.TestCase):
    def test_tokens_have_a_staged_and_a_primary_key(self) -> None:
        files = keystone.files(fixtures.make_context(self))
        keys = {
            file.path.name: file.text
            for file in files
            if file.path.parent.name == 'tokens'
        }
        self.assertEqual(['0', '1'], sorted(keys))
        self.assertNotEqual(keys['0'], keys['1'])

    def test_the_sites_have_different_keys(self) -> None:
        east, west = (
            keystone.files(fixtures.make_context(self, site))
            for site in plan.SITES
        )
        self.assertFalse(
            {file.text for file in east[1:]} & {file.text for file in west[1:]}
        )


class ArrayTest(unittest.TestCase):
    def test_an_array_connects_to_its_peer(self) -> None:
        program = arrays.program(fixtures.make_context(self, plan.EAST))
        connect = program.command[program.command.index('--connect') + 1]
        self.assertEqual('fa-west=127.0.62.10:7443', connect)
