# SPDX-License-Identifier: Apache-2.0
"""The state right after the build, kept to go back to it in seconds.

Only the databases are kept: arrays start empty (Cinder's driver makes its
protection groups at each start), and so does the message broker.
"""

import pathlib
import shutil

from sites import commands, layout, plan

_GLANCE = 'glance'


def save(paths: layout.Layout) -> None:
    """Copy databases and images; the database server must be down."""
    unfinished = paths.pristine.with_suffix('.new')
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _copy(paths.database, unfinished / 'mariadb')
    for site in plan.SITES:
        source = paths.data(site.name, _GLANCE)
        if source.exists():
            _copy(source, unfinished / f'images-{site.name}')
    unfinished.rename(paths.pristine)


def restore(paths: layout.Layout) -> None:
    """Put the copies back and forget all else; nothing may run."""
    wipe(paths)
    _copy(paths.pristine / 'mariadb', paths.database)
    for site in plan.SITES:
        copy = paths.pristine / f'images-{site.name}'
        if copy.exists():
            target = paths.data(site.name, _GLANCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(copy, target)


def wipe(paths: layout.Layout) -> None:
    """Remove databases, arrays, images; logs of the last run are kept."""
    shutil.rmtree(paths.database, ignore_errors=True)
    for site in plan.SITES:
        shutil.rmtree(paths.array(site.name), ignore_errors=True)
        shutil.rmtree(paths.site(site.name) / 'data', ignore_errors=True)
        paths.isolation_mark(site.name).unlink(missing_ok=True)
        logs = paths.logs(site.name)
        if logs.exists():
            previous = logs.with_name('log.previous')
            shutil.rmtree(previous, ignore_errors=True)
            logs.rename(previous)


def forget(paths: layout.Layout) -> None:
    """Remove the copies: they belong to an older build."""
    shutil.rmtree(paths.pristine, ignore_errors=True)
    paths.build_mark.unlink(missing_ok=True)


def _copy(source: pathlib.Path, target: pathlib.Path) -> None:
    commands.run(['cp', '-a', '--reflink=auto', str(source), str(target)])
