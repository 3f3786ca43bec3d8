# SPDX-License-Identifier: Apache-2.0
"""The virtual environment of all OpenStack services and of the simulator."""

import fnmatch
import hashlib
import pathlib
import shutil
import sys
import tempfile
from dataclasses import dataclass

from sites import commands, console, errors, layout, locks

REQUIREMENTS = (
    'keystone',
    'glance',
    'openstack-placement',
    'nova',
    'neutron',
    'cinder',
    'python-openstackclient',
    'py-pure-client',
    'pymysql',
    'uwsgi',
    'python-memcached',
)
_NOT_SOURCE = ('__pycache__', 'build', 'dist', 'tests', '*.egg-info', '.*')


@dataclass(frozen=True)
class LocalPackage:
    """A package of this repository, installed as a copy, not in place."""

    name: str
    source: pathlib.Path


LOCAL_PACKAGES = (
    LocalPackage('flasharray-simulator', layout.SIMULATOR),
    LocalPackage('aegis-sites-neutron-driver', layout.NEUTRON_DRIVER),
)


@dataclass(frozen=True)
class Environment:
    """One virtual environment."""

    path: pathlib.Path

    @property
    def programs(self) -> pathlib.Path:
        return self.path / 'bin'

    @property
    def settings(self) -> pathlib.Path:
        """Return where the services' packages put their etc files."""
        return self.path / 'etc'

    def program(self, name: str) -> str:
        return str(self.programs / name)


def locate(paths: layout.Layout) -> Environment:
    """Return the environment of these constraints, made or not."""
    return Environment(paths.root / f'clouds-venv-{constraints_digest()}')


def constraints_digest() -> str:
    """Return what names the environment: its versions and its Python."""
    digest = hashlib.sha256(layout.CONSTRAINTS.read_bytes())
    digest.update('\n'.join(REQUIREMENTS).encode())
    digest.update(sys.version.split()[0].encode())
    return digest.hexdigest()[:12]


def source_digest(source: pathlib.Path) -> str:
    """Return a digest of all source files below a directory."""
    digest = hashlib.sha256()
    for path in _source_files(source):
        digest.update(str(path.relative_to(source)).encode() + b'\0')
        digest.update(path.read_bytes() + b'\0')
    return digest.hexdigest()[:16]


def ensure(paths: layout.Layout, output: console.Console) -> Environment:
    """Make the environment unless it is there; install changed copies."""
    environment = locate(paths)
    with locks.held(paths.root / f'{environment.path.name}.lock'):
        if not (environment.path / 'complete').exists():
            _create(environment, output)
        for package in LOCAL_PACKAGES:
            _ensure_package(environment, package, output)
    return environment


def _create(environment: Environment, output: console.Console) -> None:
    # Built under its final name, as scripts carry their interpreter's
    # path; the mark at the end tells a complete one from an interrupted.
    shutil.rmtree(environment.path, ignore_errors=True)
    with output.step(
        'virtual environment of the OpenStack services '
        f'({environment.path}; about 2 minutes)'
    ):
        commands.run(
            [sys.executable, '-m', 'venv', str(environment.path)],
            what='python -m venv',
        )
        commands.run(
            [
                environment.program('pip'),
                'install',
                '-q',
                '-c',
                str(layout.CONSTRAINTS),
                *REQUIREMENTS,
            ],
            what='pip install',
        )
    (environment.path / 'complete').touch()


def _ensure_package(
    environment: Environment, package: LocalPackage, output: console.Console
) -> None:
    if not package.source.is_dir():
        raise errors.CloudsError(
            f'{package.source} is missing: the checkout is not complete. '
            'Clone the repository again.'
        )
    digest = source_digest(package.source)
    mark = environment.path / f'installed-{package.name}'
    if mark.exists() and mark.read_text() == digest:
        return
    with output.step(f'install {package.name}'):
        # Built from a copy: setuptools writes into the source tree.
        with tempfile.TemporaryDirectory() as temporary:
            copy = pathlib.Path(temporary) / package.name
            shutil.copytree(
                package.source,
                copy,
                ignore=shutil.ignore_patterns(*_NOT_SOURCE),
            )
            commands.run(
                [
                    environment.program('pip'),
                    'install',
                    '-q',
                    '-c',
                    str(layout.CONSTRAINTS),
                    str(copy),
                ],
                what=f'pip install {package.name}',
            )
    mark.write_text(digest)


def _source_files(source: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        path
        for path in source.rglob('*')
        if path.is_file()
        and not any(
            fnmatch.fnmatch(part, pattern)
            for pattern in _NOT_SOURCE
            for part in path.relative_to(source).parts
        )
    )
