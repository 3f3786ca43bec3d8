# SPDX-License-Identifier: Apache-2.0
"""Calls that only try."""

from typing import Any

from tests.client_case import ClientCase


class DryRunTest(ClientCase):
    def dry(self, path: str, body: Any) -> Any:
        answer = self.raw('POST', path, json=body)
        self.assertEqual(200, answer.status_code, answer.text)
        return answer.json()['items'][0]

    def names(self) -> list[str]:
        return [item['name'] for item in self.door.objects()['volumes']]

    def test_a_good_copy_is_told_and_not_made(self) -> None:
        self.volume('dry')
        result = self.dry(
            'volumes/test?names=dry-2', {'source': {'name': 'dry'}}
        )
        self.assertTrue(result['success'])
        self.assertNotIn('dry-2', self.names())

    def test_a_bad_copy_is_told_with_its_reason(self) -> None:
        result = self.dry(
            'volumes/test?names=bad', {'source': {'name': 'nothing'}}
        )
        self.assertFalse(result['success'])
        self.assertEqual('Volume does not exist.', result['result_details'])

    def test_a_batch_is_only_tried(self) -> None:
        result = self.dry(
            'volumes/batch/test', [{'name': 'tried', 'provisioned': 2**20}]
        )
        self.assertTrue(result['success'])
        self.assertNotIn('tried', self.names())

    def test_a_snapshot_is_only_tried(self) -> None:
        self.volume('unsnapped')
        self.dry('volume-snapshots/test?source_names=unsnapped', {})
        self.assertEqual(
            [],
            self.raw('GET', 'volume-snapshots?source_names=unsnapped').json()[
                'items'
            ],
        )


class QosListTest(ClientCase):
    options = ['--profile', '2.50']

    def test_limits_are_listed_by_kind(self) -> None:
        limits = {'iops_limit': 1000, 'bandwidth_limit': 2**20}
        for kind in ('volumes', 'volume-groups', 'hosts', 'host-groups'):
            with self.subTest(kind):
                made = self.raw(
                    'POST', f'{kind}?names=q', '2.50', json={'qos': limits}
                )
                self.assertEqual(200, made.status_code, made.text)
                found = self.raw('GET', f'{kind}/qos?names=q', '2.50').json()
                item = found['items'][0]
                self.assertEqual(limits, {key: item[key] for key in limits})
