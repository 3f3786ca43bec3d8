# SPDX-License-Identifier: Apache-2.0
"""Pages, filters, sorting and counting of lists."""

from pypureclient import flasharray

from tests.client_case import ClientCase


class ListTest(ClientCase):
    COUNT = 2500

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for start in range(0, cls.COUNT, 500):
            response = cls.client.post_volumes_batch(
                volume=[
                    flasharray.VolumeBatchPost(
                        name=f'many-{number:04}',
                        provisioned=2**20 * (1 + number % 3),
                    )
                    for number in range(start, start + 500)
                ]
            )
            assert response.status_code == 200, response

    def test_all_pages_are_read_by_token(self) -> None:
        names = [v.name for v in self.good(self.client.get_volumes())]
        self.assertEqual(
            [f'many-{number:04}' for number in range(self.COUNT)], names
        )

    def test_all_pages_are_read_by_offset_when_sorted(self) -> None:
        names = [
            v.name for v in self.good(self.client.get_volumes(sort=['name-']))
        ]
        self.assertEqual(self.COUNT, len(set(names)))
        self.assertEqual('many-2499', names[0])

    def test_a_filter_is_read_page_by_page(self) -> None:
        found = self.good(
            self.client.get_volumes(filter="name='many-*' and provisioned>0")
        )
        self.assertEqual(self.COUNT, len(found))

    def test_a_page_has_at_most_a_thousand_items(self) -> None:
        body = self.raw('GET', 'volumes?limit=5000').json()
        self.assertEqual(1000, len(body['items']))
        self.assertTrue(body['more_items_remaining'])
        self.assertIsNone(body['total_item_count'])

    def test_limit_and_offset_cut_a_piece(self) -> None:
        body = self.raw('GET', 'volumes?limit=2&offset=1200').json()
        self.assertEqual(
            ['many-1200', 'many-1201'], [v['name'] for v in body['items']]
        )

    def test_limit_zero_only_counts(self) -> None:
        body = self.raw('GET', 'volumes?limit=0').json()
        self.assertEqual([], body['items'])
        self.assertEqual(self.COUNT, body['total_item_count'])

    def test_the_count_is_that_of_all_pages(self) -> None:
        body = self.raw('GET', 'volumes?limit=1&total_item_count=true').json()
        self.assertEqual(self.COUNT, body['total_item_count'])

    def test_totals_are_sums(self) -> None:
        body = self.raw(
            'GET', "volumes?total_only=true&filter=name='many-000*'"
        ).json()
        self.assertEqual([], body['items'])
        self.assertEqual(
            2**20 * (1 + 2 + 3 + 1 + 2 + 3 + 1 + 2 + 3 + 1),
            body['total'][0]['provisioned'],
        )

    def test_several_sort_fields_apply_in_order(self) -> None:
        body = self.raw('GET', 'volumes?limit=2&sort=provisioned-,name').json()
        self.assertEqual(
            ['many-0002', 'many-0005'], [v['name'] for v in body['items']]
        )

    def test_names_may_hold_wildcards(self) -> None:
        body = self.raw('GET', 'volumes?names=many-24*').json()
        self.assertEqual(100, len(body['items']))

    def test_an_empty_names_is_as_none(self) -> None:
        body = self.raw('GET', 'volumes?names=&limit=1').json()
        self.assertEqual(1, len(body['items']))

    def test_an_unknown_sort_field_is_refused(self) -> None:
        self.assertEqual(
            400, self.raw('GET', 'volumes?sort=colour').status_code
        )

    def test_a_bad_filter_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?filter=name=')
        self.assertEqual(400, response.status_code)
        self.assertIn(
            'Invalid filter', response.json()['errors'][0]['message']
        )

    def test_a_bad_token_is_refused(self) -> None:
        response = self.raw('GET', 'volumes?continuation_token=x')
        self.assertEqual(400, response.status_code)
