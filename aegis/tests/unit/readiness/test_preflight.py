# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

from aegis import models
from aegis.catalog import manifest as catalog
from aegis.clouds import objects
from aegis.readiness import base, preflight
from aegis.storage import base as storage
from aegis.tests import base as test_base
from aegis.tests.fixtures import application, bench, journal

Kind = models.MappedResource


class PreflightTestCase(test_base.TestCase):
    """The facts of the bench, changed at will."""

    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.west = self.bench.west
        self.manifest = self.bench.manifest
        self.group = self.bench.records.group
        self.point = self.bench.sites.replicate('9')

    def facts(self) -> preflight.PreflightFacts:
        cloud = self.bench.sites.clouds.cloud('west', application.WEST_PROJECT)
        networks = cloud.network.list_networks()
        ids = [network.id for network in networks]
        return preflight.PreflightFacts(
            group=self.group,
            manifest=self.manifest,
            placements=tuple(
                place
                for (_, site), place in self.bench.records.places.items()
                if site == 'east'
            ),
            point=self.point,
            target=preflight.TargetFacts(
                flavors=cloud.compute.list_flavors(),
                volume_types=cloud.volume.list_types(),
                pools=cloud.volume.list_pools(),
                networks=networks,
                subnets=cloud.network.list_subnets(ids),
                ports=cloud.network.list_ports(network_ids=ids),
                compute_quotas=cloud.compute.quotas(),
                volume_quotas=cloud.volume.quotas(),
                network_quotas=cloud.network.quotas(),
            ),
        )

    def failed(self) -> list[base.Verdict]:
        verdicts = base.judge(preflight.CHECKS, self.facts())
        return [each for each in verdicts if not each.passed]

    def refused(
        self, check: type[Any], code: str, *reasons: str, remedy: str
    ) -> None:
        (verdict,) = self.failed()
        self.assertEqual((check.name, code), (verdict.check, verdict.code))
        self.assertEqual(' '.join(reasons), verdict.reason)
        self.assertIn(remedy, verdict.remedy)
        self.assertEqual(check.essential, verdict.essential)

    def map(self, kind: models.MappedResource, source: str, to: str) -> None:
        self.group = dataclasses.replace(
            self.group,
            mappings=(*self.group.mappings, models.Mapping(kind, source, to)),
        )

    def change_member(self, name: str, **values: Any) -> None:
        self.manifest = dataclasses.replace(
            self.manifest,
            members=tuple(
                dataclasses.replace(member, **values)
                if member.server.name == name
                else member
                for member in self.manifest.members
            ),
        )

    def member(self, name: str) -> catalog.MemberManifest:
        return next(
            each for each in self.manifest.members if each.server.name == name
        )


