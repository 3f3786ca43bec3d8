# SPDX-License-Identifier: Apache-2.0
"""Cinder's library with a database of its own, without its services."""

import atexit
import contextlib
import functools
import threading
from pathlib import Path
from unittest import mock

from cinder import coordination
from cinder.common import config as common_config  # noqa: F401
from cinder.db import migration
from cinder.volume import configuration, driver, manager
from cinder.volume.drivers import pure
from cinder.volume.drivers.san import san
from oslo_config import cfg

from tests import support

CONF = cfg.CONF


# The driver looks every 5 s whether arrays have told each other; these
# do so within a moment.
_LONGEST_NAP = 0.25


@functools.cache
def prepare() -> None:
    """Give Cinder a database and a place for locks; once per process.

    Also shortens the pauses between the driver's attempts.
    """
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    stack.enter_context(mock.patch('tenacity.nap.sleep', _nap))
    _configure(stack.enter_context(support.directory()))
    migration.db_sync()
    coordination.COORDINATOR.start()
    stack.callback(coordination.COORDINATOR.stop)


def _nap(seconds: float) -> None:
    threading.Event().wait(min(seconds, _LONGEST_NAP))


def _configure(directory: Path) -> None:
    CONF([], project='cinder', default_config_files=[])
    CONF.set_override(
        'connection', f'sqlite:///{directory}/cinder.db', 'database'
    )
    CONF.set_override('lock_path', str(directory), 'oslo_concurrency')
    CONF.set_override('state_path', str(directory))
    CONF.set_override(
        'backend_url', f'file://{directory}/coordination', 'coordination'
    )


def backend(group: str, **settings: object) -> configuration.Configuration:
    """Return the configuration of a backend section."""
    made = configuration.Configuration(
        manager.volume_backend_opts, config_group=group
    )
    # A driver registers its options only while it is made: too late for
    # those that it reads then.
    for options in (driver.volume_opts, san.san_opts, pure.PURE_OPTS):
        made.append_config_values(options)
    for name, value in settings.items():
        CONF.set_override(name, value, group)
    return made
