# SPDX-License-Identifier: Apache-2.0
"""Ports for arrays that run beside others."""

import socket

import testtools

from flasharray_simulator import testing


class FreePorts(testtools.TestCase):
    def test_a_port_that_somebody_listens_on_is_not_given(self) -> None:
        with socket.create_server((testing.ADDRESS, 0)) as listening:
            taken = listening.getsockname()[1]
            self.assertRaises(OSError, testing._claim, testing.ADDRESS, taken)

    def test_a_port_that_is_not_yet_listened_on_is_given_once(self) -> None:
        [given] = testing.free_ports(1)
        self.assertRaises(OSError, testing._claim, testing.ADDRESS, given)

    def test_a_given_port_can_be_listened_on(self) -> None:
        [given] = testing.free_ports(1)
        with socket.create_server((testing.ADDRESS, given)) as listening:
            self.assertEqual(given, listening.getsockname()[1])

    def test_ports_are_given_again_after_many_others(self) -> None:
        [given] = testing.free_ports(1)
        testing.free_ports(testing._CLAIMS)
        testing._claim(testing.ADDRESS, given).close()
