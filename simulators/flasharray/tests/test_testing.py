# SPDX-License-Identifier: Apache-2.0
"""The fixtures that other projects use."""

import socket
import unittest

from flasharray_simulator import testing
from flasharray_simulator.door import DoorError


class RunningArraysTest(unittest.TestCase):
    def test_a_pair_is_connected_and_ends_with_the_block(self) -> None:
        with testing.RunningArrays() as (east, west):
            self.assertEqual(
                {'fa-west': True}, east.door.status()['connected']
            )
            self.assertEqual('fa-west', west.door.status()['name'])
            root = east.directory.parent
        self.assertIsNone(east.process)
        self.assertFalse(root.exists())
        with self.assertRaises(DoorError):
            east.door.status()

    def test_any_number_of_arrays_are_all_connected(self) -> None:
        names = ['fa-a', 'fa-b', 'fa-c']
        with testing.RunningArrays(names) as arrays:
            for name in names:
                connected = arrays[name].door.status()['connected']
                self.assertEqual(
                    {other: True for other in names if other != name},
                    connected,
                )

    def test_each_array_has_a_token_of_its_own(self) -> None:
        with testing.directory() as path:
            one = testing.ArrayProcess('fa-a', path)
            other = testing.ArrayProcess('fa-b', path)
        self.assertNotEqual(one.token, other.token)

    def test_one_that_does_not_start_is_explained(self) -> None:
        arrays = testing.RunningArrays(['fa-a'], ['--switch=nothing=1'])
        with self.assertRaisesRegex(AssertionError, 'no switch nothing'):
            arrays.__enter__()

    def test_a_client_verifies_the_certificate(self) -> None:
        with testing.RunningArrays(['fa-a']) as arrays:
            answer = arrays['fa-a'].client().get_arrays()
            self.assertEqual('fa-a', next(iter(answer.items)).name)


class EventuallyTest(unittest.TestCase):
    def test_the_first_true_result_is_returned(self) -> None:
        results = iter([0, None, 'found', 'later'])
        self.assertEqual('found', testing.eventually(lambda: next(results)))

    def test_what_never_happens_is_named(self) -> None:
        with self.assertRaisesRegex(AssertionError, 'the sun'):
            testing.eventually(lambda: False, 0.05, 'the sun')


class FreePortsTest(unittest.TestCase):
    def test_a_port_that_somebody_listens_on_is_not_given(self) -> None:
        with socket.create_server((testing.ADDRESS, 0)) as listening:
            taken = listening.getsockname()[1]
            with self.assertRaises(OSError):
                testing._claim(testing.ADDRESS, taken)

    def test_a_port_that_is_not_yet_listened_on_is_given_once(self) -> None:
        [given] = testing.free_ports(1)
        with self.assertRaises(OSError):
            testing._claim(testing.ADDRESS, given)

    def test_a_given_port_can_be_listened_on(self) -> None:
        [given] = testing.free_ports(1)
        with socket.create_server((testing.ADDRESS, given)) as listening:
            self.assertEqual(given, listening.getsockname()[1])

    def test_ports_are_given_again_after_many_others(self) -> None:
        [given] = testing.free_ports(1)
        testing.free_ports(testing._CLAIMS)
        testing._claim(testing.ADDRESS, given).close()
