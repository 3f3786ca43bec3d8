# SPDX-License-Identifier: Apache-2.0
import dataclasses
from collections.abc import Callable

from aegis import models
from aegis.clouds import objects
from aegis.common import exception
from aegis.storage import noop
from aegis.tasks import looks, network, validate
from aegis.tests import base
from aegis.tests.fixtures import bench

LaneState = models.LaneState
BEFORE = bench.until(network.AssociateFloatingIps)
ALL = bench.until(validate.ValidateMember)


class ValidateMemberTest(base.TestCase):
    """Each thing that is not as it should be is told."""

    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.bench.east.down = True
        self.west = self.bench.west
        self.bench.prepare()
        self.rig = self.bench.rig('web')
        self.rig.run(*BEFORE)
        self.rig.store.lane = dataclasses.replace(
            self.rig.store.lane, state=models.LaneState.QUEUED
        )

    def validate(self) -> models.Step:
        self.rig.run(*ALL)
        return self.rig.store.step('validate_member')

    def refused(self, *reasons: str) -> None:
        row = self.validate()
        self.assertEqual('aegis.member.validation', row.error_code)
        for reason in reasons:
            self.assertIn(reason, row.message)
        self.assertIn('Compare the recovered objects', row.message)

    def server(self) -> objects.Server:
        (server,) = self.west.servers.values()
        return server

    def volume(self) -> objects.Volume:
        (volume,) = self.west.volumes.values()
        return volume

    def port(self) -> objects.Port:
        return next(each for each in self.west.ports.values() if each.name)

    def stored(self) -> noop.Volume:
        name = self.volume().array_volume or ''
        return self.bench.sites.target.volumes[name]

    def test_all_is_well(self) -> None:
        self.assertIs(models.StepState.SUCCEEDED, self.validate().state)
        report = bench.result(self.rig, validate.ValidateMember)
        (floating,) = self.west.floating_ips.values()
        self.assertEqual(
            [
                'server web',
                'volume web-0',
                f'port {self.port().mac_address}',
                f'floating IP {floating.address}',
            ],
            [each.subject for each in report.findings],
        )
        self.assertEqual([], self.rig.waiter.waits)

    def test_it_looks_again_before_it_gives_up(self) -> None:
        self.west.change_server(self.server().id, status='REBOOT')

        def settle(seconds: float) -> None:
            if len(self.rig.waiter.waits) == 4:
                self.west.change_server(self.server().id, status='ACTIVE')

        self.rig.waiter.on_wait = settle

        self.assertIs(models.StepState.SUCCEEDED, self.validate().state)

    def test_it_does_not_wait_after_its_last_look(self) -> None:
        self.conf.set_override('validation_retries', 1, group='failover')
        self.west.change_server(self.server().id, name='other')
        waited: list[float] = []
        self.rig.waiter.on_wait = waited.append
        task = validate.ValidateMember(self.rig.environment())

        self.assertRaises(
            exception.ValidationFailed, task.observe, *self.inputs()
        )

        self.assertEqual([], waited)

    def inputs(self) -> list[object]:
        return [
            bench.result(self.rig, task)
            for task in (BEFORE[1], BEFORE[2], BEFORE[4], BEFORE[5], BEFORE[6])
        ]

    def test_a_server_that_is_down(self) -> None:
        self.west.change_server(self.server().id, status='SHUTOFF')
        self.refused('Server web is SHUTOFF.')

    def test_a_server_of_another_name(self) -> None:
        self.west.change_server(self.server().id, name='other')
        self.refused('Server web is named other.')

    def test_a_server_without_its_volumes(self) -> None:
        self.west.change_server(self.server().id, attachments=())
        self.refused('Server web has other volumes: none.')

    def test_a_server_without_its_metadata(self) -> None:
        self.west.change_server(self.server().id, metadata=())
        row = self.validate()
        self.assertIn('Server web lacks metadata tier.', row.message)

    def test_a_volume_that_vanished(self) -> None:
        self.west.volumes.clear()
        self.refused('Cinder has no volume web-0.')

    def test_a_volume_that_is_not_as_it_was(self) -> None:
        self.west.change_volume(
            self.volume().id,
            status='error',
            attached_to=(),
            name='other',
            bootable=False,
        )
        self.refused(
            'Volume web-0 is error.',
            'Volume web-0 is not at the server.',
            'Volume web-0 is named other.',
            'Volume web-0 has another bootable flag.',
            'Volume web-0 is not connected to a host.',
        )

    def test_a_port_that_vanished(self) -> None:
        port = self.port()
        del self.west.ports[port.id]
        self.refused(f'Neutron has no port {port.id}.')

    def test_a_port_that_is_not_as_it_was(self) -> None:
        self.west.change_port(
            self.port().id,
            device_id='other',
            mac_address='fa:16:3e:00:00:00',
            fixed_ips=(),
        )
        self.refused(
            'is not at the server.',
            'has MAC fa:16:3e:00:00:00.',
            f'Port {self.port().id} has no addresses.',
        )

    def test_a_floating_ip_that_leads_elsewhere(self) -> None:
        (floating,) = self.west.floating_ips.values()
        self.west.floating_ips[floating.id] = dataclasses.replace(
            floating, port_id=None
        )
        self.refused(f'Floating IP {floating.address} is not at its port.')

    def test_a_floating_ip_that_vanished(self) -> None:
        self.west.floating_ips.clear()
        self.refused('is not at its port.')

    def spoil(self, change: Callable[[noop.Volume], None], text: str) -> None:
        stored = self.stored()
        change(stored)
        self.refused(text)
        row = self.rig.store.step('validate_member')
        self.assertNotIn(stored.name, row.message)

    def test_a_volume_that_is_not_on_the_array(self) -> None:
        def change(stored: noop.Volume) -> None:
            stored.tags = frozenset()

        self.spoil(change, 'The array has no volume for web-0.')

    def test_another_volume_on_the_array(self) -> None:
        def change(stored: noop.Volume) -> None:
            stored.serial = 'other'

        self.spoil(change, 'The array has another volume for web-0.')

    def test_a_volume_that_no_host_is_connected_to(self) -> None:
        def change(stored: noop.Volume) -> None:
            stored.connected = False

        self.spoil(change, 'Volume web-0 is not connected to a host.')

    def test_cinder_uses_another_volume_of_the_array(self) -> None:
        self.west.volumes[self.volume().id] = dataclasses.replace(
            self.volume(), array_volume='another-volume'
        )
        task = validate.ValidateMember(self.rig.environment())

        error = self.assertRaises(
            exception.ValidationFailed, task.observe, *self.inputs()
        )

        self.assertIn(
            'Cinder has another volume of the array for web-0.', error.detail
        )

    def test_the_pod_is_no_other_volume(self) -> None:
        stored = self.stored()
        self.bench.sites.target.rename_volume(
            stored.name, f'pod::{stored.name}'
        )
        self.assertIs(models.StepState.SUCCEEDED, self.validate().state)

    def test_the_whole_run_is_made_undone(self) -> None:
        self.west.change_server(self.server().id, name='other')

        self.validate()

        self.assertIs(LaneState.REVERTED, self.rig.store.lane.state)
        self.assertEqual({}, self.west.servers)

    def test_one_look_that_others_may_share_shows_the_server(self) -> None:
        self.west.calls.clear()
        self.validate()
        self.assertEqual(1, len(self.west.called('list_servers')))
        self.assertEqual([], self.west.called('get_server'))

    def test_what_showed_the_server_running_is_good(self) -> None:
        seen = looks.Looks(0.0)
        environment = dataclasses.replace(self.rig.environment(), looks=seen)
        self.rig.waiter.now = 5.0

        validate.ValidateMember(environment).observe(*self.inputs())

        needed = [
            seen.needed(service, 9.0)
            for service in ('nova', 'cinder', 'neutron')
        ]
        self.assertEqual([0.0, 5.0, 5.0], needed)

    def test_a_server_that_vanished(self) -> None:
        del self.west.servers[self.server().id]
        error = self.validate()
        self.assertIn('Nova has no server web.', error.message)
