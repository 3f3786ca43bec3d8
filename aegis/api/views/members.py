# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterable
from typing import Any

from aegis import models
from aegis.api.views import common


def show(
    member: models.Member,
    placements: Iterable[models.Placement],
    active_site: str,
) -> dict[str, Any]:
    """A member as clients see it: nothing of the arrays."""
    placements = list(placements)
    servers = {place.site: place.server_id for place in placements}
    return {
        'id': member.id,
        'failover_group_id': member.group_id,
        'kind': member.kind.value,
        'name': member.name,
        'wave': member.wave,
        'server_id': servers.get(active_site),
        'placements': [_placement(place) for place in placements],
        'created_at': common.moment(member.created_at),
    }


def _placement(placement: models.Placement) -> dict[str, Any]:
    return {
        'site': placement.site,
        'server_id': placement.server_id,
        'volumes': [
            {
                'volume_id': volume.volume_id,
                'name': volume.name,
                'size_gib': volume.size_gib,
                'ordinal': volume.ordinal,
            }
            for volume in placement.volumes
        ],
        'ports': [
            {
                'port_id': port.port_id,
                'mac_address': port.mac_address,
                'fixed_ips': list(port.fixed_ips),
                'floating_ip': port.floating_ip,
            }
            for port in placement.ports
        ],
    }
