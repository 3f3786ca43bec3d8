# SPDX-License-Identifier: Apache-2.0
import re
import urllib.parse

import hypothesis
from hypothesis import strategies

from aegis.storage.flasharray import filters
from aegis.tests import base

TEXTS = strategies.lists(strategies.text(max_size=300), max_size=400)
CONSTANT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


def constants(expression):
    """Read the string constants of a filter back, as the array would."""
    return [
        re.sub(r'\\(.)', r'\1', found, flags=re.DOTALL)
        for found in CONSTANT.findall(expression)
    ]


class FiltersTest(base.TestCase):
    @hypothesis.settings(deadline=None)
    @hypothesis.given(TEXTS)
    def test_every_value_arrives_once_and_as_it_was(self, values):
        expressions = filters.one_of('name', values)
        found = [c for e in expressions for c in constants(e)]
        self.assertEqual(list(dict.fromkeys(values)), found)

    @hypothesis.settings(deadline=None)
    @hypothesis.given(TEXTS)
    def test_each_expression_fits_a_request_line(self, values):
        for expression in filters.one_of('name', values):
            self.assertLessEqual(len(constants(expression)), 100)
            if len(constants(expression)) > 1:
                self.assertLess(len(urllib.parse.quote_plus(expression)), 6100)

    @hypothesis.given(strategies.text())
    def test_a_constant_ends_where_it_should(self, value):
        quoted = filters.quote(value)
        self.assertEqual([value], constants(quoted))
        self.assertIsNotNone(CONSTANT.fullmatch(quoted))

    def test_one_value_needs_no_set(self):
        self.assertEqual(["name='a'"], filters.one_of('name', ['a', 'a']))
        self.assertEqual(
            ["name=('a','b')"], filters.one_of('name', ['a', 'b'])
        )

    def test_no_value_makes_no_request(self):
        self.assertEqual([], filters.one_of('name', []))
        self.assertEqual([], filters.any_of([]))

    def test_a_hundred_cinder_names_make_one_request(self):
        names = [f'volume-{number:036}-cinder' for number in range(101)]
        self.assertEqual(1, len(filters.one_of('name', names[:100])))
        self.assertEqual(2, len(filters.one_of('name', names)))

    def test_names_with_wildcards_or_quotes_are_none(self):
        for name in ('', None, '*', 'a*', "a'b", 'a b', 'a,b', '-a', 'a\n'):
            self.assertFalse(filters.is_name(name), name)
        for name in ('a', 'pod::vg/v-1_2', 'fa-a:pg.12.v', 'A.1'):
            self.assertTrue(filters.is_name(name), name)
