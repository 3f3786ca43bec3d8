# SPDX-License-Identifier: Apache-2.0
"""Steps in Nova: bring a member's server up."""

from aegis import models
from aegis.catalog import mappings
from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tasks import access, network, results


class CreateServer(access.GroupTask):
    """Build the member's server on its volumes and ports, and see it run.

    Reversion strategy: delete the server with the member's birth metadata
    and wait until it has gone, so that its volumes and ports are free.
    """

    step = 'create_server'
    service = 'nova'
    result_type = results.CreatedServer
    provides = 'server'

    @property
    def timeout(self) -> float:
        return self.environment.conf.failover.server_timeout

    def own_server(self) -> objects.Server | None:
        """The server with the member's birth metadata, if there is one."""
        birth = self.birth.metadata.items()
        for server in self.watch('servers'):
            metadata = {pair.key: pair.value for pair in server.metadata}
            if birth <= metadata.items():
                return server
        return None

    def observe(
        self,
        managed: tuple[results.ManagedVolume, ...],
        restored: results.Recorded,
        ports: tuple[results.CreatedPort, ...],
    ) -> results.CreatedServer | None:
        server = self.own_server()
        if server is None:
            self.pending = 'Nova lists no such server'
            return None
        if server.status == 'ERROR':
            fault = self.target.compute.get_server(server.id).fault
            raise exception.ResourceFailed(
                service='nova',
                site=self.target.site,
                resource='server',
                name=server.name,
                state=f'ERROR ({fault})' if fault else 'ERROR',
            )
        if server.status != 'ACTIVE' or server.task_state:
            self.pending = f'the server is {server.status}'
            return None
        return results.CreatedServer(
            server_id=server.id, launched_at=server.launched_at
        )

    def act(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
    ) -> None:
        if self.own_server() is None:
            self.target.compute.create_server(self._request(managed, ports))

    def undo(
        self, result: results.CreatedServer | None
    ) -> tuple[models.Leftover, ...]:
        server = self.own_server()
        if server is None:
            return ()
        self.target.compute.delete_server(server.id)
        if self.wait_until(
            lambda: self.own_server() is None,
            self.environment.conf.failover.removal_timeout,
        ):
            return ()
        return (
            models.Leftover(
                service='nova',
                resource_type='server',
                resource_id=server.id,
                name=server.name,
                reason='It was deleted and has not gone.',
            ),
        )

    def _request(
        self,
        managed: tuple[results.ManagedVolume, ...],
        ports: tuple[results.CreatedPort, ...],
    ) -> requests.ServerRequest:
        source = self.captured.server
        birth = self.birth.metadata
        metadata = {pair.key: pair.value for pair in source.metadata} | birth
        return requests.ServerRequest(
            name=source.name,
            flavor_id=self._flavor_id(),
            volumes=self._volumes(managed),
            ports=tuple(requests.ServerPort(port.port_id) for port in ports),
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
                objects.Pair(key, value) for key, value in metadata.items()
            ),
            tags=(*source.tags, *self.birth.tags),
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

    def _flavor_id(self) -> str:
        flavor = self.captured.flavor
        wanted = mappings.target(
            self.group.mappings,
            models.MappedResource.FLAVOR,
            flavor.name,
            flavor.id,
        )
        return self.target.compute.find_flavor(wanted).id

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
