# SPDX-License-Identifier: Apache-2.0
"""One driver per configured array."""

import threading

from oslo_config import cfg

from aegis.common import watch
from aegis.storage import base, births, errors, opts, plugins


class StorageManager:
    """Hands out the drivers of the arrays in ``[array:<label>]`` sections.

    Drivers are made when first asked for and kept, so that every caller
    in the process shares one session per array. Thread safe; contacts no
    array itself.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._lock = threading.Lock()
        self._drivers: dict[str, base.StorageDriver] = {}
        self._births = births.Births(
            lambda label, tags: self.driver(label).find(tags)
        )

    def labels(self) -> list[str]:
        """List the labels of all configured arrays."""
        return opts.array_labels(self._conf)

    def array_name(self, label: str) -> str:
        """Tell the array's own name by configuration.

        Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when there
        is no such label.
        """
        if label not in self.labels():
            raise errors.ArrayNotConfigured(
                f'No array is configured under the label "{label}". '
                f'Configured: {", ".join(self.labels()) or "none"}.'
            )
        section = self._conf[opts.register_array_opts(self._conf, label)]
        return str(section.array_name or label)

    def driver(self, label: str) -> base.StorageDriver:
        """Give the driver of the array with that label.

        Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when the
        label is unknown or its section is not usable.
        """
        with self._lock:
            if label not in self._drivers:
                self._drivers[label] = self._make(label)
            return self._drivers[label]

    def births(self, label: str, tags: births.Tags) -> watch.Watch:
        """Give the watch of the volumes that carry all these tags."""
        return self._births.watch(label, tags)

    def for_array_name(self, name: str) -> base.StorageDriver:
        """Give the driver of the array that has this name itself.

        Raises :class:`~aegis.storage.errors.ArrayNotConfigured` when no
        section is for it.
        """
        for label in self.labels():
            if self.array_name(label).lower() == name.lower():
                return self.driver(label)
        raise errors.ArrayNotConfigured(
            f'No [{opts.GROUP_PREFIX}<label>] section is for the array '
            f'"{name}".'
        )

    def close(self) -> None:
        """End all sessions and forget the drivers. Idempotent."""
        with self._lock:
            drivers = list(self._drivers.values())
            self._drivers.clear()
        for driver in drivers:
            driver.close()

    def _make(self, label: str) -> base.StorageDriver:
        name = self.array_name(label)
        section = self._conf[opts.group_name(label)]
        return plugins.load(section.driver).from_configuration(name, section)