class ChecksTest(PreflightTestCase):
    def test_all_is_well(self) -> None:
        self.assertEqual([], self.failed())

    def test_names_and_codes_are_stable(self) -> None:
        self.assertEqual(
            {
                'recovery_point_holds_every_volume': (
                    'aegis.recovery_point.incomplete'
                ),
                'every_member_is_captured': 'aegis.preflight.not_captured',
                'flavors_exist': 'aegis.preflight.flavor',
                'volume_types_usable': 'aegis.preflight.volume_type',
                'compute_quota_suffices': 'aegis.preflight.quota',
                'volume_quota_suffices': 'aegis.preflight.quota',
                'network_quota_suffices': 'aegis.preflight.quota',
                'floating_ip_pools_exist': (
                    'aegis.preflight.floating_ip_pool'
                ),
                'addresses_are_free': 'aegis.preflight.address',
            },
            {check.name: check.code for check in preflight.CHECKS},
        )

    def test_a_volume_that_the_point_does_not_hold(self) -> None:
        self.point = dataclasses.replace(
            self.point,
            volumes=tuple(
                storage.PointVolume(each.volume, each.name, each.size_bytes)
                for each in self.point.volumes
                if each.volume
                != self.member('database').volumes[2].array_volume
            ),
        )
        self.refused(
            preflight.RecoveryPointHoldsEveryVolume,
            'aegis.recovery_point.incomplete',
            'The recovery point has no copy of volume database-2.',
            remedy='Choose a newer recovery point',
        )

    def test_a_volume_without_a_name_is_told_by_its_id(self) -> None:
        places = self.bench.records.places
        key = (bench.MEMBERS['web'], 'east')
        (placed,) = places[key].volumes
        places[key] = dataclasses.replace(
            places[key],
            volumes=(
                dataclasses.replace(placed, name='', array_volume='gone'),
            ),
        )
        self.refused(
            preflight.RecoveryPointHoldsEveryVolume,
            'aegis.recovery_point.incomplete',
            f'The recovery point has no copy of volume {placed.volume_id}.',
            remedy='remove the members whose volumes are not in it',
        )

    def test_a_member_that_was_never_captured(self) -> None:
        self.manifest = dataclasses.replace(
            self.manifest, members=(self.member('web'),)
        )
        self.refused(
            preflight.EveryMemberIsCaptured,
            'aegis.preflight.not_captured',
            f'Member {bench.MEMBERS["database"]} was never captured.',
            remedy='openstack dr failover-group capture',
        )

    def test_a_flavor_that_is_not_there(self) -> None:
        self.west.flavors.clear()
        self.refused(
            preflight.FlavorsExist,
            'aegis.preflight.flavor',
            'The recovery site has no flavor small.',
            remedy='--mapping flavor:SOURCE=TARGET',
        )

    def test_a_flavor_as_mapped_by_name_or_id(self) -> None:
        large = self.west.add_flavor('large')
        for target in ('large', large.id):
            self.group = journal.make_group()
            self.map(Kind.FLAVOR, 'small', target)
            self.assertEqual([], self.failed())
        self.map(Kind.FLAVOR, 'small', 'huge')
        self.assertEqual(
            ['The recovery site has no flavor huge.'],
            [each.reason for each in self.failed()],
        )

    def test_a_volume_type_that_is_not_there(self) -> None:
        self.west.volume_types.clear()
        self.refused(
            preflight.VolumeTypesUsable,
            'aegis.preflight.volume_type',
            'The project has no volume type tenant-async at the recovery '
            'site.',
            remedy='--mapping volume_type:SOURCE=TARGET',
        )

    def test_a_backend_that_is_down(self) -> None:
        self.west.pools.clear()
        self.refused(
            preflight.VolumeTypesUsable,
            'aegis.preflight.volume_type',
            'No running backend pure-tenant, which volume type tenant-async '
            'needs, is known to Cinder.',
            remedy='start cinder-volume',
        )

    def test_compute_quota(self) -> None:
        self.west.limits.update(instances=1, cores=1, ram=600)
        self.refused(
            preflight.ComputeQuotaSuffices,
            'aegis.preflight.quota',
            'Nova quota cores: 2 needed, 1 of 1 free.',
            'Nova quota instances: 2 needed, 1 of 1 free.',
            'Nova quota ram: 1024 needed, 600 of 600 free.',
            remedy="Raise the project's quota",
        )

    def test_quota_that_is_just_enough(self) -> None:
        self.west.limits.update(
            instances=2, cores=2, ram=1024, volumes=4, gigabytes=7
        )
        self.assertEqual([], self.failed())

    def test_volume_quota_of_the_type_that_is_mapped_to(self) -> None:
        gold = self.west.add_volume_type('gold', backend=application.BACKEND)
        self.west.limits['volumes_gold'] = 3
        for target in ('gold', gold.id):
            self.group = journal.make_group()
            self.map(Kind.VOLUME_TYPE, application.VOLUME_TYPE, target)
            self.refused(
                preflight.VolumeQuotaSuffices,
                'aegis.preflight.quota',
                'Cinder quota volumes_gold: 4 needed, 3 of 3 free.',
                remedy="Raise the project's quota",
            )

    def test_network_quota(self) -> None:
        self.west.limits.update(port=1, floatingip=0)
        self.refused(
            preflight.NetworkQuotaSuffices,
            'aegis.preflight.quota',
            'Neutron quota floatingip: 1 needed, 0 of 0 free.',
            'Neutron quota port: 2 needed, 1 of 1 free.',
            remedy="Raise the project's quota",
        )


