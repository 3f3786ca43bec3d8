# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.api.views import common


def show(site: models.Site) -> dict[str, Any]:
    """A site as clients see it: nothing of its arrays."""
    return {
        'name': site.name,
        'region': site.region,
        'local': site.is_local,
        'reachable': site.reachable,
        'reason': site.reason,
        'checked_at': common.moment(site.checked_at),
    }
