# SPDX-License-Identifier: Apache-2.0
"""Purity names."""

import re
import unittest

from hypothesis import given
from hypothesis import strategies as st

from flasharray_simulator import errors, names

_PARTS = st.from_regex(
    re.compile(r'[a-z]([a-z0-9_-]{0,20}[a-z0-9])?\Z'), fullmatch=True
)


class NameTest(unittest.TestCase):
    def test_cinder_names_are_well_formed(self) -> None:
        self.assertTrue(
            names.well_formed(
                'volume-0b5a2e5c-58d8-4d4c-9df1-1f3e2c1a6b7d-cinder'
            )
        )

    def test_other_names_are_not(self) -> None:
        for name in ('', '-a', 'a-', 'a.b', 'a b', '123', 'a' * 64, 'a\n'):
            with self.subTest(name):
                self.assertFalse(names.well_formed(name))

    def test_a_full_name_has_pod_group_and_base(self) -> None:
        self.assertEqual(
            names.ObjectName('v', 'pod', 'vg'), names.parse('pod::vg/v')
        )

    def test_the_container_is_the_group_with_its_pod(self) -> None:
        self.assertEqual('pod::vg', names.parse('pod::vg/v').container)

    def test_the_name_of_another_array_is_refused(self) -> None:
        with self.assertRaises(errors.ApiError):
            names.check('fa-east:volume', 'Volume')

    def test_a_group_is_refused_where_there_can_be_none(self) -> None:
        with self.assertRaises(errors.ApiError):
            names.check('vg/pg', 'Protection group')

    def test_a_suffix_has_no_dot(self) -> None:
        with self.assertRaises(errors.ApiError):
            names.check_suffix('1.2', 'volume')

    def test_a_part_of_a_group_snapshot_has_no_pod(self) -> None:
        self.assertEqual('vg/v', names.member_part('pod::vg/v'))

    def test_the_lowest_unused_number_is_found(self) -> None:
        self.assertEqual(2, names.unused([1, 3], 1, 5))
        self.assertIsNone(names.unused([1, 2], 1, 2))

    def test_the_ends_of_a_pattern_do_not_overlap(self) -> None:
        self.assertFalse(names.matches('ab*bc', 'abc'))
        self.assertTrue(names.matches('ab*bc', 'abbc'))
        self.assertFalse(names.matches('a*b*c', 'acb'))

    def test_many_wildcards_are_not_slow(self) -> None:
        self.assertFalse(names.matches('*a' * 200 + 'b', 'a' * 2000))

    @given(_PARTS, st.none() | _PARTS, st.none() | _PARTS)
    def test_parsing_undoes_writing(
        self, base: str, pod: str | None, group: str | None
    ) -> None:
        name = names.ObjectName(base, pod, group)
        self.assertEqual(name, names.parse(str(name)))
        self.assertEqual(name, names.check(str(name), 'Volume', grouped=True))

    @given(st.text(), st.lists(st.text(st.sampled_from('abAB.*-'))))
    def test_a_pattern_matches_what_it_was_made_of(
        self, filler: str, parts: list[str]
    ) -> None:
        literal = [part.replace('*', '') for part in parts]
        self.assertTrue(names.matches('*'.join(literal), filler.join(literal)))

    @given(st.text(max_size=80))
    def test_any_text_is_a_name_or_refused(self, text: str) -> None:
        try:
            parts = names.check(text, 'Volume', grouped=True)
        except errors.ApiError as error:
            self.assertEqual(400, error.status)
        else:
            self.assertEqual(text, str(parts))