class FloatingIpPoolTest(PreflightTestCase):
    def test_none_stands_for_it(self) -> None:
        self.west.networks.clear()
        self.refused(
            preflight.FloatingIpPoolsExist,
            'aegis.preflight.floating_ip_pool',
            'The recovery site has no external network for floating IPs of '
            'public.',
            remedy='--mapping floating_ip_pool:SOURCE=TARGET',
        )

    def test_one_that_is_mapped(self) -> None:
        self.west.networks.clear()
        self.west.add_network('o', 'internet', None, is_external=True)
        self.map(Kind.FLOATING_IP_POOL, 'public', 'internet')
        self.assertEqual([], self.failed())

    def test_one_that_was_not_captured_is_told_by_its_id(self) -> None:
        (address,) = self.member('web').floating_ips
        self.change_member(
            'web',
            floating_ips=(
                dataclasses.replace(address, floating_network_id='gone'),
            ),
        )
        self.assertIn('floating IPs of gone.', self.failed()[0].reason)

    def test_nobody_needs_one(self) -> None:
        self.west.networks.clear()
        self.change_member('web', floating_ips=())
        self.assertEqual([], self.failed())


class AddressesTest(PreflightTestCase):
    def setUp(self) -> None:
        super().setUp()
        (self.port,) = self.member('web').ports
        (fixed,) = self.port.fixed_ips
        self.address = fixed.ip_address

    def network(
        self, name: str = 'front', cidr: str = '10.61.1.0/24', **values: Any
    ) -> objects.Network:
        project = values.pop('project_id', application.WEST_PROJECT)
        return self.west.add_network(project, name, cidr, **values)

    def take(
        self, network: objects.Network, address: str = '', **v: Any
    ) -> None:
        self.west.add_port(
            'somebody',
            network.id,
            fixed_ips=((objects.FixedIp('s', address),) if address else ()),
            **v,
        )

    def test_one_that_somebody_has(self) -> None:
        self.take(self.network(), self.address)
        self.refused(
            preflight.AddressesAreFree,
            'aegis.preflight.address',
            f'Address {self.address} of member web is in use at the recovery '
            'site.',
            remedy='Free the address at the recovery site',
        )

    def test_a_mac_address_that_somebody_has(self) -> None:
        self.take(self.network(), mac_address=self.port.mac_address)
        self.assertIn(
            f'Address {self.port.mac_address} of member web',
            self.failed()[0].reason,
        )

    def test_one_in_another_network_does_not_matter(self) -> None:
        self.network()
        self.take(self.network('back'), self.address)
        self.assertEqual([], self.failed())

    def test_a_network_as_mapped(self) -> None:
        self.take(self.network('back'), self.address)
        self.map(Kind.NETWORK, 'front', 'back')
        self.assertEqual(1, len(self.failed()))

    def test_the_address_in_another_range(self) -> None:
        network = self.network(cidr='10.99.0.0/24')
        number = self.address.rpartition('.')[2]
        self.take(network, f'10.99.0.{number}')
        self.assertIn(f'Address 10.99.0.{number}', self.failed()[0].reason)

    def test_the_projects_own_network_goes_first(self) -> None:
        self.take(
            self.network(project_id='other', is_shared=True), self.address
        )
        self.assertEqual(1, len(self.failed()))
        self.network()
        self.assertEqual([], self.failed())

    def test_a_network_that_is_yet_to_be_made(self) -> None:
        self.assertEqual([], self.failed())

    def test_a_subnet_mapping_that_leads_nowhere(self) -> None:
        self.take(self.network(), self.address)
        self.map(Kind.SUBNET, 'front-subnet', 'nowhere')
        self.assertEqual([], self.failed())

    def test_what_was_not_captured_is_passed_over(self) -> None:
        self.network()
        self.manifest = dataclasses.replace(
            self.manifest, networks=(), subnets=()
        )
        self.change_member('web', floating_ips=())
        self.assertEqual([], self.failed())
        self.manifest = dataclasses.replace(
            self.manifest, networks=self.bench.manifest.networks
        )
        self.assertEqual([], self.failed())
