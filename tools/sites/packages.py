# SPDX-License-Identifier: Apache-2.0
"""Debian packages: installed only when something is missing."""

import os
import pathlib
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sites import commands, console, errors, locks

_LOCK = pathlib.Path(tempfile.gettempdir()) / f'aegis-packages-{os.getuid()}'


@dataclass(frozen=True)
class Requirement:
    """A Debian package and how to see that it is there."""

    package: str
    is_there: Callable[[], bool]


def program(name: str) -> str | None:
    """Return where a program is, looking in the system directories too."""
    return shutil.which(
        name, path=os.environ.get('PATH', '') + ':' + commands.SYSTEM_PATH
    )


def _has_program(name: str) -> Callable[[], bool]:
    return lambda: program(name) is not None


def _has_ensurepip() -> bool:
    # Debian's own python3 is split: venv comes with python3-venv.
    try:
        import ensurepip
    except ImportError:
        return False
    bundled = pathlib.Path(ensurepip.__file__).parent / '_bundled'
    return (
        bundled.is_dir() or pathlib.Path('/usr/share/python-wheels').is_dir()
    )


def _has_python_headers() -> bool:
    include = pathlib.Path(sysconfig.get_paths()['include'])
    return (include / 'Python.h').is_file()


def requirements() -> tuple[Requirement, ...]:
    """Return what the sites need from Debian."""
    version = f'python{sys.version_info.major}.{sys.version_info.minor}'
    return (
        Requirement('mariadb-server', _has_program('mariadbd')),
        Requirement('mariadb-client', _has_program('mariadb')),
        Requirement('rabbitmq-server', _has_program('rabbitmq-server')),
        # os-brick locks attachments of managed volumes on an empty name
        # unless it finds an iscsiadm that knows manual scans.
        Requirement('open-iscsi', _has_program('iscsiadm')),
        Requirement('gcc', _has_program('gcc')),
        Requirement(f'{version}-venv', _has_ensurepip),
        Requirement(f'{version}-dev', _has_python_headers),
    )


def missing(needed: Iterable[Requirement] | None = None) -> tuple[str, ...]:
    """Return the names of the packages that have to be installed."""
    wanted = requirements() if needed is None else needed
    return tuple(
        requirement.package
        for requirement in wanted
        if not requirement.is_there()
    )


def ensure(
    output: console.Console, needed: Iterable[Requirement] | None = None
) -> None:
    """Install what is missing; needs root or sudo only then.

    ``needed`` is what the sites need by default. Raise CloudsError when
    neither is at hand. A second call does nothing.
    """
    wanted = requirements() if needed is None else tuple(needed)
    if not missing(wanted):
        return
    # Debian's package tools let one run at a time, and fail the others.
    with locks.held(_LOCK):
        names = missing(wanted)
        if names:
            _install(output, names)


def _install(output: console.Console, names: tuple[str, ...]) -> None:
    prefix = _privilege(names)
    # The packages start their services where an init system allows it;
    # ours are private instances, so the policy file says no to that.
    environment = commands.clean_environment(
        pathlib.Path('/'),
        {'DEBIAN_FRONTEND': 'noninteractive', 'RUNLEVEL': '1'},
    )
    apt = [
        *prefix,
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'RUNLEVEL=1',
        'apt-get',
        '-q',
        '-y',
    ]
    with output.step(f'apt-get install {" ".join(names)}'):
        commands.run(
            [*apt, 'update'], environment=environment, what='apt-get update'
        )
        commands.run(
            [*apt, 'install', '--no-install-recommends', *names],
            environment=environment,
            what='apt-get install',
        )


def _privilege(names: tuple[str, ...]) -> tuple[str, ...]:
    if os.geteuid() == 0:
        return ()
    sudo = program('sudo')
    if sudo:
        return (sudo,)
    raise errors.CloudsError(
        f'Debian packages are missing: {" ".join(names)}. You are not root '
        'and there is no sudo. Have them installed with: apt-get install '
        f'{" ".join(names)}'
    )
