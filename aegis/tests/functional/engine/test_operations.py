# SPDX-License-Identifier: Apache-2.0
"""Whole operations: waves, failures, cancels, retries."""

from aegis import models
from aegis.common import exception, faults
from aegis.db import members, operations
from aegis.tests.fixtures import toy
from aegis.tests.functional.engine import base

OperationState = models.OperationState
GroupState = models.GroupState
Policy = models.MemberFailurePolicy

ALL = {
    'prepare-reserve',
    'prepare-publish',
    *(
        f'm{n}-{step}'
        for n in range(3)
        for step in ('disk', 'server', 'check')
    ),
    'finish-seal',
}
ERROR = 'aegis.cloud.resource_failed'


class OperationTest(base.EngineTestCase):
    def test_succeeds_in_waves(self) -> None:
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assertEqual(ALL, self.world.things())
        made = [c.removeprefix('make:') for c in self.world.calls()]
        self.assertEqual(['prepare-reserve', 'prepare-publish'], made[:2])
        self.assertEqual(
            ['m2-disk', 'm2-server', 'm2-check', 'finish-seal'], made[-4:]
        )
        self.assertIs(GroupState.FAILED_OVER, self.group_now().state)
        self.assertEqual(12, ended.report['steps'])
        self.assertEqual('succeeded', ended.report['state'])
        self.assertIsNotNone(ended.started_at)
        self.assertIsNotNone(ended.finished_at)

    def test_is_reverted_when_the_group_lane_fails(self) -> None:
        self.world.fail('make:prepare-publish')
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual(ERROR, ended.error_code)
        self.assertIn('then retry', ended.state_reason)
        self.assertEqual(set(), self.world.things())
        self.assertEqual(
            {'skipped', 'reverted'}, set(self.lane_states(operation).values())
        )
        self.assertIs(GroupState.PROTECTED, self.group_now().state)

    def test_fails_with_leftovers(self) -> None:
        self.world.fail('make:prepare-publish')
        self.world.fail('remove:prepare-reserve')
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.FAILED, ended.state)
        group = self.group_now()
        self.assertIs(GroupState.ERROR, group.state)
        self.assertIn(f'retry {operation.id}', group.state_reason)
        reserve = self.steps(operation, 'prepare')[0]
        self.assertEqual(1, len(reserve.leftovers))

    def test_is_partial_when_a_member_fails(self) -> None:
        self.world.fail('make:m0-server')
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.PARTIAL, ended.state)
        self.assertIn('1 of 3 members failed. First m0:', ended.state_reason)
        self.assertEqual(ERROR, ended.error_code)
        self.assertEqual(
            ALL - {'m0-disk', 'm0-server', 'm0-check'}, self.world.things()
        )
        self.assertIs(GroupState.PARTIALLY_FAILED_OVER, self.group_now().state)

    def test_stop_skips_the_waves_after_a_failure(self) -> None:
        self.world.fail('make:m0-server')
        operation = self.begin(policy=Policy.STOP)
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.PARTIAL, ended.state)
        states = self.lane_states(operation)
        self.assertEqual('skipped', states['m2'])
        self.assertEqual('succeeded', states['m1'])
        self.assertEqual('succeeded', states['finish'])

    def test_revert_undoes_all_when_a_member_fails(self) -> None:
        self.world.fail('make:m2-check')
        operation = self.begin(policy=Policy.REVERT)
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual(ERROR, ended.error_code)
        self.assertEqual(set(), self.world.things())
        undone = [
            call.removeprefix('remove:')
            for call in self.world.calls()
            if call.startswith('remove:')
        ]
        self.assertEqual(['m2-server', 'm2-disk'], undone[:2])
        self.assertEqual(['prepare-publish', 'prepare-reserve'], undone[-2:])
        self.assertEqual('skipped', self.lane_states(operation)['finish'])
        self.assertEqual(
            'Undone because m2 failed.', self.lane(operation, 'm1').reason
        )

    def test_group_lanes_are_reverted_when_all_members_fail(self) -> None:
        for name in ('m0-disk', 'm1-server', 'm2-check'):
            self.world.fail(f'make:{name}')
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual(set(), self.world.things())
        self.assertEqual('skipped', self.lane_states(operation)['finish'])

    def test_a_failing_finish_keeps_the_members(self) -> None:
        self.world.fail('make:finish-seal')
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.FAILED, ended.state)
        self.assertEqual(ALL - {'finish-seal'}, self.world.things())
        self.world.mend()
        operations.retry_operation(self.context, operation.id)
        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertEqual(ALL, self.world.things())

    def test_retry_runs_only_what_failed(self) -> None:
        self.world.fail('make:m0-server')
        operation = self.begin()
        self.engine()
        self.ended(operation)
        self.world.mend()
        before = len(self.world.calls())

        retried = operations.retry_operation(self.context, operation.id)
        ended = self.ended(operation)

        self.assertEqual(operation.id, retried.id)
        self.assertIs(OperationState.SUCCEEDED, ended.state)
        self.assertEqual(2, ended.attempt)
        self.assertIsNone(ended.error_code)
        self.assertEqual(
            ['make:m0-disk', 'make:m0-server', 'make:m0-check'],
            self.world.calls()[before:],
        )
        self.assertEqual(1, self.lane(operation, 'm1').attempt)
        self.assertIs(GroupState.FAILED_OVER, self.group_now().state)

    def test_retry_of_a_reverted_operation_runs_all(self) -> None:
        self.world.fail('make:prepare-publish')
        operation = self.begin()
        self.engine()
        self.ended(operation)
        self.world.mend()

        operations.retry_operation(self.context, operation.id)

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertEqual(ALL, self.world.things())

    def test_retry_does_without_members_that_were_removed(self) -> None:
        self.world.fail('make:m0-server')
        operation = self.begin()
        self.engine()
        self.ended(operation)
        failed = self.lane(operation, 'm0')
        members.remove_member(self.context, self.group.id, failed.member_id)

        operations.retry_operation(self.context, operation.id)

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertEqual(
            (models.LaneState.SKIPPED, 'aegis.member.removed'),
            (
                self.lane(operation, 'm0').state,
                self.lane(operation, 'm0').error_code,
            ),
        )
        self.assertIs(GroupState.FAILED_OVER, self.group_now().state)

    def test_retry_recovers_members_that_were_added(self) -> None:
        self.world.fail('make:prepare-publish')
        operation = self.begin(waves=(1,))
        self.engine()
        self.ended(operation)
        self.world.mend()
        toy.add_member(self.context, self.group.id, ordinal=1, wave=12)

        operations.retry_operation(self.context, operation.id)

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertIn('m1-server', self.world.things())
        self.assertEqual('make:finish-seal', self.world.calls()[-1])

    def test_retry_needs_a_member(self) -> None:
        self.world.fail('make:prepare-publish')
        operation = self.begin(waves=(1,))
        self.engine()
        self.ended(operation)
        alone = self.lane(operation, 'm0').member_id
        members.remove_member(self.context, self.group.id, alone)

        self.assertRaises(
            exception.FailoverGroupEmpty,
            operations.retry_operation,
            self.context,
            operation.id,
        )

    def test_cancel_undoes_everything(self) -> None:
        self.world.pause('server', 'before')
        operation = self.begin(waves=(1, 1, 1))
        engine = self.engine()
        toy.wait_until(
            lambda: self.world.is_reached('server', 'before'), 'a server'
        )

        operations.request_cancel(self.context, operation.id)
        engine.pool.submit(operation.id)
        self.world.proceed()
        ended = self.ended(operation)

        self.assertIs(OperationState.CANCELLED, ended.state)
        self.assertEqual(set(), self.world.things())
        self.assertEqual(
            {'cancelled'}, set(self.lane_states(operation).values())
        )
        self.assertIs(GroupState.PROTECTED, self.group_now().state)

    def test_cancel_before_anything_ran(self) -> None:
        operation = self.begin()
        operations.request_cancel(self.context, operation.id)
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.CANCELLED, ended.state)
        self.assertEqual('aegis.operation.cancelled', ended.error_code)
        self.assertEqual([], self.world.calls())

    def test_cancel_comes_too_late_once_it_is_sealed(self) -> None:
        self.world.pause('seal', 'after')
        operation = self.begin()
        self.engine()
        toy.wait_until(
            lambda: self.world.is_reached('seal', 'after'), 'the seal'
        )

        operations.request_cancel(self.context, operation.id)
        self.world.proceed()

        self.assertIs(OperationState.SUCCEEDED, self.ended(operation).state)
        self.assertEqual(ALL, self.world.things())

    def test_cancelling_a_retry_keeps_what_was_recovered_before(self) -> None:
        self.world.fail('make:m0-server')
        operation = self.begin()
        self.engine()
        self.ended(operation)
        self.world.mend()
        self.world.pause('server', 'before')

        operations.retry_operation(self.context, operation.id)
        toy.wait_until(
            lambda: self.world.is_reached('server', 'before'), 'a server'
        )
        operations.request_cancel(self.context, operation.id)
        self.world.proceed()
        ended = self.ended(operation)

        self.assertIs(OperationState.PARTIAL, ended.state)
        self.assertLessEqual(
            {'m1-check', 'm2-check', 'prepare-publish'}, self.world.things()
        )
        self.assertNotIn('m0-disk', self.world.things())

    def test_a_bug_in_planning_ends_the_operation(self) -> None:
        self.useFixture(
            toy.fixtures.MonkeyPatch(
                'aegis.tests.fixtures.toy.ToyFlow.plan',
                lambda self, group, members: [][0],
            )
        )
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual('aegis.internal', ended.error_code)

    def test_a_bug_in_building_fails_the_lane(self) -> None:
        self.useFixture(
            toy.fixtures.MonkeyPatch(
                'aegis.tests.fixtures.toy.ToyFlow.build',
                lambda self, environment: [][0],
            )
        )
        operation = self.begin()
        self.engine()

        ended = self.ended(operation)

        self.assertIs(OperationState.REVERTED, ended.state)
        self.assertEqual('aegis.internal', ended.error_code)

    def test_lanes_per_operation_are_limited(self) -> None:
        self.config(group='engine', max_concurrent_lanes_per_operation=2)
        most = [0]

        def count(step: str, moment: str) -> None:
            running = list(self.lane_states(operation).values())
            most[0] = max(most[0], running.count('running'))

        operation = self.begin(waves=(1,) * 6)
        faults.install(count)
        self.engine()
        self.ended(operation)

        self.assertEqual(2, most[0])
