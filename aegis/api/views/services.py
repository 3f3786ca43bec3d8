# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.api.views import common


def show(service: models.Service) -> dict[str, Any]:
    """A part of Aegis as administrators see it."""
    return {
        'id': service.id,
        'binary': service.binary,
        'host': service.host,
        'version': service.version,
        'state': 'up' if service.alive else 'down',
        'started_at': common.moment(service.started_at),
        'heartbeat_at': common.moment(service.heartbeat_at),
    }
