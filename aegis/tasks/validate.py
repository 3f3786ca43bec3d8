# SPDX-License-Identifier: Apache-2.0
"""The step that believes nothing and reads everything back."""

import collections.abc

from aegis.clouds import objects
from aegis.common import exception, names
from aegis.storage import base as storage
from aegis.tasks import results
from aegis.tasks import storage as storage_tasks
from aegis.tasks import volume as volume_tasks

Problems = collections.abc.Iterator[str]

_CHANGED_BY_NOVA = ('cinder', 'neutron')


class ValidateMember(volume_tasks.MemberVolumes):
    """Compare what the services and the array report with what was wanted.

    Looks again as often as ``[failover] validation_retries`` allows, since
    services settle at their own pace.

    Reversion strategy: nothing was changed.
    """

    step = 'validate_member'
    service = 'nova'
    result_type = results.ValidationReport
    provides = 'validation'

    def observe(
        self,
        adopted: tuple[results.Promoted, ...],
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
    ) -> results.ValidationReport:
        looks = self.environment.conf.failover.validation_retries
        for look in range(1, looks + 1):
            # What showed the server running shows it for the first look; what
            # Nova then did to volumes and ports is shown by later ones only.
            self.forget_looks(*(_CHANGED_BY_NOVA if look == 1 else ()))
            problems = [
                *self._server_problems(server, managed),
                *self._volume_problems(managed, server),
                *self._port_problems(ports, server),
                *self._floating_ip_problems(ports, floating_ips),
                *self._array_problems(adopted, managed),
            ]
            if not problems:
                return self._report(managed, ports, floating_ips)
            if look < looks:
                self.environment.waiter.wait(self.poll_interval)
        raise exception.ValidationFailed(reason=' '.join(problems))

    def _server_problems(
        self,
        created: results.CreatedServer,
        managed: tuple[results.ManagedVolume, ...],
    ) -> Problems:
        server = self.known('servers', {created.server_id}).get(
            created.server_id
        )
        source = self.captured.server
        if server is None:
            yield f'Nova has no server {source.name}.'
            return
        if server.status != 'ACTIVE':
            yield f'Server {source.name} is {server.status}.'
        if server.name != source.name:
            yield f'Server {source.name} is named {server.name}.'
        attached = [each.volume_id for each in server.attachments]
        wanted = [each.volume_id for each in managed]
        if sorted(attached) != sorted(wanted):
            have = ', '.join(attached) or 'none'
            yield f'Server {source.name} has other volumes: {have}.'
        missing = sorted(
            pair.key
            for pair in set(source.metadata) - set(server.metadata)
            if not pair.key.startswith(names.PREFIX)
        )
        if missing:
            keys = ', '.join(missing)
            yield f'Server {source.name} lacks metadata {keys}.'

    def _volume_problems(
        self,
        managed: tuple[results.ManagedVolume, ...],
        server: results.CreatedServer,
    ) -> Problems:
        listed = self.known('volumes', {each.volume_id for each in managed})
        for each in managed:
            source = self.source_volume(each.ordinal)
            volume = listed.get(each.volume_id)
            if volume is None:
                yield f'Cinder has no volume {source.name}.'
                continue
            if volume.status != 'in-use':
                yield f'Volume {source.name} is {volume.status}.'
            if volume.attached_to != (server.server_id,):
                yield f'Volume {source.name} is not at the server.'
            if volume.name != source.name:
                yield f'Volume {source.name} is named {volume.name}.'
            if volume.bootable != source.bootable:
                yield f'Volume {source.name} has another bootable flag.'

    def _port_problems(
        self,
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
    ) -> Problems:
        listed = self.known('ports', {each.port_id for each in ports})
        for each in ports:
            port = listed.get(each.port_id)
            if port is None:
                yield f'Neutron has no port {each.port_id}.'
                continue
            if port.device_id != server.server_id:
                yield f'Port {each.port_id} is not at the server.'
            if port.mac_address != each.mac_address:
                yield f'Port {each.port_id} has MAC {port.mac_address}.'
            if _addresses(port) != each.fixed_ips:
                have = ', '.join(_addresses(port)) or 'no addresses'
                yield f'Port {each.port_id} has {have}.'

    def _floating_ip_problems(
        self,
        ports: tuple[results.CreatedPort, ...],
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
    ) -> Problems:
        if not floating_ips:
            return
        port_ids = {port.ordinal: port.port_id for port in ports}
        listed = self.known(
            'floating_ips', {each.floating_ip_id for each in floating_ips}
        )
        for each in floating_ips:
            floating = listed.get(each.floating_ip_id)
            if floating is None or floating.port_id != port_ids[each.ordinal]:
                yield f'Floating IP {each.address} is not at its port.'

    def _array_problems(
        self,
        adopted: tuple[results.Promoted, ...],
        managed: tuple[results.ManagedVolume, ...],
    ) -> Problems:
        array = adopted[0].array
        operation = self.environment.operation
        found = {
            int(tag.value): volume
            for volume in storage_tasks.of_this_attempt(
                operation,
                self.driver(array).find(
                    storage_tasks.birth_tags(operation.id, self.member_id)
                ),
            )
            for tag in volume.tags
            if tag.key == 'ordinal'
        }
        listed = self.known('volumes', {each.volume_id for each in managed})
        for each in managed:
            volume = listed.get(each.volume_id)
            yield from self._backing_problems(
                each, volume and volume.array_volume, found.get(each.ordinal)
            )

    def _backing_problems(
        self,
        managed: results.ManagedVolume,
        backing: str | None,
        volume: storage.PromotedVolume | None,
    ) -> Problems:
        name = self.source_volume(managed.ordinal).name
        if volume is None:
            yield f'The array has no volume for {name}.'
        elif volume.serial != managed.serial:
            yield f'The array has another volume for {name}.'
        # Cinder leaves out the pod that the array's name begins with.
        elif backing and not volume.name.endswith(backing):
            yield f'Cinder has another volume of the array for {name}.'
        elif not volume.connected:
            yield f'Volume {name} is not connected to a host.'

    def _report(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
        floating_ips: tuple[results.AssociatedFloatingIp, ...],
    ) -> results.ValidationReport:
        name = self.captured.server.name
        return results.ValidationReport(
            findings=(
                results.Finding(f'server {name}', 'ACTIVE'),
                *(
                    results.Finding(
                        f'volume {self.source_volume(each.ordinal).name}',
                        'attached, and connected at the array',
                    )
                    for each in managed
                ),
                *(
                    results.Finding(
                        f'port {port.mac_address}', ', '.join(port.fixed_ips)
                    )
                    for port in ports
                ),
                *(
                    results.Finding(
                        f'floating IP {each.address}',
                        f'was {each.source_address}',
                    )
                    for each in floating_ips
                ),
            )
        )


def _addresses(port: objects.Port) -> tuple[str, ...]:
    return tuple(fixed.ip_address for fixed in port.fixed_ips)
