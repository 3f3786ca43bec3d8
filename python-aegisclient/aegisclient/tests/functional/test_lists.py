# SPDX-License-Identifier: Apache-2.0
"""Lists and single objects, as tables and as JSON."""

from aegisclient.tests import documents
from aegisclient.tests.functional import base


class ListTest(base.FunctionalTest):
    def test_sites(self):
        result = self.run_dr('site', 'list')
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertRegex(
            result.out,
            r'west \| RegionWest \| yes   \| yes       \| '
            r'2026-11-21 10:38:02Z \(.* ago\)',
        )

    def test_site_as_json_has_booleans_and_exact_times(self):
        shown = self.run_json('site', 'show', 'west')
        expected = documents.site()
        self.assertEqual(expected, shown)

    def test_services(self):
        (shown,) = self.run_json('service', 'list')
        self.assertEqual('up', shown['State'])
        self.assertEqual('2026-11-21T10:39:58Z', shown['Heartbeat At'])

    def test_recovery_points_as_json_have_numbers(self):
        (shown,) = self.run_json('recovery-point', 'list', 'shop')
        self.assertEqual(
            {
                'ID': documents.POINT_ID,
                'Created At': '2026-11-21T10:30:00Z',
                'Completed At': '2026-11-21T10:31:15Z',
                'Age': 612.5,
                'Size': 30064771072,
                'Volumes': 2,
            },
            shown,
        )

    def test_members_as_json_have_lists(self):
        (shown,) = self.run_json(
            'failover-group', 'member', 'list', 'shop', '--long'
        )
        placement = documents.member()['placements'][0]
        self.assertEqual(placement['volumes'], shown['Volumes'])
        self.assertEqual(placement['ports'], shown['Addresses'])
        self.assertEqual([placement], shown['Placements'])

    def test_columns_can_be_chosen(self):
        result = self.run_dr(
            'failover-group',
            'list',
            '-f',
            'value',
            '-c',
            'Name',
            '-c',
            'State',
        )
        self.assertEqual('shop protected\n', result.out)

    def test_table_can_be_fitted_to_a_width(self):
        result = self.run_dr(
            'failover-group', 'show', 'shop', '--max-width', '60'
        )
        self.assertEqual(
            60, max(len(line) for line in result.out.splitlines())
        )

    def test_operation_as_json_is_as_the_api_sent_it(self):
        document = documents.failed_operation()
        self.cloud.operations = [document]
        shown = self.run_json(
            'operation', 'show', '--steps', documents.OPERATION_ID
        )
        self.assertEqual(document['lanes'], shown['lanes'])
        self.assertEqual(
            document['lanes'][1]['steps'][0]['leftovers'], shown['leftovers']
        )

    def test_operation_as_table_tells_cause_code_and_leftovers(self):
        self.cloud.operations = [documents.failed_operation()]
        result = self.run_dr(
            'operation', 'show', '--steps', documents.OPERATION_ID
        )
        self.assertRegex(
            result.out,
            r'lanes +\| web-1  succeeded +1m 0s +\|\n'
            r'\| +\| web-2  failed +create_server  7s +'
            r'Quota exceeded for cores \(aegis.cloud.quota\)',
        )
        self.assertRegex(
            result.out,
            r'leftovers +\| cinder volume web-2-root \(.*\): it is attached',
        )


class PagingTest(base.FunctionalTest):
    def setUp(self):
        super().setUp()
        self.cloud.operations = [
            documents.operation(id=f'{number:08}-0000-4000-8000-000000000000')
            for number in range(5)
        ]

    def _numbers(self, *options):
        shown = self.run_json('operation', 'list', *options)
        return [int(operation['ID'][:8]) for operation in shown]

    def test_all_pages_are_listed(self):
        self.assertEqual([0, 1, 2, 3, 4], self._numbers())
        self.assertEqual(3, len(self.cloud.requests('GET')))

    def test_limit_over_page_borders(self):
        self.assertEqual([0, 1, 2], self._numbers('--limit', '3'))

    def test_limit_fetches_no_page_too_many(self):
        self.assertEqual([0, 1], self._numbers('--limit', '2'))
        self.assertEqual(1, len(self.cloud.requests('GET')))

    def test_marker_starts_behind_it(self):
        marker = self.cloud.operations[2]['id']
        self.assertEqual([3, 4], self._numbers('--marker', marker))

    def test_order_and_filters_reach_the_service(self):
        self._numbers(
            '--sort',
            'state:asc',
            '--state',
            'queued',
            '--group',
            'shop',
            '--all-projects',
        )
        query = self.cloud.requests('GET')[-1].query
        self.assertEqual('state:asc', query['sort'])
        self.assertEqual('queued', query['state'])
        self.assertEqual('true', query['all_projects'])
        self.assertEqual(documents.GROUP_ID, query['failover_group_id'])

    def test_unknown_marker_is_a_clear_error(self):
        result = self.run_dr('operation', 'list', '--marker', 'nothing')
        self.assertEqual(1, result.code)
        self.assertIn('There is no marker nothing.', result.err)
