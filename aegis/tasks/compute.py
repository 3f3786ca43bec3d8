# SPDX-License-Identifier: Apache-2.0
"""Steps in Nova: bring a member's server up."""

from aegis import models
from aegis.catalog import mappings
from aegis.clouds import compute, objects, requests
from aegis.common import exception, names
from aegis.tasks import access, base, network, results


class CreateServer(access.GroupTask):
    """Build the member's server on its volumes and ports, and see it run.

    Reversion strategy: delete the server with the member's birth metadata
    and wait until it has gone, so that its volumes and ports are free.
    """

    step = 'create_server'
    service = 'nova'
    result_type = results.CreatedServer
    undo_persists = True
    provides = 'server'

    @property
    def timeout(self) -> float:
        return self.environment.conf.failover.server_timeout

    def observe(
        self,
        managed: tuple[results.ManagedVolume, ...],
        restored: results.Recorded,
        ports: tuple[results.CreatedPort, ...],
    ) -> results.CreatedServer | None:
        servers = self.own('servers')
        if not servers:
            self.pending = 'Nova lists no such server'
        for server in servers:
            if server.status == 'ERROR':
                raise self._failure(server)
            if server.status == 'ACTIVE' and not server.task_state:
                return results.CreatedServer(
                    server_id=server.id, launched_at=server.launched_at
                )
            doing = f', {server.task_state}' if server.task_state else ''
            self.pending = f'the server is {server.status}{doing}'
        return None

    def _failure(self, server: objects.Server) -> exception.ResourceFailed:
        fault = self.target.compute.get_server(server.id).fault
        return exception.ResourceFailed(
            service='nova',
            site=self.target.site,
            resource='server',
            name=server.name,
            state=f'ERROR ({fault})' if fault else 'ERROR',
        )

    def act(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
    ) -> base.Births:
        if self.own('servers'):
            return {}
        request = self._request(managed, ports)
        return {'servers': [self.target.compute.create_server(request)]}

    def undo(
        self, result: results.CreatedServer | None
    ) -> tuple[models.Leftover, ...]:
        return self.clear('server', lambda: self.own('servers'), self._delete)

    def _delete(self, server: objects.Server) -> None:
        if server.task_state != 'deleting':
            self.target.compute.delete_server(server.id)

    def _request(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
    ) -> requests.ServerRequest:
        source = self.captured.server
        birth = self.birth.metadata
        kept = {
            pair.key: pair.value
            for pair in source.metadata
            if not pair.key.startswith(names.PREFIX)
        }
        return requests.ServerRequest(
            name=source.name,
            flavor_id=self._flavor_id(),
            volumes=self._volumes(managed),
            ports=self._ports(ports),
            description=source.description,
            hostname=source.hostname,
            keypair=self._keypair(),
            user_data=source.user_data,
            config_drive=source.config_drive,
            availability_zone=mappings.mapped(
                self.group.mappings,
                models.MappedResource.AVAILABILITY_ZONE,
                source.availability_zone,
            ),
            metadata=tuple(
                objects.Pair(key, value)
                for key, value in {**kept, **birth}.items()
            ),
            tags=(*names.foreign(source.tags), *self.birth.tags),
            server_group=self._server_group(),
        )

    def _volumes(
        self, managed: tuple[results.ManagedVolume, ...]
    ) -> tuple[requests.ServerVolume, ...]:
        ids = {each.ordinal: each.volume_id for each in managed}
        return tuple(
            requests.ServerVolume(
                volume_id=ids[ordinal],
                boot_index=attachment.boot_index,
                device=attachment.device,
                tag=attachment.tag,
                delete_on_termination=attachment.delete_on_termination,
            )
            for ordinal, attachment in enumerate(
                self.captured.server.attachments
            )
        )

    def _ports(
        self, ports: tuple[results.CreatedPort, ...]
    ) -> tuple[requests.ServerPort, ...]:
        tags = {
            pair.key: pair.value
            for pair in self.captured.server.interface_tags
        }
        sources = self.captured.ports
        return tuple(
            requests.ServerPort(
                port.port_id, tag=tags.get(sources[port.ordinal].id)
            )
            for port in ports
        )

    def _flavor_id(self) -> str:
        flavor = self.captured.flavor
        wanted = mappings.target(
            self.group.mappings,
            models.MappedResource.FLAVOR,
            flavor.name,
            flavor.id,
        )
        return compute.choose_flavor(
            self.target.site, self.offered('flavors'), wanted
        ).id

    def _keypair(self) -> str | None:
        if self.captured.keypair is None:
            return None
        return self.shared(network.EnsureKeypairs).name_of(
            self.captured.keypair
        )

    def _server_group(self) -> str | None:
        groups = self.captured.server_groups
        if not groups:
            return None
        return self.shared(network.EnsureServerGroups).id_of(groups[0].id)
