# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import objects, requests
from aegis.common import exception, names
from aegis.tasks import compute
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal, ledger

LaneState = models.LaneState
CREATE = bench.until(compute.CreateServer)
DATABASE = bench.MEMBERS['database']


class CreateServerTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.bench.east.down = True
        self.west = self.bench.west

    def recapture(self, **values: Any) -> None:
        """Change what was captured of the database's server."""
        members = tuple(
            dataclasses.replace(
                member, server=dataclasses.replace(member.server, **values)
            )
            if member.member_id == DATABASE
            else member
            for member in self.bench.manifest.members
        )
        self.bench.manifest = dataclasses.replace(
            self.bench.manifest, members=members
        )
        self.bench.records.save_checkpoint(
            None,
            journal.GROUP_ID,
            'east',
            catalog.to_resources(self.bench.manifest),
        )

    def captured(self) -> catalog.MemberManifest:
        return next(
            member
            for member in self.bench.manifest.members
            if member.member_id == DATABASE
        )

    def create(self) -> journal.LaneRig:
        self.bench.prepare()
        return self.bench.recover('database', compute.CreateServer)

    def request(self) -> requests.ServerRequest:
        (call,) = self.west.called('create_server')
        (request,) = call.arguments
        return request

    def server(self) -> objects.Server:
        (server,) = self.west.servers.values()
        return server

    def metadata(self) -> dict[str, str]:
        return {pair.key: pair.value for pair in self.server().metadata}

    def test_the_server_is_told_with_novas_own_clock(self) -> None:
        created = bench.result(self.create(), compute.CreateServer)

        self.assertEqual(self.server().id, created.server_id)
        self.assertEqual(self.server().launched_at, created.launched_at)

    def test_all_volumes_in_order(self) -> None:
        self.create()

        volumes = self.request().volumes

        self.assertEqual(
            [
                (each.device, each.boot_index)
                for each in self.captured().server.attachments
            ],
            [(each.device, each.boot_index) for each in volumes],
        )
        self.assertEqual(
            ['database-0', 'database-1', 'database-2'],
            [self.west.volumes[each.volume_id].name for each in volumes],
        )

    def test_what_it_was(self) -> None:
        self.create()

        request = self.request()

        self.assertEqual(
            (
                'database',
                'database',
                'The database',
                'admins',
                ledger.USER_DATA,
                False,
                None,
            ),
            (
                request.name,
                request.hostname,
                request.description,
                request.keypair,
                request.user_data,
                request.config_drive,
                request.server_group,
            ),
        )
        self.assertEqual('database', self.metadata()['tier'])
        self.assertIn('production', request.tags)

    def test_its_birth(self) -> None:
        self.create()

        birth = names.Birth(journal.OPERATION_ID, DATABASE)
        self.assertLessEqual(birth.metadata.items(), self.metadata().items())
        self.assertLessEqual(set(birth.tags), set(self.request().tags))

    def test_an_earlier_birth_is_forgotten(self) -> None:
        earlier = names.Birth('f' * 36, 'e' * 36)
        self.recapture(
            tags=('production', *earlier.tags),
            metadata=(
                objects.Pair('tier', 'database'),
                objects.Pair('aegis:fenced', 'long ago'),
                *(objects.Pair(k, v) for k, v in earlier.metadata.items()),
            ),
        )

        rig = self.create()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(set(), set(earlier.tags) & set(self.request().tags))
        self.assertNotIn('aegis:fenced', self.metadata())

    def test_interfaces_keep_their_device_tags(self) -> None:
        (port,) = self.captured().ports
        self.recapture(interface_tags=(objects.Pair(port.id, 'lan'),))

        self.create()

        self.assertEqual(['lan'], [each.tag for each in self.request().ports])

    def test_a_server_whose_key_pair_is_gone(self) -> None:
        members = tuple(
            dataclasses.replace(member, keypair=None)
            for member in self.bench.manifest.members
        )
        self.bench.manifest = dataclasses.replace(
            self.bench.manifest, members=members
        )
        self.recapture()

        self.create()

        self.assertIsNone(self.request().keypair)

    def test_it_joins_its_server_group(self) -> None:
        group = objects.ServerGroup('sg', 'spread', 'anti-affinity')
        members = tuple(
            dataclasses.replace(member, server_groups=(group,))
            for member in self.bench.manifest.members
        )
        self.bench.manifest = dataclasses.replace(
            self.bench.manifest, members=members
        )
        self.recapture(server_groups=('sg',))

        self.create()

        (made,) = self.west.server_groups.values()
        self.assertEqual(made.id, self.request().server_group)
        self.assertIn(self.server().id, made.members)

    def test_flavor_and_zone_as_mapped(self) -> None:
        self.west.flavors.clear()
        large = self.west.add_flavor('large')
        self.west.availability_zones.add('zone-9')
        self.recapture(availability_zone='zone-1')
        kinds = models.MappedResource
        self.bench.records.group = dataclasses.replace(
            self.bench.records.group,
            mappings=(
                models.Mapping(kinds.FLAVOR, 'small', 'large'),
                models.Mapping(kinds.AVAILABILITY_ZONE, 'zone-1', 'zone-9'),
            ),
        )

        self.create()

        self.assertEqual(large.id, self.request().flavor_id)
        self.assertEqual('zone-9', self.request().availability_zone)

    def test_a_zone_without_a_mapping_is_novas_choice(self) -> None:
        self.recapture(availability_zone='zone-1')
        self.create()
        self.assertIsNone(self.request().availability_zone)

    def test_a_flavor_that_is_not_there(self) -> None:
        self.bench.prepare()
        self.west.flavors.clear()

        rig = self.bench.recover('database', compute.CreateServer)

        row = rig.store.step('create_server')
        self.assertEqual('aegis.cloud.not_found', row.error_code)
        self.assertIn('there is no flavor small', row.message)

    def test_a_server_in_error_tells_novas_reason(self) -> None:
        self.west.next_server_status = 'ERROR'

        rig = self.create()

        row = rig.store.step('create_server')
        self.assertEqual('aegis.cloud.resource_failed', row.error_code)
        self.assertIn(
            'nova at west: server database is in state ERROR '
            '(No valid host was found.)',
            row.message,
        )
        self.assertEqual({}, self.west.servers)

    def test_a_server_in_error_without_a_reason(self) -> None:
        self.west.next_server_status = 'BUILD'
        self.bench.prepare()
        rig = self.bench.rig('database')

        def fail(seconds: float) -> None:
            for server in self.west.servers.values():
                self.west.change_server(server.id, status='ERROR')

        rig.waiter.on_wait = fail
        rig.run(*CREATE)

        row = rig.store.step('create_server')
        self.assertIn('is in state ERROR.', row.message)

    def test_a_server_that_is_never_done(self) -> None:
        self.west.next_server_status = 'BUILD'

        rig = self.create()

        row = rig.store.step('create_server')
        self.assertEqual('aegis.step.timeout', row.error_code)
        self.assertIn(
            'create_server was not done after 900 seconds: the server is '
            'BUILD.',
            row.message,
        )

    def test_a_server_that_vanishes_while_it_is_awaited(self) -> None:
        self.west.next_server_status = 'BUILD'
        self.bench.prepare()
        rig = self.bench.rig('database')
        rig.waiter.on_wait = lambda seconds: self.west.servers.clear()

        rig.run(*CREATE)

        row = rig.store.step('create_server')
        self.assertIn('Nova lists no such server', row.message)

    def test_a_namesake_is_no_reason_to_make_none(self) -> None:
        flavor = next(iter(self.west.flavors.values()))
        other = self.west.add_server(
            application.WEST_PROJECT, 'database', flavor
        )

        rig = self.create()
        rig.undo(*CREATE)

        self.assertEqual([other.id], list(self.west.servers))

    def test_undoing_waits_until_it_has_gone(self) -> None:
        rig = self.create()
        self.west.latency = 5

        self.assertIs(LaneState.REVERTED, rig.undo(*CREATE))

        self.assertEqual({}, self.west.servers)
        self.assertEqual(1, len(self.west.called('delete_server')))

    def test_undoing_removes_all_that_a_late_request_made(self) -> None:
        rig = self.create()
        twin = dataclasses.replace(self.server(), id='twin', attachments=())
        self.west.servers['twin'] = twin

        self.assertIs(LaneState.REVERTED, rig.undo(*CREATE))

        self.assertEqual({}, self.west.servers)

    def test_undoing_what_nova_does_not_let_go(self) -> None:
        rig = self.create()
        self.west.fail(
            'delete_server',
            exception.CloudConflict(
                service='nova', site='west', http_status=409, reason='busy'
            ),
            times=1000,
        )

        self.assertIs(LaneState.FAILED, rig.undo(*CREATE))

        (leftover,) = rig.store.step('create_server').leftovers
        self.assertEqual(
            ('nova', 'server', self.server().id, 'database'),
            (
                leftover.service,
                leftover.resource_type,
                leftover.resource_id,
                leftover.name,
            ),
        )
        self.assertIn('busy', leftover.reason)
