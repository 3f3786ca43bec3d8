# SPDX-License-Identifier: Apache-2.0
"""A real Cinder: its API, scheduler and volume services, as processes."""

import unittest
from typing import Any

from tests.cinder.service import broker, database, rig

RIG: rig.Rig


def setUpModule() -> None:
    if not (broker.is_installed() and database.is_installed()):
        raise unittest.SkipTest('RabbitMQ or MariaDB is not installed here')
    global RIG
    RIG = unittest.enterModuleContext(rig.running())


class ServiceCase(unittest.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.rig = RIG
        self.cinder: Any = RIG.client


class UpTest(ServiceCase):
    def test_all_backends_are_up(self) -> None:
        print(self.cinder.services.list())
