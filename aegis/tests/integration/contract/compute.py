# SPDX-License-Identifier: Apache-2.0
"""What else Aegis relies on at every Nova."""

from aegis.common import exception
from aegis.tests.integration.contract import scaffolding
from aegis.tests.integration.contract.scaffolding import PUBLIC_KEY


class ComputeContract(scaffolding.Scaffolding):
    """Key pairs, server groups, flavors."""

    def test_the_service_tells_its_highest_version(self) -> None:
        major, minor = self.cloud.compute.service_version().split('.')

        self.assertTrue((int(major), int(minor)) >= (2, 96))

    def test_a_flavor_is_found_by_name_as_by_id(self) -> None:
        nova = self.cloud.compute
        by_name = nova.find_flavor(self.laboratory.flavor)

        self.assertEqual(by_name, nova.find_flavor(by_name.id))
        self.assertIn(by_name, nova.list_flavors())

    def test_a_keypair_name_with_a_slash_is_refused(self) -> None:
        error = self.assertRaises(
            exception.CloudError,
            self.cloud.compute.create_keypair,
            'a/b',
            PUBLIC_KEY,
        )

        self.assertEqual(400, self.status_of(error))

    def test_a_keypair_keeps_its_key_and_its_name_is_unique(self) -> None:
        nova = self.cloud.compute
        name = self.name('key pair')
        nova.create_keypair(name, PUBLIC_KEY)
        self._later(nova.delete_keypair, name)

        found = nova.find_keypair(name)

        self.assertEqual((name, PUBLIC_KEY), (found.name, found.public_key))
        self.assertIn(found, nova.list_keypairs())
        self.assertRaises(
            exception.CloudConflict, nova.create_keypair, name, PUBLIC_KEY
        )
        nova.delete_keypair(name)
        self.assertEqual(None, nova.find_keypair(name))

    def test_a_keypair_of_another_user_is_read(self) -> None:
        nova = self.cloud.compute
        name = self.name('tenant')

        user_id = self.laboratory.make_keypair(name, PUBLIC_KEY)

        found = nova.find_keypair(name, user_id=user_id)
        self.assertEqual((name, PUBLIC_KEY), (found.name, found.public_key))
        self.assertEqual(None, nova.find_keypair(name))

    def test_a_server_group_keeps_its_policy(self) -> None:
        nova = self.cloud.compute
        made = nova.create_server_group(self.name('group'), 'anti-affinity', 2)
        self._later(nova.delete_server_group, made.id)

        self.assertIn(made, nova.list_server_groups())
        self.assertEqual('anti-affinity', made.policy)
        self.assertEqual(2, made.max_server_per_host)
