# SPDX-License-Identifier: Apache-2.0
"""The API reference says what the API does."""

import json
import pathlib
import re

import jsonschema
import yaml

from aegis.api import root, routes
from aegis.tests import base

SOURCE = pathlib.Path(__file__).parents[4] / 'api-ref' / 'source'

_METHOD = re.compile(r'^\.\. rest_method:: (\w+) (\S+)$', re.MULTILINE)
_SAMPLE = re.compile(r'literalinclude:: samples/(\S+)')
_PARAMETER = re.compile(r'^   - [\w-]+: (\w+)$', re.MULTILINE)


def _sections() -> dict[tuple[str, str], str]:
    """The text about each route."""
    found = {}
    for path in sorted(SOURCE.glob('*.inc')):
        parts = _METHOD.split(path.read_text())
        for method, where, text in zip(
            parts[1::3], parts[2::3], parts[3::3], strict=True
        ):
            found[method, where] = text
    return found


class ReferenceTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sections = _sections()
        self.routes = {
            (route.method, route.path): route.contract
            for route in routes.walk(root.RootController())
        }

    def test_every_route_is_described_and_no_other(self):
        self.assertEqual(set(self.routes), set(self.sections))

    def test_the_status_of_success_is_right(self):
        for key, text in self.sections.items():
            _, _, listed = text.partition('success status.yaml')
            status = re.search(r'- (\d+)', listed).group(1)
            self.assertEqual(str(int(self.routes[key].status)), status, key)

    def test_samples_follow_the_schemas(self):
        checked = 0
        for key, text in self.sections.items():
            asked, _, answered = text.partition('\nResponse\n--------')
            for part, schema in (
                (asked, self.routes[key].body),
                (answered, self.routes[key].response),
            ):
                for name in _SAMPLE.findall(part):
                    document = json.loads(
                        (SOURCE / 'samples' / name).read_text()
                    )
                    jsonschema.Draft202012Validator(schema).validate(document)
                    checked += 1
        self.assertGreater(checked, 20)

    def test_every_request_with_a_body_has_a_sample(self):
        for key, text in self.sections.items():
            if self.routes[key].body is not None:
                asked, _, _ = text.partition('\nResponse\n--------')
                self.assertRegex(asked, _SAMPLE)

    def test_every_property_of_a_request_is_described(self):
        for key, text in self.sections.items():
            contract = self.routes[key]
            names = set(contract.query['properties'])
            for thing in (contract.body or {'properties': {}})[
                'properties'
            ].values():
                names |= set(thing['properties'])
            for name in names:
                self.assertIn(f'   - {name}: ', text, key)

    def test_every_parameter_is_used_and_every_used_one_described(self):
        described = set(
            yaml.safe_load((SOURCE / 'parameters.yaml').read_text())
        )
        used = {
            name
            for path in SOURCE.glob('*.inc')
            for name in _PARAMETER.findall(path.read_text())
        }
        self.assertEqual(described, used)
