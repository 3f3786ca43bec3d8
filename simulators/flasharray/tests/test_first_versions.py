# SPDX-License-Identifier: Apache-2.0
"""Every call appears with the REST version that first has it."""

import unittest

from flasharray_simulator import families, history, profiles
from tests import support, vendor
from tests.raw import RawClient

_NEWEST = list(profiles.PROFILES)[-1]
# By workload, by protocol, by an LDAP server, by an array's id: refused, as
# no object here has the former and no client is known to use the latter.
_REFUSED = {
    'workload_ids',
    'workload_names',
    'protocol',
    'protocol_group',
    'server_ids',
    'server_names',
    'on_ids',
}


def first_versions() -> dict[tuple[str, str], str]:
    """Return the first version of each call, as the vendor's client has it."""
    found: dict[tuple[str, str], str] = {}
    for version in vendor.versions():
        for call in vendor.operations(version):
            found.setdefault(call, version)
    return found


class TableTest(unittest.TestCase):
    def test_every_route_begins_where_the_vendor_says(self) -> None:
        known = first_versions()
        for route in families.ROUTES:
            call = (route.method, route.path)
            with self.subTest(call):
                self.assertIn(call, known)
                self.assertEqual(
                    profiles.number(known[call]), history.first_version(*call)
                )

    def test_no_route_has_a_parameter_of_its_own(self) -> None:
        known: dict[tuple[str, str], set[str]] = {}
        for version in vendor.versions():
            for call, operation in vendor.operations(version).items():
                known.setdefault(call, set()).update(operation.parameters)
        for route in families.ROUTES:
            call = (route.method, route.path)
            with self.subTest(call):
                self.assertEqual(set(), set(route.parameters) - known[call])

    def test_every_call_of_a_volume_is_there(self) -> None:
        """No method of what the driver needs most is left out."""
        served = {(route.method, route.path) for route in families.ROUTES}
        for call in vendor.operations('2.42'):
            if call[1] in (
                'volumes', 'volume-snapshots', 'hosts', 'connections',
                'protection-groups', 'protection-group-snapshots', 'pods',
                'pod-replica-links', 'array-connections', 'volume-groups',
            ):  # fmt: skip
                with self.subTest(call):
                    self.assertIn(call, served)


class NotFoundTest(support.OneArrayCase):
    options = ['--profile', _NEWEST]

    def test_a_call_is_404_before_its_first_version(self) -> None:
        known = first_versions()
        versions = vendor.versions()
        calls: dict[str, list[tuple[str, str]]] = {}
        for route in families.ROUTES:
            call = (route.method, route.path)
            position = versions.index(known.get(call, versions[0]))
            if position:
                calls.setdefault(versions[position - 1], []).append(call)
        for version, unknown in calls.items():
            with RawClient(self.array, version) as client:
                for method, path in unknown:
                    with self.subTest(f'{version} {method} {path}'):
                        response = client.call(method, path)
                        self.assertEqual(404, response.status_code)

    def test_every_parameter_of_a_list_is_known(self) -> None:
        """An empty one is as good as none, but not if nobody knows it."""
        version = vendor.versions()[-1]
        operations = vendor.operations(version)
        with RawClient(self.array, version) as client:
            for route in families.ROUTES:
                operation = operations.get((route.method, route.path))
                if operation is None or route.method != 'GET':
                    continue
                with self.subTest(route.path):
                    query = dict.fromkeys(
                        sorted(operation.parameters - _REFUSED), ''
                    )
                    response = client.call('GET', route.path, query)
                    for name in query:
                        self.assertNotIn(
                            f'Invalid parameter: {name}', response.text
                        )
