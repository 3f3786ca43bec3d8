# SPDX-License-Identifier: Apache-2.0
"""One look at an array that answers all lanes of an operation."""

import collections
import threading
from collections.abc import Callable

from aegis.common import watch
from aegis.storage import base

# Most seconds of rest between two looks at the same tags.
_REST_SECONDS = 2.0
_REMEMBERED = 20

Tags = tuple[base.Tag, ...]


class Births:
    """Watches of the volumes that carry tags. Thread safe.

    Those that were not asked for longest are forgotten, with what they saw.

    :param find: lists the live volumes of an array that carry all tags.
    """

    def __init__(
        self, find: Callable[[str, Tags], list[base.PromotedVolume]]
    ) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._watches: collections.OrderedDict[
            tuple[str, Tags], watch.Watch
        ] = collections.OrderedDict()

    def watch(self, label: str, tags: Tags) -> watch.Watch:
        """The watch of an array's volumes; asks the array for nothing."""
        key = (label, tags)
        with self._lock:
            if key not in self._watches:
                self._watches[key] = watch.Watch(
                    lambda: self._find(label, tags), _REST_SECONDS
                )
            self._watches.move_to_end(key)
            while len(self._watches) > _REMEMBERED:
                self._watches.popitem(last=False)
            return self._watches[key]
