# SPDX-License-Identifier: Apache-2.0
from aegis import models
from aegis.common import states
from aegis.tests import base


class StatesTest(base.TestCase):
    def test_a_step_is_undone_from_wherever_it_got_to(self) -> None:
        for state in models.StepState:
            if state is models.StepState.REVERTED:
                self.assertRaises(
                    states.TransitionRefused, states.step_after, state, 'undo'
                )
                continue
            self.assertIs(
                models.StepState.REVERTING, states.step_after(state, 'undo')
            )

    def test_lane_events_lead_where_the_engine_writes_them(self) -> None:
        state = models.LaneState
        for source, event, target in (
            (state.QUEUED, 'claim', state.RUNNING),
            (state.QUEUED, 'claim_revert', state.REVERTING),
            (state.RUNNING, 'succeed', state.SUCCEEDED),
            (state.RUNNING, 'revert', state.REVERTING),
            (state.SUCCEEDED, 'undo', state.QUEUED),
            (state.REVERTING, 'reverted', state.REVERTED),
            (state.REVERTING, 'cancel', state.CANCELLED),
            (state.REVERTING, 'fail', state.FAILED),
        ):
            self.assertIs(target, states.lane_after(source, event))

    def test_every_end_of_an_operation_has_an_event_for_the_group(
        self,
    ) -> None:
        for state in states.OPERATION_ENDED:
            states.group_after(
                models.GroupState.FAILING_OVER, f'failover.{state}'
            )

    def test_what_events_are_possible_in(self) -> None:
        self.assertEqual(
            {models.StepState.RUNNING}, states.step_states_before('succeed')
        )
        self.assertFalse(states.changes_group(models.OperationType.CAPTURE))
