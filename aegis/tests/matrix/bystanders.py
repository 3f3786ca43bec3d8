# SPDX-License-Identifier: Apache-2.0
"""What stands beside members and is none of them.

A server with a disk that nothing replicates, a port and an address of its
own, and a disk that is attached to nothing.
"""

from aegis.tests.fixtures import clouds as fakes
from aegis.tests.fixtures import ledger
from aegis.tests.fixtures.emulator import descriptions

NAME = 'bystander'


def build(site: fakes.FakeSite, project_id: str, array: str) -> None:
    """Build it at a site; its disks are on the array."""
    network = site.add_network(project_id, 'quiet', '10.99.1.0/24')
    port = site.add_port(project_id, network.id, name=f'{NAME}-port')
    storing = ledger.Storing(array, None, descriptions.VOLUME_TYPE)
    root, _ = (
        ledger.add_disk(site, project_id, storing, NAME, number)
        for number in range(2)
    )
    flavor = next(iter(site.flavors.values()))
    site.add_server(project_id, NAME, flavor, [root], [port])
