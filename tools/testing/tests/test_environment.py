# SPDX-License-Identifier: Apache-2.0
"""The virtual environment is made once, and follows what changes."""

import io
import os
import pathlib
import tempfile
import unittest
from unittest import mock

from sites import commands, console, errors
from testing import environment


class EnsureTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        patched = mock.patch.dict(os.environ, AEGIS_STATE_DIR=str(self.root))
        patched.start()
        self.addCleanup(patched.stop)
        patched = mock.patch.object(commands, 'run', side_effect=self._run)
        patched.start()
        self.addCleanup(patched.stop)
        self.ran = []
        self.fail_on = None

    def _run(self, command, **_):
        line = ' '.join(map(str, command))
        self.ran.append(line)
        if self.fail_on and self.fail_on in line:
            raise errors.CommandFailed(line)
        if ' -m venv ' in line:
            pathlib.Path(command[-1]).mkdir(parents=True)
        return ''

    def _ensure(self):
        self.ran.clear()
        return environment.ensure(console.Console(io.StringIO()))

    def test_everything_is_installed_with_the_pinned_versions(self):
        made = self._ensure()
        self.assertTrue(made.path.is_relative_to(self.root.resolve()))
        installs = [line for line in self.ran if ' install ' in line]
        for line in installs:
            self.assertIn(f'-c {environment.CONSTRAINTS}', line)
        for package in environment.PACKAGES:
            self.assertIn(f'-e {package}', installs[-1].split('-c')[1])

    def test_the_second_time_nothing_is_done(self):
        first = self._ensure()
        self.assertEqual(first, self._ensure())
        self.assertEqual([], self.ran)

    def test_one_that_was_not_finished_is_made_anew(self):
        self.fail_on = 'setuptools'
        self.assertRaises(errors.CommandFailed, self._ensure)
        self.fail_on = None
        self._ensure()
        self.assertIn(' -m venv ', self.ran[0])

    def test_an_installation_that_broke_off_is_repeated(self):
        self.fail_on = 'test-requirements.txt'
        self.assertRaises(errors.CommandFailed, self._ensure)
        self.fail_on = None
        self._ensure()
        self.assertTrue(any('test-requirements' in one for one in self.ran))

    def test_changed_requirements_are_installed_into_it(self):
        made = self._ensure()
        (made.path / 'installed').write_text('older')
        self._ensure()
        self.assertNotIn(' -m venv ', '\n'.join(self.ran))
        self.assertTrue(any('test-requirements' in one for one in self.ran))
        self.ran.clear()
        self._ensure()
        self.assertEqual([], self.ran)

    def test_an_extra_is_installed_once(self):
        made = self._ensure()
        self.ran.clear()
        output = console.Console(io.StringIO())
        environment.ensure_extra(made, 'uwsgi', output)
        environment.ensure_extra(made, 'uwsgi', output)
        [line] = self.ran
        self.assertTrue(line.endswith(f'{environment.REPOSITORY}[uwsgi]'))
