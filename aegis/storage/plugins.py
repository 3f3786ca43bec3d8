# SPDX-License-Identifier: Apache-2.0
"""Which drivers are installed, and what the manager expects of them."""

import typing

import stevedore
import stevedore.exception
from oslo_config import cfg

from aegis.storage import base, errors

NAMESPACE = 'aegis.storage'


class Plugin(typing.Protocol):
    """A driver class as an entry point of ``aegis.storage`` offers it."""

    @classmethod
    def options(cls) -> list[cfg.Opt]:
        """List the driver's own options in an ``[array:<label>]``."""

    @classmethod
    def from_configuration(
        cls, array_name: str, section: cfg.ConfigOpts.GroupAttr
    ) -> base.StorageDriver:
        """Make a driver for one array; does not contact it.

        Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when an
        option is missing or unusable.
        """


def load(name: str) -> type[Plugin]:
    """Load the driver class of that name.

    Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when no such
    driver is installed or it cannot be imported.
    """
    try:
        manager: typing.Any = stevedore.DriverManager(
            NAMESPACE, name, warn_on_missing_entrypoint=False
        )
    except stevedore.exception.NoMatches as error:
        raise errors.ArrayNotConfigured(
            f'There is no usable storage driver "{name}". Installed '
            f'drivers: {", ".join(names()) or "none"}. ({error})'
        ) from error
    return typing.cast(type[Plugin], manager.driver)


def names() -> list[str]:
    """List the names of the installed drivers."""
    found = stevedore.ExtensionManager(NAMESPACE).list_entry_points()
    return sorted({entry.name for entry in found})
