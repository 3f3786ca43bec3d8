# SPDX-License-Identifier: Apache-2.0
"""Nova, as far as Aegis uses it.

The facts are those of Nova's own API reference and sources, 2022.1 and
newer. Every call is made as an administrator inside one project; what
belongs to another project is not found.
"""

import base64
import dataclasses
import re
import urllib.parse
from collections.abc import Collection, Iterable
from typing import Any

from novaclient.v2 import client as nova

from aegis.clouds import errors, objects, reading, requests, values
from aegis.common import exception

_SERVICE = 'nova'
_PLAIN_NAME = re.compile(r'[\w -]+')
_MACS = 'OS-EXT-IPS-MAC:mac_addr'


class Compute:
    """The servers of one project at one site."""

    def __init__(self, client: nova.Client, site: str, project_id: str):
        self._client = client
        self._reader = reading.of_client(client)
        self.site = site
        self.project_id = project_id
        self._listed = reading.Memory(self._known)

    def service_version(self) -> str:
        """The highest API microversion that the service offers."""
        body = self._reader.get('/')
        return str(body['version']['version'])

    def get_server(self, server_id: str) -> objects.Server:
        """One server with its attachments in full. Two calls.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        server = self._get(server_id)
        return dataclasses.replace(
            server, attachments=self.list_attachments(server)
        )

    def read_servers(self, ids: Collection[str]) -> tuple[objects.Server, ...]:
        """The project's servers with some ids, as they are listed.

        Nova offers this for one server at a time. One that has gone is left
        out.
        """
        return tuple(
            dataclasses.replace(server, server_groups=())
            for server in reading.some(ids, self._get)
        )

    def find_server(self, name_or_id: str) -> objects.Server:
        """A server by id or else by name, as :meth:`get_server`.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        :raises aegis.common.exception.CloudConflict: when several servers
            have the name.
        """
        try:
            return self.get_server(urllib.parse.quote(name_or_id, safe=''))
        except exception.CloudNotFound:
            named = self._named(name_or_id)
        if not named:
            raise errors.not_found(self.site, _SERVICE, 'server', name_or_id)
        if len(named) > 1:
            raise errors.make(
                exception.CloudConflict,
                self.site,
                _SERVICE,
                f'several servers have the name {name_or_id}',
                409,
                remedy='Give the id of the server.',
            )
        return self.get_server(named[0]['id'])

    def list_servers(
        self, tags: Iterable[str] = (), ids: Collection[str] | None = None
    ) -> tuple[objects.Server, ...]:
        """The project's servers that have all the tags, in one paged list.

        Attachments have volume ids only, and server groups are left out:
        Nova's list does not tell more.
        """
        query = {}
        if tags := tuple(tags):
            query['tags'] = ','.join(tags)
        listed = self._listed.recall(
            self._reader.items('/servers/detail', 'servers', query)
        )
        return tuple(
            server for server in listed if ids is None or server.id in ids
        )

    def _get(self, server_id: str) -> objects.Server:
        body = self._reader.get(f'/servers/{server_id}')['server']
        if body['tenant_id'] != self.project_id:
            raise errors.not_found(self.site, _SERVICE, 'server', server_id)
        return self._known(body)

    def _known(self, body: dict[str, Any]) -> objects.Server:
        """A server from its body.

        :raises aegis.common.exception.CloudUnavailable: when Nova does not
            reach the cell of the server and so tells little more than its
            id: whose it is, nobody knows then.
        """
        if 'name' not in body:
            raise errors.make(
                exception.CloudUnavailable,
                self.site,
                _SERVICE,
                f'the cell of server {body["id"]} does not answer',
            )
        return _server(body)

    def list_attachments(
        self, server: objects.Server
    ) -> tuple[objects.Attachment, ...]:
        """A server's volumes in full: the boot volume first, then by device.

        Nova offers this for one server at a time.
        """
        body = self._reader.get(f'/servers/{server.id}/os-volume_attachments')
        attachments = [
            objects.Attachment(
                volume_id=attachment['volumeId'],
                device=attachment.get('device'),
                tag=attachment.get('tag'),
                delete_on_termination=attachment['delete_on_termination'],
                boot_index=_boot_index(server, attachment.get('device')),
            )
            for attachment in body['volumeAttachments']
        ]
        return tuple(sorted(attachments, key=_place))

    def interface_tags(self, server_id: str) -> tuple[objects.Pair, ...]:
        """Port ids and device tags of a server's tagged interfaces."""
        body = self._reader.get(f'/servers/{server_id}/os-interface')
        return tuple(
            objects.Pair(key=interface['port_id'], value=interface['tag'])
            for interface in body['interfaceAttachments']
            if interface.get('tag')
        )

    def create_server(self, request: requests.ServerRequest) -> str:
        """Ask for a server; it is built when its status is ACTIVE.

        Not idempotent: look for the birth tags first.

        :returns: its id.
        """
        hints = (
            {'group': request.server_group} if request.server_group else None
        )
        server = self._client.servers.create(
            name=request.name,
            image=None,
            flavor=request.flavor_id,
            meta=values.mapping(request.metadata),
            userdata=_decoded(request.user_data),
            key_name=request.keypair,
            availability_zone=request.availability_zone,
            block_device_mapping_v2=[
                _block_device(volume) for volume in request.volumes
            ],
            nics=[_interface(port) for port in request.ports] or 'none',
            scheduler_hints=hints,
            config_drive=request.config_drive,
            description=request.description,
            hostname=request.hostname,
            tags=list(request.tags) or None,
        )
        return str(server.id)

    def delete_server(self, server_id: str) -> None:
        """Ask for a server to go; its ports and volumes remain."""
        self._client.servers.delete(server_id)

    def stop_server(self, server_id: str) -> None:
        """Ask for a server to be SHUTOFF."""
        self._client.servers.stop(server_id)

    def start_server(self, server_id: str) -> None:
        """Ask for a stopped server to be ACTIVE."""
        self._client.servers.start(server_id)

    def lock_server(self, server_id: str, reason: str | None = None) -> None:
        """Keep everybody but administrators from acting on a server."""
        self._client.servers.lock(server_id, reason=reason)

    def unlock_server(self, server_id: str) -> None:
        """Undo :meth:`lock_server`."""
        self._client.servers.unlock(server_id)

    def set_server_metadata(
        self, server_id: str, metadata: Iterable[objects.Pair]
    ) -> None:
        """Add or replace single keys; others stay."""
        self._client.servers.set_meta(server_id, values.mapping(metadata))

    def delete_server_metadata(
        self, server_id: str, keys: Iterable[str]
    ) -> None:
        """Remove single keys, one call each.

        :raises aegis.common.exception.CloudNotFound: when one is missing.
        """
        for key in keys:
            self._client.servers.delete_meta(server_id, [key])

    def list_flavors(self) -> tuple[objects.Flavor, ...]:
        """The flavors that the project may use."""
        return tuple(
            _flavor(flavor, flavor['id'], flavor['name'])
            for flavor in self._reader.items('/flavors/detail', 'flavors')
        )

    def find_flavor(self, name: str) -> objects.Flavor:
        """A flavor by name or id.

        :raises aegis.common.exception.CloudNotFound: when there is none.
        """
        return choose_flavor(self.site, self.list_flavors(), name)

    def list_keypairs(self) -> tuple[objects.Keypair, ...]:
        """The key pairs of Aegis' own user, which new servers get theirs of.

        Nova looks a server's key pair up by the user who asks for the
        server.
        """
        return tuple(
            _keypair(item['keypair'])
            for item in self._reader.items('/os-keypairs', 'keypairs')
        )

    def find_keypair(
        self, name: str, user_id: str | None = None
    ) -> objects.Keypair | None:
        """A key pair of a user, Aegis' own user by default, or None."""
        path = f'/os-keypairs/{urllib.parse.quote(name, safe="")}'
        if user_id:
            path += '?' + urllib.parse.urlencode({'user_id': user_id})
        try:
            return _keypair(self._reader.get(path)['keypair'])
        except exception.CloudNotFound:
            return None

    def create_keypair(
        self, name: str, public_key: str, type: str = 'ssh'
    ) -> objects.Keypair:
        """Import a public key for Aegis' own user.

        :raises aegis.common.exception.CloudConflict: when the name is taken.
        """
        created = self._client.keypairs.create(name, public_key, key_type=type)
        return _keypair(created._info)

    def delete_keypair(self, name: str) -> None:
        """Remove a key pair of Aegis' own user; servers keep theirs."""
        self._client.keypairs.delete(urllib.parse.quote(name, safe=''))

    def list_server_groups(self) -> tuple[objects.ServerGroup, ...]:
        """The server groups of the project with their members."""
        return tuple(
            _server_group(group)
            for group in self._reader.items(
                '/os-server-groups', 'server_groups'
            )
        )

    def create_server_group(
        self, name: str, policy: str, max_server_per_host: int | None = None
    ) -> objects.ServerGroup:
        """Make a server group. Not idempotent: names are not unique."""
        rules = (
            None
            if max_server_per_host is None
            else {'max_server_per_host': max_server_per_host}
        )
        created = self._client.server_groups.create(name, policy, rules)
        return _server_group(created._info)

    def delete_server_group(self, server_group_id: str) -> None:
        """Remove a server group; its members are not touched."""
        self._client.server_groups.delete(server_group_id)

    def quotas(self) -> tuple[objects.QuotaLine, ...]:
        """The project's quotas, named as Nova names them."""
        return self._reader.quotas(
            f'/os-quota-sets/{self.project_id}/detail', 'quota_set', 'in_use'
        )

    def _named(self, name: str) -> list[dict[str, Any]]:
        # Nova takes the name for a regular expression in the dialect of its
        # database, so only plain names go there.
        query = {'name': f'^{name}$'} if _PLAIN_NAME.fullmatch(name) else {}
        return [
            server
            for server in self._reader.items('/servers', 'servers', query)
            if server['name'] == name
        ]


