# SPDX-License-Identifier: Apache-2.0

import unittest

from scenario import blueprint


class BlueprintTest(unittest.TestCase):
    def test_the_first_volume_of_each_server_boots(self) -> None:
        for plan in (
            blueprint.finance(),
            blueprint.retail(),
            blueprint.farm(3),
        ):
            for server in plan.servers:
                boots = [volume.bootable for volume in server.volumes]
                self.assertEqual([True, *[False] * (len(boots) - 1)], boots)

    def test_addresses_of_a_farm_are_its_servers_own(self) -> None:
        interfaces = [
            server.interfaces[0] for server in blueprint.farm(30).servers
        ]
        self.assertEqual(30, len({each.address for each in interfaces}))
        self.assertEqual(30, len({each.mac_address for each in interfaces}))

    def test_a_renamed_server_has_renamed_volumes(self) -> None:
        (server,) = blueprint.farm(1).servers
        self.assertEqual(
            ['x-root', 'x-data'],
            [volume.name for volume in blueprint.renamed(server, 'x').volumes],
        )
