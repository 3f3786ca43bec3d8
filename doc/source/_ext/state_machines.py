# SPDX-License-Identifier: Apache-2.0
"""The directive ``state-machine``: a machine of aegis.common.states.

Its argument is the name of the function that returns the machine. It draws
every transition of the machine itself, and lists them for those who do not
see the drawing, so that the page cannot go stale.
"""

import html
import inspect
from dataclasses import dataclass

from automaton import machines
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from aegis.common import states

COLUMN = 150
ROW = 34
HEAD = 40


@dataclass(frozen=True)
class Transition:
    source: str
    event: str
    target: str


class StateMachine(SphinxDirective):
    """A column for each state, an arrow for each transition, and a table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(inspect.getsourcefile(states))
        machine = getattr(states, self.arguments[0])()
        transitions = _transitions(machine)
        drawing = nodes.raw('', _svg(transitions), format='html')
        return [_start(machine), drawing, _table(transitions)]


def _transitions(machine: machines.FiniteMachine) -> list[Transition]:
    found = [Transition(*transition) for transition in machine]
    order = _order(machine.default_start_state, found)
    return sorted(
        found,
        key=lambda one: (order.index(one.source), order.index(one.target)),
    )


def _order(start: str, transitions: list[Transition]) -> list[str]:
    """The states as they are come to from the first one."""
    order = [start]
    for state in order:
        for one in transitions:
            if one.source == state and one.target not in order:
                order.append(one.target)
    order += sorted({one.source for one in transitions} - set(order))
    return order + sorted({one.target for one in transitions} - set(order))


def _svg(transitions: list[Transition]) -> str:
    names = list(
        dict.fromkeys(
            name for one in transitions for name in (one.source, one.target)
        )
    )
    places = {name: (at + 0.5) * COLUMN for at, name in enumerate(names)}
    width = len(names) * COLUMN
    height = HEAD + (len(transitions) + 1) * ROW
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        'style="max-width:100%" font-size="13" font-family="sans-serif" '
        'text-anchor="middle" fill="currentColor" stroke="none">'
    ]
    for name, x in places.items():
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="{HEAD}" y2="{height}" '
            'stroke="currentColor" stroke-opacity="0.3"/>'
            f'<text x="{x}" y="{HEAD - 12}" font-weight="bold">'
            f'{html.escape(name)}</text>'
        )
    for row, one in enumerate(transitions, start=1):
        y = HEAD + row * ROW
        parts.append(_arrow(places[one.source], places[one.target], y))
        middle = (places[one.source] + places[one.target]) / 2
        parts.append(
            f'<text x="{middle}" y="{y - 6}">{html.escape(one.event)}</text>'
        )
    return ''.join([*parts, '</svg>'])


def _arrow(source: float, target: float, y: float) -> str:
    if source == target:
        return (
            f'<circle cx="{source}" cy="{y}" r="4" fill="none" '
            'stroke="currentColor"/>'
        )
    back = -8 if target > source else 8
    return (
        f'<line x1="{source}" x2="{target}" y1="{y}" y2="{y}" '
        'stroke="currentColor"/>'
        f'<polygon points="{target},{y} {target + back},{y - 4} '
        f'{target + back},{y + 4}"/>'
    )


def _start(machine: machines.FiniteMachine) -> nodes.paragraph:
    paragraph = nodes.paragraph('', 'The first state is ')
    start = machine.default_start_state
    paragraph += [nodes.literal(start, start), nodes.Text('.')]
    return paragraph


def _table(transitions: list[Transition]) -> nodes.table:
    group = nodes.tgroup(cols=3)
    group += [nodes.colspec(colwidth=1) for _ in range(3)]
    group += nodes.thead('', _row(('In state', 'on', 'becomes'), nodes.strong))
    body = nodes.tbody()
    for one in transitions:
        body += _row((one.source, one.event, one.target), nodes.literal)
    group += body
    return nodes.table('', group)


def _row(texts: tuple[str, ...], kind: type[nodes.TextElement]) -> nodes.row:
    row = nodes.row()
    for text in texts:
        row += nodes.entry('', nodes.paragraph('', '', kind(text, text)))
    return row


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive('state-machine', StateMachine)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
