# SPDX-License-Identifier: Apache-2.0
"""The virtual environment of Aegis itself, installed from this checkout."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sites import commands, console, layout, virtualenv

REPOSITORY = layout.REPOSITORY
CONSTRAINTS = layout.TOOLS / 'constraints.txt'
REQUIREMENTS = (
    'requirements.txt',
    'test-requirements.txt',
    'doc/requirements.txt',
)
PACKAGES = (
    virtualenv.LocalPackage('aegis', REPOSITORY),
    virtualenv.LocalPackage(
        'flasharray-simulator', REPOSITORY / 'simulators' / 'flasharray'
    ),
    virtualenv.LocalPackage(
        'python-aegisclient', REPOSITORY / 'python-aegisclient'
    ),
)
_METADATA = ('pyproject.toml', 'setup.cfg', 'requirements.txt')


def ensure(output: console.Console) -> virtualenv.Environment:
    """Make the environment unless it is there; follow changed metadata.

    Packages are installed in place, so that changed code needs no
    installation. Runs at the same time wait for each other.
    """
    root = layout.Layout.from_environment(os.environ).root
    root.mkdir(parents=True, exist_ok=True)
    environment = virtualenv.Environment(root / f'venv-{_digest()}')
    with _locked(root / f'venv-{_digest()}.lock'):
        if not (environment.path / 'complete').exists():
            _create(environment, output)
        _install_packages(environment, output)
    return environment


def ensure_extra(
    environment: virtualenv.Environment, name: str, output: console.Console
) -> None:
    """Install an optional dependency of Aegis, such as ``uwsgi``."""
    mark = environment.path / f'extra-{name}'
    if mark.exists():
        return
    with output.step(f'install what aegis[{name}] needs'):
        _pip(environment, '-e', f'{REPOSITORY}[{name}]')
    mark.touch()


def _digest() -> str:
    # Packages are installed in place: each checkout needs its own.
    digest = hashlib.sha256(str(REPOSITORY).encode())
    digest.update(sys.version.encode())
    digest.update(CONSTRAINTS.read_bytes())
    for name in REQUIREMENTS:
        digest.update((REPOSITORY / name).read_bytes())
    return digest.hexdigest()[:12]


def _create(
    environment: virtualenv.Environment, output: console.Console
) -> None:
    shutil.rmtree(environment.path, ignore_errors=True)
    with output.step(
        f'virtual environment of Aegis ({environment.path}; '
        'one to two minutes)'
    ):
        # Debian's python3 has venv but not always ensurepip; the pip at
        # hand can install into an environment that has none.
        commands.run(
            [sys.executable, '-m', 'venv', '--without-pip', environment.path],
            what='python -m venv',
        )
        _pip(environment, 'pip')
        requirements = [
            part
            for name in REQUIREMENTS
            for part in ('-r', str(REPOSITORY / name))
        ]
        _pip(environment, *requirements)
    (environment.path / 'complete').touch()


def _install_packages(
    environment: virtualenv.Environment, output: console.Console
) -> None:
    for package in PACKAGES:
        mark = environment.path / f'installed-{package.name}'
        digest = _metadata_digest(package.source)
        if mark.exists() and mark.read_text() == digest:
            continue
        with output.step(f'install {package.name}'):
            _pip(environment, '-e', str(package.source))
        mark.write_text(digest)


def _metadata_digest(package: pathlib.Path) -> str:
    digest = hashlib.sha256()
    for name in _METADATA:
        path = package / name
        digest.update(path.read_bytes() if path.exists() else b'')
    return digest.hexdigest()


def _pip(environment: virtualenv.Environment, *arguments: str) -> None:
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
            str(CONSTRAINTS),
            *arguments,
        ],
        what=f'pip install {" ".join(arguments)}',
    )


@contextmanager
def _locked(path: pathlib.Path) -> Iterator[None]:
    with path.open('w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
