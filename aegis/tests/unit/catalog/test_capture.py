# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json

from oslotest import base

from aegis import models
from aegis.catalog import capture, manifest
from aegis.clouds import objects
from aegis.common import clock, exception, stopwatch
from aegis.tests.unit.catalog import samples


class CaptureTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sample = samples.Sample()

    def _web(self) -> manifest.MemberManifest:
        return self.sample.captured().members[0]

    def test_members_come_in_the_order_they_were_asked_for(self) -> None:
        members = self.sample.captured().members

        self.assertEqual(
            [('m-web', 'web'), ('m-db', 'db')],
            [(each.member_id, each.server.name) for each in members],
        )

    def test_a_server_comes_with_what_no_list_tells(self) -> None:
        self.sample.east.interface_tags[self.sample.web.id] = {'p': 'nic0'}

        server = self._web().server

        self.assertEqual(self.sample.web.attachments, server.attachments)
        self.assertEqual((self.sample.servers_group.id,), server.server_groups)
        self.assertEqual((objects.Pair('p', 'nic0'),), server.interface_tags)

    def test_volumes_come_in_the_order_of_the_attachments(self) -> None:
        self.assertEqual(
            ['web-root', 'web-data'],
            [volume.name for volume in self._web().volumes],
        )

    def test_ports_come_in_the_order_of_the_interfaces(self) -> None:
        ports = self._web().ports

        self.assertEqual(
            self.sample.web.mac_addresses,
            tuple(port.mac_address for port in ports),
        )

    def test_the_flavor_is_what_the_server_was_built_with(self) -> None:
        self.sample.east.flavors[self.sample.flavor.id] = dataclasses.replace(
            self.sample.flavor, vcpus=64
        )

        flavor = self._web().flavor

        self.assertEqual((self.sample.flavor.id, 2), (flavor.id, flavor.vcpus))

    def test_a_deleted_flavor_has_no_id(self) -> None:
        self.sample.east.flavors.clear()

        self.assertEqual(
            ('', 'm1.small'), (self._web().flavor.id, self._web().flavor.name)
        )

    def test_the_key_is_that_of_the_user_who_built_the_server(self) -> None:
        self.sample.east.add_keypair('admin')

        self.assertEqual(self.sample.keypair, self._web().keypair)

    def test_a_deleted_key_is_none_though_the_server_names_it(self) -> None:
        db = self.sample.captured().members[1]

        self.assertEqual(('gone', None), (db.server.keypair, db.keypair))

    def test_floating_ips_and_server_groups_belong_to_their_member(
        self,
    ) -> None:
        web, db = self.sample.captured().members

        self.assertEqual((self.sample.floating_ip,), web.floating_ips)
        self.assertEqual(
            ['apart'], [group.name for group in web.server_groups]
        )
        self.assertEqual(((), ()), (db.floating_ips, db.server_groups))

    def test_networks_are_those_of_ports_and_external_ones(self) -> None:
        self.sample.east.add_network(self.sample.source_id, 'unused')

        found = self.sample.captured()

        self.assertEqual(
            {'front', 'back', 'public'},
            {network.name for network in found.networks},
        )
        self.assertEqual(
            {self.sample.front_subnet, self.sample.back_subnet},
            set(found.subnets),
        )
        self.assertEqual((self.sample.router,), found.routers)

    def test_security_groups_are_followed_through_their_rules(self) -> None:
        self.assertEqual(
            {'default', 'web', 'monitoring'},
            {group.name for group in self.sample.captured().security_groups},
        )

    def test_groups_that_refer_to_each_other_are_captured_once(self) -> None:
        east = self.sample.east
        group = self.sample.web_group
        rule = dataclasses.replace(group.rules[0], remote_group=group.id)
        east.security_groups[group.id] = dataclasses.replace(
            group, rules=(rule,)
        )

        found = [g.name for g in self.sample.captured().security_groups]

        self.assertEqual(['default', 'web'], sorted(found))

    def test_volume_types_are_those_in_use(self) -> None:
        self.assertEqual(
            (self.sample.volume_type,), self.sample.captured().volume_types
        )

    def test_calls_do_not_grow_except_two_a_server(self) -> None:
        east = self.sample.east
        capture.capture(self.sample.source, [('m', self.sample.web.id)])
        one = len(east.calls)
        east.calls.clear()

        capture.capture(
            self.sample.source,
            [('m1', self.sample.web.id), ('m2', self.sample.bystander.id)],
        )

        self.assertEqual(one + 2, len(east.calls))

    def test_nothing_is_changed(self) -> None:
        before = self.sample.snapshot(self.sample.east)

        self.sample.captured()

        self.assertEqual(before, self.sample.snapshot(self.sample.east))

    def test_a_server_that_boots_from_an_image_is_captured(self) -> None:
        server = self.sample.east.add_server(
            self.sample.source_id, 'image', self.sample.flavor
        )

        found = capture.capture(self.sample.source, [('m', server.id)])

        self.assertTrue(found.members[0].server.boots_from_image)
        self.assertEqual(((), ()), (found.subnets, found.members[0].volumes))

    def test_a_missing_server_is_named(self) -> None:
        error = self.assertRaises(
            exception.CloudNotFound,
            capture.capture,
            self.sample.source,
            [('m', 'no-such-server')],
        )

        self.assertIn('no-such-server', str(error))

    def test_a_missing_volume_is_named(self) -> None:
        volume_id = self.sample.web.attachments[0].volume_id
        del self.sample.east.volumes[volume_id]

        error = self.assertRaises(
            exception.CloudNotFound, self.sample.captured
        )

        self.assertIn(volume_id, str(error))

    def test_an_error_of_one_server_is_raised(self) -> None:
        self.sample.east.fail('interface_tags', ValueError('broken'))

        self.assertRaises(ValueError, self.sample.captured)

    def test_the_wait_for_nova_is_charged_to_nova(self) -> None:
        with stopwatch.collect() as account:
            self.sample.captured()

        self.assertEqual(['nova'], list(account.seconds()))


class ManifestTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.manifest = samples.Sample().captured()

    def _checkpoint(
        self, resources: tuple[models.CheckpointResource, ...]
    ) -> models.Checkpoint:
        return models.Checkpoint(
            id='c',
            group_id='g',
            site='east',
            version=1,
            created_at=clock.now(),
            resources=resources,
        )

    def _through_json(self) -> tuple[models.CheckpointResource, ...]:
        return tuple(
            dataclasses.replace(
                resource, document=json.loads(json.dumps(resource.document))
            )
            for resource in manifest.to_resources(self.manifest)
        )

    def test_a_manifest_survives_the_database(self) -> None:
        checkpoint = self._checkpoint(self._through_json())

        self.assertEqual(self.manifest, manifest.from_checkpoint(checkpoint))

    def test_the_order_of_rows_does_not_matter_within_a_member(self) -> None:
        checkpoint = self._checkpoint(tuple(reversed(self._through_json())))

        found = manifest.from_checkpoint(checkpoint)

        self.assertEqual(set(self.manifest.members), set(found.members))

    def test_a_checkpoint_of_one_member_gives_that_member(self) -> None:
        resources = tuple(
            resource
            for resource in self._through_json()
            if resource.member_id in (None, 'm-db')
        )

        found = manifest.from_checkpoint(self._checkpoint(resources))

        self.assertEqual((self.manifest.members[1],), found.members)
        self.assertEqual(self.manifest.networks, found.networks)

    def test_without_a_checkpoint_there_is_nothing(self) -> None:
        found = manifest.from_checkpoint(None)

        self.assertEqual(((), ()), (found.members, found.networks))

    def test_every_row_can_be_told_apart(self) -> None:
        rows = [
            (each.member_id, each.resource_type, each.resource_id)
            for each in manifest.to_resources(self.manifest)
        ]

        self.assertEqual(len(rows), len(set(rows)))
        self.assertTrue(all(resource_id for _, _, resource_id in rows))

    def test_a_port_of_no_known_interface_comes_last(self) -> None:
        server = self.manifest.members[0].server
        ports = self.manifest.members[0].ports
        stranger = dataclasses.replace(ports[0], id='z', mac_address='other')

        found = manifest.order_ports(server, [stranger, *reversed(ports)])

        self.assertEqual((*ports, stranger), found)
