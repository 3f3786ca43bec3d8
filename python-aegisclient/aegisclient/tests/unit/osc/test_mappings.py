# SPDX-License-Identifier: Apache-2.0
import argparse
import unittest

from hypothesis import given
from hypothesis import strategies as st

from aegisclient.osc import mappings

_NAMES = st.text(min_size=1).filter(lambda name: '=' not in name)


class ParseTest(unittest.TestCase):
    @given(st.sampled_from(mappings.RESOURCE_TYPES), _NAMES, _NAMES)
    def test_text_gives_back_its_parts(self, resource_type, source, target):
        self.assertEqual(
            {
                'resource_type': resource_type,
                'source': source,
                'target': target,
            },
            mappings.parse(f'{resource_type}:{source}={target}'),
        )

    @given(st.text())
    def test_any_text_gives_a_mapping_or_an_argument_error(self, text):
        try:
            parsed = mappings.parse(text)
        except argparse.ArgumentTypeError:
            return
        self.assertIn(parsed['resource_type'], mappings.RESOURCE_TYPES)
        self.assertTrue(parsed['source'] and parsed['target'])

    def test_type_may_be_written_with_dashes(self):
        parsed = mappings.parse('volume-type:gold=gold-dr')
        self.assertEqual('volume_type', parsed['resource_type'])

    def test_source_may_hold_a_colon(self):
        parsed = mappings.parse('network:a:b=c')
        self.assertEqual('a:b', parsed['source'])

    def test_unknown_type_names_the_known_ones(self):
        with self.assertRaisesRegex(
            argparse.ArgumentTypeError, 'router.*floating_ip_pool'
        ):
            mappings.parse('router:a=b')

    def test_second_equals_sign_is_refused_as_ambiguous(self):
        with self.assertRaisesRegex(argparse.ArgumentTypeError, 'more than'):
            mappings.parse('network:a=b=c')


class MergeTest(unittest.TestCase):
    def test_given_mapping_takes_the_place_of_one_of_the_same_source(self):
        old = mappings.parse('network:a=b')
        other = mappings.parse('flavor:a=b')
        new = mappings.parse('network:a=c')
        self.assertEqual([new, other], mappings.merge([old, other], [new]))
