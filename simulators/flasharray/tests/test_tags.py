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


class OtherTagsTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        name = self.id().rpartition('.')[2].replace('_', '-')
        self.name = name[-40:].strip('-')
        self.volume(self.name)

    def put(self, path: str, name: str, tags: list[dict[str, Any]]) -> Any:
        return self.raw(
            'PUT', f'{path}/tags/batch?resource_names={name}', json=tags
        )

    def keys(self, path: str, name: str, more: str = '') -> list[str]:
        answer = self.raw('GET', f'{path}/tags?resource_names={name}{more}')
        return [row['key'] for row in answer.json()['items']]

    def test_a_bad_tag_sets_none(self) -> None:
        answer = self.put(
            'volumes',
            self.name,
            [{'key': 'good', 'value': '1'}, {'key': 'k' * 65, 'value': '2'}],
        )
        self.assertEqual(400, answer.status_code)
        self.assertEqual([], self.keys('volumes', self.name))

    def test_a_value_has_a_longest_length(self) -> None:
        tag = {'key': 'k', 'value': 'v' * 257}
        self.assertEqual(
            400, self.put('volumes', self.name, [tag]).status_code
        )

    def test_namespaces_are_told_apart(self) -> None:
        self.put('volumes', self.name, [{'key': 'k', 'value': '1'}])
        self.put(
            'volumes',
            self.name,
            [{'key': 'k', 'value': '2', 'namespace': 'other'}],
        )
        self.assertEqual(['k', 'k'], self.keys('volumes', self.name))
        self.assertEqual(
            ['k'], self.keys('volumes', self.name, '&namespaces=other')
        )

    def test_groups_hosts_and_snapshots_have_tags(self) -> None:
        for path, query, body in (
            ('volume-groups', f'names={self.name}-g', {}),
            ('protection-groups', f'names={self.name}-pg', None),
            ('host-groups', f'names={self.name}-hg', {}),
            ('volume-snapshots', f'source_names={self.name}', {}),
        ):
            with self.subTest(path):
                made = self.raw('POST', f'{path}?{query}', json=body)
                name = made.json()['items'][0]['name']
                answer = self.put(path, name, [{'key': path, 'value': 'x'}])
                self.assertEqual(200, answer.status_code, answer.text)
                self.assertEqual([path], self.keys(path, name))

    def test_tags_of_the_destroyed_are_told_apart(self) -> None:
        self.put('volumes', self.name, [{'key': 'k', 'value': '1'}])
        self.destroy(self.name)
        self.assertEqual(
            [], self.keys('volumes', self.name, '&resource_destroyed=false')
        )
        self.assertEqual(
            ['k'], self.keys('volumes', self.name, '&resource_destroyed=true')
        )
