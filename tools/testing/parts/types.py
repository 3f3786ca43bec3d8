# SPDX-License-Identifier: Apache-2.0
"""Types: mypy on the files that pyproject.toml names."""

from testing import results
from testing.session import Session


def run(session: Session) -> list[results.Result]:
    """Run mypy with the settings of pyproject.toml."""
    ended = session.run('types: mypy', [session.program('mypy')])
    return [results.of_check('types: mypy', ended.good, ended.seconds)]
