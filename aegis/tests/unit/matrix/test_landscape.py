# SPDX-License-Identifier: Apache-2.0
"""What should stand after a run, by whom it belongs to."""

from aegis.tests import base
from aegis.tests.matrix import ends, landscape

OPERATION = '0a0a0a0a-1111-2222-3333-444444444444'
WEB, DATABASE, GROUP = 'aaaaaaaa', 'bbbbbbbb', 'cccccccc'


def standing(
    name: str, owner: str = '', status: str = 'ACTIVE', number: int = 0
) -> landscape.Standing:
    thing = ends.Thing('west', 'servers', name, status)
    return landscape.Standing(f'{name}-{number}', owner, thing)


OLD = standing('old')
STOPPED = standing('old', status='SHUTOFF')
SHARED = standing('network', GROUP)
BEFORE = landscape.Landscape((OLD,))
CLEAN = landscape.Landscape(
    (STOPPED, SHARED, standing('web', WEB), standing('db', DATABASE))
)


class WantedTest(base.TestCase):
    def wanted(self, *succeeded: str) -> set[landscape.Standing]:
        found = landscape.wanted(BEFORE, CLEAN, {WEB, DATABASE}, succeeded)
        return set(found.standings)

    def test_all_that_there_was_when_nobody_succeeded(self) -> None:
        self.assertEqual({OLD}, self.wanted())

    def test_all_of_the_clean_run_when_everybody_did(self) -> None:
        self.assertEqual(set(CLEAN.standings), self.wanted(WEB, DATABASE))

    def test_what_is_shared_and_ones_own(self) -> None:
        self.assertEqual(
            {STOPPED, SHARED, standing('web', WEB)}, self.wanted(WEB)
        )


class GapTest(base.TestCase):
    def test_equal_landscapes_have_none(self) -> None:
        again = landscape.Landscape((standing('old', number=7),))

        self.assertFalse(again.gap(BEFORE))

    def test_a_second_one_is_too_much(self) -> None:
        second = standing('old', number=1)

        gap = landscape.Landscape((OLD, second)).gap(BEFORE)

        self.assertEqual(((second,), ()), (gap.surplus, gap.missing))

    def test_what_changed_is_too_much_and_missing(self) -> None:
        gap = landscape.Landscape((STOPPED,)).gap(BEFORE)

        self.assertEqual(((STOPPED,), (OLD,)), (gap.surplus, gap.missing))

    def test_whose_it_is_counts(self) -> None:
        gap = landscape.Landscape((standing('old', WEB),)).gap(BEFORE)

        self.assertTrue(gap)


class OwnerTest(base.TestCase):
    def owner(self, *words: str, name: str = 'x') -> str:
        return landscape.owner(words, name, OPERATION)

    def test_by_birth_tags(self) -> None:
        self.assertEqual(
            WEB,
            self.owner(
                'production',
                f'aegis:operation={OPERATION}',
                f'aegis:member={WEB}-1111',
            ),
        )

    def test_by_the_derived_name(self) -> None:
        self.assertEqual(
            WEB, self.owner(name=f'aegis-{OPERATION[:8]}-{WEB}-1-0')
        )

    def test_tags_of_another_run_are_nobodys(self) -> None:
        self.assertEqual(
            '', self.owner('aegis:operation=another', f'aegis:member={WEB}')
        )

    def test_what_has_no_birth_is_nobodys(self) -> None:
        self.assertEqual('', self.owner('production'))
