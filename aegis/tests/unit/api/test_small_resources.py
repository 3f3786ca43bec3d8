# SPDX-License-Identifier: Apache-2.0
"""Sites, services and recovery points: what can only be read."""

import datetime

from aegis import models
from aegis.common import clock, documents
from aegis.db import services, sites
from aegis.tests.fixtures import samples
from aegis.tests.unit.api import base


class SitesTest(base.ApiTestCase):
    def test_configured_sites_are_listed(self):
        self.config(group='site:east', region_name='RegionEast')
        east, west = self.get('/v1/sites')['sites']
        self.assertEqual(
            {
                'name': 'east',
                'region': 'RegionEast',
                'local': False,
                'reachable': None,
                'reason': None,
                'checked_at': None,
            },
            east,
        )
        self.assertTrue(west['local'])

    def test_a_site_shows_what_was_last_seen_of_it(self):
        sites.save_site_status(self.admin, 'east', False, 'no route')
        site = self.get('/v1/sites/east')['site']
        self.assertIs(False, site['reachable'])
        self.assertEqual('no route', site['reason'])
        self.assertIsNotNone(site['checked_at'])

    def test_a_site_that_was_taken_out_is_not_shown(self):
        sites.save_site_status(self.admin, 'north', True)
        self.assertEqual(2, len(self.get('/v1/sites')['sites']))
        error = self.error(404, 'GET', '/v1/sites/north')
        self.assertEqual('aegis.site.not_found', error['code'])

    def test_a_name_may_have_a_dot(self):
        self.error(404, 'GET', '/v1/sites/east.html')


class ServicesTest(base.ApiTestCase):
    def test_a_service_is_up_or_down_by_its_last_sign_of_life(self):
        started = clock.now() - datetime.timedelta(hours=1)
        for host in ('node-1', 'node-2'):
            services.report_service(
                self.admin, 'aegis-engine', host, '1.0', started
            )
        found = self.get('/v1/services', persona='admin')['services']
        self.assertEqual(
            [
                ('aegis-engine', 'node-1', 'up'),
                ('aegis-engine', 'node-2', 'up'),
            ],
            sorted((s['binary'], s['host'], s['state']) for s in found),
        )
        later = clock.now() + datetime.timedelta(hours=1)
        self.patch(clock, 'now', lambda: later)
        found = self.get('/v1/services', persona='admin')['services']
        self.assertEqual({'down'}, {service['state'] for service in found})


class RecoveryPointsTest(base.ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = samples.create_group(self.context)
        self.path = f'/v1/failover-groups/{self.group.id}/recovery-points'

    def test_points_are_shown_as_the_engine_tells_them(self):
        point = models.RecoveryPoint(
            id='0f8fad5b-d9cb-469f-a165-70867728950e',
            group_id=self.group.id,
            created_at=datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.UTC),
            completed_at=datetime.datetime(2026, 1, 2, 4, tzinfo=datetime.UTC),
            age_seconds=12.5,
            size_bytes=4096,
            volume_count=2,
        )
        self.engine.points = [documents.to_document(point)]
        (shown,) = self.get(self.path)['recovery_points']
        self.assertEqual(
            {
                'id': point.id,
                'created_at': '2026-01-02T03:00:00.000000Z',
                'completed_at': '2026-01-02T04:00:00.000000Z',
                'age_seconds': 12.5,
                'size_bytes': 4096,
                'volume_count': 2,
            },
            shown,
        )

    def test_the_limit_reaches_the_engine(self):
        self.get(f'{self.path}?limit=7')
        self.assertEqual([7], self.engine.asked_limits)

    def test_no_engine_is_unavailable(self):
        self.engine.error = base.ENGINE_DOWN
        error = self.error(503, 'GET', self.path)
        self.assertEqual('aegis.engine.unavailable', error['code'])
