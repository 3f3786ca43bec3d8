# SPDX-License-Identifier: Apache-2.0
"""Decisions over rows, and that carrying them out always comes to an end."""

import dataclasses
import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aegis import models
from aegis.engine import decisions
from aegis.tests import base
from aegis.tests.fixtures import journal

LaneState = models.LaneState
OperationState = models.OperationState
Policy = models.MemberFailurePolicy
Order = decisions.LaneOrder
EXECUTE = models.LaneDirection.EXECUTE
REVERT = models.LaneDirection.REVERT
CANCELLED = 'aegis.operation.cancelled'


def lane(name: str, state: LaneState, **values: Any) -> models.Lane:
    """``p`` prepares, ``f`` finishes, the others are members."""
    values.setdefault('wave', {'p': 0, 'f': 9}.get(name, 1))
    values.setdefault('flow', 'toy.finish' if name == 'f' else 'toy.x')
    values.setdefault('member_id', None if name in 'pf' else name)
    if state in (LaneState.FAILED, LaneState.REVERTED):
        values.setdefault('error_code', f'code-{name}')
        values.setdefault('reason', f'{name} broke.')
    return journal.make_lane(id=name, name=name, state=state, **values)


def decide(
    *lanes: models.Lane,
    policy: Policy = Policy.CONTINUE,
    committed: frozenset[str] = frozenset(),
    **values: Any,
) -> decisions.Decision:
    return decisions.decide(
        journal.make_operation(**values), policy, lanes, committed
    )


def orders(decision: decisions.Decision) -> dict[str, Order]:
    return {change.lane.name: change.order for change in decision.changes}


