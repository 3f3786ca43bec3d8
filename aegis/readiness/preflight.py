# SPDX-License-Identifier: Apache-2.0
"""Whether a failover would succeed: asked before anything is touched."""

import collections
import collections.abc
import contextlib
import dataclasses

from aegis import models
from aegis.catalog import addresses, mappings, networks, volume_types
from aegis.catalog import manifest as catalog
from aegis.clouds import objects
from aegis.common import exception
from aegis.readiness import base
from aegis.storage import base as storage


@dataclasses.dataclass(frozen=True)
class TargetFacts:
    """What the recovery site offers the project."""

    flavors: tuple[objects.Flavor, ...]
    volume_types: tuple[objects.VolumeType, ...]
    pools: tuple[objects.VolumePool, ...]
    networks: tuple[objects.Network, ...]
    subnets: tuple[objects.Subnet, ...]
    ports: tuple[objects.Port, ...]
    compute_quotas: tuple[objects.QuotaLine, ...]
    volume_quotas: tuple[objects.QuotaLine, ...]
    network_quotas: tuple[objects.QuotaLine, ...]


@dataclasses.dataclass(frozen=True)
class PreflightFacts:
    """The captured group, the recovery point, and the recovery site."""

    group: models.FailoverGroup
    manifest: catalog.GroupManifest
    placements: tuple[models.Placement, ...]
    point: storage.RecoveryPoint
    target: TargetFacts


def _short(
    quotas: collections.abc.Iterable[objects.QuotaLine],
    needed: collections.Counter[str],
    service: str,
) -> collections.abc.Iterator[str]:
    for quota in quotas:
        need = needed.get(quota.resource, 0)
        if need > quota.free:
            yield (
                f'{service} quota {quota.resource}: {need} needed, '
                f'{quota.free} of {quota.limit} free.'
            )


class RecoveryPointHoldsEveryVolume(base.Check[PreflightFacts]):
    """A volume that was added later has no copy in an older point."""

    name = 'recovery_point_holds_every_volume'
    code = 'aegis.recovery_point.incomplete'
    remedy = (
        'Choose a newer recovery point, or remove the members whose volumes '
        'are not in it.'
    )
    essential = True

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        held = {volume.volume for volume in facts.point.volumes}
        for placement in facts.placements:
            for volume in placement.volumes:
                if volume.array_volume not in held:
                    label = volume.name or volume.volume_id
                    yield f'The recovery point has no copy of volume {label}.'


class EveryMemberIsCaptured(base.Check[PreflightFacts]):
    """Without its metadata a member cannot be built."""

    name = 'every_member_is_captured'
    code = 'aegis.preflight.not_captured'
    remedy = (
        'Run "openstack dr failover-group capture" while the protected '
        'site answers.'
    )
    essential = True

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        captured = {member.member_id for member in facts.manifest.members}
        for placement in facts.placements:
            if placement.member_id not in captured:
                yield f'Member {placement.member_id} was never captured.'


class FlavorsExist(base.Check[PreflightFacts]):
    """A server needs a flavor of its size at the recovery site."""

    name = 'flavors_exist'
    code = 'aegis.preflight.flavor'
    remedy = (
        'Create the flavor at the recovery site or map it with --mapping '
        'flavor:SOURCE=TARGET.'
    )

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        offered = {flavor.name for flavor in facts.target.flavors}
        offered |= {flavor.id for flavor in facts.target.flavors}
        wanted = {
            mappings.target(
                facts.group.mappings,
                models.MappedResource.FLAVOR,
                member.flavor.name,
                member.flavor.id,
            )
            for member in facts.manifest.members
        }
        for name in sorted(wanted - offered):
            yield f'The recovery site has no flavor {name}.'


class VolumeTypesUsable(base.Check[PreflightFacts]):
    """Each volume needs a type that names a backend which is up."""

    name = 'volume_types_usable'
    code = 'aegis.preflight.volume_type'
    remedy = (
        'Create the volume type at the recovery site and give it to the '
        'project, start cinder-volume, or map the type with --mapping '
        'volume_type:SOURCE=TARGET.'
    )

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        names = {
            volume.volume_type
            for member in facts.manifest.members
            for volume in member.volumes
        }
        for name in sorted(names, key=str):
            try:
                chosen = volume_types.target(
                    facts.target.volume_types, facts.group.mappings, name
                )
                volume_types.pool_for(chosen, facts.target.pools)
            except exception.AegisError as error:
                yield error.detail


class ComputeQuotaSuffices(base.Check[PreflightFacts]):
    """Nova refuses servers beyond the project's quota."""

    name = 'compute_quota_suffices'
    code = 'aegis.preflight.quota'
    remedy = "Raise the project's quota at the recovery site, then retry."

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        needed: collections.Counter[str] = collections.Counter()
        for member in facts.manifest.members:
            needed['instances'] += 1
            needed['cores'] += member.flavor.vcpus
            needed['ram'] += member.flavor.ram_mib
        return _short(facts.target.compute_quotas, needed, 'Nova')


