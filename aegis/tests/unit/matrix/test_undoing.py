# SPDX-License-Identifier: Apache-2.0
"""Which ends of a cancelled run with a fault are right."""

from aegis import models
from aegis.common import exception
from aegis.tests import base
from aegis.tests.matrix import (
    cases,
    ends,
    faultcases,
    landscape,
    undoing,
    verdict,
)

REASON = (
    'nova at west answered 403 to DELETE /servers/1: no. '
    f'{exception.CloudForbidden.remedy}'
)
CALL = faultcases.Request('west', 'nova', 'DELETE', '/v2.1/servers/{id}')
SERVER = landscape.Standing(
    'server', '', ends.Thing('west', 'servers', 'web', 'ACTIVE')
)
State = models.OperationState


def ended(
    state: State, *standings: landscape.Standing, reasons: tuple[str, ...] = ()
) -> verdict.Ended:
    """How it ended, with a leftover for each reason."""
    return verdict.Ended(
        state=state,
        states={'operation': str(state)},
        lanes=(),
        debts=tuple(
            verdict.Debt(
                '', models.Leftover('nova', 'server', 'server', 'web', reason)
            )
            for reason in reasons
        ),
        report={},
        landscape=landscape.Landscape(standings),
    )


CLEAN = verdict.Clean(
    before=landscape.Landscape(()),
    group='protected',
    ended=ended(State.CANCELLED),
    protected=frozenset({'east'}),
)


class JudgeTest(base.TestCase):
    def judge(
        self,
        end: verdict.Ended,
        times: faultcases.Times = faultcases.Times.EVER,
    ) -> str:
        run = cases.Run(
            models.OperationType.FAILOVER,
            cases.World.ALIVE,
            cases.Way.REVERT,
        )
        case = faultcases.FaultCase(
            run, CALL, faultcases.Effect.FORBIDDEN, times
        )
        return '; '.join(undoing.judge(case, CLEAN, end))

    def test_the_same_end_is_right(self) -> None:
        self.assertEqual('', self.judge(ended(State.CANCELLED)))

    def test_a_leftover_that_is_listed_and_explained_is_right(self) -> None:
        end = ended(State.FAILED, SERVER, reasons=(REASON,))

        self.assertEqual('', self.judge(end))

    def test_a_single_fault_leaves_nothing(self) -> None:
        end = ended(State.FAILED, SERVER, reasons=(REASON,))

        self.assertIn(
            'a single fault was noticed',
            self.judge(end, faultcases.Times.ONCE),
        )

    def test_what_stands_has_to_be_listed(self) -> None:
        found = self.judge(ended(State.CANCELLED, SERVER))

        self.assertIn('not listed: servers web', found)
        self.assertIn('the call is not told', found)

    def test_what_is_listed_has_to_stand(self) -> None:
        end = ended(State.FAILED, reasons=(REASON,))

        self.assertIn('listed and not left', self.judge(end))

    def test_one_leftover_has_to_tell_the_call(self) -> None:
        told = ended(State.FAILED, SERVER, reasons=('It is in use.', REASON))
        untold = ended(State.FAILED, SERVER, reasons=('It is in use.',))

        self.assertEqual('', self.judge(told))
        self.assertIn('the call is not told', self.judge(untold))

    def test_a_remedy_has_to_be_told(self) -> None:
        reason = 'nova at west answered 403 to DELETE /servers/1: no.'
        end = ended(State.FAILED, SERVER, reasons=(reason,))

        self.assertIn('no remedy is told', self.judge(end))

    def test_a_cancelled_run_does_not_succeed(self) -> None:
        end = ended(State.SUCCEEDED, SERVER, reasons=(REASON,))

        self.assertIn('the operation is succeeded', self.judge(end))
