# SPDX-License-Identifier: Apache-2.0
"""Arrays that are connected through the API."""

from typing import Any

from pypureclient import flasharray

from tests import support


class ApiConnectionTest(support.unittest.TestCase):
    """Arrays that are connected through the API, not the command line."""

    def setUp(self) -> None:
        path = self.enterContext(support.directory())
        self.one = support.ArrayProcess('fa-one', path / '1', 'token-1')
        self.two = support.ArrayProcess('fa-two', path / '2', 'token-2')
        for array in (self.one, self.two):
            array.start()
            self.addCleanup(array.kill)
        for array in (self.one, self.two):
            array.ready()

    def connect(self, key: str) -> Any:
        return self.one.client().post_array_connections(
            array_connection=flasharray.ArrayConnectionPost(
                management_address=self.two.target,
                replication_addresses=[self.two.replication_address],
                type='async-replication',
                connection_key=key,
            )
        )

    def key(self) -> str:
        found = self.two.client().get_array_connections_connection_key()
        return str(list(found.items)[0].connection_key)

    def test_the_key_of_the_other_array_connects(self) -> None:
        response = self.connect(self.key())
        self.assertEqual(200, response.status_code, response)
        self.one.ready('fa-two')
        self.two.ready('fa-one')
        mine = list(self.one.client().get_array_connections().items)[0]
        theirs = list(self.two.client().get_array_connections().items)[0]
        self.assertEqual(self.two.target, mine.management_address)
        self.assertFalse(hasattr(theirs, 'management_address'))

    def test_a_renamed_array_renames_its_copies(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        self.one.ready('fa-two')
        one, two = self.one.client(), self.two.client()
        one.post_protection_groups(names=['pg'])
        one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )

        def has(name: str) -> bool:
            found = two.get_protection_groups(names=[name])
            return bool(found.status_code == 200)

        support.eventually(lambda: has('fa-one:pg'))
        one.patch_arrays(array=flasharray.Arrays(name='fa-new'))
        support.eventually(lambda: has('fa-new:pg'))
        self.assertFalse(has('fa-one:pg'))
        self.two.ready('fa-new')

    def test_a_wrong_key_does_not(self) -> None:
        response = self.connect('wrong')
        self.assertEqual(400, response.status_code)
        self.assertIn('key', response.errors[0].message)

    def test_connecting_twice_is_refused(self) -> None:
        for status in (200, 400):
            response = self.connect(self.key())
            self.assertEqual(status, response.status_code, response)
        self.assertIn('already exists', response.errors[0].message)

    def test_only_the_creating_side_deletes_it(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        refused = self.two.client().delete_array_connections(names=['fa-one'])
        self.assertEqual(400, refused.status_code)
        done = self.one.client().delete_array_connections(names=['fa-two'])
        self.assertEqual(200, done.status_code, done)
        support.eventually(
            lambda: not list(self.two.client().get_array_connections().items)
        )
