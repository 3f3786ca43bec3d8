# SPDX-License-Identifier: Apache-2.0
"""What tests of the emulator itself share."""

from typing import Any

from oslotest import base

from aegis.clouds import factory
from aegis.tests.fixtures import emulator
from aegis.tests.functional.clouds import laboratory


class EmulatorTestCase(base.BaseTestCase):
    """Two emulated sites; ``cloud`` is the tenant's at east."""

    described: Any = staticmethod(laboratory.described)

    def setUp(self) -> None:
        super().setUp()
        self.running = self.useFixture(emulator.Emulator(self.described()))
        self.door = self.running.door
        self.site = self.running['east'].site
        self.open_clouds()

    def open_clouds(self, **changes: Any) -> None:
        """Configure Aegis anew, with other values for the sites."""
        self.clouds = factory.Clouds(
            laboratory.configuration(self.running, **changes)
        )
        identity = self.clouds.identity('east')
        self.project_id = identity.find_project(laboratory.PROJECT, 'acme').id
        self.cloud = self.clouds.cloud('east', self.project_id)

    def names_called(self) -> list[str]:
        return [call['name'] for call in self.door.calls('east')]
