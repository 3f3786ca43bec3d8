# SPDX-License-Identifier: Apache-2.0
"""Which parts run, and in which order."""

import contextlib
import io
import unittest

from testing import cli, parts


class ChosenTest(unittest.TestCase):
    def _names(self, *wanted):
        return [part.name for part in cli.chosen(wanted)]

    def test_no_name_means_everything(self):
        self.assertEqual(self._names('all'), self._names())
        self.assertEqual(
            [part.name for part in parts.ALL if not part.asked], self._names()
        )

    def test_what_has_to_be_asked_for_runs_when_it_is_named(self):
        self.assertNotIn('matrix', self._names())
        self.assertEqual(['matrix'], self._names('matrix'))

    def test_parts_run_in_their_order_whatever_the_order_of_names(self):
        self.assertEqual(['lint', 'unit'], self._names('unit', 'lint'))

    def test_an_unknown_part_is_refused_with_the_known_ones(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit):
            cli.main(['everything'])
        self.assertIn('there is no part everything', said.getvalue())
        self.assertIn('integration', said.getvalue())