class VolumeQuotaSuffices(base.Check[PreflightFacts]):
    """Cinder refuses volumes beyond the project's quota."""

    name = 'volume_quota_suffices'
    code = 'aegis.preflight.quota'
    remedy = "Raise the project's quota at the recovery site, then retry."

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        needed: collections.Counter[str] = collections.Counter()
        for member in facts.manifest.members:
            for volume in member.volumes:
                needed['volumes'] += 1
                needed['gigabytes'] += volume.size_gib
                # VolumeTypesUsable tells of those that have no type there.
                with contextlib.suppress(exception.NotFound):
                    kind = volume_types.target(
                        facts.target.volume_types,
                        facts.group.mappings,
                        volume.volume_type,
                    ).name
                    needed[f'volumes_{kind}'] += 1
                    needed[f'gigabytes_{kind}'] += volume.size_gib
        return _short(facts.target.volume_quotas, needed, 'Cinder')


class NetworkQuotaSuffices(base.Check[PreflightFacts]):
    """Counts ports and floating IPs; networks may exist already."""

    name = 'network_quota_suffices'
    code = 'aegis.preflight.quota'
    remedy = "Raise the project's quota at the recovery site, then retry."

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        needed: collections.Counter[str] = collections.Counter()
        for member in facts.manifest.members:
            needed['port'] += len(member.ports)
            needed['floatingip'] += len(member.floating_ips)
        return _short(facts.target.network_quotas, needed, 'Neutron')


class FloatingIpPoolsExist(base.Check[PreflightFacts]):
    """A member that had a floating IP is not recovered without one."""

    name = 'floating_ip_pools_exist'
    code = 'aegis.preflight.floating_ip_pool'
    remedy = (
        'Map the external network with --mapping '
        'floating_ip_pool:SOURCE=TARGET.'
    )

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        sources = {network.id: network for network in facts.manifest.networks}
        wanted = {
            address.floating_network_id
            for member in facts.manifest.members
            for address in member.floating_ips
        }
        for source_id in sorted(wanted):
            source = sources.get(source_id)
            found = networks.external_counterpart(
                facts.group.mappings, source, source_id, facts.target.networks
            )
            if found is None:
                label = source.name if source else source_id
                yield (
                    'The recovery site has no external network for floating '
                    f'IPs of {label}.'
                )


class AddressesAreFree(base.Check[PreflightFacts]):
    """Somebody else may hold a member's address at the recovery site.

    Only networks that are there already can hold any: one that is made for
    the group has the members' ports and no others.
    """

    name = 'addresses_are_free'
    code = 'aegis.preflight.address'
    remedy = (
        'Free the address at the recovery site, or map the network with '
        '--mapping network:SOURCE=TARGET.'
    )

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        known = _Addresses(facts)
        for member in facts.manifest.members:
            for port in member.ports:
                for address in known.taken(port):
                    yield (
                        f'Address {address} of member {member.server.name} '
                        'is in use at the recovery site.'
                    )


class _Addresses:
    """Who has which address in the networks of the recovery site."""

    def __init__(self, facts: PreflightFacts) -> None:
        self._facts = facts
        self._sources = {each.id: each for each in facts.manifest.networks}
        self._subnets = {each.id: each for each in facts.manifest.subnets}
        self._candidates: dict[str, list[objects.Subnet]] = {}
        for subnet in facts.target.subnets:
            self._candidates.setdefault(subnet.network_id, []).append(subnet)
        self._taken = {
            (port.network_id, address)
            for port in facts.target.ports
            for address in (
                port.mac_address,
                *(fixed.ip_address for fixed in port.fixed_ips),
            )
        }
        self._targets = {
            source.id: self._target(source)
            for source in facts.manifest.networks
        }

    def taken(self, port: objects.Port) -> collections.abc.Iterator[str]:
        """The addresses that a port is to have and somebody else has."""
        target = self._targets.get(port.network_id)
        if target is None:
            return
        for address in (port.mac_address, *self._wanted(port, target)):
            if (target, address) in self._taken:
                yield address

    def _wanted(
        self, port: objects.Port, target: str
    ) -> collections.abc.Iterator[str]:
        """What it will be asked for with; Neutron may choose the others."""
        for fixed in port.fixed_ips:
            source = self._subnets.get(fixed.subnet_id)
            if source is None:
                continue
            # What is mapped to nowhere is told by the step that needs it.
            with contextlib.suppress(exception.NotFound):
                found = networks.counterpart(
                    self._facts.group.mappings,
                    source,
                    self._candidates.get(target, ()),
                )
                if found is not None:
                    yield (
                        addresses.wanted(fixed.ip_address, source, found) or ''
                    )

    def _target(self, source: objects.Network) -> str | None:
        """The network that stands for one; the project's own goes first."""
        wanted = mappings.target(
            self._facts.group.mappings,
            models.MappedResource.NETWORK,
            source.name,
            source.id,
        )
        found = [
            network
            for network in self._facts.target.networks
            if wanted in (network.id, network.name)
        ]
        project_id = self._facts.group.project_id
        found.sort(key=lambda network: network.project_id != project_id)
        return found[0].id if found else None


CHECKS: tuple[base.Check[PreflightFacts], ...] = (
    RecoveryPointHoldsEveryVolume(),
    EveryMemberIsCaptured(),
    FlavorsExist(),
    VolumeTypesUsable(),
    ComputeQuotaSuffices(),
    VolumeQuotaSuffices(),
    NetworkQuotaSuffices(),
    FloatingIpPoolsExist(),
    AddressesAreFree(),
)
