# SPDX-License-Identifier: Apache-2.0
import io
import unittest
from unittest import mock

from keystoneauth1 import exceptions as keystone_exceptions
from rich import console

from aegisclient.osc import progress
from aegisclient.sdk.v1 import operation, proxy
from aegisclient.tests import documents


def _operations(history):
    return [operation.Operation.existing(**look) for look in history]


class LinesTest(unittest.TestCase):
    def setUp(self):
        self.stream = io.StringIO()
        self.lines = progress.Lines(self.stream)

    def _texts(self):
        return [
            line.partition('Z  ')[2]
            for line in self.stream.getvalue().splitlines()
        ]

    def test_each_change_is_one_line(self):
        for look in _operations(documents.failover_history()):
            self.lines.show(look)
            self.lines.show(look)
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
            ],
            self._texts(),
        )

    def test_failure_tells_its_cause(self):
        (look,) = _operations([documents.failed_operation()])
        self.lines.show(look)
        self.assertIn(
            'web-2: failed at create_server after 7s: Quota exceeded for '
            'cores (aegis.cloud.quota)',
            self._texts(),
        )

    def test_lane_that_is_tried_again_is_told_again(self):
        for attempt in (1, 2):
            lane = documents.lane(attempt=attempt)
            self.lines.show(*_operations([documents.operation(lanes=[lane])]))
        self.assertEqual(2, self._texts().count('web-1: queued'))

    def test_members_of_one_name_are_kept_apart(self):
        lanes = [
            documents.lane(id='a', state='running'),
            documents.lane(id='b', state='failed'),
        ]
        for _ in range(2):
            self.lines.show(*_operations([documents.operation(lanes=lanes)]))
        self.assertEqual(3, len(self._texts()))

    def test_trouble_is_told_once_and_so_is_its_end(self):
        (look,) = _operations([documents.operation()])
        self.lines.show(look)
        for _ in range(3):
            self.lines.trouble(keystone_exceptions.ConnectFailure('refused'))
        self.lines.show(look)
        self.assertEqual(
            [
                'failover queued',
                'no answer, trying again: The disaster recovery service does '
                'not answer: refused.',
                'the service answers again',
            ],
            self._texts(),
        )

    def test_wish_to_cancel_is_told(self):
        self.lines.show(
            *_operations(
                [documents.operation(state='running', cancel_requested=True)]
            )
        )
        self.assertEqual(['failover running, cancel requested'], self._texts())


class LiveTableTest(unittest.TestCase):
    def _drawn(self, *looks, height=30, trouble=None):
        stream = io.StringIO()
        with progress.LiveTable(
            console.Console(
                file=stream,
                force_terminal=True,
                color_system=None,
                width=120,
                height=height,
            )
        ) as table:
            for look in _operations(looks):
                table.show(look)
            if trouble is not None:
                table.trouble(trouble)
        return stream.getvalue()

    def test_each_member_has_a_row_with_state_step_and_message(self):
        drawn = self._drawn(documents.failed_operation())
        self.assertRegex(
            drawn, r'web-2 +│ failed +│ create_server +│ +7s │ Quota exceeded'
        )
        self.assertRegex(drawn, r'web-1 +│ succeeded')

    def test_heading_tells_state_time_and_wish_to_cancel(self):
        drawn = self._drawn(
            documents.operation(state='running', cancel_requested=True)
        )
        self.assertIn(
            f'failover {documents.OPERATION_ID}: running, cancel requested',
            drawn,
        )

    def test_second_look_is_drawn_over_the_first(self):
        history = documents.failover_history()
        self.assertIn('\x1b[1A\x1b[2K', self._drawn(*history[:2]))

    def test_low_terminal_shows_what_matters_and_counts_the_rest(self):
        lanes = [
            documents.lane(
                id=str(number), name=f'web-{number}', state='succeeded'
            )
            for number in range(20)
        ]
        lanes[13]['state'] = 'failed'
        lanes[17]['state'] = 'running'
        drawn = self._drawn(documents.operation(lanes=lanes), height=11)
        self.assertIn('web-13', drawn)
        self.assertIn('web-17', drawn)
        self.assertIn('and 17 more: 17 succeeded', drawn)
        self.assertNotIn('web-19', drawn)

    def test_trouble_stands_below_the_last_look(self):
        drawn = self._drawn(
            documents.failover_history()[1],
            trouble=keystone_exceptions.ConnectFailure('refused'),
        )
        self.assertIn('No answer, trying again', drawn)
        self.assertIn('preflight', drawn)

    def test_trouble_before_the_first_look_is_told(self):
        drawn = self._drawn(
            trouble=keystone_exceptions.ConnectFailure('refused')
        )
        self.assertIn('No answer, trying again', drawn)

    def test_markup_in_a_name_is_not_obeyed(self):
        lane = documents.lane(name='[red]web[/red]')
        self.assertIn(
            '[red]web[/red]', self._drawn(documents.operation(lanes=[lane]))
        )


class WatchTest(unittest.TestCase):
    def _watch(self, looks):
        client = mock.create_autospec(proxy.Proxy, instance=True)
        client.follow_operation.return_value = looks
        stream = io.StringIO()
        result = progress.watch(client, documents.OPERATION_ID, 5.0, stream)
        client.follow_operation.assert_called_once_with(
            documents.OPERATION_ID, interval=5.0, on_trouble=mock.ANY
        )
        return *result, stream.getvalue()

    def test_end_is_summed_up_and_gives_the_exit_code(self):
        looks = _operations([documents.failed_operation()])
        ended, code, text = self._watch(looks)
        self.assertEqual((looks[-1], 2), (ended, code))
        self.assertIn('succeeded only in part after 4m 12s.', text)

    def test_interrupt_leaves_the_operation_and_says_so(self):
        def interrupted():
            yield from _operations(documents.failover_history()[:2])
            raise KeyboardInterrupt

        ended, code, text = self._watch(interrupted())
        self.assertEqual((None, 130), (ended, code))
        self.assertIn('The operation goes on.', text)
        self.assertIn(
            f'openstack dr operation watch {documents.OPERATION_ID}', text
        )
