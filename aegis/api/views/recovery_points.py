# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.api.views import common


def show(point: models.RecoveryPoint) -> dict[str, Any]:
    """A recovery point as clients see it: nothing of the array."""
    return {
        'id': point.id,
        'created_at': common.moment(point.created_at),
        'completed_at': common.moment(point.completed_at),
        'age_seconds': point.age_seconds,
        'size_bytes': point.size_bytes,
        'volume_count': point.volume_count,
    }