def choose_flavor(
    site: str, flavors: Iterable[objects.Flavor], name: str
) -> objects.Flavor:
    """The flavor of a name among all of a site, else the one of an id.

    :raises aegis.common.exception.CloudNotFound: when there is none.
    """
    by_id = {flavor.id: flavor for flavor in flavors}
    for flavor in by_id.values():
        if flavor.name == name:
            return flavor
    if name in by_id:
        return by_id[name]
    raise errors.not_found(site, _SERVICE, 'flavor', name)


def _boot_index(server: objects.Server, device: str | None) -> int | None:
    # Nova does not tell the index, but the device it booted from.
    if device is None or server.boots_from_image:
        return None
    return 0 if device == server.root_device else None


def _place(attachment: objects.Attachment) -> tuple[bool, int, str]:
    """The boot volume first, then by device; z before aa."""
    device = attachment.device or ''
    return attachment.boot_index is None, len(device), device


def _server(body: dict[str, Any]) -> objects.Server:
    return objects.Server(
        id=body['id'],
        name=body['name'],
        project_id=body['tenant_id'],
        status=body['status'],
        task_state=body.get('OS-EXT-STS:task_state'),
        created_at=values.time(body['created']),
        launched_at=values.time(body.get('OS-SRV-USG:launched_at')),
        flavor=body['flavor']['original_name'],
        description=body.get('description'),
        hostname=body.get('OS-EXT-SRV-ATTR:hostname'),
        keypair=body.get('key_name'),
        user_data=body.get('OS-EXT-SRV-ATTR:user_data'),
        config_drive=values.is_true(body.get('config_drive')),
        availability_zone=body.get(
            'pinned_availability_zone',
            body.get('OS-EXT-AZ:availability_zone') or None,
        ),
        locked=bool(body.get('locked')),
        metadata=values.pairs(body['metadata']),
        tags=tuple(sorted(body.get('tags', ()))),
        attachments=_bare_attachments(body),
        server_groups=tuple(body.get('server_groups') or ()),
        boots_from_image=bool(body.get('image')),
        fault=(body.get('fault') or {}).get('message'),
        user_id=body['user_id'],
        mac_addresses=_mac_addresses(body),
        embedded_flavor=_flavor(
            body['flavor'], '', body['flavor']['original_name']
        ),
        root_device=body.get('OS-EXT-SRV-ATTR:root_device_name'),
    )


