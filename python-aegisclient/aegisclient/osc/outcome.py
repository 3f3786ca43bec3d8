# SPDX-License-Identifier: Apache-2.0
"""How an operation ended: exit code and closing words."""

from collections.abc import Iterator, Mapping
from typing import Any

from aegisclient.osc import lanes, times
from aegisclient.sdk.v1 import operation as operations

SUCCEEDED = 0
FAILED = 1
PARTIAL = 2
INTERRUPTED = 130

_ENDED = {
    'partial': 'succeeded only in part',
    'reverted': 'was reverted',
    'cancelled': 'was cancelled',
}


def exit_code(operation: operations.Operation) -> int:
    """The exit code of a command that waited for an operation."""
    return {'succeeded': SUCCEEDED, 'partial': PARTIAL}.get(
        operation.state, FAILED
    )


def closing(operation: operations.Operation) -> Iterator[str]:
    """Lines that sum up an operation that has ended."""
    spent = times.elapsed(operation.started_at, operation.finished_at)
    after = '' if spent is None else f' after {times.duration(spent)}'
    ended = _ENDED.get(operation.state, operation.state)
    yield f'{_title(operation)} {ended}{after}.'
    yield from _reported(operation.report or {})
    if operation.state != 'succeeded':
        yield from _problems(operation)


def _reported(report: Mapping[str, Any]) -> Iterator[str]:
    if report.get('rpo_seconds') is not None:
        age = times.duration(report['rpo_seconds'])
        yield f'  The recovered data is from {age} before.'
    if report.get('rto_seconds') is not None:
        spent = times.duration(report['rto_seconds'])
        yield f'  The last server was launched {spent} after the request.'
    fence = report.get('fence') or {}
    if fence and not fence.get('fenced'):
        yield f'  The protected site was not fenced: {fence.get("reason")}'
    for member in report.get('members') or ():
        for address in member.get('floating_ips') or ():
            if address['is'] != address['was']:
                yield (
                    f'  {member["name"]}: floating IP {address["was"]} is now '
                    f'{address["is"]}.'
                )


def _problems(operation: operations.Operation) -> Iterator[str]:
    found = operation.lanes or ()
    failures = lanes.failures(found)
    reason = operation.state_reason
    if reason and reason not in [lane.get('reason') for lane in failures]:
        yield f'  {lanes.coded(reason, operation.error_code)}'
    for lane in failures:
        yield f'  {_failure(lane)}'
    for thing in lanes.leftovers(found):
        yield f'  Left behind: {lanes.leftover(thing)}'
    yield 'Details: ' + _command('show --steps', operation)
    yield 'Run again what is not done: ' + _command('retry', operation)


def interrupted(operation_id: str) -> Iterator[str]:
    """Lines for whoever stops watching."""
    yield 'No longer watching. The operation goes on.'
    yield f'Watch it again: openstack dr operation watch {operation_id}'
    yield f'Cancel it: openstack dr operation cancel {operation_id}'


def _title(operation: operations.Operation) -> str:
    return f'{operation.type.capitalize()} {operation.id}'


def _failure(lane: Mapping[str, Any]) -> str:
    step = lanes.present_step(lane).get('name')
    place = f'{lane["name"]}, step {step}' if step else lane['name']
    reason = lanes.coded(lane.get('reason') or '', lane.get('error_code'))
    return f'{place}: {reason}'


def _command(verb: str, operation: operations.Operation) -> str:
    return f'openstack dr operation {verb} {operation.id}'
