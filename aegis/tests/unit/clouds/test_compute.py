# SPDX-License-Identifier: Apache-2.0
import datetime
from typing import Any

from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.unit.clouds import http

SERVERS = f'{http.NOVA}/servers'
DETAIL = f'{SERVERS}/detail'
ATTACHMENTS = f'{SERVERS}/s1/os-volume_attachments'


def body(**values: Any) -> dict[str, Any]:
    """A server as Nova 2.96 shows it to an administrator."""
    return {
        'id': 's1',
        'name': 'web',
        'tenant_id': http.PROJECT,
        'user_id': 'u1',
        'status': 'ACTIVE',
        'created': '2030-01-02T12:00:00Z',
        'description': None,
        'metadata': {'b': '2', 'a': '1'},
        'tags': ['y', 'x'],
        'image': '',
        'key_name': 'key',
        'config_drive': 'True',
        'locked': False,
        'pinned_availability_zone': None,
        'flavor': {
            'original_name': 'm1.tiny',
            'vcpus': 1,
            'ram': 512,
            'disk': 1,
            'ephemeral': 2,
            'swap': 0,
            'extra_specs': {'hw:cpu_policy': 'shared'},
        },
        'addresses': {
            'net2': [
                {'addr': '1', 'OS-EXT-IPS-MAC:mac_addr': 'mac2'},
                {'addr': '2', 'OS-EXT-IPS-MAC:mac_addr': 'mac2'},
            ],
            'net1': [{'addr': '3', 'OS-EXT-IPS-MAC:mac_addr': 'mac1'}],
        },
        'OS-EXT-AZ:availability_zone': 'nova',
        'OS-EXT-STS:task_state': None,
        'OS-SRV-USG:launched_at': '2030-01-02T12:00:05.000000',
        'OS-EXT-SRV-ATTR:hostname': 'web-host',
        'OS-EXT-SRV-ATTR:user_data': 'IyE=',
        'OS-EXT-SRV-ATTR:root_device_name': '/dev/vdb',
        'os-extended-volumes:volumes_attached': [
            {'id': 'v1', 'delete_on_termination': True},
            {'id': 'v2', 'delete_on_termination': False},
        ],
        **values,
    }


def _attachment(volume_id: str, device: str | None) -> dict[str, Any]:
    return {
        'volumeId': volume_id,
        'serverId': 's1',
        'device': device,
        'tag': f'tag-{volume_id}',
        'delete_on_termination': False,
        'attachment_id': 'x',
        'bdm_uuid': 'y',
    }


# What the API guide of Nova says of a server whose cell is down.
_UNREACHED = {
    'id': 's2',
    'status': 'UNKNOWN',
    'tenant_id': http.PROJECT,
    'created': '2030-01-02T12:00:00Z',
    'links': [],
}


class ServersTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.nova = self.cloud.compute
        self._show(body())

    def test_a_list_with_a_server_of_a_dead_cell_is_no_list(self) -> None:
        self.http.get(DETAIL, json={'servers': [body(), _UNREACHED]})

        error = self.assertRaises(
            exception.CloudUnavailable, self.nova.list_servers
        )

        self.assertIn('the cell of server s2 does not answer', error.detail)

    def _show(self, shown: dict[str, Any]) -> None:
        self.http.get(f'{SERVERS}/s1', json={'server': shown})
        self.http.get(DETAIL, json={'servers': [shown]})
        self.http.get(
            ATTACHMENTS,
            json={
                'volumeAttachments': [
                    _attachment('v3', '/dev/vdaa'),
                    _attachment('v2', '/dev/vdz'),
                    _attachment('v1', '/dev/vdb'),
                ]
            },
        )

    def test_a_server_is_read_in_two_calls(self) -> None:
        self.nova.get_server('s1')

        self.assertEqual(2, self.counted(http.NOVA))

    def test_all_that_matters_of_a_server_is_read(self) -> None:
        server = self.nova.get_server('s1')

        noon = datetime.datetime(2030, 1, 2, 12, tzinfo=datetime.UTC)
        expected = {
            'name': 'web',
            'status': 'ACTIVE',
            'project_id': http.PROJECT,
            'user_id': 'u1',
            'created_at': noon,
            'launched_at': noon + datetime.timedelta(seconds=5),
            'flavor': 'm1.tiny',
            'hostname': 'web-host',
            'keypair': 'key',
            'user_data': 'IyE=',
            'config_drive': True,
            'metadata': (objects.Pair('a', '1'), objects.Pair('b', '2')),
            'tags': ('x', 'y'),
            'boots_from_image': False,
            'mac_addresses': ('mac2', 'mac1'),
            'fault': None,
        }
        self.assertEqual(
            expected, {name: getattr(server, name) for name in expected}
        )
        self.assertEqual(2, server.embedded_flavor.ephemeral_gib)
        self.assertEqual(
            (objects.Pair('hw:cpu_policy', 'shared'),),
            server.embedded_flavor.extra_specs,
        )

    def test_attachments_start_with_the_boot_volume(self) -> None:
        server = self.nova.get_server('s1')

        self.assertEqual(
            [
                ('v1', '/dev/vdb', 'tag-v1', 0),
                ('v2', '/dev/vdz', 'tag-v2', None),
                ('v3', '/dev/vdaa', 'tag-v3', None),
            ],
            [
                (each.volume_id, each.device, each.tag, each.boot_index)
                for each in server.attachments
            ],
        )

    def test_a_server_of_an_image_has_no_boot_volume(self) -> None:
        self._show(body(image={'id': 'i1'}))

        server = self.nova.get_server('s1')

        self.assertTrue(server.boots_from_image)
        self.assertEqual({None}, {a.boot_index for a in server.attachments})

    def test_a_zone_counts_as_wanted_only_if_it_was(self) -> None:
        cases = (
            (body(), None),
            (body(pinned_availability_zone='az1'), 'az1'),
        )
        for shown, expected in cases:
            self._show(shown)
            server = self.nova.get_server('s1')
            self.assertEqual(expected, server.availability_zone)

    def test_an_older_nova_tells_only_where_the_server_is(self) -> None:
        shown = body()
        del shown['pinned_availability_zone']
        self._show(shown)

        self.assertEqual('nova', self.nova.get_server('s1').availability_zone)

    def test_the_fault_of_a_server_is_read(self) -> None:
        self._show(body(status='ERROR', fault={'message': 'No valid host'}))

        self.assertEqual('No valid host', self.nova.get_server('s1').fault)

    def test_a_server_of_another_project_is_not_found(self) -> None:
        self._show(body(tenant_id='b' * 32))

        self.assertRaises(exception.CloudNotFound, self.nova.get_server, 's1')

    def test_a_list_is_one_call_and_tells_volumes(self) -> None:
        (server,) = self.nova.list_servers(tags=['x', 'y'])

        self.assertEqual(1, self.counted(http.NOVA))
        self.assertEqual([{'tags': ['x,y']}], self.queries(DETAIL))
        self.assertEqual(
            [('v1', True), ('v2', False)],
            [
                (each.volume_id, each.delete_on_termination)
                for each in server.attachments
            ],
        )

    def test_a_list_can_be_limited_to_ids(self) -> None:
        self.assertEqual((), self.nova.list_servers(ids=['other']))
        self.assertEqual(1, len(self.nova.list_servers(ids=['s1'])))

    def test_a_server_is_found_by_name_when_it_is_no_id(self) -> None:
        self.http.get(f'{SERVERS}/web', status_code=404, json={})
        self.http.get(SERVERS, json={'servers': [body(), body(name='web2')]})

        self.assertEqual('s1', self.nova.find_server('web').id)
        self.assertEqual([{'name': ['^web$']}], self.queries(SERVERS))

    def test_a_name_that_is_no_plain_word_is_no_expression(self) -> None:
        self.http.get(f'{SERVERS}/a.b%2F%2A', status_code=404, json={})
        self.http.get(SERVERS, json={'servers': [body(name='a.b/*')]})

        self.assertEqual('s1', self.nova.find_server('a.b/*').id)
        self.assertEqual([{}], self.queries(SERVERS))

    def test_a_name_of_several_servers_is_refused(self) -> None:
        self.http.get(f'{SERVERS}/web', status_code=404, json={})
        self.http.get(SERVERS, json={'servers': [body(), body(id='s2')]})

        error = self.assertRaises(
            exception.CloudConflict, self.nova.find_server, 'web'
        )

        self.assertIn('id', error.remedy)

    def test_a_name_of_no_server_is_not_found(self) -> None:
        self.http.get(f'{SERVERS}/web', status_code=404, json={})
        self.http.get(SERVERS, json={'servers': []})

        self.assertRaises(
            exception.CloudNotFound, self.nova.find_server, 'web'
        )

    def test_interface_tags_are_read_where_there_are_some(self) -> None:
        self.http.get(
            f'{SERVERS}/s1/os-interface',
            json={
                'interfaceAttachments': [
                    {'port_id': 'p1', 'tag': 'nic0'},
                    {'port_id': 'p2', 'tag': None},
                    {'port_id': 'p3'},
                ]
            },
        )

        self.assertEqual(
            (objects.Pair('p1', 'nic0'),), self.nova.interface_tags('s1')
        )

    def test_a_server_is_asked_for_with_all_that_was_wanted(self) -> None:
        self.http.post(SERVERS, json={'server': {'id': 's9'}})

        made = self.nova.create_server(
            requests.ServerRequest(
                name='web',
                flavor_id='f1',
                volumes=(
                    requests.ServerVolume('v1', 0, '/dev/vda', 'root', True),
                    requests.ServerVolume('v2', None),
                ),
                ports=(
                    requests.ServerPort('p1', 'nic0'),
                    requests.ServerPort('p2'),
                ),
                description='described',
                hostname='host',
                keypair='key',
                user_data='//8=',
                config_drive=True,
                availability_zone='az1',
                metadata=(objects.Pair('a', '1'),),
                tags=('t1',),
                server_group='g1',
            )
        )

        (sent,) = self.bodies('POST', SERVERS)
        self.assertEqual('s9', made)
        self.assertEqual({'group': 'g1'}, sent['os:scheduler_hints'])
        server = sent['server']
        self.assertEqual(
            [
                {
                    'uuid': 'v1',
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'boot_index': 0,
                    'delete_on_termination': True,
                    'device_name': '/dev/vda',
                    'tag': 'root',
                },
                {
                    'uuid': 'v2',
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'boot_index': -1,
                    'delete_on_termination': False,
                },
            ],
            server['block_device_mapping_v2'],
        )
        self.assertEqual(
            [{'port': 'p1', 'tag': 'nic0'}, {'port': 'p2'}],
            server['networks'],
        )
        expected = {
            'name': 'web',
            'flavorRef': 'f1',
            'imageRef': '',
            'description': 'described',
            'hostname': 'host',
            'key_name': 'key',
            'user_data': '//8=',
            'config_drive': True,
            'availability_zone': 'az1',
            'metadata': {'a': '1'},
            'tags': ['t1'],
        }
        self.assertEqual(expected, {name: server[name] for name in expected})

    def test_what_was_not_wanted_is_not_sent(self) -> None:
        self.http.post(SERVERS, json={'server': {'id': 's9'}})

        self.nova.create_server(
            requests.ServerRequest(
                'web', 'f1', (requests.ServerVolume('v1', 0),), ()
            )
        )

        (sent,) = self.bodies('POST', SERVERS)
        self.assertEqual({'server'}, set(sent))
        self.assertEqual(
            {
                'name',
                'imageRef',
                'flavorRef',
                'min_count',
                'max_count',
                'block_device_mapping_v2',
                'networks',
            },
            set(sent['server']),
        )

    def test_the_configured_version_is_asked_for(self) -> None:
        self.nova.list_servers()

        self.assertEqual(
            'compute 2.96',
            self.http.last_request.headers['OpenStack-API-Version'],
        )

    def test_actions_reach_the_server(self) -> None:
        action = f'{SERVERS}/s1/action'
        self.http.post(action, status_code=202)
        self.http.delete(f'{SERVERS}/s1', status_code=204)

        self.nova.stop_server('s1')
        self.nova.start_server('s1')
        self.nova.lock_server('s1', 'why')
        self.nova.lock_server('s1')
        self.nova.unlock_server('s1')
        self.nova.delete_server('s1')

        self.assertEqual(
            [
                {'os-stop': None},
                {'os-start': None},
                {'lock': {'locked_reason': 'why'}},
                {'lock': None},
                {'unlock': None},
            ],
            self.bodies('POST', action),
        )
        self.assertEqual('DELETE', self.http.last_request.method)

    def test_metadata_is_added_and_single_keys_are_removed(self) -> None:
        metadata = f'{SERVERS}/s1/metadata'
        self.http.post(metadata, json={'metadata': {'a': '1'}})
        self.http.delete(f'{metadata}/a', status_code=204)
        self.http.delete(f'{metadata}/b', status_code=404, json={})

        self.nova.set_server_metadata('s1', [objects.Pair('a', '1')])
        self.nova.delete_server_metadata('s1', ['a'])
        self.assertRaises(
            exception.CloudNotFound,
            self.nova.delete_server_metadata,
            's1',
            ['b'],
        )

        self.assertEqual(
            [{'metadata': {'a': '1'}}], self.bodies('POST', metadata)
        )


class OtherComputeTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.nova = self.cloud.compute
        flavor = {'vcpus': 1, 'ram': 512, 'disk': 1, 'swap': ''}
        self.http.get(
            f'{http.NOVA}/flavors/detail',
            json={
                'flavors': [
                    {
                        'id': '1',
                        'name': '2',
                        'OS-FLV-EXT-DATA:ephemeral': 3,
                        **flavor,
                    },
                    {'id': '2', 'name': 'm1.tiny', **flavor},
                ]
            },
        )

    def test_a_flavor_is_found_by_name_before_id(self) -> None:
        self.assertEqual('1', self.nova.find_flavor('2').id)
        self.assertEqual('2', self.nova.find_flavor('m1.tiny').id)
        self.assertEqual('2', self.nova.find_flavor('1').name)
        self.assertRaises(
            exception.CloudNotFound, self.nova.find_flavor, 'none'
        )

    def test_flavor_sizes_are_numbers(self) -> None:
        first, second = self.nova.list_flavors()

        self.assertEqual((3, 0), (first.ephemeral_gib, first.swap_mib))
        self.assertEqual(0, second.ephemeral_gib)

    def test_a_keypair_is_read_for_the_user_who_owns_it(self) -> None:
        url = f'{http.NOVA}/os-keypairs/a%20key'
        keypair = {
            'name': 'a key',
            'type': 'ssh',
            'public_key': 'ssh-rsa A',
            'fingerprint': 'f',
        }
        self.http.get(url, json={'keypair': keypair})

        found = self.nova.find_keypair('a key', user_id='u1')

        self.assertEqual(objects.Keypair(**keypair), found)
        self.assertEqual([{'user_id': ['u1']}], self.queries(url))

    def test_a_missing_keypair_is_none(self) -> None:
        self.http.get(f'{http.NOVA}/os-keypairs/x', status_code=404, json={})

        self.assertIsNone(self.nova.find_keypair('x'))

    def test_keypairs_are_imported_and_removed(self) -> None:
        url = f'{http.NOVA}/os-keypairs'
        keypair = {
            'name': 'k',
            'type': 'x509',
            'public_key': 'c',
            'fingerprint': 'f',
        }
        self.http.post(url, json={'keypair': keypair})
        self.http.get(url, json={'keypairs': [{'keypair': keypair}]})
        self.http.delete(f'{url}/k', status_code=204)

        made = self.nova.create_keypair('k', 'c', 'x509')
        self.nova.delete_keypair('k')

        self.assertEqual((made,), self.nova.list_keypairs())
        self.assertEqual(
            [{'keypair': {'name': 'k', 'type': 'x509', 'public_key': 'c'}}],
            self.bodies('POST', url),
        )

    def test_server_groups_keep_their_rules(self) -> None:
        url = f'{http.NOVA}/os-server-groups'
        group = {
            'id': 'g1',
            'name': 'db',
            'policy': 'anti-affinity',
            'rules': {'max_server_per_host': 2},
            'members': ['s1'],
        }
        self.http.get(url, json={'server_groups': [group]})
        self.http.post(url, json={'server_group': group})
        self.http.delete(f'{url}/g1', status_code=204)

        made = self.nova.create_server_group('db', 'anti-affinity', 2)
        self.nova.create_server_group('db', 'affinity')
        self.nova.delete_server_group('g1')

        self.assertEqual((made,), self.nova.list_server_groups())
        self.assertEqual(
            objects.ServerGroup('g1', 'db', 'anti-affinity', ('s1',), 2),
            made,
        )
        self.assertEqual(
            [
                {
                    'name': 'db',
                    'policy': 'anti-affinity',
                    'rules': {'max_server_per_host': 2},
                },
                {'name': 'db', 'policy': 'affinity'},
            ],
            [sent['server_group'] for sent in self.bodies('POST', url)],
        )

    def test_reserved_counts_as_used(self) -> None:
        self.http.get(
            f'{http.NOVA}/os-quota-sets/{http.PROJECT}/detail',
            json={
                'quota_set': {
                    'id': http.PROJECT,
                    'cores': {'limit': 20, 'in_use': 5, 'reserved': 1},
                    'ram': {'limit': -1, 'in_use': 5, 'reserved': 0},
                }
            },
        )

        cores, ram = self.nova.quotas()

        self.assertEqual(14, cores.free)
        self.assertEqual(float('inf'), ram.free)

    def test_the_version_of_the_service_is_told(self) -> None:
        self.http.get(f'{http.NOVA}/', json={'version': {'version': '2.96'}})

        self.assertEqual('2.96', self.nova.service_version())
