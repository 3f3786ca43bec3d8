# SPDX-License-Identifier: Apache-2.0
"""Two arrays in two processes, for tests that cut and slow what is between."""

from flasharray_simulator.door import Door
from tests import support
from tests.answers import Answers

EAST = 'fa-east'
WEST = 'fa-west'
_PEERS = ((EAST, WEST), (WEST, EAST))


class DisturbedCase(support.PairCase, Answers):
    """Every test begins and ends with two arrays that are connected."""

    def setUp(self) -> None:
        super().setUp()
        self.doors: dict[str, Door] = {
            EAST: self.east.door,
            WEST: self.west.door,
        }
        self.addCleanup(self.reset)
        for name, peer in _PEERS:
            self.doors[name].wait_ready(peers=(peer,))

    def reset(self) -> None:
        for name, peer in _PEERS:
            door = self.doors[name]
            door.set_link(peer, True)
            door.set_bandwidth(None)
            door.freeze_transfers(False)
