# SPDX-License-Identifier: Apache-2.0
import threading
from unittest import mock

from aegis.clouds import factory
from aegis.common import exception, waiting
from aegis.db import sites
from aegis.engine import periodic, probes, services
from aegis.storage import errors, manager
from aegis.tests import base
from aegis.tests.fixtures import toy


class ProbesTest(base.DatabaseTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.identities = {
            name: mock.Mock(spec=['probe']) for name in self.conf.sites
        }
        self.array = mock.Mock(spec=['capacity'])
        self.storage = mock.Mock(spec=manager.StorageManager)
        self.storage.labels.return_value = ['fa-west']
        self.storage.driver.return_value = self.array
        clouds = mock.Mock(spec=factory.Clouds)
        clouds.identity.side_effect = self.identities.__getitem__
        self.services = services.Services(
            conf=self.conf,
            clouds=clouds,
            storage=self.storage,
            waiter=waiting.StoppableWaiter(),
        )

    def statuses(self) -> dict[str, bool]:
        found = sites.site_statuses(self.admin)
        return {status.name: status.reachable for status in found}

    def test_what_was_seen_is_written_down(self) -> None:
        self.identities['east'].probe.side_effect = exception.SiteUnreachable(
            site='east', service='keystone', reason='no route.'
        )

        found = {each.name: each for each in self._probe()}

        self.assertEqual({'east': False, 'west': True}, self.statuses())
        self.assertIn('no route', found['east'].reason)
        self.assertIn('Check that', found['east'].reason)
        self.assertIsNone(found['west'].reason)

    def test_only_a_change_is_logged(self) -> None:
        self.identities['east'].probe.side_effect = ValueError('odd')
        log = mock.Mock(spec=probes.LOG)
        self.useFixture(
            toy.fixtures.MonkeyPatch('aegis.engine.probes.LOG', log)
        )

        self._probe()
        self._probe()

        self.assertEqual(1, log.warning.call_count)
        self.assertEqual(1, log.info.call_count)

    def test_a_frozen_site_delays_no_other(self) -> None:
        thaw = threading.Event()
        self.identities['east'].probe.side_effect = lambda: thaw.wait(30)
        self.config(group='engine', probe_interval=0.05)
        worker = periodic.Periodic(self.services)
        self.addCleanup(
            toy.wait_until, lambda: not worker.alive, 'the end of all looks'
        )
        self.addCleanup(thaw.set)
        self.addCleanup(worker.stop)

        worker.start()

        west = self.identities['west'].probe
        toy.wait_until(lambda: west.call_count >= 3, 'three looks at west')
        self.assertEqual(1, self.identities['east'].probe.call_count)

    def test_an_array_is_asked_as_soon_as_the_engine_runs(self) -> None:
        worker = periodic.Periodic(self.services)
        self.addCleanup(
            toy.wait_until, lambda: not worker.alive, 'the end of all looks'
        )
        self.addCleanup(worker.stop)

        worker.start()

        toy.wait_until(lambda: self.array.capacity.called, 'a look')
        self.storage.driver.assert_called_with('fa-west')

    def test_an_array_is_left_alone_when_the_engine_stops(self) -> None:
        self.services.waiter.stop()

        probes.probe_array(self.services, {}, 'fa-west')

        self.assertFalse(self.array.capacity.called)

    def test_only_a_change_of_an_array_is_logged(self) -> None:
        log = mock.Mock(spec=probes.LOG)
        self.useFixture(
            toy.fixtures.MonkeyPatch('aegis.engine.probes.LOG', log)
        )
        answered: dict[str, bool] = {}

        for error in (None, errors.ArrayUnreachable(), None):
            self.array.capacity.side_effect = error
            for _ in range(2):
                probes.probe_array(self.services, answered, 'fa-west')

        self.assertEqual(1, log.warning.call_count)
        self.assertEqual(2, log.info.call_count)
        self.assertEqual({'fa-west': True}, answered)

    def _probe(self) -> list[probes.models.SiteStatus]:
        return probes.probe_sites(self.services)
