# SPDX-License-Identifier: Apache-2.0
"""Many requests at once, on a database that other threads write to."""

import threading
from collections import Counter
from concurrent import futures

from aegis.db import groups, members, operations
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base

CLIENTS = 16


class ConcurrencyTest(base.ApiTestCase):
    def _at_once(self, request) -> list[int]:
        barrier = threading.Barrier(CLIENTS)

        def send(number: int) -> int:
            barrier.wait(timeout=60)
            return request(number).status_int

        with futures.ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(send, range(CLIENTS)))

    def setUp(self) -> None:
        super().setUp()
        # Tokens are made on first use; no thread may be first.
        self.request('GET', '/v1/sites', persona='manager')

    def test_one_of_many_failovers_of_a_group_runs(self):
        group = samples.create_group(self.context)
        samples.add_member(self.context, group.id)
        seen = self._at_once(
            lambda number: self.request(
                'POST',
                f'/v1/failover-groups/{group.id}/operations',
                {'operation': {'type': 'failover'}},
                persona='manager',
            )
        )
        self.assertEqual({202: 1, 409: CLIENTS - 1}, Counter(seen))
        self.assertEqual(1, len(operations.list_operations(self.admin)))
        self.assertEqual(1, len(self.engine.started))

    def test_one_of_many_groups_gets_a_name(self):
        seen = self._at_once(
            lambda number: self.request(
                'POST',
                '/v1/failover-groups',
                {'failover_group': {'name': 'a', 'protected_site': 'east'}},
                persona='manager',
            )
        )
        self.assertEqual({201: 1, 409: CLIENTS - 1}, Counter(seen))

    def test_many_groups_are_created(self):
        seen = self._at_once(
            lambda number: self.request(
                'POST',
                '/v1/failover-groups',
                {
                    'failover_group': {
                        'name': f'group-{number}',
                        'protected_site': 'east',
                    }
                },
                persona='manager',
            )
        )
        self.assertEqual({201: CLIENTS}, Counter(seen))

    def test_one_of_many_changes_of_a_revision_counts(self):
        group = samples.create_group(self.context)
        seen = self._at_once(
            lambda number: self.request(
                'PATCH',
                f'/v1/failover-groups/{group.id}',
                {'failover_group': {'description': str(number)}},
                persona='manager',
                headers={'If-Match': '"1"'},
            )
        )
        self.assertEqual({200: 1, 412: CLIENTS - 1}, Counter(seen))
        self.assertEqual(2, groups.get_group(self.context, group.id).revision)

    def test_a_member_is_not_removed_from_under_an_operation(self):
        group = samples.create_group(self.context)
        member = samples.add_member(self.context, group.id)
        where = f'/v1/failover-groups/{group.id}'

        def request(number: int):
            if number % 2:
                return self.request(
                    'DELETE',
                    f'{where}/members/{member.id}',
                    persona='manager',
                )
            return self.request(
                'POST',
                f'{where}/operations',
                {'operation': {'type': 'failover'}},
                persona='manager',
            )

        seen = Counter(self._at_once(request))
        left = members.list_members(self.context, group.id)
        if seen[202]:
            self.assertEqual((1, 0, 1), (seen[202], seen[204], len(left)))
        else:
            self.assertEqual((1, 0), (seen[204], len(left)))
