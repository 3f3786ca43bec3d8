# SPDX-License-Identifier: Apache-2.0
"""The SDK without the shell."""

import aegisclient
from aegisclient import exceptions
from aegisclient.tests import documents
from aegisclient.tests.functional import base, emulator


class ConnectTest(base.FunctionalTest):
    def setUp(self):
        super().setUp()
        self.connection = aegisclient.connect(
            auth_url=f'{self.cloud.url}/keystone/v3',
            username='ann',
            password=emulator.PASSWORD,
            project_name='finance',
            user_domain_name='acme',
            project_domain_name='acme',
            region_name=emulator.REGION,
        )
        self.addCleanup(self.connection.close)
        self.recovery = self.connection.disaster_recovery

    def test_failover_from_start_to_end(self):
        self.cloud.history = documents.failover_history()
        group = self.recovery.find_failover_group('shop')
        operation = self.recovery.start_failover(group, reason='fire')
        states = [
            look.state
            for look in self.recovery.follow_operation(
                operation, interval=0.01
            )
        ]
        self.assertEqual(['queued', 'running', 'running', 'succeeded'], states)

    def test_error_carries_code_and_remedy(self):
        self.cloud.answers.append(emulator.refusal())
        error = self.assertRaises(
            exceptions.Conflict,
            self.recovery.start_capture,
            documents.GROUP_ID,
        )
        self.assertEqual('aegis.failover_group.busy', error.code)
        self.assertIn('dr operation watch', error.problem.remedy)
        self.assertEqual(
            'req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a', error.request_id
        )

    def test_update_by_id_is_unconditional(self):
        group = self.recovery.update_failover_group(
            documents.GROUP_ID, name='store'
        )
        (seen,) = self.cloud.requests('PATCH')
        self.assertNotIn('If-Match', seen.headers)
        self.assertEqual(('store', 4), (group.name, group.revision))

    def test_update_of_a_changed_group_is_refused(self):
        group = self.recovery.get_failover_group(documents.GROUP_ID)
        self.cloud.groups[0]['revision'] += 1
        error = self.assertRaises(
            exceptions.RevisionConflict,
            self.recovery.update_failover_group,
            group,
            name='store',
        )
        self.assertEqual('aegis.revision_conflict', error.code)
