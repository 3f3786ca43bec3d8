# SPDX-License-Identifier: Apache-2.0
"""The framework of switches: names, values, door, command line, restart."""

import unittest

from flasharray_simulator import switches
from flasharray_simulator.door import DoorError
from tests import support


class DefinitionTest(unittest.TestCase):
    def test_every_unknown_has_a_switch(self) -> None:
        self.assertEqual(
            set(range(1, 19)), {switch.unknown for switch in switches.ALL}
        )

    def test_names_differ(self) -> None:
        names = [switch.name for switch in switches.ALL]
        self.assertEqual(len(names), len(set(names)))

    def test_every_default_is_allowed(self) -> None:
        for switch in switches.ALL:
            self.assertEqual(switch.default, switch.read(switch.default))

    def test_a_choice_refuses_another_word(self) -> None:
        with self.assertRaisesRegex(ValueError, 'kept, removed'):
            switches.DESTROYED_VOLUME_MEMBERSHIP.read('gone')

    def test_a_number_refuses_what_is_out_of_range(self) -> None:
        for value in (0, 100_001, 'many', -1):
            with self.assertRaisesRegex(ValueError, '1 to 100000'):
                switches.PAGE_SIZE.read(value)

    def test_a_number_is_read_from_text(self) -> None:
        self.assertEqual(7, switches.PAGE_SIZE.read('7'))

    def test_an_unknown_name_is_answered_with_the_known_ones(self) -> None:
        with self.assertRaisesRegex(ValueError, 'page_size'):
            switches.find('page-size')

    def test_an_assignment_needs_a_value(self) -> None:
        with self.assertRaisesRegex(ValueError, 'NAME=VALUE'):
            switches.parse(['page_size'])

    def test_the_default_is_not_kept(self) -> None:
        present = switches.changed({}, 'page_size', 5)
        self.assertEqual({'page_size': '5'}, present)
        self.assertEqual({}, switches.changed(present, 'page_size', 1000))


class DoorTest(unittest.TestCase):
    def setUp(self) -> None:
        path = self.enterContext(support.directory())
        self.array = support.ArrayProcess('fa-switch', path, 'token')
        self.array.options = ['--switch', 'rate_burst=7']
        self.array.start()
        self.addCleanup(self.array.kill)
        self.array.ready()
        self.door = self.array.door

    def test_the_command_line_sets_a_switch(self) -> None:
        self.assertEqual(7, self.door.switches()['rate_burst'])

    def test_the_others_have_their_defaults(self) -> None:
        expected = {switch.name: switch.default for switch in switches.ALL}
        expected['rate_burst'] = 7
        self.assertEqual(expected, self.door.switches())

    def test_a_switch_survives_a_kill(self) -> None:
        self.door.set_switch('page_size', 5)
        self.array.kill()
        self.array.start()
        self.array.ready()
        self.assertEqual(5, self.door.switches()['page_size'])

    def test_a_bad_value_is_refused(self) -> None:
        with self.assertRaisesRegex(DoorError, 'refused, allowed'):
            self.door.set_switch('destroy_connected_volume', 'maybe')
