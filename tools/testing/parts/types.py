# SPDX-License-Identifier: Apache-2.0
"""Types: mypy on what the pyproject.toml of each package names."""

from testing import environment, results
from testing.session import Session

PACKAGES = (('types: aegis', '.'), ('types: client', 'python-aegisclient'))


def run(session: Session) -> list[results.Result]:
    """Run mypy with each package's own settings."""
    return [_check(session, *package) for package in PACKAGES]


def _check(session: Session, name: str, directory: str) -> results.Result:
    ended = session.run(
        name,
        [session.program('mypy')],
        directory=environment.REPOSITORY / directory,
    )
    return results.of_check(name, ended.good, ended.seconds)