def _mac_addresses(body: dict[str, Any]) -> tuple[str, ...]:
    addresses = (
        address
        for network in body.get('addresses', {}).values()
        for address in network
        if _MACS in address
    )
    return tuple(dict.fromkeys(address[_MACS] for address in addresses))


def _bare_attachments(
    body: dict[str, Any],
) -> tuple[objects.Attachment, ...]:
    return tuple(
        objects.Attachment(
            volume_id=volume['id'],
            device=None,
            tag=None,
            delete_on_termination=volume.get('delete_on_termination', False),
            boot_index=None,
        )
        for volume in body.get('os-extended-volumes:volumes_attached', ())
    )


def _flavor(body: dict[str, Any], id: str, name: str) -> objects.Flavor:
    return objects.Flavor(
        id=id,
        name=name,
        vcpus=body['vcpus'],
        ram_mib=body['ram'],
        disk_gib=body['disk'],
        ephemeral_gib=body.get(
            'ephemeral', body.get('OS-FLV-EXT-DATA:ephemeral', 0)
        ),
        swap_mib=body.get('swap') or 0,
        extra_specs=values.pairs(body.get('extra_specs')),
    )


def _keypair(body: dict[str, Any]) -> objects.Keypair:
    return objects.Keypair(
        name=body['name'],
        type=body.get('type', 'ssh'),
        public_key=body['public_key'],
        fingerprint=body['fingerprint'],
    )


def _server_group(body: dict[str, Any]) -> objects.ServerGroup:
    return objects.ServerGroup(
        id=body['id'],
        name=body['name'],
        policy=body['policy'],
        members=tuple(body.get('members', ())),
        max_server_per_host=(body.get('rules') or {}).get(
            'max_server_per_host'
        ),
    )


def _decoded(user_data: str | None) -> bytes | None:
    # novaclient encodes what it is given.
    return base64.b64decode(user_data) if user_data else None


def _block_device(volume: requests.ServerVolume) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        'uuid': volume.volume_id,
        'source_type': 'volume',
        'destination_type': 'volume',
        'boot_index': -1 if volume.boot_index is None else volume.boot_index,
        'delete_on_termination': volume.delete_on_termination,
    }
    if volume.device:
        mapping['device_name'] = volume.device
    if volume.tag:
        mapping['tag'] = volume.tag
    return mapping


def _interface(port: requests.ServerPort) -> dict[str, str]:
    interface = {'port-id': port.port_id}
    if port.tag:
        interface['tag'] = port.tag
    return interface
