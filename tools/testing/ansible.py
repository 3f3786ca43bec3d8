# SPDX-License-Identifier: Apache-2.0
"""The virtual environment that has Ansible and the collections we drive.

Users get the collections in the package ``ansible``, half a gigabyte of them;
two are taken out of it. They are plain Python, so those of a release whose
own ansible-core needs a newer Python run in the ansible-core that this Python
can run.
"""

import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from sites import commands, console, errors, layout, locks, virtualenv
from testing import environment

CONSTRAINTS = layout.TOOLS / 'constraints-ansible.txt'
PACKAGES = (
    'ansible-core',
    'py-pure-client',
    'distro',
    'netaddr',
    'pycountry',
    'pytz',
    'openstacksdk',
)
RELEASE = '13.8.0'
COLLECTIONS = ('purestorage/flasharray', 'openstack/cloud')
_FOLDER = 'ansible_collections'
_ITS_PYTHON = '3.13'


def ensure(output: console.Console) -> virtualenv.Environment:
    """Make the environment unless it is there.

    Everything that decides what is in it names it, so a change makes a new
    one.

    :raises sites.errors.CloudsError: when something cannot be installed.
    """
    root = layout.Layout.from_environment(os.environ).root
    made = virtualenv.Environment(root / f'ansible-venv-{_identity()}')
    with locks.held(root / f'{made.path.name}.lock'):
        if not (made.path / 'complete').exists():
            with output.step(f'virtual environment of Ansible ({made.path})'):
                _create(made)
            (made.path / 'complete').touch()
    return made


def _identity() -> str:
    return environment.digest(
        CONSTRAINTS.read_text(),
        *PACKAGES,
        RELEASE,
        *COLLECTIONS,
        sys.version,
    )


def _create(made: virtualenv.Environment) -> None:
    environment.make_empty(made)
    environment.install(made, *PACKAGES, constraints=CONSTRAINTS)
    with tempfile.TemporaryDirectory() as temporary:
        wheel = _download(Path(temporary))
        with zipfile.ZipFile(wheel) as archive:
            members = list(_wanted(archive))
            archive.extractall(_site_packages(made), members)


def _download(directory: Path) -> Path:
    commands.run(
        [
            sys.executable,
            '-m',
            'pip',
            'download',
            '-q',
            '--no-deps',
            '--only-binary=:all:',
            f'--python-version={_ITS_PYTHON}',
            f'--dest={directory}',
            f'ansible=={RELEASE}',
        ],
        what=f'pip download ansible=={RELEASE}',
    )
    return next(directory.glob('ansible-*.whl'))


def _wanted(archive: zipfile.ZipFile) -> Iterator[str]:
    for collection in COLLECTIONS:
        prefix = f'{_FOLDER}/{collection}/'
        found = [n for n in archive.namelist() if n.startswith(prefix)]
        if not found:
            raise errors.CloudsError(
                f'ansible {RELEASE} has no collection {collection}.'
            )
        yield from found


def _site_packages(made: virtualenv.Environment) -> Path:
    version = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    return made.path / 'lib' / version / 'site-packages'
