# SPDX-License-Identifier: Apache-2.0
from typing import Any

from oslotest import base

from aegis.clouds import networking, networking_json, objects, requests
from aegis.tests.unit.clouds import http

V2 = f'{http.NEUTRON}/v2.0'
PORTS = f'{V2}/ports'
TAGS = ('aegis:operation=o1', 'aegis:member=m1')
MARK = 'aegis:operation=o1 aegis:member=m1'


def port(**values: Any) -> dict[str, Any]:
    return {
        'id': 'p1',
        'name': 'port',
        'description': '',
        'project_id': http.PROJECT,
        'network_id': 'n1',
        'device_id': '',
        'device_owner': '',
        'status': 'DOWN',
        'mac_address': 'fa:16:3e:00:00:01',
        'fixed_ips': [{'subnet_id': 's1', 'ip_address': '10.0.0.5'}],
        'security_groups': ['g2', 'g1'],
        'allowed_address_pairs': [{'ip_address': '10.0.0.9'}],
        'admin_state_up': True,
        'dns_name': '',
        'tags': [],
        **values,
    }


def network(**values: Any) -> dict[str, Any]:
    return {
        'id': 'n1',
        'name': 'net',
        'description': '',
        'project_id': http.PROJECT,
        'shared': False,
        'router:external': False,
        'mtu': 1450,
        'tags': [],
        **values,
    }


def subnet(**values: Any) -> dict[str, Any]:
    return {
        'id': 's1',
        'name': 'subnet',
        'description': '',
        'project_id': http.PROJECT,
        'network_id': 'n1',
        'ip_version': 4,
        'cidr': '10.0.0.0/24',
        'gateway_ip': '10.0.0.1',
        'enable_dhcp': True,
        'dns_nameservers': ['192.0.2.1'],
        'allocation_pools': [{'start': '10.0.0.2', 'end': '10.0.0.9'}],
        'host_routes': [{'destination': '10.1.0.0/24', 'nexthop': '10.0.0.2'}],
        'ipv6_address_mode': None,
        'ipv6_ra_mode': None,
        'tags': [],
        **values,
    }


def router(**values: Any) -> dict[str, Any]:
    return {
        'id': 'r1',
        'name': 'router',
        'description': '',
        'project_id': http.PROJECT,
        'external_gateway_info': {'network_id': 'x1', 'enable_snat': False},
        'routes': [],
        'tags': [],
        **values,
    }


def rule(**values: Any) -> dict[str, Any]:
    return {
        'id': 'rule1',
        'direction': 'ingress',
        'ethertype': 'IPv4',
        'protocol': 'tcp',
        'port_range_min': 22,
        'port_range_max': 22,
        'remote_ip_prefix': None,
        'remote_group_id': None,
        'description': None,
        **values,
    }


def group(**values: Any) -> dict[str, Any]:
    return {
        'id': 'g1',
        'name': 'group',
        'description': '',
        'project_id': http.PROJECT,
        'stateful': True,
        'security_group_rules': [],
        'tags': [],
        **values,
    }


def floating_ip(**values: Any) -> dict[str, Any]:
    return {
        'id': 'f1',
        'floating_ip_address': '198.51.100.7',
        'project_id': http.PROJECT,
        'floating_network_id': 'x1',
        'port_id': None,
        'fixed_ip_address': None,
        'description': '',
        'tags': [],
        **values,
    }


class BornTest(base.BaseTestCase):
    def _network(self, **values: Any) -> objects.Network:
        return networking_json.network(network(**values))

    def test_tags_tell_a_birth(self) -> None:
        born = self._network(tags=[*TAGS, 'own'])

        self.assertTrue(networking.born(born, TAGS))
        self.assertTrue(networking.born(born, TAGS[:1]))

    def test_the_mark_tells_a_birth_that_was_cut_short(self) -> None:
        born = self._network(description=MARK)

        self.assertTrue(networking.born(born, TAGS))
        self.assertTrue(networking.born(born, (*TAGS, 'own')))

    def test_every_birth_tag_is_needed(self) -> None:
        born = self._network(tags=TAGS[:1])

        self.assertFalse(networking.born(born, TAGS))

    def test_a_tenants_own_tags_are_no_birth(self) -> None:
        self.assertFalse(networking.born(self._network(tags=['a']), ['a']))
        self.assertFalse(networking.born(self._network(), []))


class NetworkingTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.neutron = self.cloud.network

    def _creates(self, collection: str, singular: str, body: Any) -> None:
        url = f'{V2}/{collection}'
        self.http.post(url, json={singular: body})
        self.http.put(f'{url}/{body["id"]}', json={singular: body})
        self.http.put(f'{url}/{body["id"]}/tags', json={'tags': []})

    # Ports

    def test_a_port_is_read(self) -> None:
        self.http.get(PORTS, json={'ports': [port()]})

        (found,) = self.neutron.list_ports(device_id='d1', tags=['a', 'b'])

        self.assertEqual(
            [
                {
                    'device_id': ['d1'],
                    'tags': ['a,b'],
                    'project_id': [http.PROJECT],
                }
            ],
            self.queries(PORTS),
        )
        self.assertEqual(('g1', 'g2'), found.security_groups)
        self.assertEqual(
            (objects.AddressPair('10.0.0.9', None),),
            found.allowed_address_pairs,
        )
        self.assertEqual(
            (None, True), (found.dns_name, found.port_security_enabled)
        )

    def test_the_ports_of_networks_are_listed_whoever_owns_them(self) -> None:
        self.http.get(PORTS, json={'ports': [port(project_id='other')]})

        found = self.neutron.list_ports(network_ids=['n1', 'n2'])

        self.assertEqual(1, len(found))
        self.assertEqual([{'network_id': ['n1', 'n2']}], self.queries(PORTS))

    def test_long_lists_of_networks_are_asked_for_in_parts(self) -> None:
        self.http.get(PORTS, json={'ports': []})
        self.http.get(f'{V2}/subnets', json={'subnets': []})
        ids = [str(number) for number in range(250)]

        self.neutron.list_ports(network_ids=ids)
        self.neutron.list_subnets(ids)

        for url in (PORTS, f'{V2}/subnets'):
            asked = [query['network_id'] for query in self.queries(url)]
            self.assertEqual([100, 100, 50], [len(each) for each in asked])
            self.assertEqual(ids, sum(asked, []))

    def test_a_port_is_made_with_its_birth_as_owner_and_then_tagged(
        self,
    ) -> None:
        self.http.get(PORTS, json={'ports': []})
        self.http.post(PORTS, json={'ports': [port()]})
        self.http.put(f'{PORTS}/p1/tags', json={'tags': []})

        (made,) = self.neutron.create_ports(
            [
                requests.PortRequest(
                    network_id='n1',
                    name='port',
                    mac_address='fa:16:3e:00:00:01',
                    fixed_ips=(
                        requests.FixedIpRequest('s1', '10.0.0.5'),
                        requests.FixedIpRequest('s2'),
                    ),
                    security_groups=('g1',),
                    allowed_address_pairs=(
                        objects.AddressPair('10.0.0.9', 'm'),
                        objects.AddressPair('10.0.0.8', None),
                    ),
                    dns_name='host',
                    tags=(*TAGS, 'own'),
                )
            ]
        )

        self.assertEqual(
            [
                {
                    'network_id': 'n1',
                    'name': 'port',
                    'description': '',
                    'admin_state_up': True,
                    'binding:vnic_type': 'normal',
                    'device_owner': MARK,
                    'mac_address': 'fa:16:3e:00:00:01',
                    'fixed_ips': [
                        {'subnet_id': 's1', 'ip_address': '10.0.0.5'},
                        {'subnet_id': 's2'},
                    ],
                    'allowed_address_pairs': [
                        {'ip_address': '10.0.0.9', 'mac_address': 'm'},
                        {'ip_address': '10.0.0.8'},
                    ],
                    'security_groups': ['g1'],
                    'dns_name': 'host',
                }
            ],
            self.bodies('POST', PORTS)[0]['ports'],
        )
        self.assertEqual(
            [{'tags': [*TAGS, 'own']}],
            self.bodies('PUT', f'{PORTS}/p1/tags'),
        )
        self.assertEqual(tuple(sorted((*TAGS, 'own'))), made.tags)

    def test_a_port_without_tags_is_one_call(self) -> None:
        self.http.post(PORTS, json={'ports': [port()]})

        self.neutron.create_ports(
            [requests.PortRequest('n1', 'x', port_security_enabled=False)]
        )

        (sent,) = self.bodies('POST', PORTS)[0]['ports']
        self.assertEqual(False, sent['port_security_enabled'])
        self.assertNotIn('security_groups', sent)
        self.assertEqual(1, self.counted(V2))

    def test_no_ports_are_no_call(self) -> None:
        self.assertEqual((), self.neutron.create_ports([]))
        self.assertEqual(0, self.counted(V2))

    def test_ports_made_and_not_tagged_are_taken(self) -> None:
        self.http.get(
            PORTS,
            json={
                'ports': [
                    port(id='p0', device_owner=MARK),
                    port(id='p9', device_owner=MARK, tags=['x']),
                ]
            },
        )
        self.http.post(PORTS, json={'ports': [port(id='p1')]})
        for port_id in ('p0', 'p1'):
            self.http.put(f'{PORTS}/{port_id}/tags', json={'tags': []})
        wanted = requests.PortRequest('n1', 'x', tags=TAGS)

        made = self.neutron.create_ports([wanted, wanted])

        self.assertEqual(['p0', 'p1'], [each.id for each in made])
        self.assertEqual(1, len(self.bodies('POST', PORTS)[0]['ports']))
        self.assertEqual([MARK], self.queries(PORTS)[0]['device_owner'])

    def test_neutron_is_not_asked_for_ports_that_were_listed(self) -> None:
        self.http.post(PORTS, json={'ports': [port(id='p1')]})
        for port_id in ('p0', 'p1'):
            self.http.put(f'{PORTS}/{port_id}/tags', json={'tags': []})
        self.http.get(
            PORTS,
            json={
                'ports': [
                    port(id='p0', device_owner=MARK),
                    port(id='p8', device_owner='somebody'),
                    port(id='p9', device_owner=MARK, tags=['x']),
                ]
            },
        )
        listed = self.neutron.list_ports()
        wanted = requests.PortRequest('n1', 'x', tags=TAGS)

        made = self.neutron.create_ports([wanted, wanted], listed)

        self.assertEqual(['p0', 'p1'], [each.id for each in made])
        self.assertEqual(1, len(self.queries(PORTS)))

    def test_a_port_is_changed_only_where_asked(self) -> None:
        self.http.put(f'{PORTS}/p1', json={'port': port()})

        self.neutron.update_port('p1', name='x', security_groups=[])

        self.assertEqual(
            [{'port': {'name': 'x', 'security_groups': []}}],
            self.bodies('PUT', f'{PORTS}/p1'),
        )

    # Networks, subnets, routers

    def test_networks_are_own_shared_or_external_ones(self) -> None:
        self.http.get(
            f'{V2}/networks',
            [
                {'json': {'networks': [network()]}},
                {'json': {'networks': [network(), network(id='n2')]}},
                {'json': {'networks': [network(id='n3')]}},
            ],
        )

        found = self.neutron.list_networks()

        self.assertEqual({'n1', 'n2', 'n3'}, {each.id for each in found})
        self.assertEqual(
            [
                {'project_id': [http.PROJECT]},
                {'shared': ['true']},
                {'router:external': ['true']},
            ],
            self.queries(f'{V2}/networks'),
        )

    def test_a_network_is_made_marked_then_tagged_then_described(
        self,
    ) -> None:
        self._creates('networks', 'network', network())

        made = self.neutron.create_network(
            requests.NetworkRequest(
                'net',
                'described',
                mtu=1400,
                port_security_enabled=False,
                dns_domain='example.org.',
                tags=TAGS,
            )
        )

        self.assertEqual(
            [
                (
                    'POST',
                    {
                        'network': {
                            'name': 'net',
                            'mtu': 1400,
                            'port_security_enabled': False,
                            'dns_domain': 'example.org.',
                            'description': MARK,
                        }
                    },
                ),
                ('PUT', {'tags': list(TAGS)}),
                ('PUT', {'network': {'description': 'described'}}),
            ],
            [
                (request.method, request.json())
                for request in self.http.request_history
                if request.method in ('POST', 'PUT')
                and request.url.startswith(V2)
            ],
        )
        self.assertEqual('described', made.description)
        self.assertEqual(tuple(sorted(TAGS)), made.tags)

    def test_without_tags_there_is_no_birth(self) -> None:
        self._creates('networks', 'network', network())

        self.neutron.create_network(requests.NetworkRequest('net', 'words'))

        self.assertEqual(
            [{'network': {'name': 'net', 'description': 'words'}}],
            self.bodies('POST', f'{V2}/networks'),
        )
        self.assertEqual([], self.bodies('PUT', f'{V2}/networks/n1'))

    def test_tags_of_a_tenant_are_no_mark(self) -> None:
        self._creates('networks', 'network', network())

        self.neutron.create_network(
            requests.NetworkRequest('net', 'words', tags=('own',))
        )

        (sent,) = self.bodies('POST', f'{V2}/networks')
        self.assertEqual('words', sent['network']['description'])

    def test_a_subnet_is_made_as_it_was(self) -> None:
        self._creates('subnets', 'subnet', subnet())
        self.http.get(f'{V2}/subnets', json={'subnets': [subnet()]})
        (source,) = self.neutron.list_subnets(['n1'])

        self.neutron.create_subnet(
            requests.SubnetRequest(
                network_id='n1',
                name='subnet',
                cidr=source.cidr,
                ip_version=4,
                gateway_ip=None,
                dns_nameservers=source.dns_nameservers,
                allocation_pools=source.allocation_pools,
                host_routes=source.host_routes,
                ipv6_address_mode='slaac',
                ipv6_ra_mode='slaac',
            )
        )

        (sent,) = self.bodies('POST', f'{V2}/subnets')
        expected = subnet(
            gateway_ip=None, ipv6_address_mode='slaac', ipv6_ra_mode='slaac'
        )
        self.assertEqual(
            {key: expected[key] for key in sent['subnet']}, sent['subnet']
        )

    def test_an_absent_pool_is_left_to_neutron(self) -> None:
        self._creates('subnets', 'subnet', subnet())

        self.neutron.create_subnet(
            requests.SubnetRequest('n1', 's', '10.0.0.0/24', 4, '10.0.0.1')
        )

        (sent,) = self.bodies('POST', f'{V2}/subnets')
        self.assertFalse(
            {'allocation_pools', 'ipv6_ra_mode', 'ipv6_address_mode'}
            & set(sent['subnet'])
        )

    def test_routers_tell_the_subnets_they_join(self) -> None:
        joined = port(device_id='r1', device_owner='network:router_interface')
        self.http.get(PORTS, json={'ports': [joined, port(device_id='other')]})
        self.http.get(
            f'{V2}/routers',
            json={
                'routers': [
                    router(),
                    router(id='r2', external_gateway_info=None),
                ]
            },
        )

        first, second = self.neutron.list_routers()

        self.assertEqual(
            ('x1', False, ('s1',)),
            (first.external_network_id, first.enable_snat, first.interfaces),
        )
        self.assertEqual(
            (None, True, ()),
            (
                second.external_network_id,
                second.enable_snat,
                second.interfaces,
            ),
        )

    def test_a_router_is_made_with_its_gateway(self) -> None:
        self._creates('routers', 'router', router())

        self.neutron.create_router(
            requests.RouterRequest('r', external_network_id='x1')
        )
        self.neutron.create_router(
            requests.RouterRequest(
                'r', external_network_id='x1', enable_snat=False
            )
        )
        self.neutron.create_router(requests.RouterRequest('r'))

        self.assertEqual(
            [
                {'network_id': 'x1'},
                {'network_id': 'x1', 'enable_snat': False},
                None,
            ],
            [
                sent['router'].get('external_gateway_info')
                for sent in self.bodies('POST', f'{V2}/routers')
            ],
        )

    def test_interfaces_and_routes_reach_the_router(self) -> None:
        url = f'{V2}/routers/r1'
        for action in ('add', 'remove'):
            self.http.put(f'{url}/{action}_router_interface', json={})
        self.http.put(url, json={'router': router()})

        self.neutron.add_router_interface('r1', 's1')
        self.neutron.remove_router_interface('r1', 's1')
        self.neutron.set_router_routes(
            'r1', [objects.HostRoute('10.1.0.0/24', '10.0.0.2')]
        )

        for action in ('add', 'remove'):
            self.assertEqual(
                [{'subnet_id': 's1'}],
                self.bodies('PUT', f'{url}/{action}_router_interface'),
            )
        route = {'destination': '10.1.0.0/24', 'nexthop': '10.0.0.2'}
        self.assertEqual(
            [{'router': {'routes': [route]}}], self.bodies('PUT', url)
        )

    # Security groups

    def _groups(self, *rules: dict[str, Any]) -> list[objects.SecurityGroup]:
        self.http.get(
            f'{V2}/security-groups',
            json={
                'security_groups': [group(security_group_rules=list(rules))]
            },
        )
        return list(self.neutron.list_security_groups())

    def test_rules_are_read_in_one_call(self) -> None:
        (found,) = self._groups(rule(id='2'), rule(id='1'))

        self.assertEqual(['1', '2'], [each.id for each in found.rules])
        self.assertEqual(found.rules[0], found.rules[1])
        self.assertEqual(1, self.counted(f'{V2}/'))

    def test_an_address_group_becomes_its_addresses(self) -> None:
        self.http.get(
            f'{V2}/address-groups',
            json={
                'address_groups': [
                    {
                        'id': 'a1',
                        'addresses': ['192.0.2.0/24', '2001:db8::/32'],
                    }
                ]
            },
        )

        (found,) = self._groups(rule(remote_address_group_id='a1'))

        self.assertEqual(
            ['192.0.2.0/24'], [each.remote_ip_prefix for each in found.rules]
        )

    def test_an_unknown_address_group_lets_nobody_in(self) -> None:
        self.http.get(f'{V2}/address-groups', json={'address_groups': []})

        (found,) = self._groups(rule(remote_address_group_id='a1'))

        self.assertEqual((), found.rules)

    def test_a_security_group_is_made_with_all_its_rules_at_once(
        self,
    ) -> None:
        self._creates('security-groups', 'security_group', group())
        self.http.post(
            f'{V2}/security-group-rules', json={'security_group_rules': []}
        )
        (source,) = self._groups(rule(remote_group_id='g2'))

        self.neutron.create_security_group(
            requests.SecurityGroupRequest('group', stateful=False)
        )
        self.neutron.create_security_group_rules('g9', source.rules)
        self.neutron.create_security_group_rules('g9', [])

        (made,) = self.bodies('POST', f'{V2}/security-groups')
        self.assertEqual(False, made['security_group']['stateful'])
        (sent,) = self.bodies('POST', f'{V2}/security-group-rules')
        expected = {
            **rule(remote_group_id='g2', description=''),
            'security_group_id': 'g9',
        }
        del expected['id']
        self.assertEqual([expected], sent['security_group_rules'])

    # Floating IPs

    def test_floating_ips_are_limited_to_births_and_ports(self) -> None:
        self.http.get(
            f'{V2}/floatingips',
            json={
                'floatingips': [
                    floating_ip(id='f1', tags=list(TAGS), port_id='p1'),
                    floating_ip(id='f2', description=MARK),
                    floating_ip(id='f3', port_id='p1'),
                ]
            },
        )

        def ids(**values: Any) -> list[str]:
            return [
                each.id for each in self.neutron.list_floating_ips(**values)
            ]

        self.assertEqual(['f1', 'f2', 'f3'], ids())
        self.assertEqual(['f1', 'f2'], ids(tags=TAGS))
        self.assertEqual(['f1', 'f3'], ids(port_ids=['p1']))
        self.assertEqual([], ids(port_ids=[]))

    def test_a_floating_ip_is_led_to_a_port_and_away(self) -> None:
        url = f'{V2}/floatingips/f1'
        self._creates('floatingips', 'floatingip', floating_ip())

        self.neutron.create_floating_ip(
            requests.FloatingIpRequest(
                'x1', port_id='p1', fixed_ip='10.0.0.5', address='198.51.100.7'
            )
        )
        self.neutron.associate_floating_ip('f1', 'p1', '10.0.0.5')
        self.neutron.associate_floating_ip('f1', 'p1')
        self.neutron.disassociate_floating_ip('f1')

        self.assertEqual(
            [
                {
                    'floatingip': {
                        'floating_network_id': 'x1',
                        'port_id': 'p1',
                        'fixed_ip_address': '10.0.0.5',
                        'floating_ip_address': '198.51.100.7',
                        'description': '',
                    }
                }
            ],
            self.bodies('POST', f'{V2}/floatingips'),
        )
        self.assertEqual(
            [
                {'port_id': 'p1', 'fixed_ip_address': '10.0.0.5'},
                {'port_id': 'p1'},
                {'port_id': None},
            ],
            [sent['floatingip'] for sent in self.bodies('PUT', url)],
        )

    def test_a_birth_that_was_cut_short_is_finished(self) -> None:
        self._creates('networks', 'network', network())
        url = f'{V2}/networks/n1'
        marked = networking_json.network(network(description=MARK))
        tagged = networking_json.network(
            network(description=MARK, tags=list(TAGS))
        )
        done = networking_json.network(
            network(description='words', tags=list(TAGS))
        )

        for thing in (marked, tagged, done):
            self.neutron.finish_birth('networks', thing, 'words', TAGS)

        self.assertEqual(
            [{'tags': list(TAGS)}], self.bodies('PUT', f'{url}/tags')
        )
        self.assertEqual(
            [{'network': {'description': 'words'}}] * 2,
            self.bodies('PUT', url),
        )

    def test_everything_can_be_deleted(self) -> None:
        calls = {
            'ports': self.neutron.delete_port,
            'networks': self.neutron.delete_network,
            'subnets': self.neutron.delete_subnet,
            'routers': self.neutron.delete_router,
            'security-groups': self.neutron.delete_security_group,
            'security-group-rules': self.neutron.delete_security_group_rule,
            'floatingips': self.neutron.delete_floating_ip,
        }
        for collection, call in calls.items():
            self.http.delete(f'{V2}/{collection}/id', status_code=204)
            call('id')
            self.assertEqual('DELETE', self.http.last_request.method)

    def test_reserved_counts_as_used(self) -> None:
        self.http.get(
            f'{V2}/quotas/{http.PROJECT}/details',
            json={'quota': {'port': {'limit': 5, 'used': 1, 'reserved': 2}}},
        )

        self.assertEqual(
            (objects.QuotaLine('port', 5, 3),), self.neutron.quotas()
        )
