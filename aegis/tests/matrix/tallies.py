# SPDX-License-Identifier: Apache-2.0
"""What came of all cases of a matrix."""

from typing import Any

from aegis.tests.matrix import crash, faults, properties


class _Tally:
    """See :class:`aegis.tests.matrix.jobs.Tally`."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self.cases = self.wrong = self.unreached = 0

    @property
    def good(self) -> bool:
        return bool(self.cases) and not self.wrong

    def _count(
        self, case: Any, reached: bool, wrong: str, end: str = ''
    ) -> None:
        self.cases += 1
        self.unreached += not reached
        if wrong:
            self.wrong += 1
            print(f'WRONG {case}: {wrong}', flush=True)
        elif self._verbose:
            how = 'ok' if reached else '--'
            print(' '.join(filter(None, (how, str(case), end))), flush=True)


class CrashTally(_Tally):
    """Counts what is left at sites and arrays, too."""

    def __init__(self, verbose: bool) -> None:
        super().__init__(verbose)
        self.orphans = self.duplicates = 0

    def take(self, outcome: crash.Outcome) -> None:
        difference = outcome.difference
        self.orphans += len(difference.orphans)
        self.duplicates += len(difference.duplicates)
        wrong = str(difference) if difference else ''
        late = ', '.join(str(call) for call in outcome.late)
        self._count(
            outcome.case, outcome.reached, wrong, late and f'late: {late}'
        )

    def __str__(self) -> str:
        return (
            f'{self.cases} crash points, {self.orphans} orphans, '
            f'{self.duplicates} duplicates, {self.wrong} wrong ends, '
            f'{self.unreached} not reached'
        )


class FaultTally(_Tally):
    """Counts wrong ends."""

    def take(self, outcome: faults.Outcome) -> None:
        self._count(
            outcome.case,
            outcome.reached,
            '; '.join(outcome.problems),
            outcome.state,
        )

    def __str__(self) -> str:
        return (
            f'{self.cases} fault cases, {self.wrong} wrong ends, '
            f'{self.unreached} not reached'
        )


class PropertyTally(_Tally):
    """Counts sequences and what was done in them."""

    def __init__(self, verbose: bool) -> None:
        super().__init__(verbose)
        self.actions = 0

    def take(self, outcome: properties.Outcome) -> None:
        self.actions += len(outcome.sequence)
        self._count('; '.join(outcome.sequence), True, outcome.problem)
        if outcome.blob:
            print(f'AGAIN with --blob {outcome.blob}', flush=True)

    def __str__(self) -> str:
        return (
            f'{self.cases} property runs, {self.actions} actions, '
            f'{self.wrong} wrong ends'
        )
