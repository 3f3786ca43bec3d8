# SPDX-License-Identifier: Apache-2.0
from typing import Any

from oslotest import base

from aegis.clouds import reading


class MemoryTest(base.BaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made: list[str] = []
        self.memory = reading.Memory(self._make)

    def _make(self, item: dict[str, Any]) -> tuple[str, str]:
        self.made.append(item['id'])
        return item['id'], item['status']

    def recall(self, **statuses: str) -> list[tuple[str, str]]:
        return list(
            self.memory.recall(
                {'id': id, 'status': status} for id, status in statuses.items()
            )
        )

    def test_what_stays_the_same_is_made_once(self) -> None:
        self.recall(a='BUILD', b='BUILD')
        self.recall(a='BUILD', b='BUILD')

        self.assertEqual(['a', 'b'], self.made)

    def test_what_changes_is_made_anew(self) -> None:
        self.recall(a='BUILD', b='BUILD')

        self.assertEqual(
            [('a', 'BUILD'), ('b', 'ACTIVE')],
            self.recall(a='BUILD', b='ACTIVE'),
        )
        self.assertEqual(['a', 'b', 'b'], self.made)

    def test_what_has_gone_is_forgotten(self) -> None:
        self.recall(a='BUILD', b='BUILD')

        self.assertEqual([('b', 'BUILD')], self.recall(b='BUILD'))
        self.recall(a='BUILD')
        self.assertEqual(['a', 'b', 'a'], self.made)
