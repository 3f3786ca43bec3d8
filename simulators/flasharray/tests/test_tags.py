# SPDX-License-Identifier: Apache-2.0
"""Tags through py-pure-client."""

from typing import Any

from pypureclient import flasharray

from tests.client_case import ClientCase


class TagTest(ClientCase):
    SPACE = 'openstack-integration.purestorage.com'

    def tag(self, volume: str, **fields: Any) -> Any:
        return self.client.put_volumes_tags_batch(
            resource_names=[volume],
            tag=[flasharray.TagBatch(namespace=self.SPACE, **fields)],
        )

    def values(self, volume: str) -> list[str]:
        found = self.client.get_volumes_tags(
            resource_names=[volume], namespaces=[self.SPACE]
        )
        return [tag.value for tag in self.good(found)]

    def test_a_tag_is_replaced_by_its_key(self) -> None:
        self.volume('tag')
        self.good(self.tag('tag', key='k', value='one'))
        self.good(self.tag('tag', key='k', value='two'))
        self.assertEqual(['two'], self.values('tag'))

    def test_only_copyable_tags_are_copied(self) -> None:
        self.volume('tagged')
        self.good(self.tag('tagged', key='a', value='stay', copyable=False))
        self.good(self.tag('tagged', key='b', value='go', copyable=True))
        self.good(self.copy('tagged', 'tagged-copy'))
        self.assertEqual(['go'], self.values('tagged-copy'))

    def test_tags_of_a_namespace_are_deleted(self) -> None:
        self.volume('untag')
        self.good(self.tag('untag', key='k', value='v'))
        response = self.client.delete_volumes_tags(
            resource_names=['untag'], namespaces=[self.SPACE]
        )
        self.assertEqual(200, response.status_code)
        self.assertEqual([], self.values('untag'))

    def test_volumes_are_found_by_tag(self) -> None:
        self.volume('wanted')
        self.good(self.tag('wanted', key='find', value='me'))
        found = self.good(self.client.get_volumes(filter="tags('find','me')"))
        self.assertEqual(['wanted'], [volume.name for volume in found])

    def test_tags_leave_with_their_volume(self) -> None:
        self.volume('leaver')
        self.good(self.tag('leaver', key='k', value='leaver-tag'))
        self.destroy('leaver')
        self.client.delete_volumes(names=['leaver'])
        self.assertNotIn('leaver-tag', str(self.door.objects()['tags']))
