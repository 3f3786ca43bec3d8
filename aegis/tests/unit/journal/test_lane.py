# SPDX-License-Identifier: Apache-2.0
"""The journal of a lane over the real tables."""

import contextlib
import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

import fixtures
import sqlalchemy as sa
from oslo_db import exception as db_exception

from aegis import models
from aegis.common import exception, failure
from aegis.db import lanes, operations, session, steps
from aegis.journal import lane as lane_journal
from aegis.journal import store
from aegis.tests import base
from aegis.tests.fixtures import journal, toy

LaneState = models.LaneState
StepState = models.StepState
FAILURE = failure.Failure('aegis.test', 'It broke.')


class LaneJournalTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        group = toy.make_group(self.context)
        self.operation = toy.start_operation(self.context, group)
        toy.begin_operation(self.admin, self.operation.id)
        self.journal = self.begin_lane(member_id=journal.MEMBER_ID)

    def begin_lane(self, **values: Any) -> lane_journal.LaneJournal:
        """Make a lane, and claim it."""
        lane = journal.make_lane(operation_id=self.operation.id, **values)
        toy.add_lanes(self.admin, [lane])
        return self.claim('a', 30)

    def claim(
        self, owner: str, lease_seconds: float
    ) -> lane_journal.LaneJournal:
        (lane,) = lanes.claim_lanes(self.admin, owner, 1, 1, lease_seconds)
        return lane_journal.LaneJournal(
            self.admin,
            lane,
            models.Claim(
                lane.id, lane.operation_id, owner, lane.fence, lease_seconds
            ),
            steps.list_lane_steps(self.admin, lane.id, lane.attempt),
            store.DatabaseStore(),
        )

    def take_over(self) -> lane_journal.LaneJournal:
        """Another engine's journal of the same lane."""
        lanes.release_lane(self.admin, self.journal._claim, None)
        return self.claim('b', 30)

    def row(self, name: str) -> models.Step:
        found = steps.list_steps(self.admin, self.operation.id)
        return next(step for step in found if step.name == name)

    def lane(self) -> models.Lane:
        (lane,) = lanes.list_lanes(self.admin, self.operation.id)
        return lane

    def succeed(self, name: str, reversible: bool = True) -> None:
        self.journal.begin(name, {}, reversible)
        self.journal.succeed(name, True, {})

    @contextlib.contextmanager
    def assert_commits(self, expected: int) -> Iterator[None]:
        """What is done inside takes so many transactions."""
        commits: list[Any] = []
        note = commits.append
        engine = session.engine()
        sa.event.listen(engine, 'commit', note)
        try:
            yield
        finally:
            sa.event.remove(engine, 'commit', note)
        self.assertEqual(expected, len(commits))

    def test_a_step_goes_from_intent_to_result(self) -> None:
        self.journal.begin('disk', {'size': 3}, True)
        begun = self.row('disk')
        self.assertIs(StepState.RUNNING, begun.state)
        self.assertEqual({'size': 3}, begun.intent)
        self.assertIsNone(begun.result)

        self.journal.succeed('disk', toy.Thing('disk', 3), {'cinder': 1.5})
        ended = self.journal.recorded('disk')
        self.journal.begin('server', {}, True)

        row = self.row('disk')
        self.assertEqual(ended, row)
        self.assertEqual({'name': 'disk', 'ordinal': 3}, row.result)
        self.assertEqual({'cinder': 1.5}, row.service_seconds)
        self.assertEqual(1, row.ordinal)

    def test_success_without_a_result_is_a_bug(self) -> None:
        self.journal.begin('disk', {}, True)

        self.assertRaises(TypeError, self.journal.succeed, 'disk', None, {})

    def test_an_end_is_written_with_the_next_beginning(self) -> None:
        self.succeed('disk')
        self.assertIs(StepState.RUNNING, self.row('disk').state)

        with self.assert_commits(1):
            self.journal.begin('server', {}, True)

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)
        self.assertIs(StepState.RUNNING, self.row('server').state)

    def test_it_is_so_with_a_beginning_that_goes_on(self) -> None:
        self.succeed('disk')
        self.journal.begin('server', {}, True)
        other = self.take_over()
        other.begin('server', {}, True)
        other.succeed('server', True, {})

        other.begin('more', {}, True)

        self.assertIs(StepState.SUCCEEDED, self.row('server').state)

    def test_the_last_end_is_written_with_that_of_the_lane(self) -> None:
        self.succeed('disk')

        with self.assert_commits(1):
            self.journal.end()

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)
        self.assertIs(LaneState.SUCCEEDED, self.lane().state)

    def test_who_concludes_a_lane_is_given_the_last_end(self) -> None:
        self.succeed('disk')

        self.journal.end(lanes.end_lane)

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)

    def test_a_lane_takes_a_transaction_more_than_it_has_steps(self) -> None:
        with self.assert_commits(9 + 1):
            for number in range(9):
                self.succeed(f'step {number}')
            self.journal.end()

    def test_an_end_is_written_before_the_lane_turns(self) -> None:
        self.succeed('disk')

        with self.assert_commits(1):
            self.journal.start_revert(FAILURE)

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)
        self.assertIs(LaneState.REVERTING, self.lane().state)

    def test_an_order_to_undo_leaves_the_end_written(self) -> None:
        self.succeed('disk')
        self._order_undo()

        self.assertRaises(
            lane_journal.LaneUndone, self.journal.begin, 'server', {}, True
        )

        (row,) = steps.list_steps(self.admin, self.operation.id)
        self.assertIs(StepState.SUCCEEDED, row.state)

    def test_a_cancellation_leaves_the_end_written(self) -> None:
        self.succeed('disk')
        operations.request_cancel(self.context, self.operation.id)

        self.assertRaises(
            exception.OperationCancelled,
            self.journal.begin,
            'server',
            {},
            True,
        )

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)

    def test_an_irreversible_end_is_written_at_once(self) -> None:
        self.journal.begin('seal', {}, False)

        with self.assert_commits(1):
            self.journal.succeed('seal', True, {})

        self.assertIs(StepState.SUCCEEDED, self.row('seal').state)

    def test_so_is_that_of_a_step_of_the_whole_group(self) -> None:
        self.journal.end()
        self.journal = self.begin_lane(id=str(uuid.uuid4()), name='all')

        self.succeed('disk')

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)

    def test_an_end_is_written_once(self) -> None:
        self.succeed('disk')
        self.journal.begin('server', {}, True)
        self.journal.fail('server', FAILURE, {})

        self.journal.begin_undo('disk')

        self.assertIs(StepState.REVERTING, self.row('disk').state)

    def test_who_lets_go_writes_the_end(self) -> None:
        self.succeed('disk')

        with self.assert_commits(1):
            self.assertTrue(self.journal.release())

        self.assertIs(StepState.SUCCEEDED, self.row('disk').state)
        self.assertIsNone(self.lane().owner)

    def test_after_a_crash_a_step_whose_end_was_kept_runs(self) -> None:
        self.succeed('disk')

        other = self.take_over()

        found = other.recorded('disk')
        self.assertIs(StepState.RUNNING, found.state)
        self.assertIsNone(found.result)

    def test_a_kept_end_is_lost_with_the_fence(self) -> None:
        self.succeed('disk')
        before = self.row('disk')
        self.take_over()

        self.assertRaises(
            exception.FenceLost, self.journal.begin, 'server', {}, True
        )
        self.assertFalse(self.journal.release())

        self.assertEqual(
            [before], steps.list_steps(self.admin, self.operation.id)
        )

    def test_another_engine_finds_the_rows(self) -> None:
        self.succeed('disk')
        self.journal.begin('server', {}, True)

        other = self.take_over()

        self.assertEqual(self.row('disk'), other.recorded('disk'))
        self.assertFalse(other.reverting)

    def test_a_step_that_was_begun_goes_on_under_its_row(self) -> None:
        self.journal.begin('disk', {'size': 3}, True)
        before = self.row('disk')
        other = self.take_over()

        other.begin('disk', {'size': 4}, True)

        self.assertEqual(before, self.row('disk'))

    def test_a_failed_step_turns_the_lane(self) -> None:
        self.journal.begin('disk', {}, True)

        self.journal.fail('disk', FAILURE, {})

        self.assertIs(StepState.FAILED, self.row('disk').state)
        self.assertEqual('It broke.', self.row('disk').message)
        lane = self.lane()
        self.assertIs(LaneState.REVERTING, lane.state)
        self.assertEqual('aegis.test', lane.error_code)
        other = self.take_over()
        self.assertTrue(other.reverting)
        self.assertEqual(FAILURE, other.failure)

    def test_an_undone_step_keeps_its_debts(self) -> None:
        self.succeed('disk')
        self.journal.start_revert(FAILURE)
        leftover = models.Leftover('cinder', 'volume', 'id', 'disk', 'in use')

        self.journal.begin_undo('disk')
        self.assertIs(StepState.REVERTING, self.row('disk').state)
        self.journal.end_undo('disk', [leftover])
        state = self.journal.end()

        self.assertEqual((leftover,), self.row('disk').leftovers)
        self.assertIs(LaneState.FAILED, state)
        self.assertIn('leftovers', self.lane().reason)

    def test_what_was_not_undone_is_no_clean_revert(self) -> None:
        self.succeed('disk')
        self.journal.start_revert(FAILURE)

        self.assertIs(LaneState.FAILED, self.journal.end())

    def test_ends_free_the_lane(self) -> None:
        self.succeed('disk')

        self.assertIs(LaneState.SUCCEEDED, self.journal.end())

        lane = self.lane()
        self.assertIs(LaneState.SUCCEEDED, lane.state)
        self.assertIsNone(lane.owner)
        self.assertIsNotNone(lane.finished_at)

    def test_a_cancelled_lane_ends_cancelled(self) -> None:
        operations.request_cancel(self.context, self.operation.id)

        self.assertRaises(
            exception.OperationCancelled, self.journal.begin, 'disk', {}, True
        )
        self.journal.start_revert(
            failure.describe(exception.OperationCancelled())
        )

        self.assertIs(LaneState.CANCELLED, self.journal.end())
        self.assertEqual([], steps.list_steps(self.admin, self.operation.id))

    def test_an_order_to_undo_comes_before_the_next_step(self) -> None:
        self._order_undo()

        self.assertRaises(
            lane_journal.LaneUndone, self.journal.begin, 'disk', {}, True
        )
        self.journal.start_revert(None)

        self.assertIs(LaneState.REVERTED, self.journal.end())
        self.assertEqual('Undone.', self.lane().reason)

    def test_past_the_point_of_no_return_orders_are_void(self) -> None:
        self.journal.begin('seal', {}, False)
        self._order_undo()
        operations.request_cancel(self.context, self.operation.id)

        self.journal.succeed('seal', True, {})
        self.journal.begin('more', {}, True)

        self.assertIs(models.LaneDirection.EXECUTE, self.lane().direction)
        self.assertEqual(
            {self.lane().id},
            steps.lanes_past_return(self.admin, self.operation.id),
        )

    def test_so_they_are_when_the_step_was_only_begun(self) -> None:
        self.journal.begin('seal', {}, False)
        operations.request_cancel(self.context, self.operation.id)
        other = self.take_over()

        other.begin('seal', {}, False)

    def test_a_lane_taken_over_records_nothing(self) -> None:
        self.succeed('disk')
        self.journal.begin('server', {}, True)
        before = self.row('server')
        self.take_over()

        self.assertRaises(
            exception.FenceLost, self.journal.fail, 'server', FAILURE, {}
        )

        self.assertTrue(self.journal.dropped)
        self.assertEqual(before, self.row('server'))
        for call in (
            lambda: self.journal.begin('more', {}, True),
            lambda: self.journal.succeed('server', True, {}),
            lambda: self.journal.fail('server', FAILURE, {}),
            lambda: self.journal.start_revert(FAILURE),
            lambda: self.journal.begin_undo('disk'),
            self.journal.end,
        ):
            self.assertRaises(exception.FenceLost, call)
        self.assertEqual(before, self.row('server'))

    def test_releasing_a_lost_lane_is_harmless(self) -> None:
        other = self.take_over()

        self.journal.release()

        other.begin('disk', {}, True)

    def fail_to_begin(self, error: Exception) -> None:
        """Begin a step while the database does not work."""

        def refuse(*args: Any, **kwargs: Any) -> None:
            raise error

        self.useFixture(
            fixtures.MonkeyPatch(
                'aegis.journal.store.DatabaseStore.begin_step',
                staticmethod(refuse),
            )
        )
        self.assertRaises(
            exception.Interrupted, self.journal.begin, 'disk', {}, True
        )

    def test_without_its_database_a_lane_is_dropped(self) -> None:
        self.fail_to_begin(exception.DatabaseFull())

        self.assertTrue(self.journal.dropped)
        self.assertTrue(self.journal.lost)

    def test_what_the_database_refuses_drops_a_lane_too(self) -> None:
        self.fail_to_begin(db_exception.DBError())

        self.assertTrue(self.journal.dropped)
        self.assertTrue(self.journal.lost)

    def test_only_the_database_makes_a_lane_lost(self) -> None:
        self.journal.drop(exception.Interrupted())

        self.assertTrue(self.journal.dropped)
        self.assertFalse(self.journal.lost)

    def test_results_of_other_lanes_are_found(self) -> None:
        self.journal.begin('disk', {}, True)
        self.journal.succeed('disk', toy.Thing('disk', 3), {})
        self.journal.begin('server', {}, True)
        lane = self.lane().name

        self.assertEqual(
            toy.Thing('disk', 3),
            self.journal.result(lane, 'disk', toy.Thing),
        )
        self.assertRaises(
            LookupError, self.journal.result, lane, 'server', toy.Thing
        )

    def test_another_attempt_starts_with_no_rows(self) -> None:
        self.succeed('disk')
        self.journal.begin('server', {}, True)
        lane = dataclasses.replace(self.lane(), attempt=2)

        later = lane_journal.LaneJournal(
            self.admin,
            lane,
            self.journal._claim,
            steps.list_steps(self.admin, self.operation.id),
            store.DatabaseStore(),
        )

        self.assertIsNone(later.recorded('disk'))

    def _order_undo(self) -> None:
        @session.writer
        def order(context: Any) -> None:
            lanes.change_lane(
                context,
                self.lane(),
                {
                    'direction': models.LaneDirection.REVERT,
                    'reason': 'Undone.',
                },
            )

        order(self.admin)
