# SPDX-License-Identifier: Apache-2.0
"""Lint: one check per hook of pre-commit."""

import os
import re

from sites import layout
from testing import results
from testing.session import Session

_HOOK = re.compile(
    r'^(?P<name>\S.*?)\.{3,}(?P<detail>\(.*\))?(?P<word>Passed|Failed|Skipped)$',
    re.MULTILINE,
)


def run(session: Session) -> list[results.Result]:
    """Run all hooks over all files that git knows."""
    root = layout.Layout.from_environment(os.environ).root
    ended = session.run(
        'lint',
        [
            session.program('pre-commit'),
            'run',
            '--all-files',
            '--color=never',
        ],
        extra={'PRE_COMMIT_HOME': str(root / 'pre-commit')},
        live=True,
    )
    found = hooks(ended.output)
    if not found or (not ended.good and all(one.good for one in found)):
        found.append(results.of_check('lint: pre-commit', False, 0.0))
    return found


def hooks(output: str) -> list[results.Result]:
    """The result of each hook in the output of pre-commit.

    A hook that found no file to look at is left out.
    """
    return [
        results.of_check(
            f'lint: {match["name"]}', match['word'] == 'Passed', 0.0
        )
        for match in _HOOK.finditer(output)
        if match['word'] != 'Skipped'
    ]
