# SPDX-License-Identifier: Apache-2.0
"""What pre-commit says is read as one result per hook."""

import unittest

from testing.parts import lint

OUTPUT = """\
ruff check...............................................................Passed
hacking..................................................................Failed
- hook id: hacking
- exit code: 1

aegis/x.py:1:1: A309 the first line must be ...
release notes........................................(no files to check)Skipped
"""


class HooksTest(unittest.TestCase):
    def test_each_hook_that_looked_at_files_is_one_result(self):
        self.assertEqual(
            [('lint: ruff check', True), ('lint: hacking', False)],
            [(one.name, one.good) for one in lint.hooks(OUTPUT)],
        )

    def test_other_output_holds_no_hook(self):
        self.assertEqual([], lint.hooks('An error has occurred: ...\n'))
