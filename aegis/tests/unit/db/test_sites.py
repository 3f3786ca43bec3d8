# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from oslo_db import exception as db_exception

from aegis.db import sites
from aegis.tests import base


class SiteStatusesTest(base.DatabaseTestCase):
    def _seen(self) -> list[tuple[str, bool, str | None]]:
        return [
            (status.name, status.reachable, status.reason)
            for status in sites.site_statuses(self.context)
        ]

    def test_nothing_was_seen_at_first(self):
        self.assertEqual([], self._seen())

    def test_the_last_look_counts(self):
        sites.save_site_status(self.admin, 'east', True)
        sites.save_site_status(self.admin, 'east', False, 'no route')
        sites.save_site_status(self.admin, 'west', True)
        self.assertEqual(
            [('east', False, 'no route'), ('west', True, None)], self._seen()
        )

    def test_two_engines_may_see_a_site_first(self):
        save, tries = sites._save, []

        def lose_once(*arguments):
            tries.append(arguments)
            if len(tries) == 1:
                raise db_exception.DBDuplicateEntry
            return save(*arguments)

        with mock.patch.object(sites, '_save', lose_once):
            sites.save_site_status(self.admin, 'east', True)
        self.assertEqual([('east', True, None)], self._seen())
