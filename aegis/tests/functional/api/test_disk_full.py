# SPDX-License-Identifier: Apache-2.0
"""The API while its database has no room."""

from typing import Any

from aegis.db import session
from aegis.tests.fixtures import disk
from aegis.tests.unit.api import base

PATH = '/v1/failover-groups'


class FullDiskTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        if session.engine().dialect.name != 'sqlite':
            self.skipTest('for SQLite')
        self.disk = self.useFixture(disk.LimitedPages())
        self.disk.fill()

    def test_what_cannot_be_stored_is_refused_with_reason_and_remedy(self):
        name, response = self.create_until_refused()

        self.assertEqual(503, response.status_int, response.text)
        (error,) = response.json['errors']
        self.assertEqual('aegis.database.full', error['code'])
        self.assertEqual('The database has no room left.', error['detail'])
        self.assertIn('make room', error['remedy'])
        self.disk.make_room()
        self.create(name, expect=201)

    def test_what_is_stored_is_shown(self):
        name, _ = self.create_until_refused()

        shown = self.get(PATH)['failover_groups']

        self.assertTrue(shown)
        self.assertNotIn(name, [group['name'] for group in shown])

    def create_until_refused(self) -> tuple[str, Any]:
        """The name that was refused, and the answer."""
        for ordinal in range(1000):
            name = f'group-{ordinal}'
            response = self.create(name)
            if response.status_int != 201:
                return name, response
        raise AssertionError('there is always room')

    def create(self, name: str, **arguments: Any) -> Any:
        return self.request(
            'POST',
            PATH,
            {
                'failover_group': {
                    'name': name,
                    'description': 'x' * 200,
                    'protected_site': 'east',
                    'recovery_site': 'west',
                }
            },
            **arguments,
        )
