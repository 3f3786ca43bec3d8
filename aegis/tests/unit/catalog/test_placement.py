# SPDX-License-Identifier: Apache-2.0
import dataclasses

from oslotest import base

from aegis.catalog import capture, placement
from aegis.tests.fixtures import clouds


class PlacementTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        site = clouds.FakeSite('east')
        project = site.add_project('finance').id
        network = site.add_network(project, 'front')
        self.volumes = [
            site.add_volume(project, f'disk-{number}', array='fa-east')
            for number in range(3)
        ]
        self.ports = [
            site.add_port(project, network.id, name=name)
            for name in ('first', 'second')
        ]
        self.floating_ip = site.add_floating_ip(
            project, 'public', '203.0.113.9', port_id=self.ports[1].id
        )
        server = site.add_server(
            project, 'web', site.add_flavor('small'), self.volumes, self.ports
        )
        self.server_id = server.id
        cloud = clouds.FakeClouds(site).cloud('east', project)
        (self.member,) = capture.capture(cloud, [('m', server.id)]).members

    def test_it_is_the_members_at_the_site(self) -> None:
        placed = placement.of(self.member, 'east')
        self.assertEqual(
            ('m', 'east', self.server_id),
            (placed.member_id, placed.site, placed.server_id),
        )

    def test_volumes_are_numbered_as_they_are_attached(self) -> None:
        placed = placement.of(self.member, 'east')
        self.assertEqual(
            [
                (number, volume.id, volume.name, 'fa-east')
                for number, volume in enumerate(self.volumes)
            ],
            [
                (each.ordinal, each.volume_id, each.name, each.array)
                for each in placed.volumes
            ],
        )

    def test_ports_are_numbered_as_the_server_has_them(self) -> None:
        placed = placement.of(self.member, 'east')
        self.assertEqual(
            [
                (number, port.id, port.mac_address)
                for number, port in enumerate(self.ports)
            ],
            [
                (each.ordinal, each.port_id, each.mac_address)
                for each in placed.ports
            ],
        )
        self.assertEqual(
            [None, '203.0.113.9'], [each.floating_ip for each in placed.ports]
        )

    def test_a_volume_whose_place_nobody_knows(self) -> None:
        member = dataclasses.replace(
            self.member,
            volumes=tuple(
                dataclasses.replace(each, array=None, array_volume=None)
                for each in self.member.volumes
            ),
        )
        self.assertEqual(
            {('', '')},
            {
                (each.array, each.array_volume)
                for each in placement.of(member, 'east').volumes
            },
        )
