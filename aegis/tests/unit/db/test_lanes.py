# SPDX-License-Identifier: Apache-2.0
import datetime
from typing import Any

import fixtures
from hypothesis import settings, stateful
from hypothesis import strategies as st

from aegis import models
from aegis.common import exception, failure
from aegis.db import lanes, operations, session
from aegis.tests import base
from aegis.tests.fixtures import journal, toy

LaneState = models.LaneState
REVERT = models.LaneDirection.REVERT
START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
LEASE = 30.0


class LanesTestCase(base.DatabaseTestCase):
    """A running operation whose lanes a test lays out, and a clock."""

    def setUp(self) -> None:
        super().setUp()
        self.now = START
        self.useFixture(
            fixtures.MonkeyPatch('aegis.common.clock.now', lambda: self.now)
        )
        self.operation = self.run_operation()

    def run_operation(self) -> models.Operation:
        group = toy.make_group(self.context)
        operation = toy.start_operation(self.context, group)

        toy.begin_operation(self.admin, operation.id)
        return operation

    def lay_out(self, *layout: tuple[str, int], **values: Any) -> None:
        toy.add_lanes(
            self.admin,
            [
                journal.make_lane(
                    id=name,
                    name=name,
                    wave=wave,
                    operation_id=self.operation.id,
                    **values,
                )
                for name, wave in layout
            ],
        )

    def claim(
        self, owner: str = 'a', limit: int = 10, per_operation: int = 10
    ) -> list[str]:
        return [
            lane.name
            for lane in lanes.claim_lanes(
                self.admin, owner, limit, per_operation, LEASE
            )
        ]

    def claim_of(self, name: str) -> models.Claim:
        lane = self.lane(name)
        return models.Claim(
            lane_id=lane.id,
            operation_id=lane.operation_id,
            owner=lane.owner or '',
            fence=lane.fence,
            lease_seconds=LEASE,
        )

    def lane(self, name: str) -> models.Lane:
        found = lanes.list_lanes(self.admin, self.operation.id)
        return next(lane for lane in found if lane.name == name)

    def change(self, name: str, **values: Any) -> bool:
        @session.writer
        def write(context: Any) -> bool:
            return lanes.change_lane(context, self.lane(name), values)

        return write(self.admin)

    def end(self, name: str, event: str = 'succeed') -> None:
        lanes.end_lane(self.admin, self.claim_of(name), None, event, None)

    def pass_seconds(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)


