# SPDX-License-Identifier: Apache-2.0
"""Whether a run that was cancelled and met a fault then has ended right.

A call that fails once must not be noticed. When one fails more often, what
could not be undone is listed, with the call that failed, and all else is
undone.
"""

from collections.abc import Iterator

from aegis import models
from aegis.tests.matrix import faultcases, verdict

_ENDED_WELL = frozenset(
    {
        models.OperationState.CANCELLED,
        models.OperationState.FAILED,
        models.OperationState.PARTIAL,
    }
)


def judge(
    case: faultcases.FaultCase, clean: verdict.Clean, ended: verdict.Ended
) -> tuple[str, ...]:
    """Say all that is wrong with an end; nothing when it is right."""
    different = tuple(verdict.differences(clean.ended, ended))
    if not different:
        return ()
    if case.times is faultcases.Times.ONCE:
        return (
            'a single fault was noticed',
            *different,
            *verdict.reasons(ended),
        )
    gap = ended.landscape.gap(clean.ended.landscape)
    return (
        *_badly_told(case, ended),
        *verdict.wrongly_listed(gap, ended),
    )


def _badly_told(
    case: faultcases.FaultCase, ended: verdict.Ended
) -> Iterator[str]:
    """What is not said of the fault; leftovers may follow from others."""
    if ended.state not in _ENDED_WELL:
        yield f'the operation is {ended.state}'
    reasons = [debt.leftover.reason for debt in ended.debts]
    told = [each for each in reasons if case.request.is_named_in(each)]
    if not told:
        yield f'the call is not told: {"; ".join(reasons)}'
    elif not any(verdict.has_remedy('', each) for each in told):
        yield f'no remedy is told: {"; ".join(told)}'
