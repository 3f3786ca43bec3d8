# SPDX-License-Identifier: Apache-2.0
"""What our tests take for the API's words is what its schemas allow.

Only where the service itself is installed beside the client.
"""

import importlib
import unittest

from aegisclient.tests import documents

try:
    import jsonschema

    importlib.import_module('aegis.api.schemas')
except ImportError:
    jsonschema = None

_SHOWN = {
    'groups': ('failover_group', documents.group),
    'members': ('member', documents.member),
    'sites': ('site', documents.site),
}
_LISTED = {
    'groups': ('failover_groups', documents.group),
    'members': ('members', documents.member),
    'operations': ('operations', documents.operation),
    'recovery_points': ('recovery_points', documents.recovery_point),
    'services': ('services', documents.service),
    'sites': ('sites', documents.site),
}


@unittest.skipUnless(jsonschema, 'the service is not installed')
class ContractTest(unittest.TestCase):
    def _check(self, module, schema, body):
        module = importlib.import_module(f'aegis.api.schemas.v1.{module}')
        validator = jsonschema.Draft202012Validator(
            getattr(module, schema),
            format_checker=jsonschema.FormatChecker(),
        )
        validator.validate(body)

    def test_what_is_shown(self):
        for module, (name, build) in _SHOWN.items():
            with self.subTest(module):
                self._check(module, 'SHOW_RESPONSE', {name: build()})

    def test_what_is_listed(self):
        for module, (name, build) in _LISTED.items():
            with self.subTest(module):
                self._check(
                    module,
                    'LIST_RESPONSE',
                    {name: [build()], f'{name}_links': []},
                )

    def test_operations_with_lanes_and_steps(self):
        for look in (
            *documents.failover_history(),
            documents.failed_operation(),
        ):
            self._check('operations', 'SHOW_RESPONSE', {'operation': look})
