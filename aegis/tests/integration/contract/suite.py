# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on at every cloud, real or not."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from aegis import models
from aegis.catalog import (
    capture,
    keypairs,
    networks,
    security_groups,
    server_groups,
    volume_types,
)
from aegis.catalog import manifest as catalog
from aegis.clouds import factory, objects, requests
from aegis.common import exception, names
from aegis.tests.fixtures import clouds as fakes

PUBLIC_KEY = (
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGX8nS5g0bV1p8Sfxm0m6Tq2cW5aM0a1'
    'mC0B9mV1rQ5b contract'
)
USER_DATA = 'I2Nsb3VkLWNvbmZpZwo='


class Laboratory(Protocol):
    """Two sites with a tenant each, and what only a tenant can do."""

    clouds: factory.Clouds
    site: str
    project_id: str
    foreign_project_id: str
    other_site: str
    other_project_id: str
    flavor: str
    volume_type: str
    external_network: str

    def make_volume(self, site: str, name: str) -> str:
        """Have the tenant make a bootable volume; returns its id."""

    def make_keypair(self, name: str, public_key: str) -> str:
        """Have the tenant's user import a key; returns the user's id."""

    def wait(self, done: Callable[[], bool]) -> None:
        """Return when a question is answered with yes."""


class ContractSuite:
    """Mixed into a test case that provides ``laboratory``."""

    laboratory: Laboratory
    addCleanup: Callable[..., None]
    assertEqual: Callable[..., None]
    assertRaises: Callable[..., Any]
    assertTrue: Callable[..., None]
    assertIn: Callable[..., None]
    assertNotIn: Callable[..., None]

    def setUp(self) -> None:
        super().setUp()  # type: ignore[misc]
        lab = self.laboratory
        self.run_id = uuid.uuid4().hex[:8]
        self.cloud = lab.clouds.cloud(lab.site, lab.project_id)
        self.other = lab.clouds.cloud(lab.other_site, lab.other_project_id)
        self.birth = names.Birth(str(uuid.uuid4()), str(uuid.uuid4()))

    def name(self, stem: str) -> str:
        return f'contract-{stem}-{self.run_id}'

    # Scaffolding: what a tenant would have built

    def _tolerate(self, call: Callable[..., Any], *arguments: Any) -> None:
        try:
            call(*arguments)
        except exception.CloudNotFound:
            pass

    def _later(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.addCleanup(self._tolerate, call, *arguments)

    def make_network(self, cidr: str = '10.77.0.0/24') -> objects.Network:
        neutron = self.cloud.network
        network = neutron.create_network(
            requests.NetworkRequest(name=self.name('net'))
        )
        self._later(neutron.delete_network, network.id)
        neutron.create_subnet(
            requests.SubnetRequest(
                network_id=network.id,
                name=self.name('subnet'),
                cidr=cidr,
                ip_version=4,
                gateway_ip=cidr.replace('.0/24', '.1'),
                dns_nameservers=('192.0.2.53',),
                allocation_pools=(
                    objects.AllocationPool(
                        cidr.replace('.0/24', '.100'),
                        cidr.replace('.0/24', '.200'),
                    ),
                ),
            )
        )
        return network

    def make_router(self, network: objects.Network) -> objects.Router:
        neutron = self.cloud.network
        (subnet,) = neutron.list_subnets([network.id])
        external = next(
            each
            for each in neutron.list_networks()
            if each.name == self.laboratory.external_network
        )
        router = neutron.create_router(
            requests.RouterRequest(
                name=self.name('router'), external_network_id=external.id
            )
        )
        self._later(neutron.delete_router, router.id)
        neutron.add_router_interface(router.id, subnet.id)
        self._later(neutron.remove_router_interface, router.id, subnet.id)
        return router

    def make_security_group(self) -> objects.SecurityGroup:
        neutron = self.cloud.network
        group = neutron.create_security_group(
            requests.SecurityGroupRequest(name=self.name('sg'))
        )
        self._later(neutron.delete_security_group, group.id)
        return group

    def make_port(
        self, network: objects.Network, **values: Any
    ) -> objects.Port:
        (port,) = self.cloud.network.create_ports(
            [
                requests.PortRequest(
                    network_id=network.id, name=self.name('port'), **values
                )
            ]
        )
        self._later(self.cloud.network.delete_port, port.id)
        return port

    def make_volume(self, cloud: factory.Cloud, stem: str) -> objects.Volume:
        volume_id = self.laboratory.make_volume(cloud.site, self.name(stem))
        self.addCleanup(self.discard_volume, cloud, volume_id)
        self.await_volume(cloud, volume_id, 'available')
        return cloud.volume.get_volume(volume_id)

    def discard_volume(self, cloud: factory.Cloud, volume_id: str) -> None:
        def free() -> bool:
            listed = cloud.volume.list_volumes(ids=[volume_id])
            return not listed or listed[0].status in ('available', 'error')

        self.laboratory.wait(free)
        self._tolerate(cloud.volume.delete_volume, volume_id)
        self.laboratory.wait(
            lambda: not cloud.volume.list_volumes(ids=[volume_id])
        )

    def await_volume(
        self, cloud: factory.Cloud, volume_id: str, status: str
    ) -> None:
        self.laboratory.wait(
            lambda: cloud.volume.get_volume(volume_id).status == status
        )

    def await_server(self, server_id: str, status: str) -> None:
        def done() -> bool:
            server = self.cloud.compute.get_server(server_id)
            return server.status == status and server.task_state is None

        self.laboratory.wait(done)

    def discard_server(self, server_id: str) -> None:
        self._tolerate(self.cloud.compute.delete_server, server_id)
        self.laboratory.wait(
            lambda: not self.cloud.compute.list_servers(ids=[server_id])
        )

    def make_server(
        self,
        volumes: list[objects.Volume],
        ports: list[objects.Port],
        **values: Any,
    ) -> str:
        nova = self.cloud.compute
        server_id = nova.create_server(
            requests.ServerRequest(
                name=self.name('server'),
                flavor_id=nova.find_flavor(self.laboratory.flavor).id,
                volumes=tuple(
                    requests.ServerVolume(
                        volume_id=volume.id,
                        boot_index=None if ordinal else 0,
                        device=f'/dev/vd{"abc"[ordinal]}',
                        tag=f'disk{ordinal}',
                        delete_on_termination=bool(ordinal),
                    )
                    for ordinal, volume in enumerate(volumes)
                ),
                ports=tuple(
                    requests.ServerPort(port.id, tag=f'nic{ordinal}')
                    for ordinal, port in enumerate(ports)
                ),
                **values,
            )
        )
        self.addCleanup(self.discard_server, server_id)
        self.await_server(server_id, 'ACTIVE')
        return server_id

    # Keystone

    def test_a_project_is_found_by_name_as_by_id(self) -> None:
        identity = self.laboratory.clouds.identity(self.laboratory.site)
        by_id = identity.get_project(self.laboratory.project_id)

        by_name = identity.find_project(by_id.name, by_id.domain_name)

        self.assertEqual(by_id, by_name)

    def test_an_unknown_project_is_not_found(self) -> None:
        identity = self.laboratory.clouds.identity(self.laboratory.site)
        known = identity.get_project(self.laboratory.project_id)

        for wanted in (('none', known.domain_name), (known.name, 'none')):
            self.assertRaises(
                exception.CloudNotFound, identity.find_project, *wanted
            )
        self.assertRaises(
            exception.CloudNotFound, identity.get_project, uuid.uuid4().hex
        )

    def test_a_site_that_answers_passes_the_probe(self) -> None:
        self.laboratory.clouds.identity(self.laboratory.site).probe()

    # Nova

    def test_unknown_servers_volumes_and_flavors_are_not_found(self) -> None:
        unknown = str(uuid.uuid4())

        for call in (
            self.cloud.compute.get_server,
            self.cloud.compute.find_server,
            self.cloud.compute.delete_server,
            self.cloud.compute.start_server,
            self.cloud.compute.find_flavor,
            self.cloud.compute.delete_server_group,
            self.cloud.volume.get_volume,
            self.cloud.volume.delete_volume,
            self.cloud.volume.unmanage_volume,
            self.cloud.network.delete_port,
            self.cloud.network.delete_network,
            self.cloud.network.delete_router,
            self.cloud.network.delete_security_group,
            self.cloud.network.delete_floating_ip,
        ):
            self.assertRaises(exception.CloudNotFound, call, unknown)

    def test_a_keypair_keeps_its_key_and_its_name_is_unique(self) -> None:
        nova = self.cloud.compute
        name = self.name('key pair')
        nova.create_keypair(name, PUBLIC_KEY)
        self._later(nova.delete_keypair, name)

        found = nova.find_keypair(name)

        self.assertEqual((name, PUBLIC_KEY), (found.name, found.public_key))
        self.assertIn(found, nova.list_keypairs())
        self.assertRaises(
            exception.CloudConflict, nova.create_keypair, name, PUBLIC_KEY
        )
        nova.delete_keypair(name)
        self.assertEqual(None, nova.find_keypair(name))

    def test_a_keypair_of_another_user_is_read(self) -> None:
        nova = self.cloud.compute
        name = self.name('tenant')

        user_id = self.laboratory.make_keypair(name, PUBLIC_KEY)

        found = nova.find_keypair(name, user_id=user_id)
        self.assertEqual((name, PUBLIC_KEY), (found.name, found.public_key))
        self.assertEqual(None, nova.find_keypair(name))

    def test_a_server_group_keeps_its_policy(self) -> None:
        nova = self.cloud.compute
        made = nova.create_server_group(self.name('group'), 'anti-affinity', 2)
        self._later(nova.delete_server_group, made.id)

        self.assertIn(made, nova.list_server_groups())
        self.assertEqual('anti-affinity', made.policy)
        self.assertEqual(2, made.max_server_per_host)

    def test_a_server_on_an_unbootable_volume_is_refused(self) -> None:
        volume = self.make_volume(self.cloud, 'data')
        self.cloud.volume.set_bootable(volume.id, False)

        error = self.assertRaises(
            exception.CloudError, self.make_server, [volume], []
        )

        self.assertEqual(400, error.details[0]['http_status'])

    def test_a_server_is_built_as_asked_and_read_back(self) -> None:
        nova = self.cloud.compute
        network = self.make_network()
        ports = [self.make_port(network), self.make_port(network)]
        volumes = [
            self.make_volume(self.cloud, 'root'),
            self.make_volume(self.cloud, 'data'),
        ]
        group = nova.create_server_group(self.name('group'), 'affinity')
        self._later(nova.delete_server_group, group.id)
        nova.create_keypair(self.name('key'), PUBLIC_KEY)
        self._later(nova.delete_keypair, self.name('key'))
        wanted = {
            'description': 'a description',
            'hostname': f'host-{self.run_id}',
            'keypair': self.name('key'),
            'user_data': USER_DATA,
            'config_drive': True,
            'metadata': (objects.Pair('a', '1'), objects.Pair('b', '2')),
            'tags': self.birth.tags,
        }

        server_id = self.make_server(
            volumes, ports, server_group=group.id, **wanted
        )

        server = nova.get_server(server_id)
        self.assertEqual(
            {**wanted, 'tags': tuple(sorted(self.birth.tags))},
            {key: getattr(server, key) for key in wanted},
        )
        self.assertEqual(self.laboratory.flavor, server.flavor)
        self.assertEqual(None, server.availability_zone)
        self.assertEqual(False, server.boots_from_image)
        self.assertEqual((group.id,), server.server_groups)
        self.assertEqual(
            tuple(port.mac_address for port in ports), server.mac_addresses
        )
        self.assertEqual(
            (
                objects.Attachment(
                    volumes[0].id, '/dev/vda', 'disk0', False, 0
                ),
                objects.Attachment(
                    volumes[1].id, '/dev/vdb', 'disk1', True, None
                ),
            ),
            server.attachments,
        )
        self.assertEqual(
            {ports[0].id: 'nic0', ports[1].id: 'nic1'},
            {p.key: p.value for p in nova.interface_tags(server_id)},
        )
        self.assertTrue(server.launched_at >= server.created_at)
        (listed,) = nova.list_servers(tags=self.birth.tags)
        self.assertEqual(server_id, listed.id)
        self.assertEqual(
            {volume.id for volume in volumes},
            {attachment.volume_id for attachment in listed.attachments},
        )
        volume = self.cloud.volume.get_volume(volumes[0].id)
        self.assertEqual(
            ('in-use', (server_id,)), (volume.status, volume.attached_to)
        )
        bound = self.cloud.network.list_ports(device_id=server_id)
        self.assertEqual(
            {port.id for port in ports}, {port.id for port in bound}
        )
        self.assertEqual({'ACTIVE'}, {port.status for port in bound})

    def test_a_server_is_stopped_locked_marked_and_started(self) -> None:
        nova = self.cloud.compute
        port = self.make_port(self.make_network())
        volume = self.make_volume(self.cloud, 'root')
        server_id = self.make_server([volume], [port])

        nova.lock_server(server_id, 'a reason')
        nova.stop_server(server_id)
        nova.set_server_metadata(server_id, [objects.Pair('fence', '1')])
        self.await_server(server_id, 'SHUTOFF')

        server = nova.find_server(self.name('server'))
        self.assertTrue(server.locked)
        self.assertEqual((objects.Pair('fence', '1'),), server.metadata)
        self.assertRaises(exception.CloudConflict, nova.stop_server, server_id)
        self.assertRaises(
            exception.CloudError, self.cloud.volume.delete_volume, volume.id
        )
        nova.delete_server_metadata(server_id, ['fence', 'none'])
        nova.unlock_server(server_id)
        nova.start_server(server_id)
        self.await_server(server_id, 'ACTIVE')
        server = nova.get_server(server_id)
        self.assertEqual((False, ()), (server.locked, server.metadata))

    def test_a_deleted_server_leaves_its_port_and_volume(self) -> None:
        port = self.make_port(self.make_network())
        volume = self.make_volume(self.cloud, 'root')
        server_id = self.make_server([volume], [port])

        self.discard_server(server_id)

        self.await_volume(self.cloud, volume.id, 'available')
        (left,) = self.cloud.network.list_ports(
            network_ids=[port.network_id], tags=port.tags
        )
        self.assertEqual('', left.device_id)

    def test_a_server_of_another_project_is_not_found(self) -> None:
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())
        server_id = self.make_server([volume], [port])
        stranger = self.laboratory.clouds.cloud(
            self.laboratory.site, self.laboratory.foreign_project_id
        )

        for call, wanted in (
            (stranger.compute.get_server, server_id),
            (stranger.compute.find_server, server_id),
            (stranger.compute.find_server, self.name('server')),
            (stranger.volume.get_volume, volume.id),
        ):
            self.assertRaises(exception.CloudNotFound, call, wanted)
        self.assertEqual((), stranger.compute.list_servers(ids=[server_id]))
        self.assertEqual((), stranger.network.list_ports(device_id=server_id))

    def test_a_server_in_an_unknown_zone_is_refused(self) -> None:
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())

        error = self.assertRaises(
            exception.CloudError,
            self.make_server,
            [volume],
            [port],
            availability_zone='nowhere',
        )

        self.assertEqual(400, error.details[0]['http_status'])

    def test_quotas_count_what_a_failover_needs(self) -> None:
        lab = self.laboratory
        compute = {q.resource for q in self.cloud.compute.quotas()}
        volume = {q.resource for q in self.cloud.volume.quotas()}
        network = {q.resource for q in self.cloud.network.quotas()}

        self.assertTrue(compute >= {'instances', 'cores', 'ram'})
        self.assertTrue(network >= {'port', 'floatingip', 'network'})
        self.assertTrue(
            volume
            >= {
                'volumes',
                'gigabytes',
                f'volumes_{lab.volume_type}',
                f'gigabytes_{lab.volume_type}',
            }
        )

    # Cinder

    def test_a_volume_is_unmanaged_and_managed_under_its_name(self) -> None:
        cinder = self.cloud.volume
        volume = self.make_volume(self.cloud, 'root')
        self.assertTrue(volume.bootable)
        cinder.unmanage_volume(volume.id)
        self.laboratory.wait(lambda: not cinder.list_volumes(ids=[volume.id]))
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        managed = cinder.manage_volume(
            requests.ManageRequest(
                host=volume_types.pool_for(chosen, cinder.list_pools()).name,
                reference=f'{volume.array_volume}-unmanaged',
                name=self.name('managed'),
                volume_type=chosen.name,
                bootable=True,
                metadata=(objects.Pair('lost', 'yes'),),
            )
        )

        self.addCleanup(self.discard_volume, self.cloud, managed.id)
        self.await_volume(self.cloud, managed.id, 'available')
        cinder.set_metadata(managed.id, [objects.Pair('own', '1')])
        cinder.set_image_metadata(
            managed.id, [objects.Pair('hw_disk_bus', 'scsi')]
        )
        cinder.update_volume(managed.id, self.name('new'), 'described')
        found = cinder.get_volume(managed.id)
        metadata = {pair.key: pair.value for pair in found.metadata}
        self.assertEqual('1', metadata['own'])
        self.assertEqual(
            (self.name('new'), 'described', True, volume.size_gib),
            (found.name, found.description, found.bootable, found.size_gib),
        )
        self.assertEqual(
            (objects.Pair('hw_disk_bus', 'scsi'),), found.image_metadata
        )
        self.assertEqual(chosen.name, found.volume_type)
        self.assertEqual(volume.array, found.array)
        self.assertTrue(found.array_volume.startswith(f'volume-{found.id}'))
        self.assertIn(found, cinder.list_volumes())

    def test_managing_what_is_not_on_the_array_ends_in_error(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        managed = cinder.manage_volume(
            requests.ManageRequest(
                host=volume_types.pool_for(chosen, cinder.list_pools()).name,
                reference=self.name('none'),
                name=self.name('lost'),
                volume_type=chosen.name,
            )
        )

        self.addCleanup(self.discard_volume, self.cloud, managed.id)
        self.await_volume(self.cloud, managed.id, 'error')

    def test_managing_with_an_unknown_type_or_host_is_refused(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )
        pool = volume_types.pool_for(chosen, cinder.list_pools())

        for host, kind in ((pool.name, 'none'), ('a@b#c', chosen.name)):
            self.assertRaises(
                exception.CloudError,
                cinder.manage_volume,
                requests.ManageRequest(host, 'x', self.name('x'), kind),
            )

    def test_the_type_of_an_unencrypted_volume_does_not_encrypt(self) -> None:
        cinder = self.cloud.volume
        chosen = volume_types.target(
            cinder.list_types(), (), self.laboratory.volume_type
        )

        self.assertEqual(False, cinder.type_encrypts(chosen.id))
        self.assertEqual('async', chosen.replication_type)
        self.assertTrue(chosen.replication_enabled)

    # Neutron

    def test_ports_are_made_in_order_with_all_they_should_have(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        (subnet,) = neutron.list_subnets([network.id])
        group = self.make_security_group()

        made = neutron.create_ports(
            [
                requests.PortRequest(
                    network_id=network.id,
                    name=self.name(f'port{number}'),
                    mac_address=f'fa:16:3e:77:00:0{number}',
                    fixed_ips=(
                        requests.FixedIpRequest(
                            subnet.id, f'10.77.0.{number + 20}'
                        ),
                    ),
                    security_groups=(group.id,),
                    allowed_address_pairs=(
                        objects.AddressPair('10.77.0.99', None),
                    ),
                    description=f'port {number}',
                    tags=self.birth.tags,
                )
                for number in range(3)
            ]
        )

        for port in made:
            self._later(neutron.delete_port, port.id)
        listed = {
            port.id: port for port in neutron.list_ports(tags=self.birth.tags)
        }
        self.assertEqual(3, len(listed))
        for number, port in enumerate(made):
            found = listed[port.id]
            self.assertEqual(
                (
                    self.name(f'port{number}'),
                    f'fa:16:3e:77:00:0{number}',
                    (objects.FixedIp(subnet.id, f'10.77.0.{number + 20}'),),
                    (group.id,),
                    (
                        objects.AddressPair(
                            '10.77.0.99', f'fa:16:3e:77:00:0{number}'
                        ),
                    ),
                    f'port {number}',
                    tuple(sorted(self.birth.tags)),
                    self.laboratory.project_id,
                ),
                (
                    found.name,
                    found.mac_address,
                    found.fixed_ips,
                    found.security_groups,
                    found.allowed_address_pairs,
                    found.description,
                    found.tags,
                    found.project_id,
                ),
            )

    def test_a_port_whose_making_was_cut_short_is_taken_up(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        wanted = [
            requests.PortRequest(
                network.id,
                self.name(f'port{number}'),
                mac_address=f'fa:16:3e:77:00:1{number}',
                tags=(*self.birth.tags, f'aegis:ordinal={number}', 'own'),
            )
            for number in range(2)
        ]
        made = neutron.create_ports(wanted)
        for port in made:
            self._later(neutron.delete_port, port.id)
            neutron.set_tags('ports', port.id, ())

        again = neutron.create_ports(wanted)

        self.assertEqual(
            [port.id for port in made], [port.id for port in again]
        )
        self.assertEqual(
            set(again), set(neutron.list_ports(tags=self.birth.tags))
        )

    def test_a_port_without_port_security_has_no_groups(self) -> None:
        port = self.make_port(self.make_network(), port_security_enabled=False)

        self.assertEqual(
            (False, ()), (port.port_security_enabled, port.security_groups)
        )

    def test_ports_are_made_all_or_none(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        (subnet,) = neutron.list_subnets([network.id])
        taken = self.make_port(network)

        wanted = [
            requests.PortRequest(network.id, self.name('free')),
            requests.PortRequest(
                network.id,
                self.name('taken'),
                fixed_ips=(
                    requests.FixedIpRequest(
                        subnet.id, taken.fixed_ips[0].ip_address
                    ),
                ),
            ),
        ]

        self.assertRaises(
            exception.CloudConflict, neutron.create_ports, wanted
        )
        found = neutron.list_ports(network_ids=[network.id])
        self.assertEqual(
            {taken.id},
            {
                port.id
                for port in found
                if not port.device_owner.startswith('network:')
            },
        )

    def test_a_taken_mac_address_is_refused(self) -> None:
        network = self.make_network()
        taken = self.make_port(network)

        self.assertRaises(
            exception.CloudConflict,
            self.make_port,
            network,
            mac_address=taken.mac_address,
        )

    def test_an_address_outside_the_subnet_is_refused(self) -> None:
        network = self.make_network()
        (subnet,) = self.cloud.network.list_subnets([network.id])

        error = self.assertRaises(
            exception.CloudError,
            self.make_port,
            network,
            fixed_ips=(requests.FixedIpRequest(subnet.id, '10.99.0.1'),),
        )

        self.assertEqual(400, error.details[0]['http_status'])

    def test_a_port_is_changed_only_where_asked(self) -> None:
        port = self.make_port(self.make_network(), description='kept')

        changed = self.cloud.network.update_port(
            port.id, name=self.name('renamed')
        )

        self.assertEqual(
            (self.name('renamed'), 'kept', port.security_groups),
            (changed.name, changed.description, changed.security_groups),
        )

    def test_a_network_is_made_with_tags_and_description(self) -> None:
        neutron = self.cloud.network
        made = neutron.create_network(
            requests.NetworkRequest(
                self.name('net'), 'described', tags=self.birth.tags
            )
        )
        self._later(neutron.delete_network, made.id)

        found = next(
            network
            for network in neutron.list_networks()
            if network.id == made.id
        )

        self.assertEqual('described', found.description)
        self.assertEqual(tuple(sorted(self.birth.tags)), found.tags)
        self.assertEqual(self.laboratory.project_id, found.project_id)

    def test_a_network_in_use_is_not_deleted(self) -> None:
        network = self.make_network()
        self.make_port(network)

        self.assertRaises(
            exception.CloudConflict,
            self.cloud.network.delete_network,
            network.id,
        )

    def test_a_router_tells_its_gateway_and_its_interfaces(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        router = self.make_router(network)
        (subnet,) = neutron.list_subnets([network.id])
        routes = (objects.HostRoute('10.99.0.0/24', '10.77.0.9'),)

        neutron.set_router_routes(router.id, routes)

        found = next(
            each for each in neutron.list_routers() if each.id == router.id
        )
        self.assertEqual((subnet.id,), found.interfaces)
        self.assertEqual(router.external_network_id, found.external_network_id)
        self.assertEqual(routes, found.routes)
        self.assertRaises(
            exception.CloudConflict, neutron.delete_router, router.id
        )
        self.assertRaises(
            exception.CloudError,
            neutron.add_router_interface,
            router.id,
            subnet.id,
        )
        neutron.set_router_routes(router.id, ())

    def test_security_group_rules_are_kept_and_not_doubled(self) -> None:
        neutron = self.cloud.network
        group = self.make_security_group()
        rules = [
            fakes.ingress(22, remote_ip_prefix='192.0.2.0/24'),
            fakes.ingress(5432, remote_group=group.id, description='db'),
        ]

        neutron.create_security_group_rules(group.id, rules)

        found = next(
            each
            for each in neutron.list_security_groups()
            if each.id == group.id
        )
        self.assertEqual(
            {*rules, fakes.egress('IPv4'), fakes.egress('IPv6')},
            set(found.rules),
        )
        self.assertRaises(
            exception.CloudConflict,
            neutron.create_security_group_rules,
            group.id,
            rules[:1],
        )
        neutron.delete_security_group_rule(found.rules[0].id)

    def test_a_security_group_in_use_is_not_deleted(self) -> None:
        group = self.make_security_group()
        self.make_port(self.make_network(), security_groups=(group.id,))

        self.assertRaises(
            exception.CloudConflict,
            self.cloud.network.delete_security_group,
            group.id,
        )

    def test_a_floating_ip_leads_to_a_port_and_away(self) -> None:
        neutron = self.cloud.network
        network = self.make_network()
        router = self.make_router(network)
        port = self.make_port(network)

        made = neutron.create_floating_ip(
            requests.FloatingIpRequest(
                router.external_network_id,
                description='described',
                tags=self.birth.tags,
            )
        )

        self._later(neutron.delete_floating_ip, made.id)
        neutron.associate_floating_ip(made.id, port.id)
        neutron.associate_floating_ip(made.id, port.id)
        (found,) = neutron.list_floating_ips(tags=self.birth.tags)
        self.assertEqual(
            (port.id, port.fixed_ips[0].ip_address, 'described'),
            (found.port_id, found.fixed_ip, found.description),
        )
        self.assertEqual(
            (found,), neutron.list_floating_ips(port_ids=[port.id])
        )
        self.assertRaises(
            exception.CloudConflict,
            neutron.create_floating_ip,
            requests.FloatingIpRequest(
                router.external_network_id, address=made.address
            ),
        )
        neutron.disassociate_floating_ip(made.id)
        self.assertEqual((), neutron.list_floating_ips(port_ids=[port.id]))

    def test_a_floating_ip_needs_a_router(self) -> None:
        neutron = self.cloud.network
        port = self.make_port(self.make_network())
        external = next(
            network
            for network in neutron.list_networks()
            if network.name == self.laboratory.external_network
        )

        self.assertRaises(
            exception.CloudNotFound,
            neutron.create_floating_ip,
            requests.FloatingIpRequest(external.id, port_id=port.id),
        )

    # Capture here, ensure there

    def capture_application(self) -> catalog.GroupManifest:
        neutron = self.cloud.network
        nova = self.cloud.compute
        network = self.make_network()
        router = self.make_router(network)
        group = self.make_security_group()
        remote = neutron.create_security_group(
            requests.SecurityGroupRequest(name=self.name('remote'))
        )
        self._later(neutron.delete_security_group, remote.id)
        neutron.create_security_group_rules(
            group.id, [fakes.ingress(22, remote_group=remote.id)]
        )
        port = self.make_port(network, security_groups=(group.id,))
        volume = self.make_volume(self.cloud, 'root')
        servers = nova.create_server_group(self.name('group'), 'affinity')
        self._later(nova.delete_server_group, servers.id)
        nova.create_keypair(self.name('key'), PUBLIC_KEY)
        self._later(nova.delete_keypair, self.name('key'))
        server_id = self.make_server(
            [volume],
            [port],
            keypair=self.name('key'),
            server_group=servers.id,
        )
        address = neutron.create_floating_ip(
            requests.FloatingIpRequest(
                router.external_network_id, port_id=port.id
            )
        )
        self._later(neutron.delete_floating_ip, address.id)
        return capture.capture(self.cloud, [('member', server_id)])

    def ensure_all(self, manifest: catalog.GroupManifest) -> tuple[Any, ...]:
        return (
            networks.ensure(self.other, manifest, (), self.birth),
            security_groups.ensure(self.other, manifest, self.birth),
            keypairs.ensure(self.other, manifest),
            server_groups.ensure(self.other, manifest, self.birth),
        )

    def remove_all(self) -> tuple[models.Leftover, ...]:
        return (
            *networks.remove(self.other, self.birth),
            *security_groups.remove(self.other, self.birth),
            *server_groups.remove(self.other, self.birth),
        )

    def test_an_application_is_captured_and_ensured_at_the_other_site(
        self,
    ) -> None:
        before = self._inventory()
        manifest = self.capture_application()
        self.addCleanup(
            self._tolerate,
            self.other.compute.delete_keypair,
            self.name('key'),
        )
        self.addCleanup(self.remove_all)

        first = self.ensure_all(manifest)
        second = self.ensure_all(manifest)

        self.assertEqual(first, second)
        self._compare(manifest, *first)
        self.assertEqual((), self.remove_all())
        self.assertEqual((), self.remove_all())
        self.assertEqual(before, self._inventory())

    def _inventory(self) -> tuple[Any, ...]:
        neutron = self.other.network
        return (
            neutron.list_networks(),
            neutron.list_routers(),
            neutron.list_security_groups(),
            neutron.list_ports(),
            self.other.compute.list_server_groups(),
        )

    def _compare(
        self,
        manifest: catalog.GroupManifest,
        network_translation: Any,
        group_translation: Any,
        keypair_translation: Any,
        server_group_translation: Any,
    ) -> None:
        (member,) = manifest.members
        neutron = self.other.network
        (source,) = manifest.subnets
        (subnet,) = neutron.list_subnets(
            [network_translation.network_of(source.network_id)]
        )
        self.assertEqual(
            (source.cidr, source.gateway_ip, source.allocation_pools),
            (subnet.cidr, subnet.gateway_ip, subnet.allocation_pools),
        )
        self.assertEqual(network_translation.subnet_of(source.id), subnet.id)
        (router,) = [
            each
            for each in neutron.list_routers()
            if subnet.id in each.interfaces
        ]
        self.assertEqual(
            network_translation.external_of(
                member.floating_ips[0].floating_network_id
            ),
            router.external_network_id,
        )
        groups = {group.id: group for group in neutron.list_security_groups()}
        self.assertEqual(2, len(manifest.security_groups))
        for group in manifest.security_groups:
            found = groups[group_translation.id_of(group.id)]
            self.assertEqual(group.name, found.name)
            self.assertEqual(len(group.rules), len(found.rules))
        keypair = self.other.compute.find_keypair(
            keypair_translation.name_of(member.keypair)
        )
        self.assertEqual(PUBLIC_KEY, keypair.public_key)
        self.assertIn(
            server_group_translation.id_of(member.server_groups[0].id),
            [g.id for g in self.other.compute.list_server_groups()],
        )
