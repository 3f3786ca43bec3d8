# SPDX-License-Identifier: Apache-2.0
"""Whole failovers in memory, on a real database."""

from aegis import models
from aegis.clouds import objects
from aegis.common import documents, exception, names
from aegis.db import members, operations
from aegis.storage import errors
from aegis.tests.fixtures import application, ledger
from aegis.tests.fixtures.failover import FailoverTestCase

OperationState = models.OperationState
GroupState = models.GroupState


class UnplannedFailoverTest(FailoverTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.protect_and_lose()
        self.operation = self.app.fail_over()

    def test_the_operation_succeeds(self) -> None:
        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (self.operation.state, self.operation.state_reason),
        )

    def test_each_object_is_there_once(self) -> None:
        self.assert_recovered_once()

    def test_a_server_is_what_it_was(self) -> None:
        (server,) = self.app.recovered('web')
        (source,) = [
            server
            for server in self.app.east.servers.values()
            if server.name == 'web'
        ]
        for field in (
            'name',
            'flavor',
            'description',
            'hostname',
            'keypair',
            'user_data',
            'config_drive',
            'mac_addresses',
        ):
            self.assertEqual(
                getattr(source, field), getattr(server, field), field
            )
        self.assertLessEqual(set(source.metadata), set(server.metadata))
        self.assertLessEqual(set(source.tags), set(server.tags))

    def test_a_server_carries_its_birth(self) -> None:
        (server,) = self.app.recovered('web')
        metadata = {pair.key: pair.value for pair in server.metadata}
        self.assertEqual(self.operation.id, metadata[names.OPERATION_KEY])

    def test_volumes_are_what_they_were(self) -> None:
        sources = {each.name: each for each in self.app.east.volumes.values()}
        for volume in self.app.west.volumes.values():
            source = sources[volume.name]
            self.assertEqual(source.size_gib, volume.size_gib)
            self.assertEqual(source.bootable, volume.bootable)
            self.assertEqual(source.description, volume.description)
            self.assertEqual(source.volume_type, volume.volume_type)
            self.assertLessEqual(set(source.metadata), set(volume.metadata))
            self.assertEqual(source.image_metadata, volume.image_metadata)

    def test_addresses_are_the_same(self) -> None:
        def addresses(site: application.Site) -> set[tuple[str, str]]:
            return {
                (port.mac_address, fixed.ip_address)
                for port in site.ports.values()
                if 'port' in port.name
                for fixed in port.fixed_ips
            }

        self.assertEqual(addresses(self.app.east), addresses(self.app.west))

    def test_volumes_hold_the_recovery_point(self) -> None:
        for volume in self.app.live_volumes():
            self.assertStartsWith(
                volume.content or '', 'fa-east:tenant-east.1.'
            )

    def test_the_group_is_active_at_the_recovery_site(self) -> None:
        group = self.group_now()
        self.assertEqual(
            (GroupState.FAILED_OVER, 'west', 1),
            (group.state, group.active_site, group.epoch),
        )

    def test_placements_say_where_members_live_now(self) -> None:
        found = members.placements(
            self.admin,
            [
                member.id
                for member in members.list_members(
                    self.admin, self.app.group.id
                )
            ],
            site='west',
        )
        self.assertEqual(
            set(self.app.west.servers),
            {placement.server_id for placement in found},
        )

    def test_the_report_tells_the_new_floating_ip(self) -> None:
        (entry,) = [
            entry
            for entry in self.operation.report['members']
            if entry['name'] == 'web'
        ]
        (address,) = entry['floating_ips']
        self.assertEqual(ledger.FLOATING_IP, address['was'])
        (floating,) = self.app.west.floating_ips.values()
        self.assertEqual(floating.address, address['is'])

    def test_the_report_tells_recovery_point_and_time(self) -> None:
        report = self.operation.report
        self.assertGreaterEqual(report['rpo_seconds'], 0)
        self.assertIn('rto_seconds', report)
        self.assertFalse(report['fence']['fenced'])
        self.assertIn('create_server', report['seconds'])

    def test_east_was_asked_nothing_but_whether_it_answers(self) -> None:
        operation_calls = [
            call.method
            for call in self.app.east.calls
            if call.method in ('stop_server', 'lock_server', 'manage_volume')
        ]
        self.assertEqual([], operation_calls)


