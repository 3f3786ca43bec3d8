# SPDX-License-Identifier: Apache-2.0
"""Steps in Neutron, and what servers share: made once, used by all."""

import abc
from typing import Any

from aegis import models
from aegis.catalog import (
    addresses,
    keypairs,
    removal,
    security_groups,
    server_groups,
    translation,
)
from aegis.catalog import networks as catalog_networks
from aegis.clouds import networking, objects, requests
from aegis.common import names
from aegis.tasks import access, results


class EnsureShared(access.GroupTask):
    """Find or make what members share, and remember what stands for what.

    The catalogue finds before it makes, by name or birth tag, and tells
    what it found; so the result is what was seen, also after a crash.

    Reversion strategy: remove what carries the run's birth tags, and
    nothing that was found.
    """

    service = 'neutron'

    def __init__(self, environment: Any, **kwargs: Any) -> None:
        super().__init__(environment, **kwargs)
        self._ensured: Any = None

    @abc.abstractmethod
    def ensure(self) -> Any:
        """Find or make; idempotent."""

    def remove(self) -> tuple[models.Leftover, ...]:
        """Remove what was made."""
        return ()

    def observe(self, preflight: results.PreflightReport) -> Any:
        return self._ensured

    def act(self) -> None:
        self._ensured = self.ensure()

    def undo(self, result: Any) -> tuple[models.Leftover, ...]:
        return self.remove()


class EnsureNetworks(EnsureShared):
    """Networks, subnets and routers of the members' ports."""

    step = 'ensure_networks'
    result_type = translation.NetworkTranslation
    provides = 'networks'

    def ensure(self) -> translation.NetworkTranslation:
        return catalog_networks.ensure(
            self.target, self.manifest, self.group.mappings, self.birth
        )

    def remove(self) -> tuple[models.Leftover, ...]:
        return catalog_networks.remove(self.target, self.birth)


class EnsureSecurityGroups(EnsureShared):
    """Security groups with their rules."""

    step = 'ensure_security_groups'
    result_type = translation.SecurityGroupTranslation
    provides = 'security_groups'

    def ensure(self) -> translation.SecurityGroupTranslation:
        return security_groups.ensure(self.target, self.manifest, self.birth)

    def remove(self) -> tuple[models.Leftover, ...]:
        return security_groups.remove(self.target, self.birth)


class EnsureKeypairs(EnsureShared):
    """Key pairs under which Nova finds the captured keys.

    Reversion strategy: they stay; a public key does no harm, and another
    group may use it by now.
    """

    step = 'ensure_keypairs'
    service = 'nova'
    result_type = translation.KeypairTranslation
    provides = 'keypairs'

    def ensure(self) -> translation.KeypairTranslation:
        return keypairs.ensure(self.target, self.manifest, self.group.mappings)


class EnsureServerGroups(EnsureShared):
    """Server groups with their policies."""

    step = 'ensure_server_groups'
    service = 'nova'
    result_type = translation.ServerGroupTranslation
    provides = 'server_groups'

    def ensure(self) -> translation.ServerGroupTranslation:
        return server_groups.ensure(self.target, self.manifest, self.birth)

    def remove(self) -> tuple[models.Leftover, ...]:
        return server_groups.remove(self.target, self.birth)


class CreatePorts(access.GroupTask):
    """Make the member's ports: same MAC, same address where it fits.

    Reversion strategy: delete the ports with the member's birth tags.
    """

    step = 'create_ports'
    service = 'neutron'
    result_type = tuple[results.CreatedPort, ...]
    provides = 'ports'

    def observe(self) -> tuple[results.CreatedPort, ...] | None:
        found = {
            ordinal: port
            for port in self._own_ports()
            if (ordinal := _ordinal(port)) is not None
        }
        if len(found) < len(self.captured.ports):
            return None
        return tuple(
            results.CreatedPort(
                ordinal=ordinal,
                port_id=port.id,
                network_id=port.network_id,
                mac_address=port.mac_address,
                fixed_ips=tuple(fixed.ip_address for fixed in port.fixed_ips),
            )
            for ordinal, port in sorted(found.items())
        )

    def act(self) -> None:
        present = {_ordinal(port) for port in self._own_ports()}
        self.target.network.create_ports(
            [
                self._request(ordinal, port)
                for ordinal, port in enumerate(self.captured.ports)
                if ordinal not in present
            ]
        )

    def undo(
        self, result: tuple[results.CreatedPort, ...] | None
    ) -> tuple[models.Leftover, ...]:
        gone = removal.Removal('neutron')
        for port in self._own_ports():
            gone.remove(
                'port', port.name, self.target.network.delete_port, port.id
            )
        return gone.leftovers

    def _own_ports(self) -> tuple[objects.Port, ...]:
        return self.target.network.list_ports(tags=self.birth.tags)

    def _request(
        self, ordinal: int, port: objects.Port
    ) -> requests.PortRequest:
        groups = self.shared(EnsureSecurityGroups)
        return requests.PortRequest(
            network_id=self.shared(EnsureNetworks).network_of(port.network_id),
            name=port.name,
            mac_address=port.mac_address,
            fixed_ips=self._fixed_ips(port),
            security_groups=tuple(
                groups.id_of(group) for group in port.security_groups
            ),
            allowed_address_pairs=port.allowed_address_pairs,
            port_security_enabled=port.port_security_enabled,
            admin_state_up=port.admin_state_up,
            vnic_type=port.vnic_type,
            dns_name=port.dns_name,
            description=port.description,
            tags=(
                *port.tags,
                *self.birth.tags,
                f'{names.ORDINAL_KEY}={ordinal}',
            ),
        )

    def _fixed_ips(
        self, port: objects.Port
    ) -> tuple[requests.FixedIpRequest, ...] | None:
        """The addresses to ask for; None lets Neutron choose."""
        network = self.shared(EnsureNetworks)
        targets = {
            subnet.id: subnet
            for subnet in self.target.network.list_subnets(
                [network.network_of(port.network_id)]
            )
        }
        sources = {subnet.id: subnet for subnet in self.manifest.subnets}
        wanted = []
        for fixed in port.fixed_ips:
            target = targets.get(network.subnet_of(fixed.subnet_id) or '')
            if target is None:
                return None
            wanted.append(
                requests.FixedIpRequest(
                    subnet_id=target.id,
                    ip_address=addresses.translate(
                        fixed.ip_address,
                        sources[fixed.subnet_id].cidr,
                        target.cidr,
                    ),
                )
            )
        return tuple(wanted)


