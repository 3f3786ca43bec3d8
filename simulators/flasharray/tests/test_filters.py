# SPDX-License-Identifier: Apache-2.0
"""The filter language."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator import errors, filters

ITEM = {
    'name': 'fa-east:pg.3.volume-1',
    'progress': 1.0,
    'destroyed': False,
    'is_local': True,
    'size': 1024,
    'iqns': ['iqn.a', 'iqn.b'],
    'pod': {'name': None},
    'source': {'name': 'fa-east:volume-1'},
    '.tags': [{'key': 'vm', 'value': 'one'}],
}


def matches(text: str, item: filters.Item = ITEM) -> bool:
    return filters.parse(text).matches(item)


class FilterTest(unittest.TestCase):
    def test_a_quoted_number_equals_a_number(self) -> None:
        self.assertTrue(matches('progress="1.0"'))

    def test_a_quoted_number_differs_from_another_number(self) -> None:
        self.assertFalse(matches('progress="1.0"', {'progress': 0.4}))

    def test_a_quoted_text_is_no_number(self) -> None:
        self.assertFalse(matches('progress="done"'))

    def test_a_wildcard_matches_any_text(self) -> None:
        self.assertTrue(matches("name='fa-east:pg.3.*'"))
        self.assertFalse(matches("name='fa-east:pg.4.*'"))

    def test_a_dot_is_only_a_dot(self) -> None:
        self.assertFalse(matches("name='fa-east:pgx3.*'"))

    def test_names_match_whatever_their_case(self) -> None:
        self.assertTrue(matches("name='FA-EAST:PG.3.VOLUME-1'"))

    def test_a_list_matches_by_any_element(self) -> None:
        self.assertTrue(matches("iqns='iqn.b' and is_local"))
        self.assertFalse(matches("iqns='iqn.c' and is_local"))

    def test_a_bare_property_is_its_truth(self) -> None:
        self.assertTrue(matches('is_local'))
        self.assertFalse(matches('not is_local'))
        self.assertFalse(matches('not(is_local)'))

    def test_a_null_property_matches_nothing(self) -> None:
        self.assertFalse(matches("pod.name='x'"))
        self.assertTrue(matches("pod.name!='x'"))

    def test_an_absent_property_matches_nothing(self) -> None:
        self.assertFalse(matches("nothing='x'"))

    def test_booleans_compare_with_words(self) -> None:
        self.assertTrue(matches('destroyed=false'))
        self.assertTrue(matches("destroyed='false'"))
        self.assertFalse(matches('destroyed=true'))

    def test_numbers_have_an_order(self) -> None:
        self.assertTrue(matches('size>=1024 and size<1025'))
        self.assertFalse(matches('size>1024 or size<=1023'))

    def test_a_set_matches_any_of_its_values(self) -> None:
        self.assertTrue(matches("size=(1,1024)"))
        self.assertFalse(matches("name=('a','b')"))

    def test_contains_looks_inside(self) -> None:
        self.assertTrue(matches("contains(name,'VOLUME')"))
        self.assertFalse(matches("contains(name,'cinder')"))

    def test_tags_match_key_and_value(self) -> None:
        self.assertTrue(matches("tags('vm','one')"))
        self.assertFalse(matches("tags('vm','two')"))

    def test_and_binds_closer_than_or(self) -> None:
        self.assertTrue(matches('is_local or is_local and destroyed'))
        self.assertFalse(matches('(is_local or is_local) and destroyed'))

    def test_a_quote_can_be_escaped(self) -> None:
        self.assertTrue(matches(r"name='it\'s'", {'name': "it's"}))

    def test_bad_filters_are_refused(self) -> None:
        for text in (
            'name=',
            "name='a",
            '=1',
            "name='a' and",
            'name=(1,',
            'f(1)',
            '(name',
            "name='a' name",
            'name=other',
            '(' * 500,
        ):
            with self.subTest(text), self.assertRaises(errors.ApiError) as c:
                filters.parse(text)
            self.assertEqual(400, c.exception.status)
            self.assertIn('Invalid filter', str(c.exception))

    def test_evident_equalities_are_told(self) -> None:
        for text, told in (
            ("iqns='iqn.a' and is_local", {'iqns': ('iqn.a',)}),
            ("name=('a','b')", {'name': ('a', 'b')}),
            ("name='a' or name='b'", {'name': ('a', 'b')}),
            ("name='a' or serial='b'", {}),
            ("name='a' or not destroyed", {}),
            ("name!='a'", {}),
        ):
            with self.subTest(text):
                self.assertEqual(told, filters.parse(text).equal_to())

    def test_a_set_may_hold_wildcards(self) -> None:
        self.assertTrue(matches("name=('other','fa-east:pg.3.*')"))
        self.assertFalse(matches("name=('other','fa-west:*')"))
        self.assertFalse(matches("name!=('other','FA-EAST:*')"))


_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='*')
)
_FIELDS = st.sampled_from(['a', 'b', 'c'])
_NUMBERS = st.integers(-1000, 1000)
_ATOMS = st.one_of(
    st.tuples(st.just('is'), _FIELDS, _NUMBERS),
    st.tuples(st.just('less'), _FIELDS, _NUMBERS),
    st.tuples(st.just('set'), _FIELDS, st.lists(_NUMBERS, min_size=1)),
)
_TREES = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(st.just('not'), inner),
        st.tuples(st.sampled_from(['and', 'or']), inner, inner),
    ),
    max_leaves=12,
)


def _write(tree: tuple) -> str:  # type: ignore[type-arg]
    kind, *rest = tree
    if kind == 'is':
        return f'{rest[0]}={rest[1]}'
    if kind == 'less':
        return f'{rest[0]}<"{rest[1]}"'
    if kind == 'set':
        return f'{rest[0]}=({",".join(str(n) for n in rest[1])})'
    if kind == 'not':
        return f'not({_write(rest[0])})'
    return f'({_write(rest[0])} {kind} {_write(rest[1])})'


def _means(tree: tuple, item: dict[str, int]) -> bool:  # type: ignore[type-arg]
    kind, *rest = tree
    if kind == 'is':
        return item[rest[0]] == rest[1]
    if kind == 'less':
        return item[rest[0]] < rest[1]
    if kind == 'set':
        return item[rest[0]] in rest[1]
    if kind == 'not':
        return not _means(rest[0], item)
    left, right = _means(rest[0], item), _means(rest[1], item)
    return (left and right) if kind == 'and' else (left or right)


class FilterPropertyTest(unittest.TestCase):
    @given(
        _TREES,
        st.fixed_dictionaries(dict.fromkeys('abc', _NUMBERS)),
    )
    def test_a_filter_means_what_it_says(
        self,
        tree: tuple,  # type: ignore[type-arg]
        item: dict[str, int],
    ) -> None:
        self.assertEqual(_means(tree, item), matches(_write(tree), item))

    @given(_TEXT)
    def test_any_escaped_text_equals_itself(self, text: str) -> None:
        escaped = text.replace('\\', '\\\\').replace("'", "\\'")
        self.assertTrue(matches(f"name='{escaped}'", {'name': text}))

    @given(st.text(max_size=60))
    def test_any_text_is_a_filter_or_refused(self, text: str) -> None:
        try:
            filters.parse(text)
        except errors.ApiError as error:
            self.assertEqual(400, error.status)
