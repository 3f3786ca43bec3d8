# SPDX-License-Identifier: Apache-2.0
"""Programs are run apart from the caller's settings; their output is kept."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

from sites import console, virtualenv
from testing.session import Session


class SessionTest(unittest.TestCase):
    def setUp(self):
        super().setUp()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.said = io.StringIO()
        self.session = Session(
            virtualenv.Environment(self.directory / 'venv'),
            console.Console(self.said),
            logs=self.directory / 'logs',
        )

    def _run(self, code, **more):
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            ended = self.session.run(
                'A name', [sys.executable, '-c', code], **more
            )
        return ended, shown.getvalue()

    def test_output_of_what_went_well_is_kept_but_not_shown(self):
        ended, shown = self._run('print("fine")')
        self.assertTrue(ended.good)
        self.assertEqual('', shown)
        kept = self.directory / 'logs' / 'a-name.log'
        self.assertEqual('fine\n', kept.read_text())

    def test_output_of_what_failed_is_shown(self):
        ended, shown = self._run(
            'import sys; print("bad", file=sys.stderr); sys.exit(3)'
        )
        self.assertEqual((3, False), (ended.return_code, ended.good))
        self.assertEqual('bad\n', shown)
        self.assertIn('FAILED (3)', self.said.getvalue())

    def test_live_output_is_shown_once(self):
        _, shown = self._run('print("x"); raise SystemExit(1)', live=True)
        self.assertEqual('x\n', shown)

    def test_it_can_read_nothing(self):
        ended, _ = self._run('import sys; print(repr(sys.stdin.read()))')
        self.assertEqual("''\n", ended.output)

    def test_the_cloud_of_the_caller_is_hidden(self):
        code = 'import os; print(os.getenv("OS_CLOUD"), os.getenv("MORE"))'
        with mock.patch.dict(os.environ, OS_CLOUD='production'):
            ended, _ = self._run(code, extra={'MORE': 'wanted'})
        self.assertEqual('None wanted\n', ended.output)
