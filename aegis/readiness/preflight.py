# SPDX-License-Identifier: Apache-2.0
"""Whether a failover would succeed: asked before anything is touched."""

import collections
import collections.abc
import dataclasses

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.catalog import mappings, volume_types
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
    """Each volume needs a type whose backend is up on the right array."""

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
    name = 'volume_quota_suffices'
    code = 'aegis.preflight.quota'
    remedy = "Raise the project's quota at the recovery site, then retry."

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        needed: collections.Counter[str] = collections.Counter()
        for member in facts.manifest.members:
            for volume in member.volumes:
                kind = mappings.target(
                    facts.group.mappings,
                    models.MappedResource.VOLUME_TYPE,
                    volume.volume_type or '',
                )
                needed['volumes'] += 1
                needed['gigabytes'] += volume.size_gib
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


class AddressesAreFree(base.Check[PreflightFacts]):
    """Somebody else may hold a member's address at the recovery site."""

    name = 'addresses_are_free'
    code = 'aegis.preflight.address'
    remedy = (
        'Free the address at the recovery site, or map the network with '
        '--mapping network:SOURCE=TARGET.'
    )

    def problems(self, facts: PreflightFacts) -> collections.abc.Iterable[str]:
        networks = {network.id: network for network in facts.manifest.networks}
        targets = {
            name: network.id
            for network in facts.target.networks
            for name in (network.id, network.name)
        }
        taken = {
            (port.network_id, fixed.ip_address)
            for port in facts.target.ports
            for fixed in port.fixed_ips
        }
        for member in facts.manifest.members:
            for port in member.ports:
                source = networks[port.network_id]
                target = targets.get(
                    mappings.target(
                        facts.group.mappings,
                        models.MappedResource.NETWORK,
                        source.name,
                        source.id,
                    )
                )
                for fixed in port.fixed_ips:
                    if (target, fixed.ip_address) in taken:
                        yield (
                            f'Address {fixed.ip_address} of member '
                            f'{member.server.name} is in use in network '
                            f'{source.name} of the recovery site.'
                        )


CHECKS: tuple[base.Check[PreflightFacts], ...] = (
    RecoveryPointHoldsEveryVolume(),
    EveryMemberIsCaptured(),
    FlavorsExist(),
    VolumeTypesUsable(),
    ComputeQuotaSuffices(),
    VolumeQuotaSuffices(),
    NetworkQuotaSuffices(),
    AddressesAreFree(),
)
