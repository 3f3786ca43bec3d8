# SPDX-License-Identifier: Apache-2.0
"""The directive ``error-codes``: a table of every error and its remedy.

It is made from the classes themselves, errors and readiness checks, so that
it cannot go stale. Its argument is the module in which the classes are.
"""

import importlib
import inspect
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_PLACEHOLDER = re.compile(r'{(\w+)[^}]*}')


class ErrorCodes(SphinxDirective):
    """One row per class of the module that has a ``code`` of its own."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        module = importlib.import_module(self.arguments[0])
        self.env.note_dependency(inspect.getsourcefile(module))
        rows = sorted(
            _cells(found)
            for _, found in inspect.getmembers(module, inspect.isclass)
            if isinstance(vars(found).get('code'), str)
        )
        if not rows:
            raise self.error(f'{module.__name__} has no class with a code')
        return [_table(('Code', 'HTTP', 'Means', 'What to do'), rows)]


def _cells(error: type[Any]) -> tuple[str, ...]:
    status = getattr(error, 'status', None)
    # Never an inherited docstring: it is about another class.
    message = (
        getattr(error, 'message', None)
        or getattr(error, 'summary', None)
        or inspect.cleandoc(vars(error).get('__doc__') or '')
    )
    return (
        error.code,
        str(status) if status else '',
        _PLACEHOLDER.sub(r'<\1>', message.split('\n\n')[0]),
        _PLACEHOLDER.sub(r'<\1>', error.remedy),
    )


def _table(
    titles: tuple[str, ...], rows: list[tuple[str, ...]]
) -> nodes.table:
    shown = [
        position
        for position in range(len(titles))
        if any(row[position] for row in rows)
    ]
    group = nodes.tgroup(cols=len(shown))
    group += [nodes.colspec(colwidth=1) for _ in shown]
    group += nodes.thead('', _row([titles[at] for at in shown], nodes.strong))
    body = nodes.tbody()
    for row in rows:
        first, *others = (row[at] for at in shown)
        entry = _row([first], nodes.literal)
        entry += _row(others, nodes.inline).children
        body += entry
    group += body
    return nodes.table('', group)


def _row(texts: list[str], kind: type[nodes.TextElement]) -> nodes.row:
    row = nodes.row()
    for text in texts:
        row += nodes.entry('', nodes.paragraph('', '', kind(text, text)))
    return row


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive('error-codes', ErrorCodes)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
