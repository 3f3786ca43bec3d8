# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import objects
from aegis.common import exception, names
from aegis.tasks import network
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal, ledger

LaneState = models.LaneState
WEB = bench.MEMBERS['web']
BIRTH = names.Birth(journal.OPERATION_ID, WEB)
EARLIER = names.Birth('f' * 36, 'e' * 36)
PORTS = bench.until(network.CreatePorts)
FLOATING_IPS = bench.until(network.AssociateFloatingIps)


class NetworkTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.bench.east.down = True
        self.west = self.bench.west

    def web(self) -> catalog.MemberManifest:
        return self.bench.manifest.members[0]

    def recapture(self, **values: Any) -> None:
        """Change what was captured of the web server."""
        self.save(
            members=(
                dataclasses.replace(self.web(), **values),
                *self.bench.manifest.members[1:],
            )
        )

    def save(self, **values: Any) -> None:
        self.bench.manifest = dataclasses.replace(
            self.bench.manifest, **values
        )
        self.bench.records.save_checkpoint(
            None,
            journal.GROUP_ID,
            'east',
            catalog.to_resources(self.bench.manifest),
        )

    def ports(self) -> list[objects.Port]:
        return [port for port in self.west.ports.values() if port.name]


class EnsureSharedTest(NetworkTestCase):
    """Each makes what is missing once, and removes no more than that."""

    def setUp(self) -> None:
        super().setUp()
        group = objects.ServerGroup('sg', 'spread', 'anti-affinity')
        self.recapture(server_groups=(group,))

    def test_networks(self) -> None:
        rig = self.bench.prepare()

        translation = bench.result(rig, network.EnsureNetworks)

        (source,) = [
            each
            for each in self.bench.manifest.networks
            if not each.is_external
        ]
        made = self.west.networks[translation.network_of(source.id)]
        self.assertEqual('front', made.name)
        self.assertTrue(
            set(names.Birth(journal.OPERATION_ID, journal.GROUP_ID).tags)
            <= set(made.tags)
        )

    def test_security_groups(self) -> None:
        rig = self.bench.prepare()

        translation = bench.result(rig, network.EnsureSecurityGroups)

        (source,) = self.bench.manifest.security_groups
        made = self.west.security_groups[translation.id_of(source.id)]
        self.assertEqual(set(source.rules), set(made.rules))

    def test_key_pairs_stay(self) -> None:
        rig = self.bench.prepare()

        self.assertIs(LaneState.REVERTED, rig.undo(*bench.PREPARE))

        (keypair,) = self.west.keypairs.values()
        self.assertEqual('admins', keypair.name)

    def test_server_groups_come_and_go(self) -> None:
        rig = self.bench.prepare()
        (made,) = self.west.server_groups.values()
        self.assertEqual('anti-affinity', made.policy)
        own = self.west.add_server_group(application.WEST_PROJECT, 'spread')

        rig.undo(*bench.PREPARE)

        self.assertEqual({own.id: own}, self.west.server_groups)

    def test_a_kill_before_it_was_recorded(self) -> None:
        for step in (
            'ensure_networks',
            'ensure_security_groups',
            'ensure_keypairs',
            'ensure_server_groups',
        ):
            rig = self.bench.rig()
            with rig.killed_at(step, 'acting'):
                rig.run(*bench.PREPARE)
            rig.run(*bench.PREPARE)
            self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(1, len(self.west.server_groups))
        self.assertEqual(1, len(self.west.security_groups))
        self.assertEqual(2, len(self.west.networks))


