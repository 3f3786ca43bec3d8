# SPDX-License-Identifier: Apache-2.0
"""What a readiness check is: one question, a verdict, a reason, a remedy.

Checks are pure: they read facts that were gathered beforehand in a few bulk
calls, so the same checks serve a preflight, an assessment and a test.
"""

import abc
import collections.abc
import dataclasses
from typing import ClassVar, Generic, TypeVar

Facts = TypeVar('Facts')


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer of one check.

    ``essential`` verdicts cannot be forced: what they guard is not a
    matter of taste.
    """

    check: str
    passed: bool
    essential: bool
    code: str
    reason: str
    remedy: str


class Check(abc.ABC, Generic[Facts]):
    """One question about facts; subclasses say what they guard."""

    name: ClassVar[str]
    code: ClassVar[str]
    remedy: ClassVar[str]
    essential: ClassVar[bool] = False

    @abc.abstractmethod
    def problems(self, facts: Facts) -> collections.abc.Iterable[str]:
        """Say what is wrong, a sentence each; nothing when all is well."""

    def verdict(self, facts: Facts) -> Verdict:
        """Judge the facts."""
        reason = ' '.join(self.problems(facts))
        return Verdict(
            check=self.name,
            passed=not reason,
            essential=self.essential,
            code=self.code,
            reason=reason,
            remedy=self.remedy if reason else '',
        )


def judge(
    checks: collections.abc.Iterable[Check[Facts]], facts: Facts
) -> tuple[Verdict, ...]:
    """Put the facts to every check; all are asked, whatever the first says."""
    return tuple(check.verdict(facts) for check in checks)


def blocking(
    verdicts: collections.abc.Iterable[Verdict], force: bool
) -> tuple[Verdict, ...]:
    """The verdicts that stop a run, essential ones first."""
    failed = [
        verdict
        for verdict in verdicts
        if not verdict.passed and (verdict.essential or not force)
    ]
    return tuple(sorted(failed, key=lambda verdict: not verdict.essential))
