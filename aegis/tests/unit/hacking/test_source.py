# SPDX-License-Identifier: Apache-2.0
"""A source file as the checks see it."""

import ast
import pathlib

from oslotest import base

from aegis.hacking.source import Source, dotted


def _source(path, code=''):
    return Source(pathlib.PurePosixPath(path), ast.parse(code), ())


class SourceTest(base.BaseTestCase):
    def test_a_module_has_its_name_in_its_package(self):
        found = _source('aegis/storage/flasharray/driver.py').package
        self.assertEqual(('storage', 'flasharray', 'driver'), found)

    def test_a_package_is_not_named_init(self):
        self.assertEqual(('db',), _source('aegis/db/__init__.py').package)

    def test_tests_are_not_ours(self):
        self.assertFalse(_source('aegis/tests/unit/test_models.py').is_ours)
        self.assertFalse(_source('tools/sites/cli.py').is_ours)
        self.assertTrue(_source('aegis/models.py').is_ours)

    def test_relative_imports_are_seen_in_full(self):
        source = _source('aegis/db/groups.py', 'from . import models')
        self.assertEqual(
            ['aegis.db.models'], [one.name for one in source.imports()]
        )


class DottedTest(base.BaseTestCase):
    def _dotted(self, code):
        return dotted(ast.parse(code, mode='eval').body)

    def test_a_chain_of_names(self):
        self.assertEqual('a.b.c', self._dotted('a.b.c'))

    def test_anything_else_is_empty(self):
        self.assertEqual('', self._dotted('a().b'))
