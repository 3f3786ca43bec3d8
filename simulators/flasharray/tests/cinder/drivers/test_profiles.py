# SPDX-License-Identifier: Apache-2.0
"""The drivers on older releases of Purity."""

from typing import ClassVar

from tests import support
from tests.cinder import protocols
from tests.cinder.cases import CinderCase, kind_of


class ReleaseCase(CinderCase):
    """A life in short, over each protocol, on an array of its own."""

    rest: ClassVar[str]
    number: ClassVar[dict[str, str]]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        [cls.east] = cls.enterClassContext(
            support.RunningArrays(['fa-old'], ['--profile', cls.rest])
        )

    def check(self) -> None:
        for protocol in protocols.ALL:
            with self.subTest(protocol.name):
                self.live(protocol)

    def live(self, protocol: protocols.Protocol) -> None:
        driver = protocols.driver(protocol, self.east, [])
        driver.get_volume_stats(True)
        volume = self.create(kind_of('none'), driver=driver)
        self.driver = driver
        self.snapshot(volume)
        connector = protocol.connector(f'old-{protocol.name}')
        found = driver.initialize_connection(volume, connector)
        self.assertTrue(found['data'])
        [row] = self.east.door.objects('connections')['connections']
        self.assertIsNotNone(row[self.number[protocol.initiators]])
        driver.terminate_connection(volume, connector)
        driver.delete_volume(volume)
        self.assertEqual([], self.east.door.objects('hosts')['hosts'])


class OldReleaseTest(ReleaseCase):
    rest = '2.26'
    number: ClassVar = {'iqns': 'lun', 'wwns': 'lun', 'nqns': 'lun'}

    def test_purity_6_4_numbers_namespaces_as_units(self) -> None:
        self.check()


class MiddleReleaseTest(ReleaseCase):
    rest = '2.36'
    number: ClassVar = {'iqns': 'lun', 'wwns': 'lun', 'nqns': 'nsid'}

    def test_purity_6_6_numbers_namespaces(self) -> None:
        self.check()
