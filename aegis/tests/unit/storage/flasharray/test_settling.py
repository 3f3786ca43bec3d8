# SPDX-License-Identifier: Apache-2.0
from aegis.storage import errors
from aegis.storage.flasharray import faults, settling
from aegis.tests import base


class SettleTest(base.TestCase):
    def setUp(self):
        super().setUp()
        self.left = ['work']
        self.acts = 0

    def look(self):
        return list(self.left)

    def settle(self, *outcomes):
        outcomes = list(outcomes)

        def act(plan):
            self.acts += 1
            done, error = outcomes.pop(0)
            if done:
                self.left = []
            if error is not None:
                raise error

        return settling.settle(self.look, act)

    def test_nothing_is_done_twice(self):
        self.left = []
        self.assertEqual([], self.settle())
        self.assertEqual(0, self.acts)

    def test_a_lost_answer_is_looked_up(self):
        self.settle((True, faults.OutcomeUnknown('?')))
        self.assertEqual(1, self.acts)

    def test_what_did_not_happen_is_done_again(self):
        self.settle((False, faults.OutcomeUnknown('?')), (True, None))
        self.assertEqual(2, self.acts)

    def test_a_lasting_doubt_is_raised(self):
        doubts = [(False, faults.OutcomeUnknown(str(n))) for n in range(2)]
        error = self.assertRaises(
            errors.ArrayUnreachable, self.settle, *doubts
        )
        self.assertEqual('1', str(error))

    def test_a_success_that_cannot_be_seen_is_a_failure(self):
        self.assertRaises(
            errors.ArrayFailed, self.settle, (False, None), (False, None)
        )

    def test_a_refusal_is_raised_at_once(self):
        self.assertRaises(
            errors.ArrayLimitReached,
            self.settle,
            (False, errors.ArrayLimitReached('full')),
        )
        self.assertEqual(1, self.acts)
