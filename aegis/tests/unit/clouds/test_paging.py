# SPDX-License-Identifier: Apache-2.0
import urllib.parse
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from oslotest import base

from aegis.clouds import errors, paging
from aegis.common import exception


class _Pages:
    """A service with pages of a size."""

    def __init__(self, ids: list[int], size: int) -> None:
        self.ids = ids
        self.size = size
        self.asked: list[str] = []

    def get(self, path: str) -> Any:
        self.asked.append(path)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        start = 0
        if 'marker' in query:
            start = self.ids.index(int(query['marker'][0])) + 1
        page = self.ids[start : start + self.size]
        body: dict[str, Any] = {'things': [{'id': each} for each in page]}
        if len(page) == self.size:
            href = f'http://internal/things?limit=1&marker={page[-1]}'
            body['things_links'] = [
                {'rel': 'previous', 'href': 'http://internal/things'},
                {'rel': 'next', 'href': href},
            ]
        return body


class ItemsTest(base.BaseTestCase):
    @given(st.integers(0, 30), st.integers(1, 7))
    def test_every_item_comes_once_and_in_order(
        self, count: int, size: int
    ) -> None:
        pages = _Pages(list(range(count)), size)

        found = [
            each['id'] for each in paging.items(pages.get, '/t', 'things')
        ]

        self.assertEqual(pages.ids, found)
        self.assertEqual(count // size + 1, len(pages.asked))

    def test_the_query_goes_with_every_page(self) -> None:
        pages = _Pages([1, 2], 1)

        list(paging.items(pages.get, '/t', 'things', {'a': ['1', '2']}))

        self.assertEqual(
            ['/t?a=1&a=2', '/t?a=1&a=2&marker=1', '/t?a=1&a=2&marker=2'],
            pages.asked,
        )

    def test_a_marker_that_stays_ends_the_list(self) -> None:
        body = {
            'things': [{'id': 1}],
            'things_links': [{'rel': 'next', 'href': 'http://x?marker=1'}],
        }

        found = list(paging.items(lambda _: body, '/t', 'things'))

        self.assertEqual(2, len(found))

    def test_a_list_that_is_not_there_is_no_object_that_has_gone(
        self,
    ) -> None:
        def get(path: str) -> Any:
            raise errors.make(
                exception.CloudNotFound, 'west', 'nova', 'none', 404
            )

        error = self.assertRaises(
            exception.CloudError, list, paging.items(get, '/things', 'things')
        )

        self.assertNotIsInstance(error, exception.CloudNotFound)
        self.assertIn('answered 404', str(error))
        self.assertEqual(404, error.details[0]['http_status'])
