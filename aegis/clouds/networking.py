# SPDX-License-Identifier: Apache-2.0
"""Neutron, as far as Aegis uses it.

A plain keystoneauth adapter: an SDK resource costs some 70 times the CPU of
the JSON it is made from, and ports are listed by the thousand.

Neutron gives an administrator the objects of every project, so each list
asks for one project's. It takes no tags at creation (for ports it can, where
an operator has enabled that, and otherwise ignores them in silence). So an
object is made with its birth tags as its description, then tagged, then
described; :func:`born` knows it at each of these moments, so that no crash in
between orphans it. A port has them as its device owner, which Nova replaces.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from keystoneauth1 import adapter

from aegis.clouds import networking_json, objects, paging, reading, requests
from aegis.common import names

_INTERFACE_OWNERS = (
    'network:router_interface',
    'network:router_interface_distributed',
    'network:ha_router_replicated_interface',
)
# Keeps a URL with one id per entry below 8 KiB.
_IDS_PER_CALL = 100


class Tagged(Protocol):
    """A Neutron object that can carry a birth."""

    @property
    def description(self) -> str: ...

    @property
    def tags(self) -> tuple[str, ...]: ...


def _birth(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags that tell a birth; a tenant's own do not matter for it."""
    return tuple(tag for tag in tags if tag.startswith(names.PREFIX))


def mark(tags: Iterable[str]) -> str:
    """Birth tags as the one text that an object can be made with."""
    return ' '.join(_birth(tags))


def born(thing: Tagged, tags: Iterable[str]) -> bool:
    """Whether an object carries all of a birth's tags, even if half made.

    Never true without birth tags.
    """
    wanted = _birth(tags)
    carried = {*thing.tags, *thing.description.split()}
    return bool(wanted) and carried.issuperset(wanted)


