# SPDX-License-Identifier: Apache-2.0
"""The virtual environment of Aegis itself, installed from this checkout."""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from sites import commands, console, layout, locks, virtualenv

REPOSITORY = layout.REPOSITORY
CONSTRAINTS = layout.TOOLS / 'constraints.txt'
REQUIREMENTS = (
    'requirements.txt',
    'test-requirements.txt',
    'doc/requirements.txt',
)
PACKAGES = (
    REPOSITORY,
    REPOSITORY / 'simulators' / 'flasharray',
    REPOSITORY / 'python-aegisclient',
)
_METADATA = ('pyproject.toml', 'setup.cfg', 'requirements.txt')


def ensure(output: console.Console) -> virtualenv.Environment:
    """Make the environment unless it is there; follow changed requirements.

    Packages are installed in place, so that changed code needs no
    installation. Runs at the same time wait for each other.
    """
    root = layout.Layout.from_environment(os.environ).root
    name = f'venv-{identity()}'
    environment = virtualenv.Environment(root / name)
    with locks.held(root / f'{name}.lock'):
        if not (environment.path / 'created').exists():
            _create(environment, output)
        _install(environment, output)
    return environment


def identity() -> str:
    """What tells this checkout, with this Python, from others.

    As packages are installed in place, each needs an environment of its own.
    """
    return digest(str(REPOSITORY), sys.version)


def ensure_extra(
    environment: virtualenv.Environment, name: str, output: console.Console
) -> None:
    """Install an optional dependency of Aegis, such as ``uwsgi``."""
    mark = environment.path / f'extra-{name}'
    if mark.exists():
        return
    with output.step(f'install what aegis[{name}] needs'):
        install(
            environment,
            '--no-build-isolation',
            '-e',
            f'{REPOSITORY}[{name}]',
        )
    mark.touch()


def _create(
    environment: virtualenv.Environment, output: console.Console
) -> None:
    with output.step(f'virtual environment of Aegis ({environment.path})'):
        make_empty(environment)
        install(environment, 'pip', 'setuptools', 'pbr')
    (environment.path / 'created').touch()


def _install(
    environment: virtualenv.Environment, output: console.Console
) -> None:
    mark = environment.path / 'installed'
    wanted = digest(*_contents())
    if mark.exists() and mark.read_text() == wanted:
        return
    with output.step('install Aegis and all it needs (a minute or two)'):
        # One call, as each asks the index for every package anew.
        requirements = [
            part
            for name in REQUIREMENTS
            for part in ('-r', str(REPOSITORY / name))
        ]
        install(environment, *requirements)
        packages = [part for path in PACKAGES for part in ('-e', str(path))]
        install(environment, '--no-build-isolation', *packages)
    mark.write_text(wanted)


def _contents() -> Iterator[str]:
    yield CONSTRAINTS.read_text()
    for name in REQUIREMENTS:
        yield (REPOSITORY / name).read_text()
    for package in PACKAGES:
        for name in _METADATA:
            path = package / name
            yield path.read_text() if path.exists() else ''


def digest(*texts: str) -> str:
    """Return what names an environment made of these texts."""
    return hashlib.sha256('\0'.join(texts).encode()).hexdigest()[:12]


def make_empty(environment: virtualenv.Environment) -> None:
    """Make a virtual environment that has no package, in place of any."""
    shutil.rmtree(environment.path, ignore_errors=True)
    # Debian's python3 has venv but not always ensurepip; the pip at hand
    # can install into an environment that has none.
    commands.run(
        [sys.executable, '-m', 'venv', '--without-pip', environment.path],
        what='python -m venv',
    )


def install(
    environment: virtualenv.Environment,
    *arguments: str,
    constraints: Path = CONSTRAINTS,
) -> None:
    """Run ``pip install`` for an environment, with the pinned versions."""
    commands.run(
        [
            sys.executable,
            '-m',
            'pip',
            '--python',
            environment.program('python'),
            'install',
            '-q',
            '-c',
            str(constraints),
            *arguments,
        ],
        what=f'pip install {" ".join(arguments)}',
    )
