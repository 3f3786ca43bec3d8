# SPDX-License-Identifier: Apache-2.0
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