class CreatePortsTest(NetworkTestCase):
    def create(self) -> journal.LaneRig:
        self.bench.prepare()
        return self.bench.recover('web', network.CreatePorts)

    def test_a_port_is_what_it_was(self) -> None:
        self.create()

        (port,) = self.ports()
        (source,) = self.web().ports
        self.assertEqual(source.mac_address, port.mac_address)
        self.assertEqual(
            [each.ip_address for each in source.fixed_ips],
            [each.ip_address for each in port.fixed_ips],
        )
        self.assertEqual(
            ['web'],
            [
                self.west.security_groups[each].name
                for each in port.security_groups
            ],
        )
        self.assertLessEqual(set(BIRTH.tags), set(port.tags))
        self.assertIn(f'{names.ORDINAL_KEY}=0', port.tags)

    def test_an_earlier_birth_is_forgotten(self) -> None:
        (port,) = self.web().ports
        tags = (*EARLIER.tags, f'{names.ORDINAL_KEY}=9', 'mine')
        self.recapture(ports=(dataclasses.replace(port, tags=tags),))

        rig = self.create()

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        self.assertEqual(
            sorted((*BIRTH.tags, f'{names.ORDINAL_KEY}=0', 'mine')),
            sorted(self.ports()[0].tags),
        )

    def test_all_ports_of_a_server_in_one_call(self) -> None:
        (port,) = self.web().ports
        more = [
            dataclasses.replace(
                port,
                id=f'port-{number}',
                name=f'more-{number}',
                mac_address=f'fa:16:3e:99:00:0{number}',
                fixed_ips=(
                    dataclasses.replace(
                        port.fixed_ips[0], ip_address=f'10.61.1.20{number}'
                    ),
                ),
            )
            for number in range(3)
        ]
        self.recapture(ports=(port, *more))
        self.bench.prepare()
        self.west.calls.clear()

        rig = self.bench.recover('web', network.CreatePorts)

        ports = bench.result(rig, network.CreatePorts)
        self.assertEqual([0, 1, 2, 3], [each.ordinal for each in ports])
        self.assertEqual(1, len(self.west.called('create_ports')))

    def test_only_missing_ones_are_made(self) -> None:
        rig = self.create()
        port = bench.result(rig, network.CreatePorts)[0]
        self.west.calls.clear()

        task = network.CreatePorts(rig.environment())
        task.act()

        (call,) = self.west.called('create_ports')
        self.assertEqual([], call.arguments[0])
        self.assertEqual(port.port_id, self.ports()[0].id)

    def test_neutron_chooses_where_no_subnet_stands_for_the_old(self) -> None:
        self.west.add_network(application.WEST_PROJECT, 'front', None)
        (only,) = [
            each
            for each in self.west.networks.values()
            if each.name == 'front'
        ]

        self.create()

        (port,) = self.ports()
        self.assertEqual((only.id, ()), (port.network_id, port.fixed_ips))

    def test_another_range_has_another_address(self) -> None:
        self.west.add_network(
            application.WEST_PROJECT, 'front', '10.99.0.0/24'
        )

        self.create()

        (source,) = self.web().ports
        number = source.fixed_ips[0].ip_address.rpartition('.')[2]
        self.assertEqual(
            [f'10.99.0.{number}'],
            [each.ip_address for each in self.ports()[0].fixed_ips],
        )

    def test_what_neutron_refuses(self) -> None:
        self.bench.prepare()
        self.west.limits['port'] = 1

        rig = self.bench.recover('web', network.CreatePorts)

        row = rig.store.step('create_ports')
        self.assertEqual('aegis.cloud.quota', row.error_code)
        self.assertIn('Raise the quota of the project', row.message)

    def test_ports_that_are_never_listed(self) -> None:
        self.bench.prepare()
        self.conf.set_override('recovery_timeout', 5, group='failover')
        rig = self.bench.rig('web')
        rig.waiter.on_wait = lambda seconds: self.forget_ports()
        self.west.fail(
            'create_ports',
            exception.CloudUnavailable(
                service='neutron', site='west', reason='reset'
            ),
            times=1000,
        )

        rig.run(*PORTS)

        self.assertIs(LaneState.REVERTED, rig.store.lane.state)

    def forget_ports(self) -> None:
        for port in self.ports():
            del self.west.ports[port.id]

    def test_undoing_removes_half_made_ones_too(self) -> None:
        rig = self.create()
        (port,) = self.ports()
        self.west.change_port(
            port.id, tags=(), device_owner=' '.join(BIRTH.tags)
        )

        self.assertIs(LaneState.REVERTED, rig.undo(*PORTS))

        self.assertEqual([], self.ports())

    def test_undoing_touches_no_other_port(self) -> None:
        rig = self.create()
        (port,) = self.ports()
        others = [
            self.west.add_port(
                application.WEST_PROJECT,
                port.network_id,
                name='other',
                tags=tags,
            )
            for tags in ((), EARLIER.tags, BIRTH.tags[:1])
        ]

        rig.undo(*PORTS)

        self.assertEqual(others, self.ports())

    def test_undoing_one_that_has_gone(self) -> None:
        rig = self.create()
        self.forget_ports()
        self.assertIs(LaneState.REVERTED, rig.undo(*PORTS))

    def test_undoing_what_neutron_refuses(self) -> None:
        rig = self.create()
        self.west.fail(
            'delete_port',
            exception.CloudConflict(
                service='neutron', site='west', http_status=409, reason='used'
            ),
            times=1000,
        )

        self.assertIs(LaneState.FAILED, rig.undo(*PORTS))

        (leftover,) = rig.store.step('create_ports').leftovers
        self.assertEqual(
            ('neutron', 'port', self.ports()[0].id, 'web-port'),
            (
                leftover.service,
                leftover.resource_type,
                leftover.resource_id,
                leftover.name,
            ),
        )


