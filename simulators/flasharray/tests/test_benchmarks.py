# SPDX-License-Identifier: Apache-2.0
"""The benchmark runs and measures what it says; no time is judged."""

import contextlib
import io
import json
import unittest

from benchmarks import speed
from tests import support


class SpeedTest(unittest.TestCase):
    def test_a_small_run_measures_everything(self) -> None:
        path = self.enterContext(support.directory()) / 'figures.json'
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = speed.main(
                [
                    *('--volumes', '100'),
                    *('--snapshots', '200'),
                    *('--small', '10'),
                    *('--rounds', '2'),
                    *('--json', str(path)),
                ]
            )
        self.assertEqual(0, status)
        figures = json.loads(path.read_text())
        items = {row['what']: row['items'] for row in figures['listed']}
        self.assertEqual(100, items['volumes'])
        self.assertEqual(300, items['volume-snapshots'])
        self.assertEqual(4, len(figures['library']))
        for row in figures['compared']:
            self.assertIn(f'| {row["what"]} |', printed.getvalue())