class DecisionTest(base.TestCase):
    def test_nothing_while_lanes_go_well(self) -> None:
        self.assertFalse(
            decide(
                lane('p', LaneState.SUCCEEDED),
                lane('x', LaneState.RUNNING),
                lane('f', LaneState.QUEUED),
            )
        )

    def test_success_of_all(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.SUCCEEDED),
            lane('f', LaneState.SUCCEEDED),
        )

        self.assertIs(OperationState.SUCCEEDED, decision.verdict.state)
        self.assertIsNone(decision.verdict.reason)

    def test_a_group_lane_that_reverts_lets_nothing_begin(self) -> None:
        decision = decide(
            lane('p', LaneState.REVERTING),
            lane('x', LaneState.QUEUED),
            lane('f', LaneState.QUEUED),
        )

        self.assertEqual({'x': Order.SKIP, 'f': Order.SKIP}, orders(decision))

    def test_the_first_failure_is_told(self) -> None:
        early = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        late = early + datetime.timedelta(seconds=1)
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.REVERTED, finished_at=late),
            lane('y', LaneState.REVERTED, finished_at=early),
            lane('z', LaneState.SUCCEEDED),
            lane('f', LaneState.SUCCEEDED),
        )

        verdict = decision.verdict
        self.assertIs(OperationState.PARTIAL, verdict.state)
        self.assertEqual('code-y', verdict.error_code)
        self.assertEqual(
            '2 of 3 members failed. First y: y broke.', verdict.reason
        )

    def test_stop_lets_running_members_end(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.REVERTING),
            lane('y', LaneState.RUNNING),
            lane('z', LaneState.QUEUED, wave=2),
            lane('f', LaneState.QUEUED),
            policy=Policy.STOP,
        )

        self.assertEqual({'z': Order.SKIP}, orders(decision))

    def test_revert_stops_and_undoes_all(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.REVERTING),
            lane('y', LaneState.RUNNING),
            lane('z', LaneState.SUCCEEDED),
            lane('f', LaneState.QUEUED),
            policy=Policy.REVERT,
        )

        self.assertEqual(
            {
                'p': Order.UNDO,
                'y': Order.STOP,
                'z': Order.UNDO,
                'f': Order.SKIP,
            },
            orders(decision),
        )

    def test_revert_does_not_stop_what_cannot_turn_back(self) -> None:
        decision = decide(
            lane('x', LaneState.REVERTING),
            lane('y', LaneState.RUNNING),
            policy=Policy.REVERT,
            committed=frozenset('y'),
        )

        self.assertEqual({}, orders(decision))

    def test_the_group_is_undone_when_no_member_can_recover(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.REVERTED),
            lane('y', LaneState.REVERTING),
            lane('f', LaneState.QUEUED),
        )

        self.assertEqual({'p': Order.UNDO, 'f': Order.SKIP}, orders(decision))

    def test_but_not_while_one_may(self) -> None:
        for state in (LaneState.QUEUED, LaneState.RUNNING):
            decision = decide(
                lane('p', LaneState.SUCCEEDED),
                lane('x', LaneState.REVERTED),
                lane('y', state),
                lane('f', LaneState.QUEUED),
            )
            self.assertFalse(decision)

    def test_leftovers_make_it_failed(self) -> None:
        decision = decide(
            lane('p', LaneState.FAILED),
            lane('x', LaneState.SKIPPED),
            lane('f', LaneState.SKIPPED),
        )

        self.assertIs(OperationState.FAILED, decision.verdict.state)

    def test_a_failed_finish_is_a_failure_whatever_was_recovered(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.SUCCEEDED),
            lane('f', LaneState.REVERTED),
        )

        self.assertIs(OperationState.FAILED, decision.verdict.state)
        self.assertEqual('code-f', decision.verdict.error_code)

    def test_cancel_undoes_and_leaves_running_lanes_to_see_it(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.RUNNING),
            lane('y', LaneState.QUEUED),
            lane('f', LaneState.QUEUED),
            cancel_requested=True,
        )

        self.assertEqual(
            {'p': Order.UNDO, 'y': Order.CANCEL, 'f': Order.CANCEL},
            orders(decision),
        )

    def test_cancel_comes_too_late_for_a_committed_finish(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.SUCCEEDED),
            lane('f', LaneState.RUNNING),
            cancel_requested=True,
            committed=frozenset('f'),
        )

        self.assertFalse(decision)

    def test_cancel_with_leftovers_is_a_failure(self) -> None:
        decision = decide(
            lane('p', LaneState.FAILED, error_code=CANCELLED),
            lane('x', LaneState.CANCELLED, error_code=CANCELLED),
            lane('f', LaneState.CANCELLED, error_code=CANCELLED),
            cancel_requested=True,
        )

        self.assertIs(OperationState.FAILED, decision.verdict.state)

    def test_a_cancelled_retry_keeps_earlier_members(self) -> None:
        settled = (
            lane('p', LaneState.SUCCEEDED, attempt=1),
            lane('x', LaneState.SUCCEEDED, attempt=1),
        )
        decision = decide(
            *settled,
            lane('y', LaneState.QUEUED, attempt=2),
            lane('z', LaneState.SUCCEEDED, attempt=2),
            lane('f', LaneState.QUEUED, attempt=2),
            cancel_requested=True,
            attempt=2,
        )
        self.assertEqual(
            {'y': Order.CANCEL, 'z': Order.UNDO, 'f': Order.CANCEL},
            orders(decision),
        )

        decision = decide(
            *settled,
            lane('y', LaneState.CANCELLED, attempt=2),
            lane('z', LaneState.CANCELLED, attempt=2),
            lane('f', LaneState.CANCELLED, attempt=2),
            cancel_requested=True,
            attempt=2,
        )
        self.assertIs(OperationState.PARTIAL, decision.verdict.state)
        self.assertEqual(CANCELLED, decision.verdict.error_code)

    def test_without_members_one_failure_undoes_the_rest(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('p', LaneState.REVERTED, wave=1),
        )

        self.assertEqual({'p': Order.UNDO}, orders(decision))

    def test_nobody_waits_for_a_member_that_was_removed(self) -> None:
        decision = decide(
            lane('p', LaneState.SUCCEEDED),
            lane('x', LaneState.SUCCEEDED),
            lane('y', LaneState.SKIPPED, error_code='aegis.member.removed'),
            lane('f', LaneState.SUCCEEDED),
        )

        self.assertIs(OperationState.SUCCEEDED, decision.verdict.state)

    def test_a_retry_runs_what_did_not_succeed_and_the_finish(self) -> None:
        for state in LaneState:
            self.assertEqual(
                state is not LaneState.SUCCEEDED,
                decisions.runs_again(lane('x', state)),
            )
        self.assertTrue(decisions.runs_again(lane('f', LaneState.SUCCEEDED)))


