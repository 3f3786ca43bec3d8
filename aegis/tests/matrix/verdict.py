# SPDX-License-Identifier: Apache-2.0
"""Whether a run that met a fault has ended as it should.

A call that fails once must not be noticed. One that fails more often may be
tolerated, or else be told well: which service failed at which call, and what
to do about it; whoever has nothing to do with it succeeds all the same, and
of the others nothing stands but the leftovers that are listed, which all
stand.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aegis import models
from aegis.common import exception
from aegis.storage import errors
from aegis.tests.matrix import faultcases, landscape

_FAILED_WELL = frozenset(
    {
        models.OperationState.PARTIAL,
        models.OperationState.REVERTED,
        models.OperationState.FAILED,
    }
)
# Remedies that begin so are no orders.
_ARTICLES = frozenset({'A', 'Aegis', 'An', 'Every', 'The'})
_FAILED = frozenset({models.LaneState.FAILED, models.LaneState.REVERTED})


@dataclasses.dataclass(frozen=True)
class Debt:
    """A leftover, and of whose lane: a member's short id, or nobody's."""

    owner: str
    leftover: models.Leftover


@dataclasses.dataclass(frozen=True)
class Ended:
    """A run that has ended.

    :param states: what the rows say, by what they are about.
    :param report: the operation's own.
    """

    state: models.OperationState
    states: Mapping[str, str]
    lanes: Sequence[models.Lane]
    debts: Sequence[Debt]
    report: Mapping[str, Any]
    landscape: landscape.Landscape


@dataclasses.dataclass(frozen=True)
class Clean:
    """A run that met no fault, and what there was before it.

    :param protected: the places that may be lost: a site and its array.
    """

    before: landscape.Landscape
    group: str
    ended: Ended
    protected: frozenset[str]


def judge(
    case: faultcases.FaultCase, clean: Clean, ended: Ended
) -> tuple[str, ...]:
    """Say all that is wrong with an end; nothing when it is right."""
    different = tuple(differences(clean.ended, ended))
    if not different:
        return ()
    if ended.state is models.OperationState.SUCCEEDED:
        return tuple(_untold(case, clean, ended))
    if case.times is faultcases.Times.ONCE:
        return ('a single fault was noticed', *different, *reasons(ended))
    return (
        *_badly_told(case, ended),
        *_wrongly_left(clean, ended),
        *_wrong_group(clean, ended),
    )


def differences(clean: Ended, ended: Ended) -> Iterator[str]:
    """How an end differs from the clean one."""
    for key in sorted({*clean.states, *ended.states}):
        found, wanted = ended.states.get(key), clean.states.get(key)
        if found != wanted:
            yield f'{key} is {found}, not {wanted}'
    yield from _gap(ended.landscape.gap(clean.landscape))


def _gap(gap: landscape.Gap) -> Iterator[str]:
    for word, standings in (
        ('not listed', gap.surplus),
        ('missing', gap.missing),
    ):
        for each in standings:
            yield f'{word}: {each}'


def reasons(ended: Ended) -> Iterator[str]:
    """What the lanes say went wrong."""
    for lane in ended.lanes:
        if lane.reason:
            yield f'{lane.name}: {lane.error_code} {lane.reason}'


def _untold(
    case: faultcases.FaultCase, clean: Clean, ended: Ended
) -> Iterator[str]:
    """What is wrong with a success that is not the clean one.

    A failover must not depend on the side that it flees from. So it may
    succeed though that side did not do what it was asked to, if the report
    says so: which service did not, and at which call.
    """
    gap = ended.landscape.gap(clean.ended.landscape)
    elsewhere = landscape.Gap(
        *(
            tuple(e for e in part if e.thing.place not in clean.protected)
            for part in (gap.surplus, gap.missing)
        )
    )
    if elsewhere or case.times is faultcases.Times.ONCE:
        yield 'it succeeded with another end'
        yield from differences(clean.ended, ended)
    elif not case.request.is_named_in(json.dumps(ended.report)):
        yield 'the report does not tell the call that failed'
        yield from _gap(gap)


def _badly_told(case: faultcases.FaultCase, ended: Ended) -> Iterator[str]:
    if ended.state not in _FAILED_WELL:
        yield f'the operation is {ended.state}'
    failed = [
        lane
        for lane in ended.lanes
        if lane.state in _FAILED and lane.error_code
    ]
    if not failed:
        yield 'no lane says why it failed'
    for lane in failed:
        reason = lane.reason or ''
        told = f'{lane.name}: {lane.error_code} {reason}'
        if not case.request.is_named_in(reason):
            yield f'the call is not told: {told}'
        if not has_remedy(str(lane.error_code), reason):
            yield f'no remedy is told: {told}'


def has_remedy(code: str, reason: str) -> bool:
    """Whether a reason says what to do, as errors of its code do.

    Many a remedy has a better one in its place, which nobody but who raised
    the error knows; so all sentences will do that begin as our remedies do.
    But a bug has none, although it says something of the kind.
    """
    if code == exception.AegisError.code:
        return False
    remedies = [
        remedy
        for kind in (exception.AegisError, errors.StorageError)
        for remedy in _remedies(kind)
    ]
    orders = {remedy.split()[0] for remedy in remedies} - _ARTICLES
    _, *others = reason.split('. ')
    return any(each.split(' ')[0] in orders for each in others) or any(
        remedy.partition('{')[0] in reason for remedy in remedies
    )


def _remedies(kind: type[Any]) -> Iterator[str]:
    for each in kind.__subclasses__():
        yield each.remedy
        yield from _remedies(each)


def _wrongly_left(clean: Clean, ended: Ended) -> Iterator[str]:
    members = {_short(lane) for lane in ended.lanes if lane.member_id}
    succeeded = {
        _short(lane)
        for lane in ended.lanes
        if lane.member_id and lane.state is models.LaneState.SUCCEEDED
    }
    gap = ended.landscape.gap(
        landscape.wanted(
            clean.before, clean.ended.landscape, members, succeeded
        )
    )
    yield from wrongly_listed(gap, ended)


def wrongly_listed(gap: landscape.Gap, ended: Ended) -> Iterator[str]:
    """Where the leftovers that are listed are not what is left."""
    yield from _gap(
        landscape.Gap(
            *(
                tuple(each for each in part if not _is_listed(each, ended))
                for part in (gap.surplus, gap.missing)
            )
        )
    )
    for debt in ended.debts:
        if not is_open(debt) and not any(covers(debt, e) for e in gap.all):
            leftover = debt.leftover
            yield (
                f'listed and not left: {leftover.service} '
                f'{leftover.resource_type} {leftover.name}'
            )


def _short(lane: models.Lane) -> str:
    return (lane.member_id or '')[:8]


def _is_listed(standing: landscape.Standing, ended: Ended) -> bool:
    return any(covers(debt, standing) for debt in ended.debts)


def is_open(debt: Debt) -> bool:
    """Whether nobody could look what is left, so that it may be nothing."""
    return debt.leftover.resource_type in ('step', 'site')


def covers(debt: Debt, standing: landscape.Standing) -> bool:
    """Whether a leftover is about a thing.

    One of a step or a site that could not be asked is about all that the
    lane may have left; the others are about one thing.
    """
    leftover = debt.leftover
    if leftover.resource_type == 'step':
        return standing.owner == debt.owner or not debt.owner
    if leftover.resource_type in ('site', 'replication'):
        return standing.thing.place.endswith(leftover.resource_id)
    return standing.id in leftover.resource_id.split('/')


def _wrong_group(clean: Clean, ended: Ended) -> Iterator[str]:
    found = ended.states.get('group')
    if ended.state is models.OperationState.REVERTED and found != clean.group:
        yield f'the group is {found}, not {clean.group} as before'
