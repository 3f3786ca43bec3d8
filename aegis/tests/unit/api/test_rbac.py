# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the cases are in rbac.yaml."""

import pathlib
from typing import Any

import ddt
import yaml

from aegis.api import app, root, routes
from aegis.tests import base as tests_base
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base

CASES = yaml.safe_load(
    pathlib.Path(__file__).with_name('rbac.yaml').read_text()
)

PERSONAS = {
    'no-role': ('no-role', tests_base.PROJECT_ID),
    'service': ('service', tests_base.PROJECT_ID),
    'reader': ('reader', tests_base.PROJECT_ID),
    'member': ('member', tests_base.PROJECT_ID),
    'manager': ('manager', tests_base.PROJECT_ID),
    'admin': ('admin', tests_base.PROJECT_ID),
    'other-manager': ('manager', tests_base.OTHER_PROJECT_ID),
    'other-admin': ('admin', tests_base.OTHER_PROJECT_ID),
}


@ddt.ddt
class RoleBasedAccessTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        group = samples.create_group(self.context, 'group')
        busy = samples.create_group(self.context, 'busy')
        self.objects = {
            'group': group.id,
            'member': samples.add_member(self.context, group.id).id,
            'empty': samples.create_group(self.context, 'empty').id,
            'operation': samples.running_operation(
                self.context, group, state='reverted', active_group_id=None
            ),
            'running': samples.running_operation(self.context, busy),
        }

    @ddt.data(
        *[
            (case, persona)
            for case in sorted(CASES)
            for persona in sorted(PERSONAS)
        ]
    )
    @ddt.unpack
    def test_access(self, case: str, persona: str) -> None:
        described = CASES[case]
        method, path = described['request'].split()
        role, project_id = PERSONAS[persona]
        response = self.request(
            method,
            path.format(**self.objects),
            described.get('body'),
            persona=role,
            project_id=project_id,
        )
        expected = described.get(persona, 403)
        self.assertEqual(expected, response.status_int, response.text)
        if persona == 'other-manager':
            self._see_nothing_of_the_other_project(response.json)

    def _see_nothing_of_the_other_project(self, document: Any) -> None:
        for name in ('failover_groups', 'operations'):
            self.assertEqual([], document.get(name, []))

    def test_the_matrix_names_only_personas_that_exist(self):
        for case in CASES.values():
            self.assertLessEqual(
                set(case) - {'request', 'body'}, set(PERSONAS)
            )

    def test_the_matrix_has_every_route(self):
        asked = {case['request'].split('?')[0] for case in CASES.values()}
        for name in ('group', 'empty'):
            asked = {
                text.replace(f'{{{name}}}', '{group_id}') for text in asked
            }
        for name in ('operation', 'running'):
            asked = {
                text.replace(f'{{{name}}}', '{operation_id}') for text in asked
            }
        asked = {text.replace('{member}', '{member_id}') for text in asked}
        asked = {text.replace('/east', '/{site_name}') for text in asked}
        for route in routes.walk(root.RootController()):
            if not route.contract.public:
                self.assertIn(f'{route.method} {route.path}', asked)


class RefusalTest(base.ApiTestCase):
    def test_a_refusal_names_the_rule(self):
        error = self.error(403, 'GET', '/v1/services')
        self.assertEqual('aegis.forbidden', error['code'])
        self.assertIn('aegis:service:list', error['detail'])

    def test_an_operator_may_change_a_rule(self):
        directory = pathlib.Path(self.create_tempfiles([('p', '')])[0]).parent
        path = directory / 'policy.yaml'
        path.write_text('"aegis:service:list": "role:reader"\n')
        self.config(group='oslo_policy', policy_file=str(path))
        self.app = app.build_application(self.conf, self.engine)
        self.get('/v1/services')
