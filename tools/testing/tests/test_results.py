# SPDX-License-Identifier: Apache-2.0
"""How a run is counted: what did not run must never look like a success."""

import unittest

from testing import results

TOTALS = """
======
Totals
======
Ran: 7 tests in 1.0000 sec.
 - Passed: 3
 - Skipped: 1
 - Expected Fail: 1
 - Unexpected Success: 0
 - Failed: 2
Sum of execute time for each test: 1.0 sec.
"""


class OfSuiteTest(unittest.TestCase):
    def test_totals_are_read(self):
        found = results.of_suite('unit', TOTALS, 1, 1.0)
        self.assertEqual(
            (4, 2, 1), (found.passed, found.failed, found.skipped)
        )

    def test_an_unexpected_success_is_a_failure(self):
        output = TOTALS.replace('Success: 0', 'Success: 1')
        self.assertEqual(3, results.of_suite('unit', output, 1, 1.0).failed)

    def test_a_bad_end_without_a_failed_test_is_a_failure(self):
        output = TOTALS.replace('Failed: 2', 'Failed: 0')
        found = results.of_suite('unit', output, 1, 1.0)
        self.assertEqual(1, found.failed)
        self.assertIn('exit code 1', found.note)

    def test_no_test_is_a_failure(self):
        found = results.of_suite('unit', '', 0, 1.0)
        self.assertEqual((1, 'no test ran'), (found.failed, found.note))


class OfUnittestTest(unittest.TestCase):
    def _read(self, last, code=0):
        output = f'...\nRan 9 tests in 1.0s\n\n{last}\n'
        found = results.of_unittest('cinder', output, code, 1.0)
        return found.passed, found.failed, found.skipped

    def test_all_passed(self):
        self.assertEqual((9, 0, 0), self._read('OK'))

    def test_skipped_tests_did_not_pass(self):
        self.assertEqual((7, 0, 2), self._read('OK (skipped=2)'))

    def test_failures_and_errors_are_failures(self):
        last = 'FAILED (failures=1, errors=2, skipped=3)'
        self.assertEqual((3, 3, 3), self._read(last, 1))

    def test_what_is_said_after_the_end_does_not_matter(self):
        last = 'FAILED (errors=2)\nRetrying (Retry(total=1)) after errors=7'
        self.assertEqual((7, 2, 0), self._read(last, 1))

    def test_all_skipped_is_a_failure(self):
        self.assertEqual((0, 1, 9), self._read('OK (skipped=9)'))

    def test_a_crash_is_a_failure(self):
        found = results.of_unittest('cinder', 'Segmentation fault', -11, 1.0)
        self.assertEqual((0, 1), (found.passed, found.failed))


class OfMatrixTest(unittest.TestCase):
    CRASHES = (
        '22 crash points, 1 orphans, 0 duplicates, 2 wrong ends, '
        '3 not reached, 0 broken'
    )

    def test_wrong_ends_are_failures(self):
        found = results.of_matrix('m', f'WRONG x\n{self.CRASHES}\n', 1, 1.0)
        self.assertEqual((20, 2), (found.passed, found.failed))

    def test_the_counts_are_shown(self):
        found = results.of_matrix('m', f'{self.CRASHES}\n', 1, 1.0)
        self.assertEqual(self.CRASHES, found.note)

    def test_a_process_that_broke_is_a_failure(self):
        line = '20 fault cases, 0 wrong ends, 0 not reached, 1 broken'
        self.assertEqual(1, results.of_matrix('m', line, 1, 1.0).failed)

    def test_property_runs_are_counted(self):
        line = '20 property runs, 211 actions, 1 wrong ends, 0 broken'
        found = results.of_matrix('m', line, 1, 1.0)
        self.assertEqual((19, 1), (found.passed, found.failed))

    def test_no_case_is_a_failure(self):
        line = '0 fault cases, 0 wrong ends, 0 not reached, 0 broken'
        self.assertFalse(results.of_matrix('m', line, 1, 1.0).good)

    def test_something_else_is_a_failure(self):
        found = results.of_matrix('m', 'Traceback', 1, 1.0)
        self.assertFalse(found.good)


class VerdictTest(unittest.TestCase):
    def test_all_results_are_summed(self):
        found = [results.Result('a', 2, 1), results.Result('b', 3)]
        self.assertEqual('5 passed, 1 failed', results.verdict(found))

    def test_skipped_tests_are_told(self):
        found = [results.Result('a', 2, 0, 4)]
        self.assertEqual(
            '2 passed, 0 failed, 4 skipped', results.verdict(found)
        )


class ExitCodeTest(unittest.TestCase):
    def test_good(self):
        self.assertEqual(0, results.exit_code([results.Result('a', 1)]))

    def test_one_failure_among_many(self):
        found = [results.Result('a', 9), results.Result('b', 9, 1)]
        self.assertEqual(1, results.exit_code(found))

    def test_nothing_ran(self):
        self.assertEqual(1, results.exit_code([]))
        self.assertEqual(1, results.exit_code([results.Result('a', 0, 0, 5)]))


class SummaryTest(unittest.TestCase):
    def test_bad_results_stand_out(self):
        lines = results.summary(
            [results.Result('a', 1), results.Result('b', 1, 1, note='why')]
        )
        self.assertTrue(lines[0].startswith('ok '))
        self.assertTrue(lines[1].startswith('FAIL b'))
        self.assertTrue(lines[1].endswith('why'))
