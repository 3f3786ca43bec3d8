# SPDX-License-Identifier: Apache-2.0
"""Cinder's emulator does to FlashArrays what Cinder's driver does."""

import dataclasses
from typing import Any

from pypureclient import flasharray

from aegis.clouds import requests
from aegis.tests.fixtures import arrays, emulator
from aegis.tests.fixtures.emulator import descriptions, purearrays
from aegis.tests.functional.clouds import base, laboratory
from aegis.tests.functional.storage import worlds

GROUP = 'tenant-east'
_NAMESPACE = 'openstack-integration.purestorage.com'


class FlashArrayTest(base.EmulatorTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.pair = worlds.shared_arrays()
        cls.array = cls.pair.east
        cls.array.client.post_protection_groups(names=[GROUP])

    def described(self) -> tuple[emulator.Site, ...]:
        pair = self.pair
        return tuple(
            dataclasses.replace(
                site,
                array=emulator.Array(
                    array.name,
                    'flasharray',
                    array.management_address,
                    array.api_token,
                    str(array.ca_file),
                ),
                volume_types=(
                    emulator.VolumeType(
                        descriptions.VOLUME_TYPE,
                        descriptions.BACKEND,
                        GROUP if site.name == 'east' else None,
                    ),
                ),
            )
            for site, array in zip(
                laboratory.described(), (pair.east, pair.west), strict=True
            )
        )

    pair: arrays.Arrays
    array: arrays.Array

    def setUp(self) -> None:
        super().setUp()
        self.here = laboratory.EmulatedLaboratory(self.running)

    def test_a_list_is_read_to_its_last_page(self) -> None:
        array = self.array
        names = [f'paged-{number}' for number in range(3)]
        for name in names:
            worlds.items(
                array.client.post_volumes(
                    names=[name],
                    volume=flasharray.VolumePost(provisioned=1024**3),
                )
            )
        session = purearrays.Session(
            purearrays.Login(
                array.management_address, array.api_token, str(array.ca_file)
            )
        )

        found = session.call(
            'GET', 'volumes', {'filter': "name='paged-*'", 'limit': '1'}
        )

        self.assertEqual(names, [volume['name'] for volume in found])

    def on_array(self, name: str) -> Any:
        (found,) = worlds.items(self.array.client.get_volumes(names=[name]))
        return found

    def await_status(self, volume_id: str, status: str) -> None:
        self.here.wait(
            lambda: self.cloud.volume.get_volume(volume_id).status == status
        )

    def unmanaged(self) -> str:
        volume_id = self.here.make_volume('east', 'first')
        cinder = self.cloud.volume
        cinder.unmanage_volume(volume_id)
        self.here.wait(lambda: not cinder.list_volumes(ids=[volume_id]))
        return f'volume-{volume_id}-cinder-unmanaged'

    def manage(self, reference: str) -> str:
        (pool,) = self.cloud.volume.list_pools()
        return self.cloud.volume.manage_volume(
            requests.ManageRequest(
                pool.name, reference, 'managed', descriptions.VOLUME_TYPE
            )
        ).id

    def test_a_new_volume_joins_the_protection_group(self) -> None:
        volume_id = self.here.make_volume('east', 'new')

        name = f'volume-{volume_id}-cinder'
        self.assertEqual(1 << 30, self.on_array(name).provisioned)
        members = worlds.items(
            self.array.client.get_protection_groups_volumes(
                group_names=[GROUP], member_names=[name]
            )
        )
        self.assertEqual(1, len(members))

    def test_managing_renames_and_tags_and_frees_from_limits(self) -> None:
        reference = self.unmanaged()
        serial = self.on_array(reference).serial

        volume_id = self.manage(reference)
        self.await_status(volume_id, 'available')

        name = f'volume-{volume_id}-cinder'
        found = self.on_array(name)
        self.assertEqual(serial, found.serial)
        self.assertEqual(100_000_000, found.qos.iops_limit)
        tags = worlds.items(
            self.array.client.get_volumes_tags(
                resource_names=[name], namespaces=[_NAMESPACE]
            )
        )
        self.assertEqual(
            {'ProjectId': self.project_id, 'DataStoreType': 'volume'},
            {tag.key: tag.value for tag in tags},
        )

    def test_what_is_not_there_or_in_use_is_not_managed(self) -> None:
        lost = self.manage('nothing-of-this-name')
        self.await_status(lost, 'error')
        reference = self.unmanaged()
        self.running['east'].arrays.connect(
            self.array.name, reference, 'somebody'
        )

        used = self.manage(reference)

        self.await_status(used, 'error')
        self.assertEqual(1, self.on_array(reference).connection_count)

    def test_a_servers_volumes_are_connected_while_it_lives(self) -> None:
        volume_id = self.here.make_volume('east', 'root')
        name = f'volume-{volume_id}-cinder'
        nova = self.cloud.compute
        server_id = nova.create_server(
            requests.ServerRequest(
                name='server',
                flavor_id=nova.find_flavor('small').id,
                volumes=(requests.ServerVolume(volume_id, 0),),
                ports=(),
            )
        )
        self.here.wait(lambda: nova.get_server(server_id).status == 'ACTIVE')
        self.assertEqual(1, self.on_array(name).connection_count)

        nova.delete_server(server_id)
        self.await_status(volume_id, 'available')

        self.assertEqual(0, self.on_array(name).connection_count)
        self.cloud.volume.delete_volume(volume_id)
        self.here.wait(lambda: not self.cloud.volume.list_volumes())
        self.assertTrue(self.on_array(name).destroyed)

    def test_a_site_is_populated_to_the_array(self) -> None:
        made = self.door.populate(
            'east', project_id=self.project_id, servers=5, group=GROUP
        )

        found = worlds.items(
            self.array.client.get_volumes(names=made['array_volumes'])
        )
        self.assertEqual(10, len(found))
        self.assertTrue(all(volume.connection_count for volume in found))
