# SPDX-License-Identifier: Apache-2.0
import argparse
import unittest

from aegisclient.osc import options


class PositiveIntegerTest(unittest.TestCase):
    def test_whole_number_is_taken(self):
        self.assertEqual(12, options.positive_integer('12'))

    def test_others_are_refused(self):
        for text in ('0', '-1', '1.5', '', 'many'):
            with (
                self.subTest(text),
                self.assertRaises(argparse.ArgumentTypeError),
            ):
                options.positive_integer(text)


class PositiveSecondsTest(unittest.TestCase):
    def test_fraction_is_taken(self):
        self.assertEqual(0.5, options.positive_seconds('0.5'))

    def test_others_are_refused(self):
        for text in ('0', '-1', 'inf', 'nan', '', 'soon'):
            with (
                self.subTest(text),
                self.assertRaises(argparse.ArgumentTypeError),
            ):
                options.positive_seconds(text)


class PresentTest(unittest.TestCase):
    def test_only_none_is_left_out(self):
        self.assertEqual(
            {'empty': '', 'none': []},
            options.present({'empty': '', 'none': [], 'missing': None}),
        )
