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

    def _misplaced(self):
        return list(unit_tree.misplaced(self.root))

    def test_tests_lie_beside_their_module_or_package(self):
        self._write(
            'aegis/__init__.py',
            'aegis/db/__init__.py',
            'aegis/db/groups.py',
            'aegis/tests/unit/db/test_groups.py',
            'aegis/tests/unit/test_db.py',
        )
        self.assertEqual([], self._misplaced())

    def test_tests_at_the_top_of_what_lies_below_are_told(self):
        self._write(
            'aegis/__init__.py',
            'aegis/db/__init__.py',
            'aegis/db/groups.py',
            'aegis/tests/unit/test_groups.py',
        )
        self.assertEqual(
            ['aegis/tests/unit/test_groups.py: there is no aegis/groups'],
            self._misplaced(),
        )

    def test_a_directory_without_its_package_is_told(self):
        self._write(
            'aegis/__init__.py', 'aegis/tests/unit/database/test_groups.py'
        )
        [text] = self._misplaced()
        self.assertIn('aegis/database is not a package', text)

    def test_a_behaviour_of_a_package_may_have_a_name_of_its_own(self):
        self._write(
            'aegis/api/__init__.py',
            'aegis/tests/unit/api/test_concurrency.py',
        )
        self.assertEqual([], self._misplaced())

    def test_fixtures_and_matrices_have_tests_too(self):
        self._write(
            'aegis/tests/fixtures/__init__.py',
            'aegis/tests/fixtures/clouds.py',
            'aegis/tests/matrix/__init__.py',
            'aegis/tests/matrix/jobs.py',
            'aegis/tests/unit/fixtures/test_clouds.py',
            'aegis/tests/unit/matrix/test_jobs.py',
        )
        self.assertEqual([], self._misplaced())
