# SPDX-License-Identifier: Apache-2.0
"""The one thread that keeps a process's leases and its service row alive."""

import datetime
import threading
import time

from oslo_config import cfg
from oslo_log import log as logging

from aegis.common import clock, exception
from aegis.common import context as aegis_context
from aegis.db import lanes
from aegis.db import services as db_services
from aegis.journal import leases

LOG = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 3


class Heartbeat:
    """Renews all leases with one statement, and tells that we are alive.

    It does nothing else, so that nothing else can delay it. While it cannot
    reach the database leases run out, as they should: whoever reaches the
    database takes over.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        owner: str,
        binary: str,
        version: str,
        held: leases.Leases,
    ) -> None:
        self._conf = conf
        self._owner = owner
        self._held = held
        self._binary = binary
        self._version = version
        self._started_at: datetime.datetime = clock.now()
        self._report_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name='aegis-heartbeat', daemon=True
        )

    def start(self) -> None:
        """Begin, with a first sign of life at once."""
        self.beat()
        self._thread.start()

    def stop(self) -> None:
        """End. Leases that are still held run out."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def beat(self) -> None:
        """Renew the leases, and report the service when it is due."""
        context = aegis_context.admin_context()
        settings = self._conf.engine
        begun = clock.now()
        lanes.renew_leases(context, self._owner, settings.lease_seconds)
        self._held.renewed(begun, settings.lease_seconds)
        if time.monotonic() >= self._report_at:
            self._report_at = time.monotonic() + settings.heartbeat_interval
            db_services.report_service(
                context,
                self._binary,
                self._conf.host,
                self._version,
                self._started_at,
            )

    def _run(self) -> None:
        settings = self._conf.engine
        interval = min(
            settings.lease_seconds / RENEWALS_PER_LEASE,
            settings.heartbeat_interval,
        )
        while not self._stopping.wait(interval):
            try:
                self.beat()
            except exception.DatabaseUnavailable:
                LOG.warning('Leases were not renewed; it is repeated')
            except Exception:
                LOG.exception('Leases could not be renewed; it is repeated')
