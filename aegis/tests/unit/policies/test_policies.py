# SPDX-License-Identifier: Apache-2.0
from oslo_policy import policy as oslo_policy

from aegis import policies
from aegis.common import exception, policy
from aegis.policies import base as rules
from aegis.policies import operations, sites
from aegis.tests import base


class RulesTest(base.TestCase):
    def test_every_rule_is_scoped_to_projects(self):
        for rule in policies.list_rules():
            self.assertEqual(['project'], rule.scope_types, rule.name)

    def test_names_are_unique(self):
        names = [rule.name for rule in policies.list_rules()]
        self.assertEqual(len(names), len(set(names)))

    def test_every_action_is_documented(self):
        for rule in policies.list_rules():
            if rule.name.startswith('aegis:'):
                self.assertIsInstance(rule, oslo_policy.DocumentedRuleDefault)

    def test_every_rule_leads_to_a_persona_that_exists(self):
        names = {rule.name for rule in policies.list_rules()}
        for check in (rules.READER, rules.MEMBER, rules.MANAGER, rules.ADMIN):
            self.assertIn(check.removeprefix('rule:'), names)


class AuthorizerTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.authorizer = policy.Authorizer(self.conf)

    def test_a_role_that_suffices(self):
        self.authorizer.require(base.request_context(), sites.READ)

    def test_a_role_that_does_not_suffice(self):
        error = self.assertRaises(
            exception.Forbidden,
            self.authorizer.require,
            base.request_context(),
            operations.FAILOVER,
        )
        self.assertEqual(403, error.status)
        self.assertIn(operations.FAILOVER, error.detail)

    def test_an_administrator(self):
        admin = base.request_context(roles=('admin',))
        self.assertTrue(self.authorizer.is_admin(admin))
        self.assertFalse(self.authorizer.is_admin(base.request_context()))

    def test_a_token_for_the_system_or_a_domain_is_for_nothing(self):
        for scope in ({'system_scope': 'all'}, {'domain_id': 'default'}):
            context = base.request_context(None, roles=('admin',), **scope)
            self.assertFalse(self.authorizer.is_admin(context))
            self.assertRaises(
                exception.Forbidden,
                self.authorizer.require,
                context,
                sites.READ,
            )

    def test_no_project_is_no_match_for_no_project(self):
        context = base.request_context(None, roles=('reader',))
        self.assertRaises(
            exception.Forbidden, self.authorizer.require, context, sites.READ
        )

    def test_a_rule_nobody_registered_is_a_mistake(self):
        self.assertRaises(
            oslo_policy.PolicyNotRegistered,
            self.authorizer.require,
            base.request_context(),
            'aegis:nothing',
        )
