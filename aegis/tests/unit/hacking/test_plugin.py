# SPDX-License-Identifier: Apache-2.0
"""What flake8 is told."""

import ast
import pathlib

from oslotest import base

import aegis
from aegis.hacking import checks
from aegis.hacking.plugin import Plugin

PACKAGE = pathlib.Path(aegis.__file__).parent


class PluginTest(base.BaseTestCase):
    def _run(self, code, path):
        lines = [f'{line}\n' for line in code.splitlines()]
        return list(Plugin(ast.parse(code), str(path), lines).run())

    def test_a_violation_has_its_place(self):
        code = f'{checks.LICENCE}\nif 1:\n    import eventlet'
        [(line, column, text, _)] = self._run(code, 'x.py')
        self.assertEqual((3, 4), (line, column))
        self.assertIn('A301', text)

    def test_an_absolute_path_is_seen_below_the_repository(self):
        code = f'{checks.LICENCE}\nfrom aegis import api'
        found = self._run(code, PACKAGE / 'storage' / 'base.py')
        self.assertEqual(['A306'], [one[2].split()[0] for one in found])

    def test_good_code_is_silent(self):
        self.assertEqual([], self._run(f'{checks.LICENCE}\nx = 1', 'x.py'))
