# SPDX-License-Identifier: Apache-2.0
"""The fakes keep the contract that the real clouds keep."""

from collections.abc import Callable
from typing import Any

from oslotest import base

from aegis.clouds import objects
from aegis.tests.fixtures import clouds as fakes
from aegis.tests.integration.contract import suite

_PATIENCE = 20


class FakeLaboratory:
    """Two fake sites with a tenant each."""

    site = 'east'
    other_site = 'west'
    flavor = 'm1.tiny'
    volume_type = 'gold'
    external_network = 'public'
    image = 'tiny-linux'

    def __init__(self, latency: int) -> None:
        self._sites: dict[str, fakes.FakeSite] = {}
        self._projects: dict[str, str] = {}
        for name in (self.site, self.other_site):
            self._fill(fakes.FakeSite(name))
            self._sites[name].latency = latency
        self.clouds: Any = fakes.FakeClouds(*self._sites.values())
        self.project_id = self._projects[self.site]
        self.other_project_id = self._projects[self.other_site]
        self.foreign_project_id = (
            self._sites[self.site].add_project('stranger').id
        )

    def _fill(self, site: fakes.FakeSite) -> None:
        self._sites[site.name] = site
        self._projects[site.name] = site.add_project('finance').id
        site.add_flavor(self.flavor)
        site.add_image(self.image)
        site.add_security_group(self._projects[site.name], 'default')
        site.add_volume_type(self.volume_type)
        site.add_pool(self.volume_type, f'fa-{site.name}')
        site.add_network('operator', self.external_network, is_external=True)

    def make_volume(self, site: str, name: str) -> str:
        fake = self._sites[site]
        (pool,) = fake.pools.values()
        array = fake.pool_arrays[pool.name]
        volume = fake.add_volume(
            self._projects[site],
            name,
            bootable=True,
            array=array,
            host=pool.name,
            volume_type=self.volume_type,
        )
        fake.change_volume(
            volume.id, metadata=(objects.Pair('array_name', array),)
        )
        assert isinstance(fake.arrays, fakes.MemoryArrays)
        fake.arrays.volumes[(array, str(volume.array_volume))] = 1
        return volume.id

    def make_keypair(self, name: str, public_key: str) -> str:
        self._sites[self.site].add_keypair(name, 'tenant', public_key)
        return 'tenant'

    def set_quota(self, service: str, resource: str, limit: int) -> None:
        self._sites[self.site].limits[resource] = limit

    def wait(self, done: Callable[[], bool]) -> None:
        for _ in range(_PATIENCE):
            if done():
                return
        raise AssertionError('it never happened')


class PromptFakesTest(suite.ContractSuite, base.BaseTestCase):
    """Everything happens at once."""

    def setUp(self) -> None:
        self.laboratory = FakeLaboratory(latency=0)
        super().setUp()


class SlowFakesTest(suite.ContractSuite, base.BaseTestCase):
    """Everything happens some reads later."""

    def setUp(self) -> None:
        self.laboratory = FakeLaboratory(latency=3)
        super().setUp()
