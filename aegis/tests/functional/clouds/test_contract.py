# SPDX-License-Identifier: Apache-2.0
"""The emulated clouds keep the contract, asked by the real aegis.clouds."""

from oslotest import base

from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import inventory
from aegis.tests.functional.clouds import laboratory
from aegis.tests.integration.contract import suite


class PromptEmulatorTest(suite.ContractSuite, base.BaseTestCase):
    """Everything happens at once."""

    def setUp(self) -> None:
        running = self.useFixture(emulator.Emulator(laboratory.described()))
        self.laboratory = laboratory.EmulatedLaboratory(running)
        super().setUp()


class SlowEmulatorTest(suite.ContractSuite, base.BaseTestCase):
    """Calls take a while, work takes longer, lists come in small pages."""

    def setUp(self) -> None:
        running = self.useFixture(
            emulator.Emulator(laboratory.described(page_limit=2))
        )
        for site in running.described:
            running.door.set_latency(site, {'uniform': [0.0, 0.01]})
            for kind in inventory.BACKGROUND:
                running.door.set_delay(site, kind, 0.05)
        self.laboratory = laboratory.EmulatedLaboratory(running)
        super().setUp()
