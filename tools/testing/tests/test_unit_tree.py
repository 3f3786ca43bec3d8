# SPDX-License-Identifier: Apache-2.0
"""Unit tests lie where their code lies."""

import pathlib
import tempfile
import unittest

from testing import unit_tree


class MisplacedTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)

    def _write(self, *names):
        for name in names:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def test_a_module_and_a_package_have_tests_of_their_name(self):
        self._write(
            'aegis/db/groups.py',
            'aegis/catalog/__init__.py',
            'aegis/tests/unit/db/test_groups.py',
            'aegis/tests/unit/test_catalog.py',
        )
        self.assertEqual([], list(unit_tree.misplaced(self.root)))

    def test_tests_of_nothing_are_told(self):
        self._write('aegis/db/groups.py', 'aegis/tests/unit/test_groups.py')
        [text] = unit_tree.misplaced(self.root)
        self.assertIn('aegis/tests/unit/test_groups.py', text)
        self.assertIn('aegis/groups.py', text)

    def test_fixtures_have_tests_too(self):
        self._write(
            'aegis/tests/fixtures/clouds.py',
            'aegis/tests/unit/fixtures/test_clouds.py',
        )
        self.assertEqual([], list(unit_tree.misplaced(self.root)))
