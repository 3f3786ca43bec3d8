# SPDX-License-Identifier: Apache-2.0
"""The rules for answers find what breaks them."""

import json
import unittest
from typing import Any

from tests import presence, vendor, witness

_VERSION = '2.42'


def _model(path: str) -> Any:
    operation = vendor.operations(_VERSION)['GET', path]
    assert operation.response is not None
    return vendor.items_of(_VERSION, operation.response)


class TableTest(unittest.TestCase):
    def test_every_field_is_one_of_the_vendor_s(self) -> None:
        for path, table in presence.KINDS.items():
            for field in table:
                with self.subTest(f'{path} {field.path}'):
                    model = _model(path)
                    for name in field.path.split('.'):
                        found = vendor.field_of(model, name.removesuffix('[]'))
                        self.assertIsNotNone(found)
                        model = vendor.model_of(found)

    def test_a_missing_field_is_found(self) -> None:
        self.assertIn(
            'serial must be str, is missing', self._problems('volumes', {})
        )

    def test_a_reference_that_is_null_is_found(self) -> None:
        self.assertIn(
            'pod must be ref, is None',
            self._problems('volumes', {'pod': None}),
        )

    def test_a_wrong_type_is_found(self) -> None:
        self.assertIn(
            'destroyed must be bool, is 0',
            self._problems('volumes', {'destroyed': 0}),
        )

    def test_each_element_of_a_list_is_looked_at(self) -> None:
        arrays = [{'name': 'a'}, {'name': None}]
        self.assertIn(
            'arrays[].name must be str, is None',
            self._problems('pods', {'arrays': arrays}),
        )

    def test_null_is_allowed_where_the_table_says_so(self) -> None:
        found = self._problems('volumes', {'time_remaining': None})
        self.assertFalse([one for one in found if 'time_remaining' in one])

    def _problems(self, path: str, item: Any) -> list[str]:
        return list(
            presence.problems(presence.KINDS[path], _model(path), item)
        )


class WitnessTest(unittest.TestCase):
    def look(self, path: str, status: int, body: Any) -> str:
        seen = witness.Witness(_VERSION)
        data = b'' if body is None else json.dumps(body).encode()
        seen.look('GET', f'https://a/api/{_VERSION}/{path}', status, data)
        return '\n'.join(seen.problems)

    def test_an_envelope_is_complete(self) -> None:
        self.assertIn(
            'no total_item_count in the envelope',
            self.look('volumes', 200, {'items': []}),
        )

    def test_a_status_that_clients_cannot_read_is_found(self) -> None:
        self.assertIn(
            'cannot read status 409',
            self.look('volumes', 409, {'errors': []}),
        )

    def test_an_error_has_a_message(self) -> None:
        self.assertIn(
            'without a message', self.look('volumes', 400, {'errors': [{}]})
        )

    def test_a_call_that_the_version_lacks_must_not_succeed(self) -> None:
        self.assertIn(
            'no such call', self.look('no/such/path', 200, {'items': []})
        )

    def test_a_type_that_the_vendor_s_model_refuses_is_found(self) -> None:
        self.assertIn(
            'no Volume', self.look('volumes', 200, {'items': [{'name': 1}]})
        )
