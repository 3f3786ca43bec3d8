# SPDX-License-Identifier: Apache-2.0
"""The crash matrix and the fault matrix, whole or in part."""

import os
from dataclasses import dataclass

from testing import results
from testing.session import Session


@dataclass(frozen=True)
class Matrix:
    """A matrix by the name of its command.

    ``of`` is into how many parts it is divided for those runs of which it
    is one part only; ``part`` is the one that runs.
    """

    name: str
    title: str
    of: int
    part: int = 0


ALL = (
    Matrix('crash', 'crash matrix', of=120),
    Matrix('faults', 'fault matrix', of=300),
)


def run_parts(session: Session) -> list[results.Result]:
    """Run the same small part of each, something of everything."""
    return [
        _run(
            session,
            f'functional: part of the {matrix.title}',
            matrix,
            '--part',
            str(matrix.part),
            '--of',
            str(matrix.of),
        )
        for matrix in ALL
    ]


def run_whole(session: Session) -> list[results.Result]:
    """Run all cases of each."""
    return [
        _run(session, f'matrix: the whole {matrix.title}', matrix)
        for matrix in ALL
    ]


def _run(
    session: Session, name: str, matrix: Matrix, *options: str
) -> results.Result:
    jobs = str(max(2, os.cpu_count() or 2))
    ended = session.run(
        name,
        [
            session.program('python'),
            '-m',
            'aegis.tests.matrix',
            matrix.name,
            '--jobs',
            jobs,
            *options,
        ],
    )
    return results.of_matrix(
        name, ended.output, ended.return_code, ended.seconds
    )
