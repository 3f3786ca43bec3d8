# SPDX-License-Identifier: Apache-2.0
import unittest

from sites import errors, outage, processes
from sites.tests import fixtures


class StopTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = fixtures.temporary_directory(self)
        self.supervisor = processes.Supervisor(self.root, self.root)
        self.addCleanup(
            lambda: self.supervisor.stop(self.supervisor.all(), patience=0)
        )
        for name in ('nova-api', 'cinder-api'):
            self.supervisor.ensure(
                processes.Program(
                    'west',
                    name,
                    ('/bin/sleep', '60'),
                    (),
                    self.root / f'{name}.log',
                )
            )

    def state(self, name: str) -> str:
        record = self.supervisor.record('west', name)
        assert record is not None
        return self.supervisor.state(record)

    def test_only_the_named_service_ends_and_it_is_not_forgotten(self) -> None:
        outage.stop(self.supervisor, 'west', ['nova-api'])
        self.assertEqual('stopped', self.state('nova-api'))
        self.assertEqual('running', self.state('cinder-api'))

    def test_an_unknown_service_is_refused_with_the_running_ones(self) -> None:
        with self.assertRaisesRegex(
            errors.CloudsError, 'swift does not run at west.*nova-api'
        ):
            outage.stop(self.supervisor, 'west', ['cinder-api', 'swift'])
        self.assertEqual('running', self.state('cinder-api'))

    def test_what_has_ended_does_not_run(self) -> None:
        outage.stop(self.supervisor, 'west', ['nova-api'])
        with self.assertRaises(errors.CloudsError):
            outage.stop(self.supervisor, 'west', ['nova-api'])
