# SPDX-License-Identifier: Apache-2.0
"""The table of first versions, and what is cut by it."""

import unittest

from flasharray_simulator import families, history


class TableTest(unittest.TestCase):
    def test_calls_have_their_first_version(self) -> None:
        self.assertEqual((2, 0), history.first_version('GET', 'volumes'))
        self.assertEqual(
            (2, 32), history.first_version('POST', 'volumes/batch')
        )
        with self.assertRaises(KeyError):
            history.first_version('GET', 'nothing')

    def test_a_later_parameter_is_unknown_before(self) -> None:
        call = ('PATCH', 'volumes')
        name = 'remove_from_protection_group_names'
        self.assertIn(name, history.unknown_parameters(*call, (2, 22)))
        self.assertNotIn(name, history.unknown_parameters(*call, (2, 23)))

    def test_nothing_is_unknown_in_the_newest_version(self) -> None:
        self.assertEqual((), history.unknown_fields('volumes', (2, 58)))

    def test_every_route_is_in_the_table(self) -> None:
        for route in families.ROUTES:
            with self.subTest(f'{route.method} {route.path}'):
                history.first_version(route.method, route.path)

    def test_no_route_is_there_twice(self) -> None:
        calls = [(route.method, route.path) for route in families.ROUTES]
        self.assertEqual(len(calls), len(set(calls)))


class TrimTest(unittest.TestCase):
    def test_a_field_is_removed(self) -> None:
        trimmed = history.trimmed([{'a': 1, 'b': 2}], [('b',)])
        self.assertEqual([{'a': 1}], trimmed)

    def test_a_field_of_each_element_is_removed(self) -> None:
        item = {'a': [{'b': 1, 'c': 2}, {'b': 3}], 'd': {'e': 4}}
        self.assertEqual(
            [{'a': [{'c': 2}, {}], 'd': {}}],
            history.trimmed([item], [('a', 'b'), ('d', 'e')]),
        )

    def test_the_given_items_are_not_changed(self) -> None:
        item = {'a': {'b': 1}}
        history.trimmed([item], [('a', 'b')])
        self.assertEqual({'a': {'b': 1}}, item)

    def test_what_is_not_there_is_no_error(self) -> None:
        item = {'a': None}
        self.assertEqual([item], history.trimmed([item], [('a', 'b')]))
