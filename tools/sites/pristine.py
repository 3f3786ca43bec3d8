# SPDX-License-Identifier: Apache-2.0
"""The state right after the build, kept to go back to it in seconds.

Kept are the databases and the services' own files (images, the compute
host's identity). Arrays start empty, as Cinder's driver makes its
protection groups at each start, and so does the message broker.
"""

import pathlib
import shutil

from sites import commands, layout, plan


def save(paths: layout.Layout) -> None:
    """Copy databases and files; the database server must be down."""
    unfinished = paths.pristine.with_suffix('.new')
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _copy(paths.database, unfinished / 'mariadb')
    for site in plan.SITES:
        _copy(paths.all_data(site.name), unfinished / f'data-{site.name}')
    unfinished.rename(paths.pristine)


def restore(paths: layout.Layout) -> None:
    """Put the copies back and forget all else; nothing may run."""
    wipe(paths)
    _copy(paths.pristine / 'mariadb', paths.database)
    for site in plan.SITES:
        _copy(paths.pristine / f'data-{site.name}', paths.all_data(site.name))


def wipe(paths: layout.Layout) -> None:
    """Remove databases, arrays, files; keep the last run's logs aside."""
    shutil.rmtree(paths.database, ignore_errors=True)
    for site in plan.SITES:
        shutil.rmtree(paths.array(site.name), ignore_errors=True)
        shutil.rmtree(paths.all_data(site.name), ignore_errors=True)
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
