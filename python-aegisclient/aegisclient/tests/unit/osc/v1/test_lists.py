# SPDX-License-Identifier: Apache-2.0
from aegisclient.osc.v1 import recovery_point, service, site
from aegisclient.sdk.v1 import recovery_point as points
from aegisclient.sdk.v1 import service as services
from aegisclient.sdk.v1 import site as sites
from aegisclient.tests import documents
from aegisclient.tests.unit.osc.v1 import base


class SiteTest(base.CommandTest):
    def setUp(self):
        super().setUp()
        self.site = sites.Site.existing(
            **documents.site(reachable=None, reason='not looked at')
        )

    def test_list_tells_reachability(self):
        self.client.sites.return_value = iter([self.site])
        _, (headers, rows) = self.act(site.ListSite, '')
        (row,) = rows
        shown = dict(zip(headers, row, strict=True))
        self.assertIsNone(shown['Reachable'].machine_readable())
        self.assertEqual('unknown', shown['Reachable'].human_readable())

    def test_show_takes_the_name(self):
        self.client.get_site.return_value = self.site
        _, (columns, values) = self.act(site.ShowSite, 'west')
        self.client.get_site.assert_called_once_with('west')
        self.assertEqual(
            'not looked at', dict(zip(columns, values, strict=True))['reason']
        )


class ServiceTest(base.CommandTest):
    def test_list_tells_the_state(self):
        self.client.services.return_value = iter(
            [services.Service.existing(**documents.service(state='down'))]
        )
        _, (headers, rows) = self.act(service.ListService, '')
        (row,) = rows
        self.assertEqual('down', dict(zip(headers, row, strict=True))['State'])


class RecoveryPointTest(base.CommandTest):
    def test_list_tells_age_and_size(self):
        self.client.recovery_points.return_value = iter(
            [points.RecoveryPoint.existing(**documents.recovery_point())]
        )
        _, (headers, rows) = self.act(
            recovery_point.ListRecoveryPoint, '--limit 1 shop'
        )
        self.client.recovery_points.assert_called_once_with(self.group, 1)
        (row,) = rows
        shown = dict(zip(headers, row, strict=True))
        self.assertEqual('10m 12s', shown['Age'].human_readable())
        self.assertEqual(30064771072, shown['Size'].machine_readable())