class AssociateFloatingIpsTest(NetworkTestCase):
    def run_step(self) -> journal.LaneRig:
        self.bench.prepare()
        return self.bench.recover('web', network.AssociateFloatingIps)

    def addresses(self) -> list[str]:
        return [each.address for each in self.west.floating_ips.values()]

    def pool(self, cidr: str) -> None:
        (subnet,) = [
            each
            for each in self.west.subnets.values()
            if each.name == 'public-subnet'
        ]
        self.west.subnets[subnet.id] = dataclasses.replace(subnet, cidr=cidr)

    def test_another_pool_has_another_address(self) -> None:
        rig = self.run_step()

        (found,) = bench.result(rig, network.AssociateFloatingIps)

        self.assertEqual(ledger.FLOATING_IP, found.source_address)
        self.assertEqual([found.address], self.addresses())
        self.assertNotEqual(found.source_address, found.address)

    def test_the_same_pool_has_the_same_address(self) -> None:
        self.pool('198.18.61.0/24')

        self.run_step()

        self.assertEqual([ledger.FLOATING_IP], self.addresses())

    def test_an_address_that_somebody_has(self) -> None:
        self.pool('198.18.61.0/24')
        (public,) = self.west.networks.values()
        self.west.add_floating_ip('somebody', public.id, ledger.FLOATING_IP)

        rig = self.run_step()

        (found,) = bench.result(rig, network.AssociateFloatingIps)
        self.assertNotEqual(ledger.FLOATING_IP, found.address)
        self.assertEqual(2, len(self.addresses()))

    def test_a_member_without_any(self) -> None:
        self.bench.prepare()

        rig = self.bench.recover('database', network.AssociateFloatingIps)

        self.assertEqual((), bench.result(rig, network.AssociateFloatingIps))
        self.assertEqual([], self.west.called('create_floating_ip'))

    def test_one_of_a_port_that_is_not_the_members_is_left_out(self) -> None:
        (address,) = self.web().floating_ips
        self.recapture(
            floating_ips=(dataclasses.replace(address, port_id='other'),)
        )

        rig = self.run_step()

        self.assertEqual((), bench.result(rig, network.AssociateFloatingIps))

    def test_an_earlier_birth_is_forgotten(self) -> None:
        (address,) = self.web().floating_ips
        self.recapture(
            floating_ips=(
                dataclasses.replace(address, tags=(*EARLIER.tags, 'mine')),
            )
        )

        self.run_step()

        (made,) = self.west.floating_ips.values()
        self.assertIn('mine', made.tags)
        self.assertEqual(set(), set(EARLIER.tags) & set(made.tags))

    def test_two_on_one_port_are_two(self) -> None:
        (port,) = self.web().ports
        (address,) = self.web().floating_ips
        second = dataclasses.replace(
            port.fixed_ips[0], ip_address='10.61.1.222'
        )
        self.recapture(
            ports=(
                dataclasses.replace(port, fixed_ips=(*port.fixed_ips, second)),
            ),
            floating_ips=(
                address,
                dataclasses.replace(
                    address,
                    id='second',
                    address='198.18.61.78',
                    fixed_ip='10.61.1.222',
                ),
            ),
        )

        rig = self.run_step()

        found = bench.result(rig, network.AssociateFloatingIps)
        self.assertEqual(2, len({each.floating_ip_id for each in found}))
        self.assertEqual(
            {port.fixed_ips[0].ip_address, '10.61.1.222'},
            {each.fixed_ip for each in self.west.floating_ips.values()},
        )

    def test_one_that_leads_elsewhere_is_led_back(self) -> None:
        rig = self.run_step()
        (made,) = self.west.floating_ips.values()
        self.west._pending.clear()
        self.west.floating_ips[made.id] = dataclasses.replace(
            made, port_id=None, fixed_ip=None
        )
        task = network.AssociateFloatingIps(rig.environment())
        ports = bench.result(rig, network.CreatePorts)

        self.assertIsNone(task.observe(ports, None))
        self.assertIn(ledger.FLOATING_IP, task.pending)
        task.act(ports)

        (found,) = task.observe(ports, None)
        self.assertEqual(made.id, found.floating_ip_id)

    def test_no_network_stands_for_the_pool(self) -> None:
        (address,) = self.web().floating_ips
        self.recapture(
            floating_ips=(
                dataclasses.replace(address, floating_network_id='elsewhere'),
            )
        )
        self.bench.operation = journal.make_operation(
            arguments={'force': True}
        )

        rig = self.run_step()

        row = rig.store.step('associate_floating_ips')
        self.assertEqual('aegis.not_found', row.error_code)
        self.assertIn('external network elsewhere', row.message)

    def test_undoing_gives_it_back(self) -> None:
        rig = self.run_step()
        (public,) = [n for n in self.west.networks.values() if n.is_external]
        other = self.west.add_floating_ip(
            application.WEST_PROJECT, public.id, '198.18.62.200'
        )

        self.assertIs(LaneState.REVERTED, rig.undo(*FLOATING_IPS))

        self.assertEqual([other.address], self.addresses())

    def test_undoing_a_half_made_one(self) -> None:
        rig = self.run_step()
        (made,) = self.west.floating_ips.values()
        self.west.floating_ips[made.id] = dataclasses.replace(
            made, tags=(), description=' '.join(BIRTH.tags)
        )

        rig.undo(*FLOATING_IPS)

        self.assertEqual([], self.addresses())
