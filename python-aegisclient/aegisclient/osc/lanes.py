# SPDX-License-Identifier: Apache-2.0
"""What to say about the lanes of an operation, wherever it is printed."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aegisclient.osc import times

_BAD = ('failed', 'reverted')


@dataclasses.dataclass(frozen=True)
class LaneRow:
    """One lane at one moment; ``elapsed`` in seconds, None before it runs."""

    id: str
    name: str
    state: str
    step: str
    elapsed: float | None
    message: str
    attempt: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as short texts."""
        spent = '' if self.elapsed is None else times.duration(self.elapsed)
        return (self.name, self.state, self.step, spent, self.message)


def rows(lanes: Iterable[Mapping[str, Any]]) -> list[LaneRow]:
    """A row per lane, in the order in which they run."""
    ordered = sorted(lanes, key=lambda lane: (lane['wave'], lane['name']))
    return [_row(lane) for lane in ordered]


def _row(lane: Mapping[str, Any]) -> LaneRow:
    step = present_step(lane)
    return LaneRow(
        id=lane['id'],
        name=lane['name'],
        state=lane['state'],
        step='' if lane['state'] == 'succeeded' else step.get('name', ''),
        elapsed=times.elapsed(lane['started_at'], lane['finished_at']),
        message=_message(lane, step),
        attempt=lane['attempt'],
    )


def present_step(lane: Mapping[str, Any]) -> Mapping[str, Any]:
    """The step that a lane is at or has failed at; empty before the first."""
    steps = lane.get('steps') or ()
    for step in reversed(steps):
        if step['state'] in ('running', 'reverting', 'failed'):
            return step
    return steps[-1] if steps else {}


def _message(lane: Mapping[str, Any], step: Mapping[str, Any]) -> str:
    if lane['state'] == 'succeeded':
        return ''
    return coded(
        lane.get('reason') or step.get('message') or '',
        lane.get('error_code') or step.get('error_code'),
    )


def coded(text: str, code: str | None) -> str:
    """A text with the code of the error behind it."""
    return f'{text} ({code})'.strip() if code else text


def step_rows(lanes: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Short texts per step: lane, step, state, time spent, message."""
    ordered = sorted(lanes, key=lambda lane: (lane['wave'], lane['name']))
    return [
        (
            lane['name'],
            step['name'],
            step['state'],
            _spent(step),
            coded(step.get('message') or '', step.get('error_code')),
        )
        for lane in ordered
        for step in lane.get('steps') or ()
    ]


def _spent(step: Mapping[str, Any]) -> str:
    seconds = times.elapsed(step['started_at'], step['finished_at'])
    services = ', '.join(
        f'{service} {spent:.1f}s'
        for service, spent in (step.get('service_seconds') or {}).items()
    )
    total = '' if seconds is None else f'{seconds:.1f}s'
    return f'{total} ({services})' if services else total


def leftovers(lanes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All that reverts could not remove."""
    return [
        thing
        for lane in lanes
        for step in lane.get('steps') or ()
        for thing in step.get('leftovers') or ()
    ]


def leftover(thing: Mapping[str, Any]) -> str:
    """One leftover in words."""
    return '{service} {resource_type} {name} ({resource_id}): {reason}'.format(
        **thing
    )


def failures(lanes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lanes that did not succeed for a reason of their own."""
    return [
        lane
        for lane in lanes
        if lane['state'] in _BAD and (lane.get('reason') or lane['error_code'])
    ]


def table(rows: Iterable[LaneRow | Sequence[str]]) -> str:
    """Rows as text in columns."""
    texts = [
        row.cells if isinstance(row, LaneRow) else tuple(row) for row in rows
    ]
    if not texts:
        return ''
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return '\n'.join(_aligned(text, widths) for text in texts)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded: Iterator[str] = (
        cell.ljust(width)
        for cell, width in zip(cells, widths, strict=True)
        if width
    )
    return '  '.join(padded).rstrip()
