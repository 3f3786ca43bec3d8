# SPDX-License-Identifier: Apache-2.0
"""Documents: every warning of Sphinx is an error."""

from testing import results
from testing.session import Session

TREES = (
    ('docs: guides', 'doc'),
    ('docs: API reference', 'api-ref'),
    ('docs: release notes', 'releasenotes'),
)


def run(session: Session) -> list[results.Result]:
    """Build each tree of documents."""
    return [_build(session, name, tree) for name, tree in TREES]


def _build(session: Session, name: str, tree: str) -> results.Result:
    ended = session.run(
        name,
        [
            session.program('sphinx-build'),
            '-W',
            '--keep-going',
            '-q',
            '-j',
            'auto',
            '-b',
            'html',
            '-d',
            f'{tree}/build/doctrees',
            f'{tree}/source',
            f'{tree}/build/html',
        ],
    )
    return results.of_check(name, ended.good, ended.seconds)
