# SPDX-License-Identifier: Apache-2.0
import unittest

from aegisclient.osc import outcome
from aegisclient.sdk.v1 import operation
from aegisclient.tests import documents


def _operation(document):
    return operation.Operation.existing(**document)


class ExitCodeTest(unittest.TestCase):
    def test_every_end_has_its_code(self):
        codes = {
            state: outcome.exit_code(
                _operation(documents.operation(state=state))
            )
            for state in operation.ENDED
        }
        self.assertEqual(
            {
                'succeeded': 0,
                'partial': 2,
                'failed': 1,
                'reverted': 1,
                'cancelled': 1,
            },
            codes,
        )


class ClosingTest(unittest.TestCase):
    def test_success_is_one_line(self):
        document = documents.failover_history()[-1]
        self.assertEqual(
            [f'Failover {documents.OPERATION_ID} succeeded after 1m 6s.'],
            list(outcome.closing(_operation(document))),
        )

    def test_report_tells_loss_time_fence_and_new_addresses(self):
        document = documents.failover_history()[-1]
        document['report'] = {
            'rpo_seconds': 61.2,
            'rto_seconds': 252.0,
            'fence': {'fenced': False, 'reason': 'east does not answer'},
            'members': [
                {
                    'name': 'web-1',
                    'floating_ips': [
                        {'was': '203.0.113.7', 'is': '198.51.100.9'},
                        {'was': '203.0.113.8', 'is': '203.0.113.8'},
                    ],
                }
            ],
        }
        self.assertEqual(
            [
                '  The recovered data is from 1m 1s before.',
                '  The last server was launched 4m 12s after the request.',
                '  The protected site was not fenced: east does not answer',
                '  web-1: floating IP 203.0.113.7 is now 198.51.100.9.',
            ],
            list(outcome.closing(_operation(document)))[1:],
        )

    def test_failure_names_cause_leftovers_and_what_to_do(self):
        lines = list(
            outcome.closing(_operation(documents.failed_operation('failed')))
        )
        self.assertEqual(
            [
                f'Failover {documents.OPERATION_ID} failed after 4m 12s.',
                '  1 of 2 members failed. First web-2: Quota exceeded '
                '(aegis.cloud.quota)',
                '  web-2, step create_server: Quota exceeded for cores '
                '(aegis.cloud.quota)',
                '  Left behind: cinder volume web-2-root '
                '(55555555-0000-4000-8000-000000000001): it is attached',
                'Details: openstack dr operation show --steps '
                f'{documents.OPERATION_ID}',
                'Run again what is not done: openstack dr operation retry '
                f'{documents.OPERATION_ID}',
            ],
            lines,
        )

    def test_reason_of_the_only_failure_is_said_once(self):
        document = documents.failed_operation('reverted')
        document['state_reason'] = 'Quota exceeded for cores'
        lines = list(outcome.closing(_operation(document)))
        self.assertEqual(1, '\n'.join(lines).count('Quota exceeded'))

    def test_operation_that_never_started_has_no_duration(self):
        document = documents.operation(state='cancelled')
        first = next(outcome.closing(_operation(document)))
        self.assertEqual(
            f'Failover {documents.OPERATION_ID} was cancelled.', first
        )
