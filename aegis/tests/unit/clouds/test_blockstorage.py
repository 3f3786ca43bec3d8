# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis.clouds import objects, requests
from aegis.common import exception
from aegis.tests.unit.clouds import http

VOLUMES = f'{http.CINDER}/volumes'
ACTION = f'{VOLUMES}/v1/action'


def body(**values: Any) -> dict[str, Any]:
    """A volume as Cinder 3.64 shows it to an administrator."""
    return {
        'id': 'v1',
        'name': 'data',
        'description': None,
        'status': 'in-use',
        'size': 3,
        'volume_type': 'gold',
        'bootable': 'true',
        'encrypted': False,
        'multiattach': False,
        'availability_zone': 'az1',
        'created_at': '2030-01-02T12:00:00.000000',
        'metadata': {'array_name': 'fa', 'array_volume_name': 'stale'},
        'volume_image_metadata': {'os': 'linux'},
        'attachments': [{'server_id': 's1'}, {'server_id': None}],
        'replication_status': 'enabled',
        'provider_id': 'volume-v1-cinder',
        'os-vol-host-attr:host': 'h@b#p',
        'os-vol-tenant-attr:tenant_id': http.PROJECT,
        **values,
    }


class VolumesTest(http.HttpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cinder = self.cloud.volume
        self.http.get(f'{VOLUMES}/v1', json={'volume': body()})

    def test_all_that_matters_of_a_volume_is_read(self) -> None:
        volume = self.cinder.get_volume('v1')

        expected = {
            'name': 'data',
            'status': 'in-use',
            'size_gib': 3,
            'volume_type': 'gold',
            'bootable': True,
            'encrypted': False,
            'host': 'h@b#p',
            'array': 'fa',
            'array_volume': 'volume-v1-cinder',
            'attached_to': ('s1',),
            'image_metadata': (objects.Pair('os', 'linux'),),
            'replication_status': 'enabled',
        }
        self.assertEqual(
            expected, {name: getattr(volume, name) for name in expected}
        )

    def test_what_the_owner_can_write_names_no_array_volume(self) -> None:
        self.http.get(f'{VOLUMES}/v1', json={'volume': body(provider_id=None)})

        self.assertIsNone(self.cinder.get_volume('v1').array_volume)

    def test_a_volume_of_another_project_is_not_found(self) -> None:
        shown = body(**{'os-vol-tenant-attr:tenant_id': 'b' * 32})
        self.http.get(f'{VOLUMES}/v1', json={'volume': shown})

        self.assertRaises(
            exception.CloudNotFound, self.cinder.get_volume, 'v1'
        )

    def test_a_list_is_one_call(self) -> None:
        self.http.get(
            f'{VOLUMES}/detail',
            json={'volumes': [body(), body(id='v2', name=None)]},
        )

        self.assertEqual(2, len(self.cinder.list_volumes()))
        (second,) = self.cinder.list_volumes(ids=['v2'])
        self.assertEqual('', second.name)
        self.assertEqual(2, self.counted(http.CINDER))

    def test_a_volume_is_managed_by_its_name_on_the_array(self) -> None:
        url = f'{http.CINDER}/os-volume-manage'
        shown = body(status='creating')
        for key in ('provider_id', 'os-vol-tenant-attr:tenant_id'):
            del shown[key]
        self.http.post(url, json={'volume': shown})

        made = self.cinder.manage_volume(
            requests.ManageRequest(
                host='h@b#p',
                reference='aegis-1-2-0',
                name='name',
                volume_type='gold',
                availability_zone='az1',
                bootable=True,
                metadata=(objects.Pair('a', '1'),),
            )
        )

        self.assertEqual('creating', made.status)
        self.assertEqual(http.PROJECT, made.project_id)
        self.assertEqual(
            [
                {
                    'volume': {
                        'host': 'h@b#p',
                        'ref': {'source-name': 'aegis-1-2-0'},
                        'name': 'name',
                        'description': None,
                        'volume_type': 'gold',
                        'availability_zone': 'az1',
                        'metadata': {'a': '1'},
                        'bootable': True,
                    }
                }
            ],
            self.bodies('POST', url),
        )

    def test_actions_reach_the_volume(self) -> None:
        self.http.post(ACTION, json={})
        self.http.put(f'{VOLUMES}/v1', json={'volume': body()})
        self.http.delete(f'{VOLUMES}/v1', status_code=202)

        self.cinder.set_bootable('v1', True)
        self.cinder.set_image_metadata('v1', [objects.Pair('a', '1')])
        self.cinder.unmanage_volume('v1')
        self.cinder.update_volume('v1', 'name', None, ())
        self.cinder.update_volume('v1', 'name', 'it', [objects.Pair('a', '1')])
        self.cinder.delete_volume('v1')

        self.assertEqual(
            [
                {'os-set_bootable': {'bootable': True}},
                {'os-set_image_metadata': {'metadata': {'a': '1'}}},
                {'os-unmanage': None},
            ],
            self.bodies('POST', ACTION),
        )
        self.assertEqual(
            [
                {
                    'volume': {
                        'name': 'name',
                        'description': '',
                        'metadata': {},
                    }
                },
                {
                    'volume': {
                        'name': 'name',
                        'description': 'it',
                        'metadata': {'a': '1'},
                    }
                },
            ],
            self.bodies('PUT', f'{VOLUMES}/v1'),
        )

    def test_types_tell_backend_and_replication(self) -> None:
        specs = {
            'volume_backend_name': 'pure',
            'replication_enabled': '<is> True',
            'replication_type': '<in> async',
        }
        self.http.get(
            f'{http.CINDER}/types',
            json={
                'volume_types': [
                    {
                        'id': 't1',
                        'name': 'gold',
                        'description': 'd',
                        'is_public': False,
                        'extra_specs': specs,
                    },
                    {'id': 't2', 'name': 'plain', 'is_public': True},
                ]
            },
        )

        gold, plain = self.cinder.list_types()

        self.assertEqual(
            ('pure', True, 'async', False),
            (
                gold.backend,
                gold.replication_enabled,
                gold.replication_type,
                gold.is_public,
            ),
        )
        self.assertEqual(
            (None, False, None),
            (plain.backend, plain.replication_enabled, plain.replication_type),
        )

    def test_a_type_encrypts_when_it_has_a_provider(self) -> None:
        url = f'{http.CINDER}/types/t1/encryption'
        for shown, expected in (({}, False), ({'provider': 'luks'}, True)):
            self.http.get(url, json=shown)
            self.assertEqual(expected, self.cinder.type_encrypts('t1'))

    def test_pools_may_not_know_their_space(self) -> None:
        capabilities = [
            {'volume_backend_name': 'pure', 'free_capacity_gb': 5},
            {'volume_backend_name': 'pure', 'free_capacity_gb': 'unknown'},
            None,
        ]
        self.http.get(
            f'{http.CINDER}/scheduler-stats/get_pools',
            json={
                'pools': [
                    {'name': 'h@b#p', 'capabilities': each}
                    for each in capabilities
                ]
            },
        )

        pools = self.cinder.list_pools()

        self.assertEqual([5.0, None, None], [p.free_gib for p in pools])
        self.assertEqual(['pure', 'pure', ''], [p.backend for p in pools])

    def test_quotas_per_type_are_read(self) -> None:
        self.http.get(
            f'{http.CINDER}/os-quota-sets/{http.PROJECT}',
            json={
                'quota_set': {
                    'id': http.PROJECT,
                    'volumes_gold': {
                        'limit': 3,
                        'in_use': 1,
                        'reserved': 1,
                        'allocated': 0,
                    },
                }
            },
        )

        self.assertEqual(
            (objects.QuotaLine('volumes_gold', 3, 2),), self.cinder.quotas()
        )


class ImagesTest(http.HttpTestCase):
    def test_images_are_listed_page_by_page(self) -> None:
        images = f'{http.GLANCE}/v2/images'
        image = {
            'id': 'i1',
            'name': 'linux',
            'status': 'active',
            'visibility': 'public',
            'size': 7,
            'hw_disk_bus': 'scsi',
            'tags': [],
        }
        self.http.get(
            images,
            json={'images': [image], 'next': '/v2/images?marker=i1'},
        )
        self.http.get(
            f'{images}?marker=i1',
            json={'images': [{**image, 'id': 'i2', 'name': None}]},
        )
        self.http.get(f'{images}/i1', json=image)

        first, second = self.cloud.image.list_images()

        self.assertEqual(first, self.cloud.image.get_image('i1'))
        self.assertEqual(
            (objects.Pair('hw_disk_bus', 'scsi'),), first.properties
        )
        self.assertEqual(('i2', ''), (second.id, second.name))
        self.cloud.image.list_images(name='linux')
        self.assertIn({'name': ['linux']}, self.queries(images))