class ReachableProtectedSiteTest(FailoverTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.app.protect()
        self.app.replicate()

    def test_its_servers_are_stopped_and_locked(self) -> None:
        operation = self.app.fail_over()

        self.assertEqual(OperationState.SUCCEEDED, operation.state)
        for server in self.app.east.servers.values():
            self.assertEqual(('SHUTOFF', True), (server.status, server.locked))

    def test_its_replication_is_paused_when_nobody_else_uses_it(self) -> None:
        operation = self.app.fail_over()

        self.assertTrue(operation.report['fence']['replication_paused'])
        self.assertFalse(self.app.source.groups['tenant-east'].enabled)

    def test_replication_of_others_goes_on(self) -> None:
        self.app.source.add_volume('somebody-else')
        self.app.source.groups['tenant-east'].volumes.add('somebody-else')
        self.app.replicate('2')

        operation = self.app.fail_over()

        self.assertFalse(operation.report['fence']['replication_paused'])
        self.assertTrue(self.app.source.groups['tenant-east'].enabled)

    def test_a_failed_run_starts_what_it_stopped(self) -> None:
        stopped = next(
            server
            for server in self.app.east.servers.values()
            if server.name == 'database'
        )
        self.app.east.change_server(stopped.id, status='SHUTOFF')
        self.app.west.next_server_status = 'ERROR'

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        states = {
            server.name: (server.status, server.locked)
            for server in self.app.east.servers.values()
        }
        self.assertEqual(
            {'web': ('ACTIVE', False), 'database': ('SHUTOFF', False)}, states
        )
        self.assertTrue(self.app.source.groups['tenant-east'].enabled)
        for server in self.app.east.servers.values():
            keys = {pair.key for pair in server.metadata}
            self.assertNotIn('aegis:fenced', keys)


class RefusedFailoverTest(FailoverTestCase):
    """What preflight refuses changes nothing anywhere."""

    def refused(self, code: str, **arguments: object) -> models.Operation:
        operation = self.app.fail_over(**arguments)
        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual(code, operation.error_code)
        self.assert_nothing_left()
        self.assertEqual(GroupState.PROTECTED, self.group_now().state)
        return operation

    def test_without_a_recovery_point(self) -> None:
        self.app.protect()
        self.refused('aegis.recovery_point.none')

    def test_with_an_unknown_recovery_point(self) -> None:
        self.protect_and_lose()
        self.refused(
            'aegis.recovery_point.not_found',
            recovery_point=names.recovery_point_id('another'),
        )

    def test_with_a_point_older_than_a_volume(self) -> None:
        volumes = self.app.source.groups['tenant-east'].volumes
        late = volumes.pop()
        self.app.replicate()
        volumes.add(late)
        self.app.protect()
        self.refused('aegis.recovery_point.incomplete')

    def test_when_quota_is_short(self) -> None:
        self.protect_and_lose()
        self.app.west.limits['instances'] = 1
        operation = self.refused('aegis.preflight.quota')
        self.assertIn('instances', operation.state_reason or '')

    def test_when_volume_quota_is_short(self) -> None:
        self.protect_and_lose()
        self.app.west.limits['gigabytes'] = 1
        self.refused('aegis.preflight.quota')

    def test_when_port_quota_is_short(self) -> None:
        self.protect_and_lose()
        self.app.west.limits['port'] = 1
        self.refused('aegis.preflight.quota')

    def test_when_the_flavor_is_missing(self) -> None:
        self.protect_and_lose()
        self.app.west.flavors.clear()
        self.refused('aegis.preflight.flavor')

    def test_when_the_volume_type_is_missing(self) -> None:
        self.protect_and_lose()
        self.app.west.volume_types.clear()
        self.refused('aegis.preflight.volume_type')

    def test_when_no_backend_is_up(self) -> None:
        self.protect_and_lose()
        self.app.west.pools.clear()
        self.refused('aegis.preflight.volume_type')

    def test_when_the_recovery_array_does_not_answer(self) -> None:
        self.protect_and_lose()
        self.config(group='engine', poll_interval=1)
        self.app.target.fail(
            'recovery_points',
            errors.ArrayAuthenticationFailed('The array refused the token.'),
            times=2,
        )
        self.refused('aegis.storage.authentication')

    def test_force_passes_what_is_not_essential(self) -> None:
        self.protect_and_lose()
        self.app.west.limits['instances'] = 2
        self.app.west.limits['floatingip'] = 0
        operation = self.app.fail_over(force=True, reason='now or never')
        self.assertEqual(OperationState.PARTIAL, operation.state)
        report = documents.to_document(operation.report)
        results = {each['name']: each['result'] for each in report['members']}
        self.assertEqual({'database': 'succeeded', 'web': 'reverted'}, results)


class MemberFailureTest(FailoverTestCase):
    """One member fails; the policy says what becomes of the others."""

    def fail_one(self) -> None:
        self.app.west.fail(
            'create_server',
            exception.CloudQuotaExceeded(
                service='nova',
                site='west',
                http_status=403,
                reason='Quota exceeded for cores',
            ),
            times=2,
        )

    def test_continue_recovers_the_others(self) -> None:
        self.protect_and_lose()
        self.fail_one()

        operation = self.app.fail_over()

        self.assertEqual(OperationState.PARTIAL, operation.state)
        self.assertEqual(1, len(self.app.west.servers))
        group = self.group_now()
        self.assertEqual(GroupState.PARTIALLY_FAILED_OVER, group.state)

    def test_revert_undoes_the_others(self) -> None:
        self.protect_and_lose(
            on_member_failure=models.MemberFailurePolicy.REVERT
        )
        self.fail_one()

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assert_nothing_left()

    def test_retry_recovers_what_had_failed(self) -> None:
        self.protect_and_lose()
        self.fail_one()
        operation = self.app.fail_over()

        operations.retry_operation(self.context, operation.id)
        operation = self.app.run(operation)

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()
        self.assertEqual(1, self.group_now().epoch)

    def test_retry_after_a_full_revert_starts_anew(self) -> None:
        self.protect_and_lose()
        self.app.west.next_server_status = 'ERROR'
        operation = self.app.fail_over()
        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual('aegis.cloud.resource_failed', operation.error_code)
        self.assert_nothing_left()
        self.app.west.next_server_status = 'ACTIVE'

        operations.retry_operation(self.context, operation.id)
        operation = self.app.run(operation)

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()

    def test_a_failed_manage_leaves_nothing(self) -> None:
        self.protect_and_lose()
        self.app.west.next_volume_status = 'error_managing'

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assertEqual('aegis.cloud.resource_failed', operation.error_code)
        self.assert_nothing_left()


class SlowCloudTest(FailoverTestCase):
    def test_waits_until_the_services_are_done(self) -> None:
        self.protect_and_lose()
        self.app.west.latency = 3

        operation = self.app.fail_over()

        self.assertEqual(
            (OperationState.SUCCEEDED, None),
            (operation.state, operation.state_reason),
        )
        self.assert_recovered_once()

    def test_reverts_and_waits_until_all_is_gone(self) -> None:
        self.protect_and_lose()
        self.app.west.latency = 3
        self.app.west.next_server_status = 'ERROR'

        operation = self.app.fail_over()

        self.assertEqual(OperationState.REVERTED, operation.state)
        self.assert_nothing_left()

    def test_a_server_that_never_starts_times_out(self) -> None:
        self.protect_and_lose()
        self.app.west.next_server_status = 'BUILD'

        operation = self.app.fail_over()

        self.assertEqual('aegis.step.timeout', operation.error_code)
        self.assert_nothing_left()


class LeftoverTest(FailoverTestCase):
    def test_what_cannot_be_undone_is_listed(self) -> None:
        self.protect_and_lose()
        self.app.west.next_server_status = 'ERROR'
        self.app.west.fail(
            'delete_port',
            exception.CloudConflict(
                service='neutron',
                site='west',
                http_status=409,
                reason='port is in use',
            ),
            times=100,
        )

        operation = self.app.fail_over()

        self.assertEqual(OperationState.FAILED, operation.state)
        self.assertEqual(GroupState.ERROR, self.group_now().state)
        step = self.app.step(operation, 'web', 'create_ports')
        (leftover,) = step.leftovers
        (port,) = [
            port
            for port in self.app.west.ports.values()
            if port.name == 'web-port'
        ]
        self.assertEqual(port.id, leftover.resource_id)


class BystanderTest(FailoverTestCase):
    """Nothing without our birth tag is touched."""

    def test_volumes_of_the_same_name_stay(self) -> None:
        self.protect_and_lose()
        other = self.app.west.add_volume(
            application.WEST_PROJECT,
            'web-0',
            metadata=(objects.Pair('mine', 'yes'),),
        )
        self.app.west.next_server_status = 'ERROR'

        self.app.fail_over()

        self.assertEqual({other.id: other}, self.app.west.volumes)

    def test_a_network_that_was_there_is_used_and_stays(self) -> None:
        self.protect_and_lose()
        network = self.app.west.add_network(
            application.WEST_PROJECT, 'front', '10.61.1.0/24'
        )

        self.app.fail_over()

        self.assertEqual(
            {network.id},
            {
                port.network_id
                for port in self.app.west.ports.values()
                if 'port' in port.name
            },
        )
