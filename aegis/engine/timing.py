# SPDX-License-Identifier: Apache-2.0
"""Storage calls, charged to the step that makes them."""

import functools
from typing import Any

from aegis.common import stopwatch
from aegis.storage import manager

SERVICE = 'array'


class TimedStorage:
    """A storage manager whose drivers' calls are measured as ``array``.

    The storage layer itself knows nothing of steps.
    """

    def __init__(self, storage: manager.StorageManager) -> None:
        self._storage = storage

    def driver(self, label: str) -> Any:
        """See ``StorageManager.driver``."""
        return _TimedDriver(self._storage.driver(label))

    def for_array_name(self, name: str) -> Any:
        """See ``StorageManager.for_array_name``."""
        return _TimedDriver(self._storage.for_array_name(name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


class _TimedDriver:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._driver, name)
        if not callable(found):
            return found

        @functools.wraps(found)
        def measured(*args: Any, **kwargs: Any) -> Any:
            with stopwatch.measure(SERVICE):
                return found(*args, **kwargs)

        return measured
