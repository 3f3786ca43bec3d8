# SPDX-License-Identifier: Apache-2.0
"""py-pure-client in every REST version; each answer is checked."""

import unittest

from pypureclient.flasharray import ArrayConnection

from flasharray_simulator import profiles
from tests import support, vendor, version_script

_NEWEST = list(profiles.PROFILES)[-1]
_ANNOUNCED = profiles.PROFILES[_NEWEST].versions()
_KNOWN = [v for v in vendor.versions() if v in _ANNOUNCED]


class VersionsCase(support.PairCase):
    maxDiff = None
    options = ['--profile', _NEWEST]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        response = cls.east.client().patch_array_connections(
            names=[cls.west.name],
            array_connection=ArrayConnection(type='sync-replication'),
        )
        assert response.status_code == 200, response

    def go(self, version: str) -> None:
        script = version_script.Script(self, version, self.east, self.west)
        position = _KNOWN.index(version)
        before = _KNOWN[position - 1] if position else None
        slow = [
            step
            for step, path in version_script.SLOW_STEPS
            if version == _KNOWN[-1]
            or version_script.is_changed(version, before, path)
        ]
        for step in (*version_script.STEPS, *slow):
            with self.subTest(step.__name__):
                step(script)
        self.assertEqual('', '\n'.join(script.problems))


class FirstVersionsTest(VersionsCase):
    """2.0 up to half of them."""


class LastVersionsTest(VersionsCase):
    """The other half."""


def _add_tests() -> None:
    half = len(_KNOWN) // 2
    for position, version in enumerate(_KNOWN):
        case = FirstVersionsTest if position < half else LastVersionsTest

        def test(self: VersionsCase, version: str = version) -> None:
            self.go(version)

        setattr(case, f'test_{version.replace(".", "_")}', test)


_add_tests()


if __name__ == '__main__':
    unittest.main()
