# SPDX-License-Identifier: Apache-2.0
import json
import unittest

from sites import accounts, plan, report, rest
from sites.tests import fixtures


class FactsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.east = fixtures.make_context(self, plan.EAST)
        facts = json.loads(
            json.dumps(
                report.facts(
                    [self.east, fixtures.make_context(self, plan.WEST)]
                )
            )
        )
        self.site = facts['sites'][0]

    def test_a_backend_tells_its_pool_and_protection_group(self) -> None:
        self.assertEqual(
            {
                'section': 'finance',
                'volume_backend_name': 'pure-finance',
                'host': 'storage-e1@finance#pure-finance',
                'volume_type': 'finance-async',
                'project': 'finance',
                'protection_group': 'finance-east',
                'replicates_to': 'fa-west',
            },
            self.site['backends'][0],
        )

    def test_aegis_has_a_database_and_a_virtual_host(self) -> None:
        aegis = self.site['aegis']
        self.assertRegex(aegis['database_url'], '/east_aegis[?]')
        self.assertTrue(aegis['transport_url'].endswith('/east-aegis'))

    def test_aegis_stands_in_the_catalogue_where_it_is_to_listen(self) -> None:
        found = [
            service
            for service in self.site['services']
            if service['type'] == 'disaster-recovery'
        ]
        self.assertEqual(
            [self.site['aegis']['endpoint']],
            [service['url'] for service in found],
        )

    def test_a_tenant_gets_its_own_types_and_the_common_one(self) -> None:
        types = {
            project['name']: project['volume_types']
            for project in self.site['tenants']['projects']
        }
        self.assertEqual(
            {
                'finance': ['finance-async', 'local'],
                'retail': ['retail-async', 'local'],
            },
            types,
        )

    def test_aegis_can_be_scoped_to_a_tenants_project(self) -> None:
        account = accounts.credentials(self.east, 'aegis', 'finance')
        self.assertEqual(
            ('infrastructure', 'finance', 'acme'),
            (account.user_domain, account.project, account.project_domain),
        )

    def test_a_password_with_quotes_stays_one_word(self) -> None:
        account = accounts.credentials(self.east, 'fiona')
        lines = accounts.shell_lines(
            rest.Credentials(**{**account.__dict__, 'password': "a'b $c"})
        )
        self.assertIn("export OS_PASSWORD='a'\"'\"'b $c'", lines)


class TableTest(unittest.TestCase):
    def test_columns_are_aligned(self) -> None:
        text = report.table(
            [
                report.Row('east', 'keystone-api', '12', '127.0.61.1:1', 'x'),
                report.Row('shared', 'epmd', '3', '', 'running'),
            ]
        )
        self.assertEqual(
            [
                'SITE    SERVICE       PID  ADDRESS       STATE',
                'east    keystone-api  12   127.0.61.1:1  x',
                'shared  epmd          3                  running',
            ],
            text.splitlines(),
        )
