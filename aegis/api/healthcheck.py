# SPDX-License-Identifier: Apache-2.0
"""Whether this API can work, for load balancers."""

import threading
import time
from typing import Any

import sqlalchemy as sa
from oslo_log import log as logging
from oslo_middleware.healthcheck import pluginbase

from aegis.db import session

LOG = logging.getLogger(__name__)

_CACHE_SECONDS = 5


class DatabaseCheck(pluginbase.HealthcheckBaseExtension):
    """The database answers.

    The verdict is kept for some seconds, so that anybody may ask often.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._lock = threading.Lock()
        self._expires_at = 0.0
        self._result = pluginbase.HealthcheckResult(False, 'not checked yet')

    def healthcheck(self, server_port: int) -> pluginbase.HealthcheckResult:
        with self._lock:
            if time.monotonic() >= self._expires_at:
                self._result = _ask()
                self._expires_at = time.monotonic() + _CACHE_SECONDS
            return self._result


def _ask() -> pluginbase.HealthcheckResult:
    try:
        with session.engine().connect() as connection:
            connection.execute(sa.text('SELECT 1'))
    except Exception:
        LOG.exception('The database does not answer')
        return pluginbase.HealthcheckResult(
            False, 'the database does not answer'
        )
    return pluginbase.HealthcheckResult(True, 'OK')
