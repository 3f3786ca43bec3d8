# SPDX-License-Identifier: Apache-2.0
"""Where a captured member lives."""

from aegis import models
from aegis.catalog import manifest


def of(member: manifest.MemberManifest, site: str) -> models.Placement:
    """The placement of a captured member at the site it was captured at.

    Volumes are numbered in the order of the server's attachments, ports in
    the order of its interfaces.
    """
    floating = {
        address.port_id: address.address for address in member.floating_ips
    }
    return models.Placement(
        member_id=member.member_id,
        site=site,
        server_id=member.server.id,
        volumes=tuple(
            models.PlacedVolume(
                ordinal=ordinal,
                volume_id=volume.id,
                name=volume.name,
                size_gib=volume.size_gib,
                array=volume.array or '',
                array_volume=volume.array_volume or '',
            )
            for ordinal, volume in enumerate(member.volumes)
        ),
        ports=tuple(
            models.PlacedPort(
                ordinal=ordinal,
                port_id=port.id,
                network_id=port.network_id,
                mac_address=port.mac_address,
                fixed_ips=tuple(fixed.ip_address for fixed in port.fixed_ips),
                floating_ip=floating.get(port.id),
            )
            for ordinal, port in enumerate(member.ports)
        ),
    )
