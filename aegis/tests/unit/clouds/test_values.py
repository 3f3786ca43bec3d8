# SPDX-License-Identifier: Apache-2.0
import datetime

from oslotest import base

from aegis.clouds import objects, values

NOON = datetime.datetime(2030, 1, 2, 12, tzinfo=datetime.UTC)


class ValuesTest(base.BaseTestCase):
    def test_moments_are_utc_however_they_are_written(self) -> None:
        for text in (
            '2030-01-02T12:00:00Z',
            '2030-01-02T12:00:00.000000',
            '2030-01-02T14:00:00+02:00',
        ):
            self.assertEqual(NOON, values.time(text))

    def test_no_moment_is_none(self) -> None:
        self.assertEqual([None, None], [values.time(None), values.time('')])

    def test_pairs_are_ordered_and_go_back(self) -> None:
        pairs = values.pairs({'b': 2, 'a': '1'})

        self.assertEqual(
            (objects.Pair('a', '1'), objects.Pair('b', '2')), pairs
        )
        self.assertEqual({'a': '1', 'b': '2'}, values.mapping(pairs))
        self.assertEqual((), values.pairs(None))

    def test_truth_is_recognized_as_services_write_it(self) -> None:
        for value in (True, 'True', 'true', '<is> True', 1, '1'):
            self.assertTrue(values.is_true(value))
        for value in (False, 'False', '', None, '<is> False', 0):
            self.assertFalse(values.is_true(value))
