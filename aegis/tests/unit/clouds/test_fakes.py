# SPDX-License-Identifier: Apache-2.0
"""The fakes offer what the real wrappers offer, and nothing else."""

import inspect

from oslotest import base

from aegis.clouds import (
    blockstorage,
    compute,
    factory,
    identity,
    images,
    networking,
)
from aegis.tests.fixtures import clouds

PAIRS = {
    compute.Compute: clouds.FakeCompute,
    blockstorage.BlockStorage: clouds.FakeBlockStorage,
    networking.Networking: clouds.FakeNetworking,
    images.Images: clouds.FakeImages,
    identity.Identity: clouds.FakeIdentity,
    factory.Clouds: clouds.FakeClouds,
}


def _signatures(kind: type) -> dict[str, list[tuple[str, object, object]]]:
    return {
        name: [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(method).parameters.values()
        ]
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith('_') and _is_offered(method)
    }


def _is_offered(method: object) -> bool:
    """Whether it is a method of the wrapper, not of the service alone."""
    if not method.__module__.startswith('aegis.tests.fixtures.clouds.'):
        return True
    return getattr(method, 'is_call', False) or _in_clouds(method)


def _in_clouds(method: object) -> bool:
    return method.__qualname__.startswith(('FakeClouds.', 'FakeIdentity.'))


class FakeSignaturesTest(base.BaseTestCase):
    def test_fakes_have_the_methods_of_the_real_wrappers(self):
        for real, fake in PAIRS.items():
            with self.subTest(real=real.__name__):
                self.assertEqual(_signatures(real), _signatures(fake))
