# SPDX-License-Identifier: Apache-2.0
import urllib.parse

import ddt
from oslo_utils import uuidutils

from aegis import models
from aegis.common import clock
from aegis.db import groups, operations, session
from aegis.db import models as tables
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base

POINT = uuidutils.generate_uuid()


class OperationsTestCase(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)
        self.member = samples.add_member(self.context, self.group.id)
        self.path = f'/v1/failover-groups/{self.group.id}/operations'

    def _start(self, persona: str = 'manager', **values):
        values.setdefault('type', 'failover')
        return self.request(
            'POST',
            self.path,
            {'operation': values},
            persona=persona,
            expect=202,
        )

    def _end(self, operation_id: str, state: str) -> None:
        with session.transaction(self.admin) as database:
            row = database.get(tables.Operation, operation_id)
            row.state = state
            row.active_group_id = None
            row.finished_at = clock.now()
            group = database.get(tables.FailoverGroup, self.group.id)
            group.state = 'protected'


@ddt.ddt
class StartOperationTest(OperationsTestCase):
    def test_a_failover_is_accepted(self):
        response = self._start(recovery_point=POINT)
        operation = response.json['operation']
        self.assertEqual('failover', operation['type'])
        self.assertEqual('queued', operation['state'])
        self.assertEqual({'recovery_point': POINT}, operation['arguments'])
        self.assertEqual(self.group.id, operation['failover_group_id'])
        where = urllib.parse.urlsplit(response.location).path
        shown = self.get(where)['operation']
        self.assertEqual([], shown.pop('lanes'))
        self.assertEqual(operation, shown)

    def test_the_group_moves_along(self):
        self._start()
        group = groups.get_group(self.context, self.group.id)
        self.assertEqual(models.GroupState.FAILING_OVER, group.state)

    def test_the_engine_is_woken_after_the_commit(self):
        seen = []

        def look(context, operation_id):
            seen.append(operations.get_operation(self.admin, operation_id))

        self.engine.run_operation = look
        response = self._start()
        self.assertEqual(
            [response.json['operation']['id']], [each.id for each in seen]
        )

    def test_a_capture_leaves_the_group_as_it_is(self):
        self._start('member', type='capture')
        group = groups.get_group(self.context, self.group.id)
        self.assertEqual(models.GroupState.PROTECTED, group.state)

    def test_force_is_recorded_with_its_reason(self):
        response = self._start(force=True, reason='the site burns')
        self.assertEqual(
            {'force': True, 'reason': 'the site burns'},
            response.json['operation']['arguments'],
        )

    @ddt.data(
        ({'type': 'failover', 'force': True}, 'needs a reason'),
        ({'type': 'failover', 'force': True, 'reason': ' '}, 'needs a reason'),
        ({'type': 'capture', 'recovery_point': POINT}, 'recovers nothing'),
        ({'type': 'failover', 'recovery_point': 'newest'}, 'recovery_point'),
        ({'type': 'explode'}, 'explode'),
        ({}, 'type'),
        ({'type': 'failover', 'plan': 'x'}, 'plan'),
    )
    @ddt.unpack
    def test_what_makes_no_sense_is_refused(self, operation, reason):
        error = self.error(
            400,
            'POST',
            self.path,
            {'operation': operation},
            persona='manager',
        )
        self.assertIn(reason, error['detail'])
        self.assertEqual([], operations.list_operations(self.admin))
        self.assertEqual([], self.engine.started)

    def test_a_second_operation_is_a_conflict(self):
        first = self._start().json['operation']['id']
        error = self.error(
            409,
            'POST',
            self.path,
            {'operation': {'type': 'failover'}},
            persona='manager',
        )
        self.assertEqual('aegis.failover_group.busy', error['code'])
        self.assertIn(first, error['detail'])

    def test_a_group_without_members_cannot_fail_over(self):
        empty = samples.create_group(self.context, 'empty')
        error = self.error(
            409,
            'POST',
            f'/v1/failover-groups/{empty.id}/operations',
            {'operation': {'type': 'failover'}},
            persona='manager',
        )
        self.assertEqual('aegis.failover_group.empty', error['code'])

    def test_a_failed_over_group_does_not_fail_over_again(self):
        groups.update_group(
            self.admin,
            self.group.id,
            {'state': models.GroupState.FAILED_OVER},
        )
        error = self.error(
            409,
            'POST',
            self.path,
            {'operation': {'type': 'failover'}},
            persona='manager',
        )
        self.assertEqual('aegis.failover_group.state', error['code'])
        self.assertEqual([], self.engine.started)

    def test_a_group_that_is_none_is_not_found(self):
        self.error(
            404,
            'POST',
            f'/v1/failover-groups/{uuidutils.generate_uuid()}/operations',
            {'operation': {'type': 'failover'}},
            persona='manager',
        )


