# SPDX-License-Identifier: Apache-2.0
import itertools
from unittest import mock

from aegis.tasks import looks
from aegis.tests import base


class LooksTest(base.TestCase):
    def test_a_look_since_the_lane_began_is_good(self) -> None:
        self.assertEqual(10.0, looks.Looks(10.0).needed('nova', 15.0))

    def test_a_change_needs_a_new_look_there_and_nowhere_else(self) -> None:
        looking = looks.Looks(10.0)

        looking.touch('nova', 12.0)

        self.assertEqual(12.0, looking.needed('nova', 15.0))
        self.assertEqual(10.0, looking.needed('cinder', 15.0))

    def test_the_latest_change_counts(self) -> None:
        looking = looks.Looks(10.0)

        looking.touch('nova', 12.0)
        looking.touch('nova', 14.0)

        self.assertEqual(14.0, looking.needed('nova', 15.0))

    def test_without_a_beginning_only_a_look_from_now_on_is_good(self) -> None:
        self.assertEqual(15.0, looks.Looks().needed('nova', 15.0))

    def test_a_look_since_before_the_lane_shows_what_it_gave_birth_to(
        self,
    ) -> None:
        looking = looks.Looks(10.0, unborn=4.0)

        self.assertEqual(4.0, looking.needed_for_births('nova', 15.0))
        self.assertEqual(10.0, looking.needed('nova', 15.0))

    def test_births_after_a_change_need_a_new_look(self) -> None:
        looking = looks.Looks(10.0, unborn=4.0)

        looking.touch('nova', 12.0)

        self.assertEqual(12.0, looking.needed_for_births('nova', 15.0))
        self.assertEqual(4.0, looking.needed_for_births('cinder', 15.0))

    def test_births_of_a_lane_that_somebody_had_need_a_look_since(
        self,
    ) -> None:
        looking = looks.Looks(10.0)

        self.assertEqual(10.0, looking.needed_for_births('nova', 15.0))

    def test_without_a_beginning_births_need_a_look_from_now_on(self) -> None:
        self.assertEqual(15.0, looks.Looks().needed_for_births('nova', 15.0))


class BirthsTest(base.TestCase):
    def test_what_a_lane_made_is_known_by_kind(self) -> None:
        looking = looks.Looks(10.0, unborn=4.0)

        looking.bear('ports', ['p1'])
        looking.bear('ports', ['p2'])

        self.assertEqual({'p1', 'p2'}, looking.born('ports'))
        self.assertEqual(frozenset(), looking.born('servers'))

    def test_a_look_since_before_the_lane_shows_the_other_births(
        self,
    ) -> None:
        looking = looks.Looks(10.0, unborn=4.0)
        looking.touch('neutron', 12.0)

        self.assertEqual(4.0, looking.first('neutron'))

    def test_where_there_is_a_doubt_no_early_look_will_do(self) -> None:
        looking = looks.Looks(10.0, unborn=4.0)

        looking.doubt('neutron')

        self.assertIsNone(looking.first('neutron'))
        self.assertEqual(4.0, looking.first('nova'))

    def test_of_a_lane_that_somebody_had_not_all_births_are_known(
        self,
    ) -> None:
        self.assertIsNone(looks.Looks(10.0).first('nova'))
        self.assertIsNone(looks.Looks().first('nova'))


class BeginningsTest(base.TestCase):
    """A clock that is a second later whenever it is asked."""

    def setUp(self) -> None:
        super().setUp()
        clock = itertools.count(1)
        self.beginnings = looks.Beginnings(lambda: float(next(clock)))

    def births(
        self, operation: str, fence: int = 1, attempt: int = 1, wave: int = 1
    ) -> float:
        lane = mock.Mock(
            operation_id=operation, fence=fence, attempt=attempt, wave=wave
        )
        looking = self.beginnings.looks(lane)
        return looking.needed_for_births('nova', 99.0)

    def test_a_new_lane_is_shown_by_looks_since_its_wave(self) -> None:
        self.births('failover')

        self.assertEqual(1.0, self.births('failover'))
        self.assertEqual(4.0, self.births('failover', wave=2))

    def test_a_lane_that_somebody_had_is_not(self) -> None:
        self.births('failover')

        self.assertEqual(3.0, self.births('failover', fence=2))

    def test_another_attempt_is_shown_by_looks_since_its_own_wave(
        self,
    ) -> None:
        self.births('failover')

        self.assertEqual(3.0, self.births('failover', attempt=2))

    def test_other_operations_have_looks_of_their_own(self) -> None:
        self.births('failover')

        self.assertEqual(3.0, self.births('cleanup'))
