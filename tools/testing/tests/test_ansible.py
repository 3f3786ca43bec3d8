# SPDX-License-Identifier: Apache-2.0
"""Ansible's environment is made once, with two collections of many."""

import io
import os
import pathlib
import tempfile
import unittest
import zipfile
from unittest import mock

from sites import commands, console, errors
from testing import ansible


class EnsureTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        root = temporary.name
        for patched in (
            mock.patch.dict(os.environ, AEGIS_STATE_DIR=root),
            mock.patch.object(commands, 'run', side_effect=self._run),
        ):
            patched.start()
            self.addCleanup(patched.stop)
        self.ran = []
        self.collections = [*ansible.COLLECTIONS, 'other/collection']

    def _run(self, command, **_):
        words = [str(word) for word in command]
        self.ran.append(' '.join(words))
        if 'venv' in words:
            pathlib.Path(words[-1]).mkdir(parents=True)
        if 'download' in words:
            folder = next(w for w in words if w.startswith('--dest='))
            path = pathlib.Path(folder.removeprefix('--dest='))
            with zipfile.ZipFile(path / 'ansible-1.whl', 'w') as wheel:
                for name in self.collections:
                    wheel.writestr(f'ansible_collections/{name}/a.py', '')
        return ''

    def _ensure(self):
        self.ran.clear()
        return ansible.ensure(console.Console(io.StringIO()))

    def test_it_has_the_wanted_collections_only(self):
        made = self._ensure()
        found = {
            str(path.parent.relative_to(path.parents[2]))
            for path in made.path.rglob('a.py')
        }
        self.assertEqual(set(ansible.COLLECTIONS), found)

    def test_packages_are_installed_with_pinned_versions(self):
        self._ensure()
        (line,) = (one for one in self.ran if ' install ' in one)
        self.assertIn(f'-c {ansible.CONSTRAINTS}', line)
        self.assertIn('ansible-core', line)

    def test_the_second_time_nothing_is_done(self):
        first = self._ensure()
        self.assertEqual(first, self._ensure())
        self.assertEqual([], self.ran)

    def test_a_collection_that_is_not_there_is_told(self):
        self.collections = ['other/collection']
        with self.assertRaisesRegex(errors.CloudsError, 'no collection'):
            self._ensure()

    def test_every_package_is_pinned(self):
        pins = ansible.CONSTRAINTS.read_text().splitlines()
        names = {line.partition('==')[0] for line in pins}
        self.assertLessEqual(set(ansible.PACKAGES), names)
