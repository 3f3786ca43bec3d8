# SPDX-License-Identifier: Apache-2.0
"""A connection that was deleted does not come back by a late greeting."""

import unittest

from flasharray_simulator.array import FlashArray, Setup
from flasharray_simulator.replication import greeting, peers
from flasharray_simulator.replication.wire import Header, Rejected
from tests import support


class PartingTest(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        path = self.enterContext(support.directory())
        self.east, self.west = (
            FlashArray(Setup(name), path / f'{name}.sqlite3')
            for name in ('fa-east', 'fa-west')
        )
        for array in (self.east, self.west):
            self.addCleanup(array.close)

    def hello(self, key: str | None = None) -> None:
        """Let the east array hear a greeting of the west one."""
        header: Header = {
            'introduction': peers.introduction(self.west, key=key),
            'allowed': {},
        }
        with self.east.transaction():
            greeting.verbs(self.east)['hello'](header, b'')

    def part(self) -> None:
        with self.east.transaction():
            peers.forget(
                self.east, self.east.array_connections.find('fa-west')
            )

    def test_a_greeting_that_was_under_way_is_refused(self) -> None:
        self.hello()
        self.part()
        with self.assertRaises(Rejected):
            self.hello()
        self.assertIsNone(self.east.array_connections.find('fa-west'))

    def test_with_the_key_they_are_connected_again(self) -> None:
        self.hello()
        self.part()
        self.hello(self.east.settings.connection_key)
        self.hello()
        self.assertIsNotNone(self.east.array_connections.find('fa-west'))
