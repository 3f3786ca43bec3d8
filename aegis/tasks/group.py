# SPDX-License-Identifier: Apache-2.0
"""Steps in Aegis' own records: who lives where, and which side is active."""

import dataclasses

from aegis import models
from aegis.db import groups, members
from aegis.tasks import access, results


class RecordPlacement(access.GroupTask):
    """Write down where the member lives now.

    Reversion strategy: strike it out again, unless it tells of something
    else than this run's server.
    """

    step = 'record_placement'
    result_type = results.Recorded
    provides = 'placement'

    def observe(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
        validation: results.ValidationReport,
    ) -> results.Recorded | None:
        wanted = self._placement(managed, ports, server, floating_ips)
        recorded = self._recorded()
        if recorded is None:
            return None
        if dataclasses.replace(recorded, updated_at=None) != wanted:
            return None
        return results.Recorded(server.server_id)

    def act(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
    ) -> None:
        members.save_placement(
            self.environment.context,
            self._placement(managed, ports, server, floating_ips),
        )

    def undo(
        self, result: results.Recorded | None, server: results.CreatedServer
    ) -> None:
        recorded = self._recorded()
        if recorded and recorded.server_id == server.server_id:
            members.remove_placement(
                self.environment.context,
                self.member_id,
                self.group.recovery_site,
            )

    def _recorded(self) -> models.Placement | None:
        """Where the member lives at the recovery site, as far as known."""
        found = members.placements(
            self.environment.context,
            [self.member_id],
            site=self.group.recovery_site,
        )
        return found[0] if found else None

    def _placement(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
    ) -> models.Placement:
        listed = self.required('volumes', {each.volume_id for each in managed})
        volumes = [(each.ordinal, listed[each.volume_id]) for each in managed]
        floating = {each.ordinal: each.address for each in floating_ips}
        return models.Placement(
            member_id=self.member_id,
            site=self.group.recovery_site,
            server_id=server.server_id,
            volumes=tuple(
                models.PlacedVolume(
                    ordinal=ordinal,
                    volume_id=volume.id,
                    name=volume.name,
                    size_gib=volume.size_gib,
                    array=volume.array or '',
                    array_volume=volume.array_volume or '',
                )
                for ordinal, volume in volumes
            ),
            ports=tuple(
                models.PlacedPort(
                    ordinal=port.ordinal,
                    port_id=port.port_id,
                    network_id=port.network_id,
                    mac_address=port.mac_address,
                    fixed_ips=port.fixed_ips,
                    floating_ip=floating.get(port.ordinal),
                )
                for port in ports
            ),
        )


class ActivateRecoverySite(access.GroupTask):
    """Make the recovery site the group's active one and raise the epoch.

    Reversion strategy: none. From here on the recovered side is the truth.
    """

    step = 'activate_recovery_site'
    result_type = results.Recorded
    provides = 'activation'
    reversible = False

    def observe(self) -> results.Recorded | None:
        group = groups.get_group(self.environment.context, self.group.id)
        if group.active_site != self.group.recovery_site:
            return None
        return results.Recorded(f'epoch {group.epoch}')

    def act(self) -> None:
        groups.activate_site(
            self.environment.context, self.group.id, self.group.recovery_site
        )
