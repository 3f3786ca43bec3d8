# SPDX-License-Identifier: Apache-2.0
"""Starting, watching, retrying and cancelling operations."""

from unittest import mock

from werkzeug import wrappers

from aegisclient.osc import progress
from aegisclient.tests import documents
from aegisclient.tests.functional import base, emulator

_FAST = ('--interval', '0.01')


class FailoverTest(base.FunctionalTest):
    def test_start_sends_what_was_chosen_and_shows_the_operation(self):
        shown = self.run_json(
            'failover-group',
            'failover',
            '--recovery-point',
            documents.POINT_ID,
            '--force',
            '--reason',
            'fire',
            'shop',
        )
        (seen,) = self.cloud.requests('POST')
        given = {
            'recovery_point': documents.POINT_ID,
            'force': True,
            'reason': 'fire',
        }
        self.assertEqual(
            {'operation': {'type': 'failover', **given}}, seen.body
        )
        self.assertEqual(given, shown['arguments'])
        self.assertEqual('queued', shown['state'])

    def test_start_without_choices_sends_only_the_type(self):
        self.run_json('failover-group', 'failover', 'shop')
        (seen,) = self.cloud.requests('POST')
        self.assertEqual({'operation': {'type': 'failover'}}, seen.body)

    def test_wait_keeps_json_on_standard_output_apart_from_progress(self):
        self.cloud.history = documents.failover_history()
        result = self.run_dr(
            'failover-group',
            'failover',
            '--wait',
            *_FAST,
            'shop',
            '-f',
            'json',
        )
        self.assertEqual(0, result.code)
        self.assertEqual('succeeded', result.json['state'])
        self.assertEqual(66.0, result.json['duration'])
        self.assertIn('web-1: running at create_server', result.err)
        self.assertIn('succeeded after 1m 6s.', result.err)

    def test_exit_code_of_waiting_tells_how_it_ended(self):
        for state, code in (
            ('succeeded', 0),
            ('partial', 2),
            ('failed', 1),
            ('reverted', 1),
            ('cancelled', 1),
        ):
            self.cloud.history = [documents.failed_operation(state)]
            result = self.run_dr(
                'failover-group', 'failover', '--wait', 'shop'
            )
            self.assertEqual((state, code), (state, result.code))

    def test_busy_group_is_a_clear_error(self):
        self.cloud.answers.extend([None, emulator.refusal()])
        result = self.run_dr('failover-group', 'failover', 'shop')
        self.assertEqual((1, ''), (result.code, result.out))
        self.assertEqual(
            'Operation 9f86 (failover) is running on group shop.\n'
            'Wait for it with "openstack dr operation watch". '
            '(aegis.failover_group.busy, HTTP 409, req-7d1c5a3e-2b0f-4c8e-9a64-1f0e2d3c4b5a)\n',
            result.err,
        )

    def test_capture_waits_too(self):
        self.cloud.history = [
            documents.operation(type='capture', state='succeeded')
        ]
        result = self.run_dr('failover-group', 'capture', '--wait', 'shop')
        (seen,) = self.cloud.requests('POST')
        self.assertEqual({'operation': {'type': 'capture'}}, seen.body)
        self.assertEqual(0, result.code)


class WatchTest(base.FunctionalTest):
    def _watch(self, **options):
        return self.run_dr(
            'operation', 'watch', *_FAST, documents.OPERATION_ID, **options
        )

    def test_lines_tell_every_change_until_the_end(self):
        self.cloud.history = documents.failover_history()
        result = self._watch()
        self.assertEqual((0, ''), (result.code, result.err))
        texts = [
            line.partition('Z  ')[2] or line
            for line in result.out.splitlines()
        ]
        self.assertEqual(
            [
                'failover queued',
                'prepare: queued',
                'web-1: queued',
                'failover running',
                'prepare: running at preflight',
                'prepare: succeeded after 4s',
                'web-1: running at create_server',
                'web-1: succeeded after 1m 0s',
                'failover succeeded',
                f'Failover {documents.OPERATION_ID} succeeded after 1m 6s.',
            ],
            texts,
        )

    def test_terminal_gets_a_table_that_is_redrawn(self):
        self.cloud.history = documents.failover_history()
        result = self._watch(out=base.Terminal())
        self.assertEqual(0, result.code)
        self.assertIn('\x1b[1A\x1b[2K', result.out)
        self.assertIn('create_server', result.out)
        self.assertTrue(result.out.endswith('succeeded after 1m 6s.\n'))

    def test_partial_success_has_its_own_exit_code(self):
        self.cloud.history = [documents.failed_operation()]
        result = self._watch()
        self.assertEqual(2, result.code)
        self.assertIn('Left behind: cinder volume web-2-root', result.out)
        self.assertIn('openstack dr operation retry', result.out)

    def test_restart_of_the_api_is_endured(self):
        self.cloud.history = documents.failover_history()
        away = wrappers.Response('', status=503)
        self.cloud.answers.extend([None, None, away, away])
        result = self._watch()
        self.assertEqual(0, result.code)
        self.assertEqual(1, result.out.count('no answer, trying again'))
        self.assertIn('the service answers again', result.out)

    def test_interrupt_leaves_the_operation_running(self):
        self.cloud.history = documents.failover_history()[:2]

        def interrupt(display, operation):
            raise KeyboardInterrupt

        with mock.patch.object(progress.Lines, 'show', interrupt):
            result = self._watch()
        self.assertEqual(130, result.code)
        self.assertIn('The operation goes on.', result.out)
        self.assertEqual([], self.cloud.requests('POST'))

    def test_unknown_operation_is_a_clear_error(self):
        result = self.run_dr('operation', 'watch', 'no/such')
        self.assertEqual(1, result.code)
        self.assertIn('HTTP 404', result.err)


class RetryAndCancelTest(base.FunctionalTest):
    def test_retry_shows_the_next_attempt(self):
        shown = self.run_json('operation', 'retry', documents.OPERATION_ID)
        self.assertEqual((2, 'queued'), (shown['attempt'], shown['state']))

    def test_retry_can_wait(self):
        self.cloud.history = documents.failover_history()
        result = self.run_dr(
            'operation', 'retry', '--wait', *_FAST, documents.OPERATION_ID
        )
        self.assertEqual(0, result.code)
        self.assertIn('succeeded after 1m 6s.', result.err)

    def test_cancel_shows_that_it_was_asked_for(self):
        shown = self.run_json('operation', 'cancel', documents.OPERATION_ID)
        self.assertIs(True, shown['cancel_requested'])
