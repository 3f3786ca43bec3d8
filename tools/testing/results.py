# SPDX-License-Identifier: Apache-2.0
"""What was found, and how it is counted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_TOTAL = re.compile(
    r'^ - (Passed|Failed|Skipped|Expected Fail|Unexpected Success): (\d+)$',
    re.MULTILINE,
)
_RAN = re.compile(r'^Ran (\d+) tests? in ', re.MULTILINE)
_END = re.compile(r'^(?:OK|FAILED) \(.*\)$', re.MULTILINE)
_NOT_PASSED = re.compile(
    r'(failures|errors|skipped|unexpected successes)=(\d+)'
)

_CASES = ('crash points', 'fault cases', 'property runs')
_COUNTS = re.compile(rf'(\d+) ({"|".join(_CASES)}|wrong ends|broken)')


@dataclass(frozen=True)
class Result:
    """The outcome of one check or of one suite of tests.

    ``seconds`` is how long it took, ``note`` what a reader should know
    beside the numbers.
    """

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ''

    @property
    def good(self) -> bool:
        """Whether something ran and nothing failed."""
        return self.passed > 0 and self.failed == 0


def of_check(name: str, good: bool, seconds: float, note: str = '') -> Result:
    """The result of a check that is one thing: it passed or it failed."""
    return Result(name, int(good), int(not good), seconds=seconds, note=note)


def of_suite(
    name: str, output: str, return_code: int, seconds: float
) -> Result:
    """The result of a run of stestr, from the totals that it printed.

    A run that ends badly without a failed test (a module that cannot be
    imported, no test found) is one failure, whatever else it printed.
    """
    totals = {key: int(value) for key, value in _TOTAL.findall(output)}
    passed = totals.get('Passed', 0) + totals.get('Expected Fail', 0)
    failed = totals.get('Failed', 0) + totals.get('Unexpected Success', 0)
    skipped = totals.get('Skipped', 0)
    return _of_tests(name, (passed, failed, skipped), return_code, seconds)


def of_unittest(
    name: str, output: str, return_code: int, seconds: float
) -> Result:
    """The result of ``python -m unittest``; see :func:`of_suite`."""
    ran = sum(int(count) for count in _RAN.findall(output))
    ends = ' '.join(_END.findall(output))
    counts = {key: int(value) for key, value in _NOT_PASSED.findall(ends)}
    skipped = counts.pop('skipped', 0)
    failed = sum(counts.values())
    passed = max(0, ran - failed - skipped)
    return _of_tests(name, (passed, failed, skipped), return_code, seconds)


def of_matrix(
    name: str, output: str, return_code: int, seconds: float
) -> Result:
    """The result of ``python -m aegis.tests.matrix``; see :func:`of_suite`.

    Its last line, which has the counts, is the note.
    """
    line = output.strip().rpartition('\n')[2]
    counts = {key: int(value) for value, key in _COUNTS.findall(line)}
    failed = counts.get('wrong ends', 0) + counts.get('broken', 0)
    cases = sum(counts.get(kind, 0) for kind in _CASES)
    found = (max(0, cases - failed), failed, 0)
    made = _of_tests(name, found, return_code, seconds)
    return replace(made, note=made.note or line)


def _of_tests(
    name: str,
    counts: tuple[int, int, int],
    return_code: int,
    seconds: float,
) -> Result:
    passed, failed, skipped = counts
    note = ''
    if not failed and return_code:
        failed, note = 1, f'ended with exit code {return_code}'
    elif not passed + failed:
        failed, note = 1, 'no test ran'
    return Result(name, passed, failed, skipped, seconds, note)


def summary(results: Iterable[Result]) -> list[str]:
    """A table of all results, one line each."""
    found = list(results)
    width = max((len(result.name) for result in found), default=0)
    return [
        f'{"ok  " if result.good else "FAIL"} {result.name:<{width}} '
        f'{result.passed:5} passed {result.failed:3} failed '
        f'{result.skipped:3} skipped {result.seconds:7.1f} s'
        f'{"  " + result.note if result.note else ""}'
        for result in found
    ]


def verdict(results: Iterable[Result]) -> str:
    """The last line: the sums over all results."""
    found = list(results)
    line = (
        f'{sum(result.passed for result in found)} passed, '
        f'{sum(result.failed for result in found)} failed'
    )
    skipped = sum(result.skipped for result in found)
    return f'{line}, {skipped} skipped' if skipped else line


def exit_code(results: Iterable[Result]) -> int:
    """0 when something ran and nothing failed, else 1."""
    found = list(results)
    ran = any(result.passed for result in found)
    return 0 if ran and not any(result.failed for result in found) else 1
