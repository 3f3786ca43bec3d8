# SPDX-License-Identifier: Apache-2.0
import unittest

from sites import layout, virtualenv
from sites.tests import fixtures


class SourceDigestTest(unittest.TestCase):
    def setUp(self) -> None:
        self.source = fixtures.temporary_directory(self)
        (self.source / 'package').mkdir()
        (self.source / 'package' / 'a.py').write_text('a = 1\n')
        self.before = virtualenv.source_digest(self.source)

    def test_a_changed_file_changes_it(self) -> None:
        (self.source / 'package' / 'a.py').write_text('a = 2\n')
        self.assertNotEqual(self.before, virtualenv.source_digest(self.source))

    def test_a_renamed_file_changes_it(self) -> None:
        path = self.source / 'package' / 'a.py'
        path.rename(path.with_name('b.py'))
        self.assertNotEqual(self.before, virtualenv.source_digest(self.source))

    def test_tests_and_what_runs_leave_behind_do_not(self) -> None:
        for name in ('tests', '__pycache__', 'x.egg-info', '.hypothesis'):
            (self.source / name).mkdir()
            (self.source / name / 'b.py').write_text('b = 1\n')
        self.assertEqual(self.before, virtualenv.source_digest(self.source))


class ConstraintsTest(unittest.TestCase):
    def test_every_line_pins_one_version(self) -> None:
        for line in layout.CONSTRAINTS.read_text().splitlines():
            if line and not line.startswith('#'):
                self.assertRegex(line, r'^[A-Za-z0-9_.\-]+==[0-9A-Za-z.]+$')

    def test_all_that_is_asked_for_is_pinned(self) -> None:
        text = layout.CONSTRAINTS.read_text().lower()
        for name in virtualenv.REQUIREMENTS:
            self.assertIn(f'\n{name.lower()}==', text)
