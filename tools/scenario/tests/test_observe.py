# SPDX-License-Identifier: Apache-2.0

import unittest

from scenario import observe


def thing(id: str, **facts: object) -> observe.Thing:
    return observe.Thing(
        'server',
        id,
        tuple(sorted((key, repr(value)) for key, value in facts.items())),
    )


class DifferencesTest(unittest.TestCase):
    def test_nothing_changed(self) -> None:
        same = (thing('a', name='x'),)
        self.assertEqual([], observe.differences(same, same))

    def test_says_what_came_and_went(self) -> None:
        self.assertEqual(
            ['server a has gone', 'server b is new'],
            observe.differences((thing('a'),), (thing('b'),)),
        )

    def test_says_what_changed(self) -> None:
        (line,) = observe.differences(
            (thing('a', name='x', size=1),), (thing('a', name='y', size=1),)
        )
        self.assertEqual("server a: name was 'x', is 'y'", line)
