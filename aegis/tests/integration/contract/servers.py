# SPDX-License-Identifier: Apache-2.0
"""What Aegis relies on of servers at every Nova."""

import time
import uuid

from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.integration.contract import scaffolding
from aegis.tests.integration.contract.scaffolding import PUBLIC_KEY, USER_DATA


class ServersContract(scaffolding.Scaffolding):
    """Servers, from their making to their end."""

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
        nova.delete_server_metadata(server_id, ['fence'])
        self.assertRaises(
            exception.CloudNotFound,
            nova.delete_server_metadata,
            server_id,
            ['fence'],
        )
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
        self.assertEqual((), stranger.compute.read_servers({server_id}))
        self.assertEqual((), stranger.volume.read_volumes({volume.id}))
        self.assertEqual((), stranger.network.read_ports({port.id}))

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

    def test_several_servers_of_a_name_are_told_apart_by_id(self) -> None:
        nova = self.cloud.compute
        network = self.make_network()
        ids = [
            self.make_server(
                [self.make_volume(self.cloud, f'root{number}')],
                [self.make_port(network)],
            )
            for number in range(2)
        ]

        self.assertRaises(
            exception.CloudConflict, nova.find_server, self.name('server')
        )
        self.assertEqual(ids[0], nova.find_server(ids[0]).id)
        self.assertEqual(
            {ids[1]}, {each.id for each in nova.list_servers(ids=ids[1:])}
        )

    def test_what_another_server_has_is_refused(self) -> None:
        network = self.make_network()
        port, other_port = self.make_port(network), self.make_port(network)
        volume = self.make_volume(self.cloud, 'root')
        other_volume = self.make_volume(self.cloud, 'other')
        self.make_server([volume], [port])

        taken_volume = self.assertRaises(
            exception.CloudError, self.make_server, [volume], [other_port]
        )
        self.assertRaises(
            exception.CloudConflict, self.make_server, [other_volume], [port]
        )

        self.assertEqual(400, self.status_of(taken_volume))
        self.await_volume(self.cloud, other_volume.id, 'available')

    def test_what_is_not_there_is_refused(self) -> None:
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())
        unknown = str(uuid.uuid4())

        for values in (
            {'keypair': self.name('none')},
            {'server_group': unknown},
        ):
            error = self.assertRaises(
                exception.CloudError,
                self.make_server,
                [volume],
                [port],
                **values,
            )
            self.assertEqual(400, self.status_of(error))
        self.await_volume(self.cloud, volume.id, 'available')

    def test_a_server_takes_what_it_should_with_it(self) -> None:
        nova = self.cloud.compute
        port = self.make_port(self.make_network())
        root = self.make_volume(self.cloud, 'root')
        # The scaffolding has the second volume go with its server.
        second = self.make_volume(self.cloud, 'second')
        group = nova.create_server_group(self.name('group'), 'affinity')
        self._later(nova.delete_server_group, group.id)
        server_id = self.make_server(
            [root, second], [port], server_group=group.id
        )
        (joined,) = [
            each for each in nova.list_server_groups() if each.id == group.id
        ]
        self.assertEqual((server_id,), joined.members)

        self.discard_server(server_id)

        self.laboratory.wait(
            lambda: not self.cloud.volume.list_volumes(ids=[second.id])
        )
        self.await_volume(self.cloud, root.id, 'available')
        (left,) = [
            each for each in nova.list_server_groups() if each.id == group.id
        ]
        self.assertEqual((), left.members)

    def test_metadata_is_added_and_replaced_by_key(self) -> None:
        nova = self.cloud.compute
        server_id = self.make_server(
            [self.make_volume(self.cloud, 'root')],
            [self.make_port(self.make_network())],
            metadata=(objects.Pair('a', '1'), objects.Pair('b', '2')),
        )

        nova.set_server_metadata(
            server_id, [objects.Pair('b', '3'), objects.Pair('c', '4')]
        )

        self.assertEqual(
            {'a': '1', 'b': '3', 'c': '4'},
            {p.key: p.value for p in nova.get_server(server_id).metadata},
        )

    def test_a_server_beyond_the_quota_is_refused(self) -> None:
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())
        self.limit('nova', 'instances', 0)

        self.assertRaises(
            exception.CloudQuotaExceeded, self.make_server, [volume], [port]
        )

        self.await_volume(self.cloud, volume.id, 'available')

    def test_a_watch_sees_servers_volumes_and_ports(self) -> None:
        lab = self.laboratory
        volume = self.make_volume(self.cloud, 'root')
        port = self.make_port(self.make_network())
        server_id = self.make_server([volume], [port])

        for kind, wanted in (
            ('servers', server_id),
            ('volumes', volume.id),
            ('ports', port.id),
        ):
            watch = lab.clouds.watch(lab.site, lab.project_id, kind)
            self.assertIn(wanted, watch.latest(time.monotonic()))

    def test_what_is_read_by_id_is_as_it_is_listed(self) -> None:
        nova, cinder, neutron = (
            self.cloud.compute,
            self.cloud.volume,
            self.cloud.network,
        )
        volume = self.make_volume(self.cloud, 'root')
        network = self.make_network()
        port = self.make_port(network, tags=self.birth.tags)
        router = self.make_router(network)
        address = neutron.create_floating_ip(
            requests.FloatingIpRequest(
                router.external_network_id, port_id=port.id
            )
        )
        self._later(neutron.delete_floating_ip, address.id)
        server_id = self.make_server(
            [volume], [port], metadata=(objects.Pair('role', 'web'),)
        )
        self.await_volume(self.cloud, volume.id, 'in-use')
        nobodys = str(uuid.uuid4())

        for wanted, listed, read in (
            (server_id, nova.list_servers, nova.read_servers),
            (volume.id, cinder.list_volumes, cinder.read_volumes),
            (port.id, neutron.list_ports, neutron.read_ports),
            (
                address.id,
                neutron.list_floating_ips,
                neutron.read_floating_ips,
            ),
        ):
            self.assertEqual(
                tuple(each for each in listed() if each.id == wanted),
                read({wanted, nobodys}),
            )