class ClaimTest(LanesTestCase):
    def test_waves_are_claimed_one_after_another(self) -> None:
        self.lay_out(('p', 0), ('x', 1), ('y', 1), ('f', 2))

        self.assertEqual(['p'], self.claim())
        self.assertEqual([], self.claim('b'))
        self.end('p')
        self.assertEqual(['x', 'y'], self.claim())
        self.end('x')
        self.assertEqual([], self.claim())
        self.end('y')
        self.assertEqual(['f'], self.claim())

    def test_a_claim_is_written_down(self) -> None:
        self.lay_out(('p', 0))

        self.claim('a')

        lane = self.lane('p')
        self.assertIs(LaneState.RUNNING, lane.state)
        self.assertEqual('a', lane.owner)
        self.assertEqual(1, lane.fence)
        self.assertEqual(
            START + datetime.timedelta(seconds=LEASE), lane.lease_expires_at
        )
        self.assertEqual(START, lane.started_at)

    def test_no_more_than_wanted(self) -> None:
        self.lay_out(('w', 0), ('x', 0), ('y', 0))

        self.assertEqual(['w', 'x'], self.claim(limit=2))
        self.assertEqual(['y'], self.claim(limit=2))

    def test_the_limit_of_an_operation_counts_what_runs(self) -> None:
        self.lay_out(('w', 0), ('x', 0), ('y', 0))

        self.assertEqual(['w', 'x'], self.claim('a', per_operation=2))
        self.assertEqual([], self.claim('b', per_operation=2))
        self.end('w')
        self.assertEqual(['y'], self.claim('b', per_operation=2))

    def test_an_expired_lease_is_taken_over(self) -> None:
        self.lay_out(('p', 0), ('x', 1))
        self.claim('a')
        self.pass_seconds(LEASE)

        self.assertEqual(['p'], self.claim('b'))

        self.assertEqual(2, self.lane('p').fence)
        self.assertEqual(START, self.lane('p').started_at)

    def test_nobody_takes_over_what_is_his_own(self) -> None:
        self.lay_out(('p', 0))
        self.claim('a')
        self.pass_seconds(LEASE)

        self.assertEqual([], self.claim('a'))

        self.assertEqual(1, lanes.release_others(self.admin, 'a', []))
        self.assertEqual(['p'], self.claim('a'))

    def test_a_renewed_lease_is_not(self) -> None:
        self.lay_out(('p', 0), ('q', 0))
        self.claim('a')
        self.pass_seconds(LEASE - 1)
        self.assertEqual(2, lanes.renew_leases(self.admin, 'a', LEASE))
        self.pass_seconds(LEASE - 1)

        self.assertEqual([], self.claim('b'))

    def test_renewing_touches_no_one_elses_lease(self) -> None:
        self.lay_out(('p', 0))
        self.claim('a')

        self.assertEqual(0, lanes.renew_leases(self.admin, 'b', LEASE))

    def test_a_released_lane_is_taken_at_once(self) -> None:
        self.lay_out(('p', 0))
        self.claim('a')

        lanes.release_lane(self.admin, self.claim_of('p'), None)

        self.assertIs(LaneState.RUNNING, self.lane('p').state)
        self.assertEqual(['p'], self.claim('b'))

    def test_what_a_process_does_not_run_is_given_up(self) -> None:
        self.lay_out(('p', 0), ('q', 0))
        self.claim('a')

        kept = [self.lane('p').id]
        self.assertEqual(0, lanes.release_others(self.admin, 'b', []))
        self.assertEqual(1, lanes.release_others(self.admin, 'a', kept))

        self.assertEqual(['q'], self.claim('b'))

    def test_a_lane_to_be_undone_waits_for_the_later_ones(self) -> None:
        self.lay_out(('p', 0), ('x', 1), ('y', 2), direction=REVERT)

        self.assertEqual(['y'], self.claim())
        self.assertIs(LaneState.REVERTING, self.lane('y').state)
        self.end('y', 'reverted')
        self.assertEqual(['x'], self.claim())

    def test_nothing_is_undone_below_what_has_just_succeeded(self) -> None:
        self.lay_out(('p', 0), ('x', 1), attempt=self.operation.attempt)
        self.claim()
        self.end('p')
        self.claim()
        self.change('p', state=LaneState.QUEUED, direction=REVERT)
        self.end('x')

        self.assertEqual([], self.claim())
        self.change('x', state=LaneState.QUEUED, direction=REVERT)
        self.assertEqual(['x'], self.claim())
        self.end('x', 'reverted')
        self.assertEqual(['p'], self.claim())

    def test_a_success_of_an_earlier_attempt_stands_by_itself(self) -> None:
        self.lay_out(('x', 1), attempt=self.operation.attempt - 1)
        self.change('x', state=LaneState.SUCCEEDED)
        self.lay_out(('p', 0), attempt=self.operation.attempt)
        self.change('p', direction=REVERT)

        self.assertEqual(['p'], self.claim())

    def test_a_killed_lane_that_was_told_to_stop_reverts(self) -> None:
        self.lay_out(('p', 0))
        self.claim('a')
        self.change('p', direction=REVERT)
        self.pass_seconds(LEASE)

        self.claim('b')

        self.assertIs(LaneState.REVERTING, self.lane('p').state)

    def test_a_cancelled_operation_begins_no_lane(self) -> None:
        self.lay_out(('p', 0), ('x', 1))
        self.claim('a')
        operations.request_cancel(self.context, self.operation.id)
        self.end('p')

        self.assertEqual([], self.claim())

    def test_an_operation_that_does_not_run_has_no_lanes(self) -> None:
        self.lay_out(('p', 0))

        @session.writer
        def queue(context: Any) -> None:
            context.session.execute(
                lanes.sa.update(lanes.OPERATIONS).values(state='queued')
            )

        queue(self.admin)

        self.assertEqual([], self.claim())


