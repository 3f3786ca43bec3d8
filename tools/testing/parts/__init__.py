# SPDX-License-Identifier: Apache-2.0
"""The parts of a test run, in the order in which they run."""

from collections.abc import Callable
from dataclasses import dataclass

from testing.parts import clients, documents, lint, matrix, suites, types
from testing.results import Result
from testing.session import Session


@dataclass(frozen=True)
class Part:
    """One part: its name, what it does, and the function that does it.

    ``asked`` parts run only when they are named. Parts of a ``line`` run in
    their order, beside the other lines and after the parts of none. What is
    in ``extras`` of Aegis is installed before.
    """

    name: str
    purpose: str
    run: Callable[[Session], list[Result]]
    asked: bool = False
    line: str = ''
    extras: tuple[str, ...] = ()


ALL = (
    Part('lint', 'the hooks of .pre-commit-config.yaml', lint.run),
    Part('types', 'mypy, strict, on the modules that asked for it', types.run),
    Part('unit', 'unit tests and the floors of coverage', suites.run_unit),
    Part('docs', 'documents, API reference, release notes', documents.run),
    Part(
        'functional',
        'the whole service in process; the databases',
        suites.run_functional,
        line='simulators',
    ),
    Part(
        'clients',
        'unmodified Ansible and Cinder against the simulator',
        clients.run,
        line='simulators',
    ),
    Part(
        'integration',
        'the service against two real OpenStack sites',
        suites.run_integration,
        line='sites',
        extras=('uwsgi',),
    ),
    Part(
        'matrix',
        'every flow disturbed at every place; takes hours',
        matrix.run_whole,
        asked=True,
    ),
)
