# SPDX-License-Identifier: Apache-2.0
"""Networks, subnets and routers for a group at the target."""

import ipaddress
from collections.abc import Iterable, Sequence

from aegis import models
from aegis.catalog import births, removal, translation
from aegis.catalog import manifest as catalog
from aegis.catalog import mappings as catalog_mappings
from aegis.clouds import factory, objects, requests
from aegis.common import exception, names

_MAP_NETWORK = 'Map the network with --mapping network:SOURCE=TARGET.'
_MAP_POOL = (
    'Map the external network with --mapping floating_ip_pool:SOURCE=TARGET.'
)


def ensure(
    cloud: factory.Cloud,
    manifest: catalog.GroupManifest,
    mappings: Sequence[models.Mapping],
    birth: names.Birth,
) -> translation.NetworkTranslation:
    """Find or make a network for each one that members have ports in.

    The mapped network, or the project's own or a shared one of the same
    name, is used as it is. Any other is made with its subnets, carrying the
    birth tags, and joined to its router: the project's one of the same name,
    or one made alike. Where several routers joined a subnet, the one with an
    external gateway takes the gateway address and the others are left out.

    Idempotent, and goes on where an earlier call was cut short.

    :raises aegis.common.exception.NotFound: when what a mapping names is not
        there, or nothing stands for a network that is not the project's own
        or for the external network of a router.
    :raises aegis.common.exception.Conflict: when a name is not unique.
    """
    return _Ensuring(cloud, manifest, mappings, birth).run()


def remove(
    cloud: factory.Cloud, birth: names.Birth
) -> tuple[models.Leftover, ...]:
    """Remove the networks, subnets and routers with the birth tags.

    :returns: what could not be removed.
    """
    neutron = cloud.network
    networks = births.born(_own(cloud, neutron.list_networks()), birth)
    ids = [network.id for network in networks]
    subnets = births.born(neutron.list_subnets(ids) if ids else (), birth)
    routers = neutron.list_routers()
    born_routers = births.born(routers, birth)
    subnet_ids = {subnet.id for subnet in subnets}
    gone = removal.Removal('neutron')
    for router in routers:
        for subnet_id in router.interfaces:
            if subnet_id in subnet_ids:
                gone.remove(
                    'router_interface',
                    router.name,
                    neutron.remove_router_interface,
                    router.id,
                    subnet_id,
                )
    for router in born_routers:
        gone.remove('router', router.name, neutron.delete_router, router.id)
    for subnet in subnets:
        gone.remove('subnet', subnet.name, neutron.delete_subnet, subnet.id)
    for network in networks:
        gone.remove(
            'network', network.name, neutron.delete_network, network.id
        )
    return gone.leftovers


def counterpart(
    mappings: Sequence[models.Mapping],
    source: objects.Subnet,
    candidates: Sequence[objects.Subnet],
) -> objects.Subnet | None:
    """The subnet of a network that stands for a captured one.

    It is the mapped one, or that of the same range, name or version.

    :raises aegis.common.exception.NotFound: when the mapped one is not there.
    """
    mapped = catalog_mappings.mapped(
        mappings, models.MappedResource.SUBNET, source.name, source.id
    )
    if mapped is not None:
        for subnet in candidates:
            if mapped in (subnet.id, subnet.name):
                return subnet
        raise exception.NotFound(
            f'Subnet {source.name} is mapped to {mapped}, which is not in '
            'the network at the recovery site.',
            remedy='Create it there or correct the mapping.',
        )
    same_version = [
        subnet
        for subnet in candidates
        if subnet.ip_version == source.ip_version
    ]
    for subnet in same_version:
        if subnet.cidr == source.cidr:
            return subnet
    for subnet in same_version:
        if subnet.name == source.name:
            return subnet
    return same_version[0] if same_version else None


def external_counterpart(
    mappings: Sequence[models.Mapping],
    source: objects.Network | None,
    source_id: str,
    present: Iterable[objects.Network],
) -> objects.Network | None:
    """The external network that stands for a captured one.

    :param source: what was captured of it, None when that was nothing.
    """
    labels = (source.name, source_id) if source else (source_id,)
    name = catalog_mappings.mapped(
        mappings, models.MappedResource.FLOATING_IP_POOL, *labels
    ) or catalog_mappings.target(
        mappings, models.MappedResource.NETWORK, *labels
    )
    return next(
        (
            network
            for network in present
            if network.is_external and name in (network.id, network.name)
        ),
        None,
    )