class Networking:
    """The networks and ports of one project at one site."""

    def __init__(self, client: adapter.Adapter, site: str, project_id: str):
        self._client = client
        self._reader = reading.of_adapter(client)
        self.site = site
        self.project_id = project_id
        self._listed = reading.Memory(networking_json.port)

    def list_ports(
        self,
        device_id: str | None = None,
        tags: Iterable[str] = (),
        network_ids: Sequence[str] = (),
    ) -> tuple[objects.Port, ...]:
        """Ports of the project, or all ports of the given networks.

        The ports of a network are listed whoever owns them: an address is
        taken whoever took it.
        """
        query: dict[str, str | Sequence[str]] = {}
        if device_id is not None:
            query['device_id'] = device_id
        if tags := tuple(tags):
            query['tags'] = ','.join(tags)
        if not network_ids:
            query['project_id'] = self.project_id
            return self._listed.recall(self._list('ports', query))
        return tuple(
            networking_json.port(port)
            for port in self._some('ports', 'network_id', network_ids, query)
        )

    def read_ports(self, ids: Collection[str]) -> tuple[objects.Port, ...]:
        """The project's ports with some ids, as they are listed.

        One that has gone is left out.
        """
        return tuple(
            networking_json.port(port) for port in self._own_some('ports', ids)
        )

    def create_ports(
        self,
        wanted: Sequence[requests.PortRequest],
        present: Iterable[objects.Port] | None = None,
    ) -> tuple[objects.Port, ...]:
        """Make ports in one call, all of them or none, and tag each.

        A port that was made with the same birth tags, and was not tagged
        yet, is taken instead of a new one. One that was tagged is not looked
        for.

        :param present: ports of the project as listed after the last call
            that may have made one of these; None to ask Neutron.
        :returns: the ports in the order of the requests.
        """
        untagged = self._untagged_ports(wanted, present)
        taken = [_pop(untagged, mark(request.tags)) for request in wanted]
        made = iter(
            self._post_ports(
                [
                    request
                    for request, port in zip(wanted, taken, strict=True)
                    if port is None
                ]
            )
        )
        ports = []
        for request, port in zip(wanted, taken, strict=True):
            port = port or next(made)
            if request.tags:
                self.set_tags('ports', port.id, request.tags)
            tags = tuple(sorted(request.tags))
            ports.append(dataclasses.replace(port, tags=tags))
        return tuple(ports)

    def _untagged_ports(
        self,
        wanted: Sequence[requests.PortRequest],
        present: Iterable[objects.Port] | None,
    ) -> dict[str, list[objects.Port]]:
        """Ports that were made and not tagged, by their marks."""
        marks = {mark(request.tags) for request in wanted} - {''}
        if present is None and marks:
            present = self._ports(
                {
                    'project_id': self.project_id,
                    'device_owner': sorted(marks),
                }
            )
        untagged: dict[str, list[objects.Port]] = {}
        for port in present or ():
            if port.device_owner in marks and not port.tags:
                untagged.setdefault(port.device_owner, []).append(port)
        return untagged

    def _post_ports(
        self, wanted: Sequence[requests.PortRequest]
    ) -> tuple[objects.Port, ...]:
        if not wanted:
            return ()
        body = self._post(
            '/ports',
            {
                'ports': [
                    networking_json.port_body(request, mark(request.tags))
                    for request in wanted
                ]
            },
        )
        return tuple(networking_json.port(port) for port in body['ports'])

    def update_port(
        self,
        port_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        security_groups: Sequence[str] | None = None,
        admin_state_up: bool | None = None,
    ) -> objects.Port:
        """Change what is given. Idempotent."""
        changes = {
            'name': name,
            'description': description,
            'security_groups': security_groups,
            'admin_state_up': admin_state_up,
        }
        body = {
            key: value for key, value in changes.items() if value is not None
        }
        return networking_json.port(self._put('ports', port_id, 'port', body))

    def delete_port(self, port_id: str) -> None:
        """Remove a port."""
        self._client.delete(f'/ports/{port_id}')

    def list_networks(self) -> tuple[objects.Network, ...]:
        """The project's own networks, shared ones and external ones.

        Three lists, so that the networks of other tenants are not read.
        """
        queries: tuple[paging.Query, ...] = (
            {'project_id': self.project_id},
            {'shared': 'true'},
            {'router:external': 'true'},
        )
        found = {
            network['id']: networking_json.network(network)
            for query in queries
            for network in self._list('networks', query)
        }
        return tuple(found.values())

    def create_network(
        self, request: requests.NetworkRequest
    ) -> objects.Network:
        """Make a network. Look for :func:`born` ones first."""
        return networking_json.network(
            self._create(
                'networks',
                'network',
                networking_json.network_body(request),
                request.description,
                request.tags,
            )
        )

    def delete_network(self, network_id: str) -> None:
        """Remove a network and its subnets; it must have no ports."""
        self._client.delete(f'/networks/{network_id}')

    def list_subnets(
        self, network_ids: Sequence[str]
    ) -> tuple[objects.Subnet, ...]:
        """All subnets of the given networks."""
        return tuple(
            networking_json.subnet(subnet)
            for subnet in self._some('subnets', 'network_id', network_ids)
        )

    def create_subnet(self, request: requests.SubnetRequest) -> objects.Subnet:
        """Make a subnet. Look for :func:`born` ones first."""
        return networking_json.subnet(
            self._create(
                'subnets',
                'subnet',
                networking_json.subnet_body(request),
                request.description,
                request.tags,
            )
        )

    def delete_subnet(self, subnet_id: str) -> None:
        """Remove a subnet; no port may have an address on it."""
        self._client.delete(f'/subnets/{subnet_id}')

    def list_routers(self) -> tuple[objects.Router, ...]:
        """The project's routers with their interfaces. Two lists."""
        ports = self._ports(
            {
                'project_id': self.project_id,
                'device_owner': _INTERFACE_OWNERS,
            }
        )
        return tuple(
            networking_json.router(router, ports)
            for router in self._list(
                'routers', {'project_id': self.project_id}
            )
        )

    def create_router(self, request: requests.RouterRequest) -> objects.Router:
        """Make a router. Look for :func:`born` ones first."""
        created = self._create(
            'routers',
            'router',
            networking_json.router_body(request),
            request.description,
            request.tags,
        )
        return networking_json.router(created, ())

    def set_router_routes(
        self, router_id: str, routes: Sequence[objects.HostRoute]
    ) -> None:
        """Give a router its extra routes, in place of any others."""
        self._put(
            'routers',
            router_id,
            'router',
            {
                'routes': [
                    networking_json.route_body(route) for route in routes
                ]
            },
        )

    def add_router_interface(self, router_id: str, subnet_id: str) -> None:
        """Join a subnet at its gateway address.

        :raises aegis.common.exception.CloudError: when it is joined already.
        """
        self._client.put(
            f'/routers/{router_id}/add_router_interface',
            json={'subnet_id': subnet_id},
        )

    def remove_router_interface(self, router_id: str, subnet_id: str) -> None:
        """Part from a subnet."""
        self._client.put(
            f'/routers/{router_id}/remove_router_interface',
            json={'subnet_id': subnet_id},
        )

    def delete_router(self, router_id: str) -> None:
        """Remove a router; it must have no interfaces."""
        self._client.delete(f'/routers/{router_id}')

    def list_security_groups(self) -> tuple[objects.SecurityGroup, ...]:
        """The project's security groups with their rules.

        A rule for an address group is told as one rule for each of its
        addresses. One list, and one more if there are such rules.
        """
        groups = list(
            self._list(
                'security-groups',
                {'project_id': self.project_id},
                'security_groups',
            )
        )
        addresses: dict[str, list[str]] = {}
        if any(
            rule.get(networking_json.ADDRESS_GROUP)
            for group in groups
            for rule in group['security_group_rules']
        ):
            addresses = {
                group['id']: group['addresses']
                for group in self._list('address-groups', {}, 'address_groups')
            }
        return tuple(
            networking_json.security_group(group, addresses)
            for group in groups
        )

    def create_security_group(
        self, request: requests.SecurityGroupRequest
    ) -> objects.SecurityGroup:
        """Make a security group; Neutron adds rules for all egress.

        Look for :func:`born` ones first.
        """
        created = self._create(
            'security-groups',
            'security_group',
            networking_json.security_group_body(request),
            request.description,
            request.tags,
        )
        return networking_json.security_group(created, {})

    def create_security_group_rules(
        self,
        security_group_id: str,
        rules: Sequence[objects.SecurityGroupRule],
    ) -> None:
        """Add rules in one call: all of them or none.

        :raises aegis.common.exception.CloudConflict: when one exists.
        """
        if rules:
            self._post(
                '/security-group-rules',
                {
                    'security_group_rules': [
                        networking_json.rule_body(security_group_id, rule)
                        for rule in rules
                    ]
                },
            )

    def delete_security_group_rule(self, rule_id: str) -> None:
        """Remove one rule."""
        self._client.delete(f'/security-group-rules/{rule_id}')

    def delete_security_group(self, security_group_id: str) -> None:
        """Remove a security group; no port may be in it."""
        self._client.delete(f'/security-groups/{security_group_id}')

    def list_floating_ips(
        self,
        tags: Sequence[str] = (),
        port_ids: Sequence[str] | None = None,
    ) -> tuple[objects.FloatingIp, ...]:
        """The project's floating IPs, those born with tags or all."""
        found = (
            networking_json.floating_ip(address)
            for address in self._list(
                'floatingips', {'project_id': self.project_id}
            )
        )
        return tuple(
            address
            for address in found
            if (not tags or born(address, tags))
            and (port_ids is None or address.port_id in port_ids)
        )

    def read_floating_ips(
        self, ids: Collection[str]
    ) -> tuple[objects.FloatingIp, ...]:
        """The project's floating IPs with some ids, as they are listed.

        One that has gone is left out.
        """
        return tuple(
            networking_json.floating_ip(address)
            for address in self._own_some('floatingips', ids)
        )

    def create_floating_ip(
        self, request: requests.FloatingIpRequest
    ) -> objects.FloatingIp:
        """Make a floating IP. Look for :func:`born` ones first.

        :raises aegis.common.exception.CloudConflict: when the wanted address
            or port is taken.
        """
        return networking_json.floating_ip(
            self._create(
                'floatingips',
                'floatingip',
                networking_json.floating_ip_body(request),
                request.description,
                request.tags,
            )
        )

    def associate_floating_ip(
        self, floating_ip_id: str, port_id: str, fixed_ip: str | None = None
    ) -> objects.FloatingIp:
        """Lead a floating IP to a port. Idempotent."""
        body = {'port_id': port_id}
        if fixed_ip:
            body['fixed_ip_address'] = fixed_ip
        return networking_json.floating_ip(
            self._put('floatingips', floating_ip_id, 'floatingip', body)
        )

    def disassociate_floating_ip(self, floating_ip_id: str) -> None:
        """Lead a floating IP nowhere. Idempotent."""
        self._put(
            'floatingips', floating_ip_id, 'floatingip', {'port_id': None}
        )

    def delete_floating_ip(self, floating_ip_id: str) -> None:
        """Give a floating IP back to its pool."""
        self._client.delete(f'/floatingips/{floating_ip_id}')

    def set_tags(
        self, resource_type: str, resource_id: str, tags: Sequence[str]
    ) -> None:
        """Give an object its tags, in place of any others.

        :param resource_type: a collection of Neutron's API in the plural,
            for instance ``ports`` or ``security-groups``.
        """
        self._client.put(
            f'/{resource_type}/{resource_id}/tags',
            json={'tags': list(tags)},
        )

    def describe(
        self, resource_type: str, resource_id: str, description: str
    ) -> None:
        """Set the description of an object; types as in :meth:`set_tags`."""
        self._put(
            resource_type,
            resource_id,
            _SINGULAR[resource_type],
            {'description': description},
        )

    def finish_birth(
        self,
        resource_type: str,
        thing: objects.Network
        | objects.Subnet
        | objects.Router
        | objects.SecurityGroup
        | objects.FloatingIp,
        description: str,
        tags: Sequence[str],
    ) -> None:
        """Complete an object whose making was cut short. Idempotent."""
        if not set(tags) <= set(thing.tags):
            self.set_tags(resource_type, thing.id, tags)
        if thing.description == mark(tags):
            self.describe(resource_type, thing.id, description)

    def quotas(self) -> tuple[objects.QuotaLine, ...]:
        """The project's quotas, named as Neutron names them."""
        return self._reader.quotas(
            f'/quotas/{self.project_id}/details', 'quota', 'used'
        )

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._client.post(path, json=body).json()

    def _put(
        self,
        collection: str,
        id: str,
        singular: str,
        values: Mapping[str, Any],
    ) -> Any:
        response = self._client.put(
            f'/{collection}/{id}', json={singular: values}
        )
        return response.json()[singular]

    def _list(
        self,
        path: str,
        query: paging.Query,
        collection: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        return self._reader.items(f'/{path}', collection or path, query)

    def _own_some(
        self, path: str, ids: Collection[str]
    ) -> Iterator[dict[str, Any]]:
        own = {'project_id': self.project_id}
        return self._some(path, 'id', sorted(ids), own)

    def _some(
        self,
        path: str,
        parameter: str,
        ids: Sequence[str],
        query: paging.Query | None = None,
    ) -> Iterator[dict[str, Any]]:
        for start in range(0, len(ids), _IDS_PER_CALL):
            part = ids[start : start + _IDS_PER_CALL]
            yield from self._list(path, {**(query or {}), parameter: part})

    def _ports(self, query: paging.Query) -> tuple[objects.Port, ...]:
        return tuple(
            networking_json.port(port) for port in self._list('ports', query)
        )

    def _create(
        self,
        collection: str,
        singular: str,
        values: Mapping[str, Any],
        description: str,
        tags: Sequence[str],
    ) -> dict[str, Any]:
        birth = mark(tags)
        body = {**values, 'description': birth or description}
        created = self._post(f'/{collection}', {singular: body})[singular]
        if not tags:
            return dict(created)
        self.set_tags(collection, created['id'], tags)
        if birth:
            self.describe(collection, created['id'], description)
        return {**created, 'tags': list(tags), 'description': description}


_SINGULAR = {
    'networks': 'network',
    'subnets': 'subnet',
    'routers': 'router',
    'ports': 'port',
    'security-groups': 'security_group',
    'floatingips': 'floatingip',
}


def _pop(
    untagged: Mapping[str, list[objects.Port]], birth: str
) -> objects.Port | None:
    ports = untagged.get(birth)
    return ports.pop() if ports else None
