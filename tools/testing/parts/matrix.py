# SPDX-License-Identifier: Apache-2.0
"""The crash and fault matrices and the property test, whole or in part."""

import os
from dataclasses import dataclass

from testing import results
from testing.session import Session


@dataclass(frozen=True)
class Matrix:
    """A matrix by the name of its command.

    ``part`` are the options with which it is a part of itself, the same
    each time, and ``whole`` those with which it is all of it.
    """

    name: str
    title: str
    part: tuple[str, ...]
    whole: tuple[str, ...] = ()


ALL = (
    Matrix('crash', 'crash matrix', ('--part', '0', '--of', '120')),
    Matrix('faults', 'fault matrix', ('--part', '0', '--of', '300')),
    Matrix(
        'property',
        'property test',
        ('--runs', '12', '--steps', '8'),
        ('--runs', '500'),
    ),
)


def run_parts(session: Session) -> list[results.Result]:
    """Run the same small part of each, something of everything."""
    return [
        _run(
            session,
            f'functional: part of the {matrix.title}',
            matrix,
            *matrix.part,
        )
        for matrix in ALL
    ]


def run_whole(session: Session) -> list[results.Result]:
    """Run all cases of each."""
    return [
        _run(
            session,
            f'matrix: the whole {matrix.title}',
            matrix,
            *matrix.whole,
        )
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