@ddt.ddt
class ListOperationsTest(OperationsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.failed = self._start().json['operation']['id']
        self._end(self.failed, 'reverted')
        self.running = self._start('member', type='capture').json['operation'][
            'id'
        ]

    @ddt.data(
        ('', ['running', 'failed']),
        ('sort=created_at', ['failed', 'running']),
        ('state=reverted', ['failed']),
        ('type=capture', ['running']),
        ('limit=1', ['running']),
    )
    @ddt.unpack
    def test_a_list_is_filtered_and_sorted(self, query, expected):
        found = self.get(f'/v1/operations?{query}')['operations']
        self.assertEqual(
            [getattr(self, name) for name in expected],
            [operation['id'] for operation in found],
        )

    def test_a_list_is_filtered_by_group(self):
        path = '/v1/operations?failover_group_id='
        found = self.get(path + self.group.id)['operations']
        self.assertEqual(2, len(found))
        other = self.get(path + uuidutils.generate_uuid())['operations']
        self.assertEqual([], other)

    def test_a_list_shows_no_lanes(self):
        found = self.get('/v1/operations')['operations']
        self.assertNotIn('lanes', found[0])

    @ddt.data('sort=user_id', 'state=busy', 'failover_group_id=x')
    def test_a_query_that_is_not_allowed_is_refused(self, query):
        self.error(400, 'GET', f'/v1/operations?{query}')


class ShowOperationTest(OperationsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.operation_id = self._start().json['operation']['id']
        self.moment = clock.now()
        with session.transaction(self.admin) as database:
            database.add(
                tables.Lane(
                    id=uuidutils.generate_uuid(),
                    operation_id=self.operation_id,
                    member_id=self.member.id,
                    name='web',
                    flow='failover.member',
                    wave=2,
                    state='queued',
                    direction='execute',
                    attempt=2,
                    fence=1,
                )
            )
            database.flush()
            lane = database.query(tables.Lane).one()
            self.lane_id = lane.id
            for attempt, state in ((1, 'reverted'), (2, 'succeeded')):
                database.add(self._step(attempt, state))

    def _step(self, attempt: int, state: str) -> tables.Step:
        return tables.Step(
            id=uuidutils.generate_uuid(),
            lane_id=self.lane_id,
            attempt=attempt,
            ordinal=0,
            name='create_server',
            state=state,
            intent={},
            result={'array_volume': 'secret-of-the-array'},
            reversible=True,
            leftovers=[
                {
                    'service': 'nova',
                    'resource_type': 'server',
                    'resource_id': 'i',
                    'name': 'n',
                    'reason': 'refused',
                }
            ],
            service_seconds={'nova': 1.5},
            started_at=self.moment,
        )

    def test_lanes_show_the_steps_of_their_newest_attempt(self):
        operation = self.get(f'/v1/operations/{self.operation_id}')[
            'operation'
        ]
        (lane,) = operation['lanes']
        self.assertEqual(
            ('web', 2, self.member.id),
            (lane['name'], lane['wave'], lane['member_id']),
        )
        (step,) = lane['steps']
        self.assertEqual('succeeded', step['state'])
        self.assertEqual({'nova': 1.5}, step['service_seconds'])
        self.assertEqual('refused', step['leftovers'][0]['reason'])

    def test_the_list_of_steps_has_every_attempt(self):
        steps = self.get(f'/v1/operations/{self.operation_id}/steps')['steps']
        self.assertEqual([1, 2], [step['attempt'] for step in steps])
        self.assertEqual({'web'}, {step['lane'] for step in steps})

    def test_steps_come_in_pages(self):
        path = f'/v1/operations/{self.operation_id}/steps?limit=1'
        first = self.get(path)
        (link,) = first['steps_links']
        second = self.get(link['href'].partition('http://localhost')[2])
        self.assertEqual([1], [step['attempt'] for step in first['steps']])
        self.assertEqual([2], [step['attempt'] for step in second['steps']])
        self.assertEqual([], second['steps_links'])

    def test_a_marker_that_is_no_step_of_the_operation_is_refused(self):
        error = self.error(
            400,
            'GET',
            f'/v1/operations/{self.operation_id}/steps'
            f'?marker={self.operation_id}',
        )
        self.assertEqual('aegis.request.invalid', error['code'])

    def test_what_steps_keep_for_themselves_is_not_shown(self):
        for path in (self.operation_id, f'{self.operation_id}/steps'):
            response = self.request('GET', f'/v1/operations/{path}')
            self.assertNotIn('secret-of-the-array', response.text)

    def test_an_operation_that_is_none_is_not_found(self):
        for path in ('unknown', 'unknown/steps'):
            error = self.error(404, 'GET', f'/v1/operations/{path}')
            self.assertEqual('aegis.operation.not_found', error['code'])


class ActOnOperationTest(OperationsTestCase):
    def _act(self, action: str, expect: int = 202):
        return self.request(
            'POST',
            f'/v1/operations/{self.operation_id}/{action}',
            persona='manager',
            expect=expect,
        )

    def setUp(self) -> None:
        super().setUp()
        self.operation_id = self._start().json['operation']['id']
        self.engine.started.clear()

    def test_cancelling_is_noted_and_the_engine_told(self):
        response = self._act('cancel')
        self.assertTrue(response.json['operation']['cancel_requested'])
        self.assertEqual(
            [self.operation_id], [each[1] for each in self.engine.started]
        )
        self.assertIn(self.operation_id, response.location)

    def test_retrying_queues_the_operation_again(self):
        self._end(self.operation_id, 'reverted')
        response = self._act('retry')
        self.assertEqual('queued', response.json['operation']['state'])
        self.assertEqual(2, response.json['operation']['attempt'])
        self.assertEqual(
            [self.operation_id], [each[1] for each in self.engine.started]
        )

    def test_a_running_operation_is_not_retried(self):
        response = self._act('retry', expect=409)
        self.assertTrue(
            response.json['errors'][0]['code'].startswith('aegis.')
        )
        self.assertEqual([], self.engine.started)

    def test_an_ended_operation_is_not_cancelled(self):
        self._end(self.operation_id, 'succeeded')
        response = self._act('cancel', expect=409)
        self.assertEqual(
            'aegis.operation.state', response.json['errors'][0]['code']
        )
