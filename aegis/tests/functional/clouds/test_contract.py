# SPDX-License-Identifier: Apache-2.0
"""The emulated clouds keep the contract, asked by the real aegis.clouds."""

from typing import Any

from oslotest import base

from aegis.clouds import factory
from aegis.tests.fixtures import emulator
from aegis.tests.fixtures.emulator import inventory
from aegis.tests.functional.clouds import laboratory
from aegis.tests.integration.contract import misconfiguration, suite, wire


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


class EmulatedMisconfigurationTest(
    misconfiguration.MisconfigurationContract, base.BaseTestCase
):
    site = 'east'

    def setUp(self) -> None:
        super().setUp()
        self.running = self.useFixture(
            emulator.Emulator(laboratory.described())
        )

    def configured(self, **changes: Any) -> factory.Clouds:
        return factory.Clouds(
            laboratory.configuration(self.running, **changes)
        )

    def known_project(self) -> str:
        return laboratory.EmulatedLaboratory(self.running).project_id


class EmulatedWireTest(wire.WireContract, base.BaseTestCase):
    site = 'east'

    def setUp(self) -> None:
        super().setUp()
        running = self.useFixture(emulator.Emulator(laboratory.described()))
        here = laboratory.EmulatedLaboratory(running)
        self.clouds = here.clouds
        self.project_id = here.project_id
        self.region = running[self.site].region
        self.tenant_session = here.session(self.site)
