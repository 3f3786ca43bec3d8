# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest
from unittest import mock

from aegisclient.osc import columns
from aegisclient.tests import documents


class TimeTest(unittest.TestCase):
    def test_people_also_get_the_age(self):
        now = datetime.datetime(2026, 11, 21, 10, 4, 12, tzinfo=datetime.UTC)
        with mock.patch('aegisclient.osc.times.now', return_value=now):
            self.assertEqual(
                '2026-11-21 10:00:00Z (4m 12s ago)',
                columns.Time('2026-11-21T10:00:00Z').human_readable(),
            )

    def test_programs_get_the_exact_value(self):
        value = '2026-11-21T10:00:00.123456Z'
        self.assertEqual(value, columns.Time(value).machine_readable())

    def test_no_time_is_empty(self):
        self.assertEqual('', columns.Time(None).human_readable())


class SizeTest(unittest.TestCase):
    def test_unit_fits_the_size(self):
        for size, text in (
            (None, ''),
            (0, '0 B'),
            (1023, '1023 B'),
            (1536, '1.5 KiB'),
            (30064771072, '28.0 GiB'),
            (5 * 1024**6, '5120.0 PiB'),
        ):
            with self.subTest(size):
                self.assertEqual(text, columns.Size(size).human_readable())


class DurationTest(unittest.TestCase):
    def test_unknown_is_empty(self):
        self.assertEqual('', columns.Duration(None).human_readable())

    def test_programs_get_seconds(self):
        self.assertEqual(612.5, columns.Duration(612.5).machine_readable())


class YesNoTest(unittest.TestCase):
    def test_what_nobody_has_looked_at_is_unknown(self):
        texts = [
            columns.YesNo(value).human_readable()
            for value in (True, False, None)
        ]
        self.assertEqual(['yes', 'no', 'unknown'], texts)


class PlacementColumnsTest(unittest.TestCase):
    def setUp(self):
        self.placement = documents.member()['placements'][0]

    def test_volume_without_name_is_called_by_its_id(self):
        self.assertEqual(
            'web-1-root (8 GiB)\n'
            '11111111-0000-4000-8000-000000000002 (20 GiB)',
            columns.Volumes(self.placement['volumes']).human_readable(),
        )

    def test_floating_address_follows_the_fixed_ones(self):
        self.assertEqual(
            '10.0.0.11 (203.0.113.7)',
            columns.Ports(self.placement['ports']).human_readable(),
        )

    def test_site_without_server_has_a_dash(self):
        placements = [self.placement, {'site': 'west', 'server_id': None}]
        self.assertEqual(
            f'east: {documents.SERVER_ID}\nwest: -',
            columns.Placements(placements).human_readable(),
        )


class DocumentTest(unittest.TestCase):
    def test_each_leaf_is_a_line_with_its_path(self):
        document = {
            'rpo_seconds': 61,
            'members': [{'name': 'web-1', 'addresses': ['10.0.0.1', 'x']}],
        }
        self.assertEqual(
            'rpo_seconds: 61\n'
            'members[0].name: web-1\n'
            'members[0].addresses: 10.0.0.1, x',
            columns.Document(document).human_readable(),
        )


class MissingListTest(unittest.TestCase):
    def test_column_of_nothing_is_empty(self):
        for column in (
            columns.Mappings,
            columns.Volumes,
            columns.Ports,
            columns.Placements,
            columns.Lanes,
            columns.Steps,
            columns.Leftovers,
            columns.Document,
        ):
            with self.subTest(column.__name__):
                self.assertEqual('', column(None).human_readable())
