# SPDX-License-Identifier: Apache-2.0
"""The directive ``state-machine``: a machine of aegis.common.states.

Its argument is the name of the function that returns the machine. It lists
every transition of the machine itself, so that the page cannot go stale.
"""

import inspect

from automaton import machines
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from aegis.common import states


class StateMachine(SphinxDirective):
    """A table of the transitions, a state in each first column."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(inspect.getsourcefile(states))
        machine = getattr(states, self.arguments[0])()
        return [_start(machine), _table(machine)]


def _start(machine: machines.FiniteMachine) -> nodes.paragraph:
    paragraph = nodes.paragraph('', 'The first state is ')
    start = machine.default_start_state
    paragraph += [nodes.literal(start, start), nodes.Text('.')]
    return paragraph


def _table(machine: machines.FiniteMachine) -> nodes.table:
    group = nodes.tgroup(cols=3)
    group += [nodes.colspec(colwidth=1) for _ in range(3)]
    head = nodes.row()
    for title in ('In state', 'on', 'becomes'):
        head += nodes.entry(
            '', nodes.paragraph('', '', nodes.strong(title, title))
        )
    group += nodes.thead('', head)
    body = nodes.tbody()
    for row in _rows(machine):
        body += row
    group += body
    return nodes.table('', group)


def _rows(machine: machines.FiniteMachine) -> list[nodes.row]:
    rows = []
    for state in machine.states:
        transitions = [
            (event, target)
            for source, event, target in machine
            if source == state
        ]
        for event, target in transitions or [('', '')]:
            row = nodes.row()
            for text in (state, event, target):
                literal = nodes.literal(text, text) if text else nodes.inline()
                row += nodes.entry('', nodes.paragraph('', '', literal))
            rows.append(row)
    return rows


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive('state-machine', StateMachine)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
