# SPDX-License-Identifier: Apache-2.0
import dataclasses

from oslotest import base

from aegis import models
from aegis.catalog import births, networks, translation
from aegis.clouds import errors, networking, objects, requests
from aegis.common import exception, names
from aegis.tests.unit.catalog import samples

NETWORK = models.MappedResource.NETWORK
SUBNET = models.MappedResource.SUBNET
POOL = models.MappedResource.FLOATING_IP_POOL


class _NetworksTestCase(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self._renew()

    def _renew(self) -> None:
        self.sample = samples.Sample()
        self.west = self.sample.west
        self.manifest = self.sample.captured()

    def _ensure(
        self, *mappings: models.Mapping
    ) -> translation.NetworkTranslation:
        return networks.ensure(
            self.sample.target, self.manifest, mappings, samples.BIRTH
        )

    def _own(self, name: str) -> list[objects.Network]:
        return [
            network
            for network in self.west.networks.values()
            if network.name == name
            and network.project_id == self.sample.target_id
        ]

    def _fail(self, method: str, after: bool = False) -> None:
        error = errors.make(
            exception.CloudUnavailable, 'west', 'neutron', 'silence'
        )
        self.west.fail(method, error, after=after)


class EnsureTest(_NetworksTestCase):
    def test_missing_networks_are_made_as_they_were(self) -> None:
        found = self._ensure()

        for source in (self.sample.front, self.sample.back):
            made = self.west.networks[found.network_of(source.id)]
            self.assertEqual(
                (source.name, source.description, self.sample.target_id),
                (made.name, made.description, made.project_id),
            )
            self.assertTrue(networking.born(made, samples.BIRTH.tags))
        source_subnet = self.sample.front_subnet
        subnet = self.west.subnets[found.subnet_of(source_subnet.id) or '']
        for field in dataclasses.fields(objects.Subnet):
            if field.name not in ('id', 'project_id', 'network_id', 'tags'):
                self.assertEqual(
                    getattr(source_subnet, field.name),
                    getattr(subnet, field.name),
                )

    def test_the_router_is_made_with_gateway_interface_and_routes(
        self,
    ) -> None:
        found = self._ensure()

        (router,) = self.west.routers.values()
        self.assertEqual(
            ('edge', self.sample.external.id),
            (router.name, router.external_network_id),
        )
        self.assertEqual(
            (found.subnet_of(self.sample.front_subnet.id),), router.interfaces
        )
        self.assertEqual(
            (objects.HostRoute('10.9.0.0/24', '10.1.0.250'),), router.routes
        )

    def test_floating_ips_come_from_the_external_network(self) -> None:
        found = self._ensure()

        self.assertEqual(
            self.sample.external.id,
            found.external_of(self.sample.floating_ip.floating_network_id),
        )

    def test_a_second_call_makes_nothing(self) -> None:
        first = self._ensure()
        before = self.sample.snapshot(self.west)

        second = self._ensure()

        self.assertEqual(first, second)
        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_the_projects_own_network_of_the_name_is_used(self) -> None:
        present = self.west.add_network(
            self.sample.target_id, 'front', '10.1.0.0/24'
        )
        self.west.add_network('x', 'front', is_shared=True)
        before = set(self.west.networks)

        found = self._ensure()

        self.assertEqual(present.id, found.network_of(self.sample.front.id))
        self.assertEqual(
            self.sample.subnet_of(self.west, present.id).id,
            found.subnet_of(self.sample.front_subnet.id),
        )
        self.assertEqual(1, len(set(self.west.networks) - before))
        self.assertEqual({}, self.west.routers)

    def test_a_shared_network_of_the_name_is_used(self) -> None:
        shared = self.west.add_network('x', 'front', is_shared=True)

        found = self._ensure()

        self.assertEqual(shared.id, found.network_of(self.sample.front.id))

    def test_a_foreign_network_of_the_name_is_not_used(self) -> None:
        foreign = self.west.add_network('x', 'front')

        found = self._ensure()

        self.assertNotEqual(foreign.id, found.network_of(self.sample.front.id))

    def test_a_mapped_network_is_used_by_name_or_id(self) -> None:
        present = self.west.add_network(self.sample.target_id, 'dmz')

        for target in ('dmz', present.id):
            for source in ('front', self.sample.front.id):
                found = self._ensure(models.Mapping(NETWORK, source, target))
                self.assertEqual(
                    present.id, found.network_of(self.sample.front.id)
                )
        self.assertEqual([], self._own('front'))

    def test_a_mapped_network_that_is_missing_is_named(self) -> None:
        error = self.assertRaises(
            exception.NotFound,
            self._ensure,
            models.Mapping(NETWORK, 'front', 'dmz'),
        )

        self.assertIn('dmz', str(error))
        self.assertEqual([], self._own('front'))

    def test_two_networks_of_one_name_are_refused(self) -> None:
        for _ in range(2):
            self.west.add_network(self.sample.target_id, 'front')

        error = self.assertRaises(exception.Conflict, self._ensure)

        self.assertIn('front', str(error))

    def test_subnets_are_paired_by_range_name_or_version(self) -> None:
        source = self.sample.front_subnet
        target = self.west.add_network(
            self.sample.target_id, 'front', cidr=None
        )
        other = self.west.add_subnet(target, 'other', '10.5.0.0/24')
        cases = (
            ('2001:db8::/64', 'v6', other),
            ('10.6.0.0/24', source.name, None),
            (source.cidr, 'same-range', None),
        )
        for cidr, name, expected in cases:
            added = self.west.add_subnet(target, name, cidr)
            found = self._ensure().subnet_of(source.id)
            self.assertEqual((expected or added).id, found)

    def test_a_mapped_subnet_is_used(self) -> None:
        target = self.west.add_network(self.sample.target_id, 'front')
        wanted = self.west.add_subnet(target, 'wanted', '10.6.0.0/24')

        found = self._ensure(models.Mapping(SUBNET, 'front-subnet', 'wanted'))

        self.assertEqual(
            wanted.id, found.subnet_of(self.sample.front_subnet.id)
        )

    def test_a_mapped_subnet_elsewhere_is_refused(self) -> None:
        self.west.add_network(self.sample.target_id, 'front')

        self.assertRaises(
            exception.NotFound,
            self._ensure,
            models.Mapping(SUBNET, 'front-subnet', 'none'),
        )

    def test_without_a_subnet_of_the_version_there_is_none(self) -> None:
        self.west.add_network(self.sample.target_id, 'front', '2001:db8::/64')

        found = self._ensure()

        self.assertIsNone(found.subnet_of(self.sample.front_subnet.id))

    def test_the_projects_router_of_the_name_is_joined(self) -> None:
        present = self.west.add_router(self.sample.target_id, 'edge')

        found = self._ensure()

        router = self.west.routers[present.id]
        self.assertEqual({present.id}, set(self.west.routers))
        self.assertEqual(
            (found.subnet_of(self.sample.front_subnet.id),), router.interfaces
        )
        self.assertEqual((), router.routes)

    def test_only_one_of_several_routers_gets_the_gateway(self) -> None:
        east = self.sample.east
        east.add_router(
            self.sample.source_id,
            'a-side-router',
            interfaces=(self.sample.front_subnet.id,),
        )
        self.manifest = self.sample.captured()

        self._ensure()

        joined = {
            router.name: len(router.interfaces)
            for router in self.west.routers.values()
        }
        self.assertEqual({'edge': 1, 'a-side-router': 0}, joined)

    def test_a_subnet_without_a_gateway_is_joined_to_nothing(self) -> None:
        subnet = self.sample.front_subnet
        self.sample.east.subnets[subnet.id] = dataclasses.replace(
            subnet, gateway_ip=None
        )
        self.manifest = self.sample.captured()

        self._ensure()

        (router,) = self.west.routers.values()
        self.assertEqual((), router.interfaces)

    def test_a_router_without_gateway_needs_no_external_network(self) -> None:
        router = self.sample.router
        self.sample.east.routers[router.id] = dataclasses.replace(
            router, external_network_id=None
        )
        self.manifest = self.sample.captured()
        del self.west.networks[self.sample.external.id]

        found = self._ensure()

        (made,) = self.west.routers.values()
        self.assertIsNone(made.external_network_id)
        self.assertRaises(
            exception.NotFound,
            found.external_of,
            self.sample.floating_ip.floating_network_id,
        )

    def test_a_missing_external_network_is_named(self) -> None:
        del self.west.networks[self.sample.external.id]

        error = self.assertRaises(exception.NotFound, self._ensure)

        self.assertIn('public', str(error))
        self.assertIn('floating_ip_pool', error.remedy)

    def test_an_external_network_can_be_mapped(self) -> None:
        other = self.west.add_network('x', 'internet', is_external=True)
        source_id = self.sample.floating_ip.floating_network_id

        for kind in (POOL, NETWORK):
            found = self._ensure(models.Mapping(kind, 'public', 'internet'))
            self.assertEqual(other.id, found.external_of(source_id))

    def test_a_network_of_another_owner_is_never_made(self) -> None:
        network = self.sample.front
        self.sample.east.networks[network.id] = dataclasses.replace(
            network, project_id='operator', is_shared=True
        )
        self.manifest = self.sample.captured()

        error = self.assertRaises(exception.NotFound, self._ensure)

        self.assertIn('--mapping network', error.remedy)

    def test_networks_of_one_name_are_made_apart(self) -> None:
        network = self.sample.back
        self.sample.east.networks[network.id] = dataclasses.replace(
            network, name='front'
        )
        self.manifest = self.sample.captured()

        first = self._ensure()
        second = self._ensure()

        self.assertEqual(first, second)
        self.assertNotEqual(
            first.network_of(self.sample.front.id),
            first.network_of(self.sample.back.id),
        )

    def test_a_cut_short_call_is_gone_on_with(self) -> None:
        whole = samples.Sample()
        networks.ensure(whole.target, whole.captured(), (), samples.BIRTH)
        expected = len(whole.west.subnets), len(whole.west.ports)
        for method in (
            'create_network',
            'create_subnet',
            'create_router',
            'add_router_interface',
            'set_router_routes',
        ):
            for after in (False, True):
                with self.subTest(method=method, after=after):
                    self._renew()
                    self._fail(method, after)
                    self.assertRaises(exception.CloudUnavailable, self._ensure)
                    self._ensure()
                    self.assertEqual(
                        expected,
                        (len(self.west.subnets), len(self.west.ports)),
                    )
                    self.assertEqual(1, len(self._own('front')))
                    self.assertEqual(1, len(self.west.routers))

    def test_a_half_made_network_is_completed(self) -> None:
        tags = births.tags(samples.BIRTH, self.sample.front.id)
        half = self.west.add_network(
            self.sample.target_id,
            'front',
            cidr=None,
            description=networking.mark(tags),
        )

        found = self._ensure()

        self.assertEqual(half.id, found.network_of(self.sample.front.id))
        made = self.west.networks[half.id]
        self.assertEqual('', made.description)
        self.assertTrue(set(tags) <= set(made.tags))


class RemoveTest(_NetworksTestCase):
    def _remove(self) -> tuple[models.Leftover, ...]:
        return networks.remove(self.sample.target, samples.BIRTH)

    def test_all_that_was_made_goes(self) -> None:
        before = self.sample.snapshot(self.west)
        self._ensure()

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_what_was_there_before_stays(self) -> None:
        self.west.add_network(self.sample.target_id, 'back', '10.2.0.0/24')
        self.west.add_router(self.sample.target_id, 'edge')
        before = self.sample.snapshot(self.west)
        self._ensure()

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_what_another_run_made_stays(self) -> None:
        other = names.Birth(
            '33333333-3333-3333-3333-333333333333', samples.BIRTH.member_id
        )
        networks.ensure(self.sample.target, self.manifest, (), other)
        before = self.sample.snapshot(self.west)

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_half_made_things_go(self) -> None:
        for method in ('create_network', 'create_subnet', 'create_router'):
            with self.subTest(method=method):
                self._renew()
                before = self.sample.snapshot(self.west)
                self._fail(method, after=True)
                self.assertRaises(exception.CloudUnavailable, self._ensure)

                self.assertEqual((), self._remove())

                self.assertEqual(before, self.sample.snapshot(self.west))

    def test_a_marked_network_goes(self) -> None:
        before = self.sample.snapshot(self.west)
        tags = births.tags(samples.BIRTH, self.sample.front.id)
        self.west.add_network(
            self.sample.target_id,
            'front',
            description=networking.mark(tags),
            cidr=None,
        )

        self.assertEqual((), self._remove())

        self.assertEqual(before, self.sample.snapshot(self.west))

    def test_what_is_still_in_use_is_left_over_and_named(self) -> None:
        found = self._ensure()
        network_id = found.network_of(self.sample.front.id)
        self.sample.target.network.create_ports(
            [requests.PortRequest(network_id, 'late')]
        )

        leftovers = self._remove()

        self.assertEqual(
            {('subnet', 'front-subnet'), ('network', 'front')},
            {(each.resource_type, each.name) for each in leftovers},
        )
        self.assertIn(network_id, {each.resource_id for each in leftovers})
        self.assertTrue(all('port' in each.reason for each in leftovers))

    def test_that_something_has_gone_is_seen_by_looking_again(self) -> None:
        self._ensure()
        gone = errors.not_found('west', 'neutron', 'thing', 'x')
        for method in ('delete_router', 'delete_subnet', 'delete_network'):
            self.west.fail(method, gone)

        told = {each.resource_type for each in self._remove()}

        self.assertEqual({'router', 'subnet', 'network'}, told)
        self.assertEqual((), self._remove())

    def test_silence_is_for_the_caller_to_repeat(self) -> None:
        self._ensure()
        self._fail('delete_subnet')

        self.assertRaises(exception.CloudUnavailable, self._remove)
        self.assertEqual((), self._remove())
        self.assertEqual([], self._own('front'))
