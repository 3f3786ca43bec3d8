# SPDX-License-Identifier: Apache-2.0
"""Two connected arrays of one profile, and modules to run on them."""

from typing import Any

from pypureclient.flasharray import ArrayConnectionPost

from tests import support
from tests.ansible import modules


class ModulesCase(support.PairCase):
    """Runs modules; ``version`` is the profile of both arrays."""

    version = ''
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.options = ['--profile', cls.version]
        cls.modules = modules.Modules(cls.version)
        cls.addClassCleanup(cls.modules.close)
        super().setUpClass()
        cls.client = cls.east.client()
        cls.peer = cls.west.client()
        cls._connect_synchronously()

    @classmethod
    def _connect_synchronously(cls) -> None:
        """Connect the arrays anew, so that pods can be stretched."""
        cls.client.delete_array_connections(names=['fa-west'])
        key = next(iter(cls.peer.get_array_connections_connection_key().items))
        made = cls.client.post_array_connections(
            array_connection=ArrayConnectionPost(
                type='sync-replication',
                management_address=cls.west.target,
                replication_addresses=[cls.west.replication_address],
                connection_key=key.connection_key,
            )
        )
        assert made.status_code == 200, made
        cls.east.ready('fa-west')
        cls.west.ready('fa-east')

    def setUp(self) -> None:
        super().setUp()
        for array in (self.east, self.west):
            array.door.clear_call_log()
            self.addCleanup(self._expect_answers, array)

    def _expect_answers(self, array: Any) -> None:
        """No call of a module met a path that is missing, or a failure."""
        strange = {
            (call['status'], call['method'], call['path'])
            for call in array.door.call_log()
            if call['status'] not in (200, 400, 401)
        }
        self.assertEqual(set(), strange)

    @property
    def minor(self) -> int:
        return int(self.version.partition('.')[2])

    def run_module(self, module: str, **arguments: Any) -> dict[str, Any]:
        """Run a module on the first array, whatever comes of it."""
        return self.modules.run(self.east, module, **arguments)

    def good(
        self, module: str, array: Any = None, **arguments: Any
    ) -> dict[str, Any]:
        """Run a module that must not fail."""
        found = self.modules.run(array or self.east, module, **arguments)
        self.assertNotIn('failed', found, found)
        self.assertNotIn('crashed', found, found.get('crashed'))
        return found

    def twice(
        self, module: str, array: Any = None, **arguments: Any
    ) -> dict[str, Any]:
        """Run a module that changes something; then it must not again."""
        first = self.good(module, array, **arguments)
        self.assertTrue(first['changed'], f'{module} {arguments}: {first}')
        again = self.good(module, array, **arguments)
        self.assertFalse(again['changed'], f'{module} {arguments}: {again}')
        return first

    def crashes(self, module: str, **arguments: Any) -> None:
        """Run a module that ends with a traceback, whatever the array does.

        It reads what the client's model of the version, or an answer that
        is no success, does not have.
        """
        found = self.run_module(module, **arguments)
        self.assertIn('Traceback', found.get('crashed', ''), found)

    def fails(self, module: str, message: str, **arguments: Any) -> None:
        found = self.run_module(module, **arguments)
        self.assertTrue(found.get('failed'), found)
        self.assertIn(message, found['msg'])

    def one(self, response: Any) -> Any:
        """Return the only item of a response that must be a 200."""
        self.assertEqual(200, response.status_code, response)
        (item,) = response.items
        return item

    def volume(self, name: str) -> Any:
        return self.one(self.client.get_volumes(names=[name]))

    def gone(self, response: Any) -> None:
        self.assertEqual(400, response.status_code, response)
        self.assertIn('does not exist', response.errors[0].message)