def _own(
    cloud: factory.Cloud, networks: Iterable[objects.Network]
) -> list[objects.Network]:
    return [
        network
        for network in networks
        if network.project_id == cloud.project_id
    ]


class _Ensuring:
    """One run of :func:`ensure`."""

    def __init__(
        self,
        cloud: factory.Cloud,
        manifest: catalog.GroupManifest,
        mappings: Sequence[models.Mapping],
        birth: names.Birth,
    ):
        self._cloud = cloud
        self._neutron = cloud.network
        self._manifest = manifest
        self._mappings = mappings
        self._birth = birth
        self._present = cloud.network.list_networks()
        self._sources = {network.id: network for network in manifest.networks}
        # Captured subnets whose networks are ours, and what stands for them.
        self._made_subnets: dict[str, objects.Subnet] = {}

    def run(self) -> translation.NetworkTranslation:
        networks: dict[str, str] = {}
        used: list[tuple[objects.Network, objects.Network]] = []
        for source in self._member_networks():
            found = self._usable(source)
            if found is None:
                found = self._make(source)
            else:
                used.append((source, found))
            networks[source.id] = found.id
        subnets = {**self._made_subnets, **self._used_subnets(used)}
        self._make_routers()
        return translation.NetworkTranslation(
            networks=translation.pairs(networks),
            subnets=translation.pairs(
                {source_id: each.id for source_id, each in subnets.items()}
            ),
            targets=tuple(
                {each.id: each for each in subnets.values()}.values()
            ),
            external=translation.pairs(self._floating_ip_networks()),
        )

    def _member_networks(self) -> list[objects.Network]:
        ids = {
            port.network_id
            for member in self._manifest.members
            for port in member.ports
        }
        return [self._sources[network_id] for network_id in sorted(ids)]

    def _usable(self, source: objects.Network) -> objects.Network | None:
        """A network that was there before, or None."""
        mapped = catalog_mappings.mapped(
            self._mappings,
            models.MappedResource.NETWORK,
            source.name,
            source.id,
        )
        name = source.name if mapped is None else mapped
        found = self._named(name, source.is_external)
        if found is None and mapped is not None:
            raise exception.NotFound(
                f'Network {source.name} is mapped to {mapped}, which the '
                f'project does not have at site {self._cloud.site}.',
                remedy='Create it there or correct the mapping.',
            )
        return found

    def _named(self, name: str, external: bool) -> objects.Network | None:
        candidates = [
            network
            for network in self._present
            if name in (network.id, network.name)
            and (self._is_own(network) or network.is_shared or external)
            and network not in births.born([network], self._birth)
        ]
        own = [network for network in candidates if self._is_own(network)]
        chosen = own or candidates
        if len(chosen) > 1:
            raise exception.Conflict(
                reason=(
                    f'site {self._cloud.site} has several networks {name}.'
                ),
                remedy='Map the network to the id of one of them.',
            )
        return chosen[0] if chosen else None

    def _is_own(self, network: objects.Network) -> bool:
        return network.project_id == self._cloud.project_id

    def _make(self, source: objects.Network) -> objects.Network:
        owners = {
            member.server.project_id for member in self._manifest.members
        }
        if source.is_external or source.project_id not in owners:
            raise exception.NotFound(
                f'Nothing stands for network {source.name}, which the '
                f'project does not own, at site {self._cloud.site}.',
                remedy=_MAP_NETWORK,
            )
        tags = births.tags(self._birth, source.id)
        network = births.born_for(self._present, self._birth, source.id)
        if network is None:
            network = self._neutron.create_network(
                requests.NetworkRequest(
                    name=source.name,
                    description=source.description,
                    port_security_enabled=source.port_security_enabled,
                    dns_domain=source.dns_domain,
                    tags=tags,
                )
            )
        else:
            self._neutron.finish_birth(
                'networks', network, source.description, tags
            )
        self._make_subnets(source, network)
        return network

    def _make_subnets(
        self, source: objects.Network, target: objects.Network
    ) -> None:
        present = self._neutron.list_subnets([target.id])
        for subnet in self._manifest.subnets:
            if subnet.network_id == source.id:
                self._made_subnets[subnet.id] = self._make_subnet(
                    subnet, target, present
                )

    def _make_subnet(
        self,
        source: objects.Subnet,
        network: objects.Network,
        present: Iterable[objects.Subnet],
    ) -> objects.Subnet:
        tags = births.tags(self._birth, source.id)
        found = births.born_for(present, self._birth, source.id)
        if found is not None:
            self._neutron.finish_birth(
                'subnets', found, source.description, tags
            )
            return found
        return self._neutron.create_subnet(
            requests.SubnetRequest(
                network_id=network.id,
                name=source.name,
                cidr=source.cidr,
                ip_version=source.ip_version,
                gateway_ip=source.gateway_ip,
                description=source.description,
                enable_dhcp=source.enable_dhcp,
                dns_nameservers=source.dns_nameservers,
                allocation_pools=source.allocation_pools,
                host_routes=source.host_routes,
                ipv6_address_mode=source.ipv6_address_mode,
                ipv6_ra_mode=source.ipv6_ra_mode,
                tags=tags,
            )
        )

    def _used_subnets(
        self, used: Sequence[tuple[objects.Network, objects.Network]]
    ) -> dict[str, objects.Subnet]:
        """What stands for the subnets of networks that are used as is."""
        if not used:
            return {}
        present = self._neutron.list_subnets(
            sorted({target.id for _, target in used})
        )
        found = {}
        for source, target in used:
            candidates = [s for s in present if s.network_id == target.id]
            for subnet in self._manifest.subnets:
                if subnet.network_id == source.id:
                    alike = counterpart(self._mappings, subnet, candidates)
                    if alike is not None:
                        found[subnet.id] = alike
        return found

    def _make_routers(self) -> None:
        joined = [
            router
            for router in self._manifest.routers
            if self._made_subnets.keys() & set(router.interfaces)
        ]
        if not joined:
            return
        present = self._neutron.list_routers()
        taken = {
            subnet_id for router in present for subnet_id in router.interfaces
        }
        for source in sorted(
            joined,
            key=lambda router: (
                router.external_network_id is None,
                router.name,
                router.id,
            ),
        ):
            self._make_router(source, present, taken)

    def _make_router(
        self,
        source: objects.Router,
        present: Sequence[objects.Router],
        taken: set[str],
    ) -> None:
        router = births.born_for(present, self._birth, source.id)
        tags = births.tags(self._birth, source.id)
        made = router is not None
        if router is not None:
            self._neutron.finish_birth(
                'routers', router, source.description, tags
            )
        else:
            router = next(
                (each for each in present if each.name == source.name), None
            )
        if router is None:
            made = True
            router = self._neutron.create_router(
                requests.RouterRequest(
                    name=source.name,
                    description=source.description,
                    external_network_id=self._gateway(source),
                    enable_snat=source.enable_snat,
                    tags=tags,
                )
            )
        joined = set(router.interfaces)
        for source_id in source.interfaces:
            subnet = self._made_subnets.get(source_id)
            if subnet and subnet.gateway_ip and subnet.id not in taken:
                self._neutron.add_router_interface(router.id, subnet.id)
                joined.add(subnet.id)
        taken |= joined
        routes = self._reachable(source, joined)
        if made and routes and router.routes != routes:
            self._neutron.set_router_routes(router.id, routes)

    def _reachable(
        self, source: objects.Router, joined: set[str]
    ) -> tuple[objects.HostRoute, ...]:
        """The routes whose next hop is in a subnet that is joined.

        Neutron refuses others. Those over the external gateway are of the
        other site.
        """
        ranges = [
            ipaddress.ip_network(subnet.cidr)
            for subnet in self._made_subnets.values()
            if subnet.id in joined
        ]
        return tuple(
            route
            for route in source.routes
            if any(ipaddress.ip_address(route.nexthop) in r for r in ranges)
        )

    def _gateway(self, source: objects.Router) -> str | None:
        if source.external_network_id is None:
            return None
        found = self._external(source.external_network_id)
        if found is None:
            network = self._sources.get(source.external_network_id)
            label = network.name if network else source.external_network_id
            raise exception.NotFound(
                f'Nothing stands for external network {label}, which router '
                f'{source.name} leads to, at site {self._cloud.site}.',
                remedy=_MAP_POOL,
            )
        return found

    def _external(self, source_id: str) -> str | None:
        """The id of the external network that stands for a captured one."""
        found = external_counterpart(
            self._mappings,
            self._sources.get(source_id),
            source_id,
            self._present,
        )
        return found.id if found else None

    def _floating_ip_networks(self) -> dict[str, str]:
        sources = {
            floating_ip.floating_network_id
            for member in self._manifest.members
            for floating_ip in member.floating_ips
        }
        found = {source_id: self._external(source_id) for source_id in sources}
        return {
            source_id: target_id
            for source_id, target_id in found.items()
            if target_id is not None
        }
