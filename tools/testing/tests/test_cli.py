# SPDX-License-Identifier: Apache-2.0
"""Which parts run, and in which order."""

import contextlib
import io
import pathlib
import unittest

from sites import console, virtualenv
from testing import cli, parts, results
from testing.session import Session


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


class LinesTest(unittest.TestCase):
    def test_sites_and_simulators_are_tested_at_the_same_time(self):
        beside = cli.lines(cli.chosen(()))
        self.assertEqual(
            [['functional', 'clients'], ['integration']],
            [[part.name for part in line] for line in beside],
        )

    def test_a_line_of_which_nothing_is_wanted_is_none(self):
        beside = cli.lines(cli.chosen(('unit', 'integration')))
        self.assertEqual([['integration']], [[p.name for p in beside[0]]])

    def test_results_come_in_the_order_of_parts(self):
        def of(name, line=''):
            found = [results.of_check(name, True, 0.0)]
            return parts.Part(name, '', lambda _: found, line=line)

        made = [of('one', 'a'), of('two', 'b'), of('three'), of('four', 'a')]
        session = Session(
            virtualenv.Environment(pathlib.Path()),
            console.Console(io.StringIO()),
        )
        self.assertEqual(
            ['three', 'one', 'four', 'two'],
            [result.name for result in cli._run(session, made)],
        )