class Outcomes:
    """Lets lanes end as told, in waves, and carries decisions out."""

    def __init__(self, data: st.DataObject, policy: Policy) -> None:
        self.data = data
        self.policy = policy
        self.operation = journal.make_operation()
        waves = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=5))
        self.lanes = {
            'p': lane('p', LaneState.QUEUED),
            **{
                f'm{n}': lane(f'm{n}', LaneState.QUEUED, wave=wave)
                for n, wave in enumerate(waves)
            },
            'f': lane('f', LaneState.QUEUED),
        }
        self.began_finish_with: set[LaneState] | None = None

    def run(self) -> decisions.Verdict:
        for _ in range(200):
            decision = decisions.decide(
                self.operation, self.policy, list(self.lanes.values())
            )
            if decision.verdict is not None:
                return decision.verdict
            for change in decision.changes:
                self.carry_out(change)
            if not decision.changes:
                self.let_one_go_on()
        raise AssertionError(f'no end: {self.lanes}')

    def carry_out(self, change: decisions.LaneChange) -> None:
        values = {
            Order.SKIP: {'state': LaneState.SKIPPED},
            Order.CANCEL: {'state': LaneState.CANCELLED},
            Order.STOP: {'direction': REVERT},
            Order.UNDO: {'state': LaneState.QUEUED, 'direction': REVERT},
        }[change.order]
        self.change(change.lane.name, **values)

    def change(self, name: str, **values: Any) -> None:
        self.lanes[name] = dataclasses.replace(self.lanes[name], **values)

    def let_one_go_on(self) -> None:
        open_ = [x for x in self.lanes.values() if x.state in decisions._OPEN]
        moving = [
            x
            for x in open_
            if x.state is not LaneState.QUEUED
            or (
                x.wave == min(y.wave for y in open_)
                if x.direction is EXECUTE
                else x.wave == max(y.wave for y in open_)
            )
        ]
        chosen = self.data.draw(st.sampled_from(moving))
        if self.data.draw(st.booleans()) and not (
            self.operation.cancel_requested
        ):
            wish = self.data.draw(st.integers(0, 9)) == 0
            self.operation = dataclasses.replace(
                self.operation, cancel_requested=wish
            )
        self.step(chosen)

    def step(self, chosen: models.Lane) -> None:
        name = chosen.name
        if chosen.state is LaneState.QUEUED:
            if chosen.direction is REVERT:
                self.change(name, state=LaneState.REVERTING)
            elif not self.operation.cancel_requested:
                if name == 'f':
                    self.began_finish_with = {
                        x.state for x in self.lanes.values() if x.member_id
                    }
                self.change(name, state=LaneState.RUNNING)
        elif chosen.state is LaneState.RUNNING:
            fails = self.data.draw(st.integers(0, 3)) == 0
            turned = chosen.direction is REVERT
            if fails or turned or self.operation.cancel_requested:
                self.change(
                    name,
                    state=LaneState.REVERTING,
                    direction=REVERT,
                    error_code='code',
                )
            else:
                self.change(name, state=LaneState.SUCCEEDED)
        else:
            leaves = self.data.draw(st.integers(0, 5)) == 0
            self.change(
                name, state=LaneState.FAILED if leaves else LaneState.REVERTED
            )


class ConvergenceTest(base.TestCase):
    @settings(max_examples=150, deadline=None)
    @given(data=st.data(), policy=st.sampled_from(Policy))
    def test_every_run_ends_and_its_verdict_is_true(
        self, data: st.DataObject, policy: Policy
    ) -> None:
        run = Outcomes(data, policy)

        verdict = run.run()

        states = {x.state for x in run.lanes.values()}
        members = [x.state for x in run.lanes.values() if x.member_id]
        recovered = LaneState.SUCCEEDED in members
        self.assertFalse(states & decisions._OPEN)
        self.assertEqual(
            states == {LaneState.SUCCEEDED},
            verdict.state is OperationState.SUCCEEDED,
        )
        if verdict.state is OperationState.PARTIAL:
            self.assertTrue(recovered)
        if verdict.state in (
            OperationState.REVERTED,
            OperationState.CANCELLED,
        ):
            self.assertNotIn(LaneState.SUCCEEDED, states)
            self.assertNotIn(LaneState.FAILED, states)
        if not recovered:
            self.assertNotIn(LaneState.SUCCEEDED, states)
        if run.began_finish_with is not None:
            self.assertIn(LaneState.SUCCEEDED, run.began_finish_with)
