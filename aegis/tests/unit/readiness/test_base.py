# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterable

import hypothesis
from hypothesis import strategies

from aegis.readiness import base
from aegis.tests import base as test_base


class Small(base.Check[int]):
    name = 'small'
    code = 'aegis.toy.small'
    remedy = 'Take a smaller one.'

    def problems(self, facts: int) -> Iterable[str]:
        if facts > 10:
            yield f'{facts} is above ten.'
        if facts > 100:
            yield 'By far.'


class Positive(base.Check[int]):
    name = 'positive'
    code = 'aegis.toy.positive'
    remedy = 'Take a positive one.'
    essential = True

    def problems(self, facts: int) -> Iterable[str]:
        if facts <= 0:
            yield f'{facts} is not positive.'


class CheckTest(test_base.TestCase):
    def test_all_is_well(self) -> None:
        self.assertEqual(
            base.Verdict('small', True, False, 'aegis.toy.small', '', ''),
            Small().verdict(3),
        )

    def test_every_problem_is_told(self) -> None:
        verdict = Small().verdict(200)

        self.assertFalse(verdict.passed)
        self.assertEqual('200 is above ten. By far.', verdict.reason)
        self.assertEqual('Take a smaller one.', verdict.remedy)

    def test_every_check_is_asked(self) -> None:
        verdicts = base.judge((Small(), Positive()), -1)
        self.assertEqual([True, False], [each.passed for each in verdicts])


class BlockingTest(test_base.TestCase):
    def verdict(
        self, name: str, passed: bool, essential: bool
    ) -> base.Verdict:
        return base.Verdict(name, passed, essential, name, 'r', 'm')

    def test_what_passed_does_not_block(self) -> None:
        passed = self.verdict('a', True, True)
        self.assertEqual((), base.blocking([passed], force=False))

    def test_essential_ones_come_first(self) -> None:
        minor = self.verdict('a', False, False)
        major = self.verdict('b', False, True)
        self.assertEqual(
            (major, minor), base.blocking([minor, major], force=False)
        )

    @hypothesis.given(
        strategies.lists(
            strategies.builds(
                base.Verdict,
                check=strategies.text(),
                passed=strategies.booleans(),
                essential=strategies.booleans(),
                code=strategies.text(),
                reason=strategies.text(),
                remedy=strategies.text(),
            )
        )
    )
    def test_force_passes_all_but_essential_ones(
        self, verdicts: list[base.Verdict]
    ) -> None:
        failed = [each for each in verdicts if not each.passed]
        self.assertCountEqual(failed, base.blocking(verdicts, force=False))
        self.assertCountEqual(
            [each for each in failed if each.essential],
            base.blocking(verdicts, force=True),
        )
