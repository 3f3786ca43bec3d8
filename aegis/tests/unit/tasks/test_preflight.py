# SPDX-License-Identifier: Apache-2.0
from typing import Any

from aegis import models
from aegis.tasks import preflight, storage
from aegis.tests import base
from aegis.tests.fixtures import application, bench, journal

LaneState = models.LaneState


class CheckReadinessTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.bench = self.useFixture(bench.Bench(self.conf))
        self.west = self.bench.west

    def check(self, **arguments: Any) -> journal.LaneRig:
        self.bench.operation = journal.make_operation(arguments=arguments)
        rig = self.bench.rig()
        rig.run(storage.ResolveRecoveryPoint, preflight.CheckReadiness)
        return rig

    def test_all_is_well(self) -> None:
        report = bench.result(self.check(), preflight.CheckReadiness)

        self.assertTrue(all(each.passed for each in report.verdicts))
        self.assertEqual(9, len(report.verdicts))

    def test_nothing_is_changed(self) -> None:
        self.check()

        self.assertEqual(
            set(),
            {
                call.method
                for call in (*self.west.calls, *self.bench.east.calls)
                if not call.method.startswith(('list_', 'quotas'))
            },
        )

    def test_the_calls_do_not_grow_with_the_group(self) -> None:
        self.check()
        of_two = len(self.west.calls)
        del self.bench.records.members[bench.MEMBERS['web']]
        self.west.calls.clear()

        self.check()

        self.assertEqual(of_two, len(self.west.calls))

    def test_what_is_missing_stops_the_run_with_all_reasons(self) -> None:
        self.west.flavors.clear()
        self.west.limits['instances'] = 1

        row = self.check().store.step('preflight')

        self.assertEqual('aegis.preflight.flavor', row.error_code)
        for words in (
            'The recovery site has no flavor small.',
            'Nova quota instances: 2 needed, 1 of 1 free.',
            '--mapping flavor:SOURCE=TARGET',
            "Raise the project's quota",
        ):
            self.assertIn(words, row.message)

    def test_force_goes_on_and_keeps_what_was_said(self) -> None:
        self.west.limits['instances'] = 1

        rig = self.check(force=True, reason='now or never')

        self.assertIs(LaneState.SUCCEEDED, rig.store.lane.state)
        report = bench.result(rig, preflight.CheckReadiness)
        (failed,) = [each for each in report.verdicts if not each.passed]
        self.assertEqual('aegis.preflight.quota', failed.code)

    def test_force_does_not_pass_what_is_essential(self) -> None:
        self.bench.records.checkpoint = None

        rig = self.check(force=True, reason='now or never')

        row = rig.store.step('preflight')
        self.assertEqual('aegis.preflight.not_captured', row.error_code)

    def test_a_group_without_ports(self) -> None:
        self.west.networks.clear()
        self.west.add_network(
            'f' * 32, 'public', '198.18.62.0/24', is_external=True
        )

        self.check()

        self.assertEqual([], self.west.called('list_ports'))

    def test_an_address_that_somebody_has(self) -> None:
        network = self.west.add_network(
            application.WEST_PROJECT, 'front', '10.61.1.0/24'
        )
        (subnet,) = [
            each
            for each in self.west.subnets.values()
            if each.network_id == network.id
        ]
        (port,) = self.bench.manifest.members[0].ports
        self.west.add_port(
            application.WEST_PROJECT,
            network.id,
            fixed_ips=(
                type(port.fixed_ips[0])(
                    subnet.id, port.fixed_ips[0].ip_address
                ),
            ),
        )

        row = self.check().store.step('preflight')

        self.assertEqual('aegis.preflight.address', row.error_code)
