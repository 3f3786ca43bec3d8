# SPDX-License-Identifier: Apache-2.0
"""The progress of an operation, live on a terminal, as lines elsewhere."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol, Self, TextIO

from rich import console as rich_console
from rich import live as rich_live
from rich import table as rich_table
from rich import text as rich_text

from aegisclient.osc import errors, lanes, outcome, times
from aegisclient.sdk.v1 import operation as operations
from aegisclient.sdk.v1 import proxy

_STYLES = {
    'succeeded': 'green',
    'running': 'cyan',
    'reverting': 'yellow',
    'partial': 'yellow',
    'failed': 'bold red',
    'reverted': 'red',
}

#: Which lanes to show first where there is no room for all.
_URGENCY = ('failed', 'reverting', 'reverted', 'running', 'queued')

#: Lines that are not lanes: heading, header, rules, footer, warning.
_FRAME_HEIGHT = 8


class Display(Protocol):
    """Something that shows an operation while it goes on."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def show(self, operation: operations.Operation) -> None:
        """Show how far it is."""

    def trouble(self, error: Exception) -> None:
        """Tell that the service did not answer."""


class Lines:
    """One line per change, with the time at which it was seen."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._seen: dict[str, tuple[object, ...]] = {}
        self._troubled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._stream.flush()

    def show(self, operation: operations.Operation) -> None:
        if self._troubled:
            self._troubled = False
            self._write('the service answers again')
        if operation.is_ended:
            self._show_lanes(operation)
            self._show_state(operation)
        else:
            self._show_state(operation)
            self._show_lanes(operation)

    def trouble(self, error: Exception) -> None:
        if not self._troubled:
            self._troubled = True
            self._write(f'no answer, trying again: {_first_line(error)}')

    def _show_state(self, operation: operations.Operation) -> None:
        cancel = operation.is_cancel_requested and not operation.is_ended
        if self._changed('', operation.state, cancel):
            asked = ', cancel requested' if cancel else ''
            self._write(f'{operation.type} {operation.state}{asked}')

    def _show_lanes(self, operation: operations.Operation) -> None:
        for row in lanes.rows(operation.lanes or ()):
            if self._changed(row.id, row.state, row.step, row.attempt):
                self._write(_sentence(row))

    def _changed(self, key: str, *values: object) -> bool:
        if self._seen.get(key) == values:
            return False
        self._seen[key] = values
        return True

    def _write(self, text: str) -> None:
        self._stream.write(f'{times.stamp(times.now())}  {text}\n')
        self._stream.flush()


def _sentence(row: lanes.LaneRow) -> str:
    step = f' at {row.step}' if row.step else ''
    message = f': {row.message}' if row.message else ''
    ended = row.state in ('succeeded', 'failed', 'reverted')
    spent = (
        f' after {times.duration(row.elapsed)}'
        if ended and row.elapsed is not None
        else ''
    )
    return f'{row.name}: {row.state}{step}{spent}{message}'


class LiveTable:
    """A table that is drawn over and over at the same place."""

    def __init__(self, console: rich_console.Console) -> None:
        self._console = console
        self._live = rich_live.Live(
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._last = rich_console.Group()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._live.stop()

    def show(self, operation: operations.Operation) -> None:
        rows = lanes.rows(operation.lanes or ())
        room = max(1, self._console.height - _FRAME_HEIGHT)
        shown = _most_urgent(rows, room)
        self._last = rich_console.Group(
            _heading(operation), _table(shown), _hidden(rows, shown)
        )
        self._live.update(self._last, refresh=True)

    def trouble(self, error: Exception) -> None:
        warning = _line(
            f'No answer, trying again: {_first_line(error)}', 'yellow'
        )
        self._live.update(
            rich_console.Group(self._last, warning), refresh=True
        )


def _table(rows: Sequence[lanes.LaneRow]) -> rich_table.Table:
    table = rich_table.Table()
    table.add_column('Member', no_wrap=True)
    table.add_column('State', no_wrap=True)
    table.add_column('Step', no_wrap=True)
    table.add_column('Time', no_wrap=True, justify='right')
    table.add_column('Message', no_wrap=True, overflow='ellipsis')
    for row in rows:
        name, state, step, spent, message = map(rich_text.Text, row.cells)
        state.stylize(_STYLES.get(row.state, ''))
        table.add_row(name, state, step, spent, message)
    return table


def _line(text: str, style: str = '') -> rich_text.Text:
    return rich_text.Text(text, style, no_wrap=True, overflow='ellipsis')


def _heading(operation: operations.Operation) -> rich_text.Text:
    spent = times.elapsed(operation.started_at, operation.finished_at)
    after = '' if spent is None else f', {times.duration(spent)}'
    heading = _line(f'{operation.type} {operation.id}: ')
    heading.append(operation.state, _STYLES.get(operation.state, ''))
    heading.append(after)
    if operation.is_cancel_requested and not operation.is_ended:
        heading.append(', cancel requested', 'yellow')
    return heading


def _most_urgent(
    rows: Sequence[lanes.LaneRow], room: int
) -> list[lanes.LaneRow]:
    if len(rows) <= room:
        return list(rows)

    def urgency(row: lanes.LaneRow) -> int:
        if row.state in _URGENCY:
            return _URGENCY.index(row.state)
        return len(_URGENCY)

    urgent = sorted(rows, key=urgency)[:room]
    return [row for row in rows if row in urgent]


def _hidden(
    rows: Sequence[lanes.LaneRow], shown: Sequence[lanes.LaneRow]
) -> rich_text.Text:
    hidden = Counter(row.state for row in rows if row not in shown)
    if not hidden:
        return _line('')
    counts = ', '.join(f'{count} {state}' for state, count in hidden.items())
    return _line(f'and {hidden.total()} more: {counts}')


def _first_line(error: Exception) -> str:
    return errors.describe(error).partition('\n')[0]


def display_for(stream: TextIO) -> Display:
    """The display that suits a stream."""
    if not stream.isatty():
        return Lines(stream)
    return LiveTable(rich_console.Console(file=stream, highlight=False))


def watch(
    client: proxy.Proxy, operation_id: str, interval: float, stream: TextIO
) -> tuple[operations.Operation | None, int]:
    """Show an operation until it has ended, then sum it up.

    Ctrl-C stops the watching and leaves the operation alone.

    :returns: the operation as it ended, or None after Ctrl-C, and the exit
        code that tells of it.
    """
    last = None
    with display_for(stream) as display:
        with contextlib.suppress(KeyboardInterrupt):
            for last in client.follow_operation(
                operation_id, interval=interval, on_trouble=display.trouble
            ):
                display.show(last)
    if last is None or not last.is_ended:
        _say(stream, outcome.interrupted(operation_id))
        return None, outcome.INTERRUPTED
    _say(stream, outcome.closing(last))
    return last, outcome.exit_code(last)


def _say(stream: TextIO, lines: Iterator[str]) -> None:
    stream.writelines(f'{line}\n' for line in lines)
    stream.flush()
