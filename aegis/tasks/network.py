# SPDX-License-Identifier: Apache-2.0
"""Steps in Neutron, and what servers share: made once, used by all."""

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any

from oslo_log import log as logging

from aegis import models
from aegis.catalog import (
    addresses,
    births,
    keypairs,
    removal,
    security_groups,
    server_groups,
    translation,
)
from aegis.catalog import networks as catalog_networks
from aegis.clouds import objects, requests
from aegis.common import exception, names
from aegis.tasks import access, base, results

LOG = logging.getLogger(__name__)


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
        found = self._made()
        missing = len(self.captured.ports) - len(found)
        if missing > 0:
            self.pending = f'Neutron lists {missing} ports less'
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

    def act(self) -> base.Births:
        made = self._made()
        blueprint = self._blueprint()
        ports = self.target.network.create_ports(
            [
                blueprint.request(port, self._tags(ordinal, port))
                for ordinal, port in enumerate(self.captured.ports)
                if ordinal not in made
            ],
            present=self.own('ports'),
        )
        return {'ports': [port.id for port in ports]}

    def undo(
        self, result: tuple[results.CreatedPort, ...] | None
    ) -> tuple[models.Leftover, ...]:
        gone = removal.Removal('neutron')
        for port in self.own('ports'):
            gone.remove(
                'port', port.name, self.target.network.delete_port, port.id
            )
        return gone.leftovers

    def _made(self) -> dict[int, objects.Port]:
        """The member's ports that have all their tags, by ordinal."""
        found = {}
        for port in self.own('ports'):
            ordinal = _ordinal(port.tags)
            if ordinal is not None and set(self.birth.tags) <= set(port.tags):
                found[ordinal] = port
        return found

    def _tags(self, ordinal: int, port: objects.Port) -> tuple[str, ...]:
        return (
            *names.foreign(port.tags),
            *self.birth.tags,
            f'{names.ORDINAL_KEY}={ordinal}',
        )

    def _blueprint(self) -> '_Blueprint':
        networks: translation.NetworkTranslation = self.shared(EnsureNetworks)
        return _Blueprint(
            networks=networks,
            groups=self.shared(EnsureSecurityGroups),
            sources={subnet.id: subnet for subnet in self.manifest.subnets},
            targets={subnet.id: subnet for subnet in networks.targets},
        )


@dataclasses.dataclass(frozen=True)
class _Blueprint:
    """How captured ports are to be made; subnets are by their ids."""

    networks: translation.NetworkTranslation
    groups: translation.SecurityGroupTranslation
    sources: Mapping[str, objects.Subnet]
    targets: Mapping[str, objects.Subnet]

    def request(
        self, port: objects.Port, tags: tuple[str, ...]
    ) -> requests.PortRequest:
        return requests.PortRequest(
            network_id=self.networks.network_of(port.network_id),
            name=port.name,
            mac_address=port.mac_address,
            fixed_ips=self._fixed_ips(port),
            security_groups=tuple(
                self.groups.id_of(group) for group in port.security_groups
            ),
            allowed_address_pairs=port.allowed_address_pairs,
            port_security_enabled=port.port_security_enabled,
            admin_state_up=port.admin_state_up,
            vnic_type=port.vnic_type,
            dns_name=port.dns_name,
            description=port.description,
            tags=tags,
        )

    def _fixed_ips(
        self, port: objects.Port
    ) -> tuple[requests.FixedIpRequest, ...] | None:
        """The addresses to ask for; None lets Neutron choose."""
        wanted = []
        for fixed in port.fixed_ips:
            target = self.targets.get(
                self.networks.subnet_of(fixed.subnet_id) or ''
            )
            if target is None:
                return None
            wanted.append(
                requests.FixedIpRequest(
                    subnet_id=target.id,
                    ip_address=addresses.wanted(
                        fixed.ip_address,
                        self.sources[fixed.subnet_id],
                        target,
                    ),
                )
            )
        return tuple(wanted)


