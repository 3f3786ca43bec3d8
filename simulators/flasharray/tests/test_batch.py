# SPDX-License-Identifier: Apache-2.0
"""Many volumes in one call."""

from typing import Any

import requests
from pypureclient import flasharray

from tests.client_case import ClientCase


class BatchTest(ClientCase):
    def batch(self, *volumes: Any, **options: Any) -> Any:
        return self.client.post_volumes_batch(volume=list(volumes), **options)

    def test_different_volumes_are_made_in_one_call(self) -> None:
        self.good(self.client.post_protection_groups(names=['batch-pg']))
        for name in ('batch-a', 'batch-b'):
            self.volume(name)
            self.door.write(name, 0, name.encode())
        made = self.good(
            self.batch(
                *(
                    flasharray.VolumeBatchPost(
                        name=f'copy-of-{name}',
                        source=flasharray.Reference(name=name),
                        tags=[
                            flasharray.Tag(
                                key='run', value='1', namespace='test'
                            )
                        ],
                        add_to_protection_groups=[
                            flasharray.Reference(name='batch-pg')
                        ],
                    )
                    for name in ('batch-a', 'batch-b')
                ),
                with_default_protection=False,
            )
        )
        self.assertEqual(
            ['batch-a', 'batch-b'], [volume.source.name for volume in made]
        )
        self.assertEqual(b'batch-b', self.door.read('copy-of-batch-b', 0, 7))
        members = self.good(
            self.client.get_protection_groups_volumes(group_names=['batch-pg'])
        )
        self.assertEqual(2, len(members))
        tags = self.good(
            self.client.get_volumes_tags(resource_names=['copy-of-batch-a'])
        )
        self.assertEqual(['1'], [tag.value for tag in tags])

    def test_one_bad_volume_stops_the_batch(self) -> None:
        self.bad(
            self.batch(
                flasharray.VolumeBatchPost(name='batch-good'),
                flasharray.VolumeBatchPost(
                    name='batch-bad',
                    source=flasharray.Reference(name='missing'),
                ),
            ),
            'does not exist',
        )
        self.bad(
            self.client.get_volumes(names=['batch-good']), 'does not exist'
        )

    def test_before_its_version_there_is_no_batch(self) -> None:
        response = requests.post(
            f'https://{self.array.target}/api/2.26/login',
            headers={'api-token': self.array.token},
            verify=self.array.certificate,
        )
        response = requests.post(
            f'https://{self.array.target}/api/2.26/volumes/batch',
            headers={'x-auth-token': response.headers['x-auth-token']},
            json=[{'name': 'early'}],
            verify=self.array.certificate,
        )
        self.assertEqual(404, response.status_code)