class FenceTest(LanesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lay_out(('p', 0))
        self.claim('a')
        self.held = self.claim_of('p')

    def assert_lost(self, claim: models.Claim) -> None:
        before = self.lane('p')
        for call in (
            lambda: lanes.release_lane(self.admin, claim, None),
            lambda: lanes.start_revert(self.admin, claim, None, None),
            lambda: lanes.end_lane(self.admin, claim, None, 'succeed', None),
        ):
            self.assertRaises(exception.FenceLost, call)
        self.assertEqual(before, self.lane('p'))

    def test_a_lease_that_ran_out_holds_no_more(self) -> None:
        self.pass_seconds(LEASE)

        self.assert_lost(self.held)

    def test_a_lane_taken_over_is_lost(self) -> None:
        self.pass_seconds(LEASE)
        self.claim('b')

        self.assert_lost(self.held)

    def test_a_lane_taken_over_by_the_same_owner_is_lost_too(self) -> None:
        self.pass_seconds(LEASE)
        self.claim('a')

        self.assert_lost(self.held)

    def test_an_ended_lane_is_lost(self) -> None:
        self.end('p')

        self.assert_lost(self.held)

    def test_every_change_renews_the_lease(self) -> None:
        self.pass_seconds(LEASE - 1)

        lanes.start_revert(
            self.admin, self.held, None, failure.Failure('code', 'reason')
        )

        lane = self.lane('p')
        self.assertEqual(
            self.now + datetime.timedelta(seconds=LEASE),
            lane.lease_expires_at,
        )
        self.assertIs(LaneState.REVERTING, lane.state)
        self.assertIs(REVERT, lane.direction)
        self.assertEqual('reason', lane.reason)

    def test_success_drops_an_order_that_came_too_late(self) -> None:
        self.change('p', direction=REVERT, reason='Undone.')

        self.end('p')

        lane = self.lane('p')
        self.assertIs(LaneState.SUCCEEDED, lane.state)
        self.assertIs(models.LaneDirection.EXECUTE, lane.direction)
        self.assertIsNone(lane.reason)

    def test_a_change_needs_the_lane_as_it_was_read(self) -> None:
        read = self.lane('p')
        self.end('p')

        @session.writer
        def write(context: Any) -> bool:
            return lanes.change_lane(context, read, {'reason': 'stale'})

        self.assertFalse(write(self.admin))

    def test_siblings_are_of_the_same_wave_and_open(self) -> None:
        lane = self.lane('p')
        self.assertFalse(lanes.has_open_siblings(self.admin, lane))
        self.lay_out(('x', 1))
        self.assertFalse(lanes.has_open_siblings(self.admin, lane))
        self.lay_out(('q', 0))
        self.assertTrue(lanes.has_open_siblings(self.admin, lane))


class ClaimMachine(stateful.RuleBasedStateMachine):
    """Engines claim, renew, stall, release and commit in any order.

    Whoever can commit on a lane is the one who claimed it last, and only
    while its lease runs; each lane ends once.
    """

    case: LanesTestCase
    owners = st.sampled_from(('a', 'b', 'c'))

    def __init__(self) -> None:
        super().__init__()
        self.case = _MachineCase()
        self.case.setUp()
        self.case.lay_out(('p', 0), ('x', 1), ('y', 1), ('z', 2))
        self.held: dict[tuple[str, str], models.Claim] = {}
        self.newest: dict[str, models.Claim] = {}
        self.ended: set[str] = set()

    def teardown(self) -> None:
        self.case.doCleanups()

    @stateful.rule(owner=owners, limit=st.integers(1, 3))
    def claim(self, owner: str, limit: int) -> None:
        found = lanes.list_lanes(self.case.admin, self.case.operation.id)
        owners = {lane.name: lane.owner for lane in found}
        for name in self.case.claim(owner, limit):
            claim = self.case.claim_of(name)
            assert owners[name] != owner
            before = self.newest.get(name)
            assert before is None or claim.fence == before.fence + 1
            assert name not in self.ended
            self.held[owner, name] = self.newest[name] = claim

    @stateful.rule(owner=owners)
    def renew(self, owner: str) -> None:
        lanes.renew_leases(self.case.admin, owner, LEASE)

    @stateful.rule(seconds=st.sampled_from((1, 15, 29, 31)))
    def time_passes(self, seconds: int) -> None:
        self.case.pass_seconds(seconds)

    @stateful.rule(owner=owners, name=st.sampled_from('pxyz'))
    def release(self, owner: str, name: str) -> None:
        def let_go(context: Any, claim: models.Claim) -> None:
            lanes.release_lane(context, claim, None)

        self._commit(owner, name, let_go)

    @stateful.rule(owner=owners, name=st.sampled_from('pxyz'))
    def end(self, owner: str, name: str) -> None:
        def finish(context: Any, claim: models.Claim) -> None:
            lanes.end_lane(context, claim, None, 'succeed', None)

        if self._commit(owner, name, finish):
            assert name not in self.ended
            self.ended.add(name)

    @stateful.invariant()
    def waves_are_kept(self) -> None:
        found = lanes.list_lanes(self.case.admin, self.case.operation.id)
        begun = [x.wave for x in found if x.state is not LaneState.QUEUED]
        for lane in found:
            if lane.state is not LaneState.SUCCEEDED:
                assert all(wave <= lane.wave for wave in begun)

    def _commit(self, owner: str, name: str, write: Any) -> bool:
        claim = self.held.get((owner, name))
        if claim is None:
            return False
        lane = self.case.lane(name)
        valid = (
            claim == self.newest[name]
            and lane.owner == owner
            and lane.lease_expires_at is not None
            and lane.lease_expires_at > self.case.now
        )
        try:
            write(self.case.admin, claim)
        except exception.FenceLost:
            assert not valid
            return False
        assert valid
        return True


class _MachineCase(LanesTestCase):
    def runTest(self) -> None:  # noqa: N802
        pass


class ClaimMachineTest(ClaimMachine.TestCase):
    settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
