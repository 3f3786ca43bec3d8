# SPDX-License-Identifier: Apache-2.0
from aegis.storage import base, births
from aegis.tests import base as test_base

TAGS = (base.Tag('operation', 'o1'),)
OTHERS = (base.Tag('operation', 'o2'),)


class BirthsTest(test_base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.asked: list[tuple[str, births.Tags]] = []
        self.births = births.Births(self.find)

    def find(self, label: str, tags: births.Tags) -> list[base.PromotedVolume]:
        self.asked.append((label, tags))
        return [
            base.PromotedVolume(
                name=f'{label}-{number}',
                serial=f'serial-{number}',
                size_bytes=1,
                source=None,
                connected=False,
                tags=tags,
            )
            for number in range(2)
        ]

    def test_it_tells_what_carries_the_tags(self) -> None:
        found = self.births.watch('west', TAGS).latest(0.0)

        self.assertEqual({'serial-0', 'serial-1'}, set(found))
        self.assertEqual([('west', TAGS)], self.asked)

    def test_one_look_answers_all_who_ask_for_the_same(self) -> None:
        for _ in range(3):
            self.births.watch('west', TAGS).latest(0.0)

        self.assertEqual(1, len(self.asked))

    def test_other_arrays_and_tags_are_looked_at_by_themselves(self) -> None:
        for label, tags in (('west', TAGS), ('east', TAGS), ('west', OTHERS)):
            self.births.watch(label, tags).latest(0.0)

        self.assertEqual(3, len(self.asked))

    def test_what_was_not_asked_for_longest_is_forgotten(self) -> None:
        kept = self.births.watch('west', TAGS)
        gone = self.births.watch('east', TAGS)
        for number in range(births._REMEMBERED - 1):
            self.births.watch('west', TAGS)
            self.births.watch(f'other-{number}', TAGS)

        self.assertIs(kept, self.births.watch('west', TAGS))
        self.assertIsNot(gone, self.births.watch('east', TAGS))