class AssociateFloatingIps(access.GroupTask):
    """Give each port that had a floating IP one at the recovery site.

    The same address is asked for where the pool holds it. Elsewhere, and
    when somebody else has it, the pool chooses, and the report says what
    became of the old one.

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
        wanted = self._wanted(ports)
        found = self._own_floating_ips() if wanted else {}
        done = []
        for port, source in wanted:
            address = found.get(source.id)
            if address is None or address.port_id != port.port_id:
                self.pending = f'no floating IP stands for {source.address}'
                return None
            done.append(
                results.AssociatedFloatingIp(
                    ordinal=port.ordinal,
                    floating_ip_id=address.id,
                    address=address.address,
                    source_address=source.address,
                )
            )
        return tuple(done)

    def act(self, ports: tuple[results.CreatedPort, ...]) -> base.Births:
        neutron = self.target.network
        found = self._own_floating_ips()
        made = []
        for port, source in self._wanted(ports):
            address = found.get(source.id)
            fixed_ip = _same(source.fixed_ip, port)
            if address is None:
                made.append(self._create(port, source, fixed_ip).id)
                continue
            neutron.finish_birth(
                'floatingips', address, source.description, self._tags(source)
            )
            if address.port_id != port.port_id:
                neutron.associate_floating_ip(
                    address.id, port.port_id, fixed_ip
                )
        return {'floating_ips': made}

    def undo(
        self, result: tuple[results.AssociatedFloatingIp, ...] | None
    ) -> tuple[models.Leftover, ...]:
        gone = removal.Removal('neutron')
        for address in self.own('floating_ips'):
            gone.remove(
                'floatingip',
                address.address,
                self.target.network.delete_floating_ip,
                address.id,
            )
        return gone.leftovers

    def _create(
        self,
        port: results.CreatedPort,
        source: objects.FloatingIp,
        fixed_ip: str | None,
    ) -> objects.FloatingIp:
        neutron = self.target.network
        request = requests.FloatingIpRequest(
            network_id=self.shared(EnsureNetworks).external_of(
                source.floating_network_id
            ),
            port_id=port.port_id,
            fixed_ip=fixed_ip,
            description=source.description,
            tags=self._tags(source),
        )
        if self._pool_holds(request.network_id, source.address):
            same = dataclasses.replace(request, address=source.address)
            try:
                return neutron.create_floating_ip(same)
            except exception.CloudConflict as error:
                # Somebody else has the address. Were it we ourselves, by a
                # call whose answer was lost, the port would be taken too.
                LOG.warning('The pool gives another address: %s', error)
        return neutron.create_floating_ip(request)

    def _pool_holds(self, network_id: str, address: str) -> bool:
        return any(
            addresses.holds(subnet.cidr, address)
            for subnet in self.target.network.list_subnets([network_id])
        )

    def _wanted(
        self, ports: tuple[results.CreatedPort, ...]
    ) -> list[tuple[results.CreatedPort, objects.FloatingIp]]:
        made = {port.ordinal: port for port in ports}
        ports_by_source = {
            source.id: made[ordinal]
            for ordinal, source in enumerate(self.captured.ports)
        }
        return [
            (ports_by_source[source.port_id], source)
            for source in self.captured.floating_ips
            if source.port_id in ports_by_source
        ]

    def _tags(self, source: objects.FloatingIp) -> tuple[str, ...]:
        return (
            *names.foreign(source.tags),
            *births.tags(self.birth, source.id),
        )

    def _own_floating_ips(self) -> dict[str, objects.FloatingIp]:
        """The member's floating IPs by the ids of the captured ones."""
        own = self.own('floating_ips')
        return {
            source.id: address
            for source in self.captured.floating_ips
            if (address := births.born_for(own, self.birth, source.id))
        }


def _same(address: str | None, port: results.CreatedPort) -> str | None:
    """The address of a port to lead to, None for its only one."""
    return address if address in port.fixed_ips else None


def _ordinal(tags: tuple[str, ...]) -> int | None:
    prefix = f'{names.ORDINAL_KEY}='
    for tag in tags:
        number = tag.removeprefix(prefix)
        if number != tag and number.isdecimal():
            return int(number)
    return None