class AssociateFloatingIps(access.GroupTask):
    """Give each port that had a floating IP one at the recovery site.

    The same address is asked for where the pool holds it; elsewhere the
    pool chooses, and the report says what became of the old one.

    Reversion strategy: give back those with the member's birth tags.
    """

    step = 'associate_floating_ips'
    service = 'neutron'
    result_type = tuple[results.AssociatedFloatingIp, ...]
    provides = 'floating_ips'

    def observe(
        self,
        ports: tuple[results.CreatedPort, ...],
        server: results.CreatedServer,
    ) -> tuple[results.AssociatedFloatingIp, ...] | None:
        if not self.captured.floating_ips:
            return ()
        found = {
            address.port_id: address for address in self._own_floating_ips()
        }
        done = []
        for ordinal, source in self._wanted():
            address = found.get(ports[ordinal].port_id)
            if address is None:
                return None
            done.append(
                results.AssociatedFloatingIp(
                    ordinal=ordinal,
                    floating_ip_id=address.id,
                    address=address.address,
                    source_address=source.address,
                )
            )
        return tuple(done)

    def act(self, ports: tuple[results.CreatedPort, ...]) -> None:
        found = self._own_floating_ips()
        for ordinal, source in self._wanted():
            port_id = ports[ordinal].port_id
            mine = [each for each in found if each.port_id == port_id]
            if mine:
                self.target.network.finish_birth(
                    'floatingips',
                    mine[0],
                    source.description,
                    self._tags(source),
                )
            else:
                self._create(port_id, source)

    def undo(
        self, result: tuple[results.AssociatedFloatingIp, ...] | None
    ) -> tuple[models.Leftover, ...]:
        gone = removal.Removal('neutron')
        for address in self._own_floating_ips():
            gone.remove(
                'floatingip',
                address.address,
                self.target.network.delete_floating_ip,
                address.id,
            )
        return gone.leftovers

    def _create(self, port_id: str, source: objects.FloatingIp) -> None:
        request = requests.FloatingIpRequest(
            network_id=self.shared(EnsureNetworks).external_of(
                source.floating_network_id
            ),
            port_id=port_id,
            address=source.address,
            description=source.description,
            tags=self._tags(source),
        )
        if not self._pool_holds(request.network_id, source.address):
            request = requests.FloatingIpRequest(
                network_id=request.network_id,
                port_id=port_id,
                description=source.description,
                tags=self._tags(source),
            )
        self.target.network.create_floating_ip(request)

    def _pool_holds(self, network_id: str, address: str) -> bool:
        return any(
            addresses.holds(subnet.cidr, address)
            for subnet in self.target.network.list_subnets([network_id])
        )

    def _wanted(self) -> list[tuple[int, objects.FloatingIp]]:
        ordinals = {
            port.id: ordinal
            for ordinal, port in enumerate(self.captured.ports)
        }
        return [
            (ordinals[source.port_id], source)
            for source in self.captured.floating_ips
            if source.port_id in ordinals
        ]

    def _tags(self, source: objects.FloatingIp) -> tuple[str, ...]:
        return (*source.tags, *self.birth.tags)

    def _own_floating_ips(self) -> list[objects.FloatingIp]:
        return [
            address
            for address in self.target.network.list_floating_ips()
            if any(
                networking.born(address, self._tags(source))
                for source in self.captured.floating_ips
            )
        ]


def _ordinal(port: objects.Port) -> int | None:
    prefix = f'{names.ORDINAL_KEY}='
    for tag in port.tags:
        if tag.startswith(prefix):
            return int(tag.removeprefix(prefix))
    return None
