# SPDX-License-Identifier: Apache-2.0
"""Until when a process surely holds its lanes, without asking anybody.

The fence keeps a process that lost a lane from recording anything. A process
that was stopped for longer than its leases must not go on acting either: it
would make a second server before it finds out.
"""

import datetime
import threading

from aegis import models
from aegis.common import clock

_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


class Leases:
    """The renewals of one process. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = _NEVER
        self._until = _NEVER

    def renewed(self, begun: datetime.datetime, seconds: float) -> None:
        """Note a renewal of all leases.

        :param begun: before the database was told.
        :param seconds: for how long.
        """
        with self._lock:
            if begun >= self._until:
                self._since = begun
            self._until = begun + datetime.timedelta(seconds=seconds)

    def holds(self, lane: models.Lane) -> bool:
        """Whether nobody can have taken a lane over since it was claimed.

        A gap between two renewals counts against every lane that was
        claimed before it, although perhaps nobody used it.
        """
        now = clock.now()
        claimed_until = lane.lease_expires_at or _NEVER
        with self._lock:
            return now < claimed_until or (
                self._since <= claimed_until and now < self._until
            )
