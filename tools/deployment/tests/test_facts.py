# SPDX-License-Identifier: Apache-2.0

import unittest

from deployment.tests import samples


class ParseTest(unittest.TestCase):
    def setUp(self) -> None:
        self.sites = samples.sites()

    def test_a_person_has_an_account_in_a_project(self) -> None:
        account = self.sites.west.user('fiona', 'finance')
        self.assertEqual('password-of-fiona', account.password)
        self.assertEqual(
            ('acme', 'finance', 'acme'),
            (
                account.user_domain_name,
                account.project_name,
                account.project_domain_name,
            ),
        )

    def test_only_replicated_types_have_a_protection_group(self) -> None:
        self.assertEqual(
            'group-east', self.sites.east.protection_group('async')
        )
        with self.assertRaises(KeyError):
            self.sites.east.protection_group('local')

    def test_secrets_are_all_passwords_and_tokens(self) -> None:
        self.assertEqual(
            (
                'password-of-aegis',
                'password-of-fiona',
                'password-of-operator',
                'token-east',
                'token-west',
            ),
            self.sites.secrets(),
        )
