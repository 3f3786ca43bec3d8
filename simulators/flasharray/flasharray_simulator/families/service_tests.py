# SPDX-License-Identifier: Apache-2.0
"""The calls by which an array tries the services around it."""

from dataclasses import dataclass

from flasharray_simulator.array import FlashArray
from flasharray_simulator.call import Answer, Call, Item, Route
from flasharray_simulator.families.services import FAMILIES

_COMPONENT = 'CT0.ETH0'
_FAMILIES = {family.path: family for family in FAMILIES}


@dataclass(frozen=True)
class ServiceTest:
    """A test of all objects of a family, or of one destination."""

    path: str
    kind: str
    family: str | None = None
    parameters: tuple[str, ...] = ()

    def get(self, call: Call) -> Answer:
        """Return a result for each thing that is tried: all succeed."""
        return Answer(
            [
                self._result(call.array, destination)
                for destination in self._destinations(call)
            ]
        )

    def _destinations(self, call: Call) -> list[str]:
        array = call.array
        if self.family is None:
            return list(array.settings.ntp_servers)
        family = _FAMILIES[self.family]
        wanted = call.query.many('names')
        if wanted:
            return [family.find(array, name).name for name in wanted]
        return [one.name for one in family.collection(array).ordered()]

    def _result(self, array: FlashArray, destination: str) -> Item:
        return {
            'component_address': array.setup.address,
            'component_name': _COMPONENT,
            'description': f'Tests {self.kind}.',
            'destination': destination,
            'enabled': True,
            'realms': [],
            'resource': {'name': destination},
            'server': {'name': None, 'id': None, 'resource_type': None},
            'result_details': '',
            'success': True,
            'test_type': self.kind,
        }


_TESTS = (
    ServiceTest('alert-watchers/test', 'alert-watcher', 'alert-watchers'),
    ServiceTest('arrays/ntp-test', 'ntp'),
    ServiceTest(
        'directory-services/test',
        'directory-service',
        'directory-services',
    ),
    ServiceTest('kmip/test', 'kmip', 'kmip'),
    ServiceTest('snmp-managers/test', 'snmp', 'snmp-managers'),
    ServiceTest('sso/saml2/idps/test', 'saml2', 'sso/saml2/idps'),
    ServiceTest('support/test', 'phonehome', 'support', ('test_type',)),
    ServiceTest('syslog-servers/test', 'syslog', 'syslog-servers'),
)

ROUTES = tuple(
    Route('GET', test.path, test.get, test.parameters) for test in _TESTS
)
