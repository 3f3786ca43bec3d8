# SPDX-License-Identifier: Apache-2.0
"""How the second copy of a pod gets, and gets back, the bytes."""

import random
import threading
from collections.abc import Callable

from pypureclient import flasharray

from tests import support
from tests.stretched_case import EAST, WEST, StretchedCase

MIB = 2**20


class ProgressTest(StretchedCase):
    def test_a_stretch_shows_its_progress(self) -> None:
        self.make_pod('v')
        self.write('v', random.Random(self.pod).randbytes(4 * MIB))
        self.doors[EAST].freeze_transfers(True, 0.5)
        self.stretch()
        found = support.eventually(
            lambda: (
                (now := self.status(EAST, WEST)).status == 'resyncing'
                and getattr(now, 'progress', 0) == 0.5
                and now
            ),
            what='half of the resync',
        )
        self.assertEqual('online', self.status(EAST, EAST).status)
        self.assertEqual(0.5, found.progress)
        self.wait_status(WEST, WEST, 'resyncing')
        self.doors[EAST].freeze_transfers(False)
        self.wait_in_sync()
        self.assert_same_bytes('v')
        self.assertFalse(hasattr(self.status(EAST, WEST), 'progress'))

    def test_the_pod_is_used_while_it_resyncs(self) -> None:
        self.make_pod('v')
        self.write('v', random.Random(self.pod).randbytes(4 * MIB))
        self.doors[EAST].freeze_transfers(True, 0.5)
        self.stretch()
        support.eventually(
            lambda: getattr(self.status(EAST, WEST), 'progress', 0) == 0.5
        )
        self.write('v', b'meanwhile')
        self.volume('w')
        self.write('w', b'new')
        self.doors[EAST].freeze_transfers(False)
        self.wait_in_sync()
        self.assert_same_bytes('v', 'w')
        self.assertEqual(b'meanwhile', self.read('v', 9))

    def test_nothing_done_during_a_resync_is_lost(self) -> None:
        for number in range(4):
            self.pod = f'{self.pod}-{number}'
            self.make_pod()
            self.stretch()
            made = {self.volume(f'v{n}').name for n in range(15)}
            self.change_pod(failover_preferences=[{'name': EAST}])
            self.wait_in_sync()
            for client in (self.here, self.there):
                self.assertEqual(made, self.names(client, 'volumes'))
                pod = self.good(client.get_pods(names=[self.pod]))[0]
                self.assertEqual(
                    [EAST], [p.name for p in pod.failover_preferences]
                )

    def test_the_bandwidth_holds_for_a_resync(self) -> None:
        self.make_pod('v')
        self.write('v', random.Random(self.pod).randbytes(4 * MIB))
        self.doors[EAST].set_bandwidth(64 * 1024)
        self.stretch()
        self.wait_status(EAST, WEST, 'resyncing')
        self.doors[EAST].set_bandwidth(None)
        self.wait_in_sync()
        self.assert_same_bytes('v')


class ChangedBlocksTest(StretchedCase):
    def test_a_return_sends_only_what_changed(self) -> None:
        self.stretched('v', failover_preferences=[{'name': EAST}])
        self.write('v', random.Random(self.pod).randbytes(8 * MIB))
        self.cut()
        self.wait_status(WEST, WEST, 'offline')
        self.write('v', b'changed')
        self.doors[EAST].set_bandwidth(128 * 1024)
        self.join()
        self.wait_in_sync()
        self.assert_same_bytes('v')

    def test_what_only_the_loser_had_is_undone(self) -> None:
        self.stretched('v', failover_preferences=[{'name': EAST}])
        self.write('v', b'common')
        self.cut()
        self.wait_status(WEST, WEST, 'offline')
        self.good(
            self.here.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(destroyed=True),
            )
        )
        self.good(self.here.delete_volumes(names=[self.in_pod('v')]))
        self.join()
        self.wait_in_sync()
        self.assertEqual(set(), self.names(self.there, 'volumes'))


class KillTest(StretchedCase):
    def restart(self, array: support.ArrayProcess, peer: str) -> None:
        array.kill()
        array.start()
        array.ready(peer)

    def survives(self, disturb: Callable[[], object]) -> None:
        """Stretch a pod; do something to it half-way."""
        self.make_pod('v')
        self.write('v', random.Random(self.pod).randbytes(4 * MIB))
        self.doors[EAST].freeze_transfers(True, 0.5)
        self.stretch()
        support.eventually(
            lambda: getattr(self.status(EAST, WEST), 'progress', 0) == 0.5
        )
        disturb()
        self.doors[EAST].freeze_transfers(False)
        self.wait_in_sync()
        self.assert_same_bytes('v')

    def test_the_sender_dies_in_the_middle(self) -> None:
        self.survives(lambda: self.restart(self.east, WEST))

    def test_the_receiver_dies_in_the_middle(self) -> None:
        self.survives(lambda: self.restart(self.west, EAST))

    def test_the_link_is_cut_in_the_middle(self) -> None:
        def disturb() -> None:
            self.cut()
            self.doors[EAST].freeze_transfers(False)
            self.wait_status(EAST, EAST, 'online')
            self.join()

        self.survives(disturb)

    def test_clocks_jump_in_the_middle(self) -> None:
        def disturb() -> None:
            for door in self.doors.values():
                door.advance_clock(25 * support.HOUR)

        self.survives(disturb)

    def test_an_array_dies_while_both_are_used(self) -> None:
        for array, peer, client in (
            (self.west, EAST, self.there),
            (self.east, WEST, self.here),
        ):
            self.pod = f'{self.pod}-{array.name}'
            self.stretched('v')
            calls = [
                lambda n=number, c=client: c.post_volumes(
                    names=[self.in_pod(f'n{n}')],
                    volume=flasharray.VolumePost(provisioned=support.GIB),
                )
                for number in range(3)
            ]
            for call in calls:
                self.good(call())
            self.restart(array, peer)
            self.wait_in_sync()
            self.write('v', b'after', array.name)
            self.assert_same_bytes('v')
            self.assertEqual(
                self.names(self.here, 'volumes'),
                self.names(self.there, 'volumes'),
            )
            self.assertEqual(4, len(self.names(self.here, 'volumes')))

    def test_the_one_that_dies_misses_nothing(self) -> None:
        self.stretched('v')
        self.west.kill()
        self.addCleanup(self.west.start)
        self.write('v', b'alone' * 50_000)
        self.volume('w')
        self.west.start()
        self.west.ready(EAST)
        self._cleanups.pop()
        self.wait_in_sync()
        self.assert_same_bytes('v', 'w')

    def test_no_acknowledged_write_is_lost_in_a_kill(self) -> None:
        self.stretched('v')
        for array, peer in ((self.west, EAST), (self.east, WEST)):
            with self.subTest(array.name):
                survivor = peer
                written = self.write_while_it_dies(array, survivor)
                array.start()
                array.ready(peer)
                self.wait_in_sync()
                self.assert_same_bytes('v')
                for on in (EAST, WEST):
                    found = self.read('v', 8, on)
                    self.assertEqual(written, int.from_bytes(found, 'big'))

    def write_while_it_dies(
        self, array: support.ArrayProcess, survivor: str
    ) -> int:
        """Return the last number that was written."""
        killed = threading.Timer(0.3, array.kill)
        killed.start()
        door = self.doors[survivor]
        number = 0
        while killed.is_alive() or number < 100:
            number += 1
            door.write(self.in_pod('v'), 0, number.to_bytes(8, 'big'))
        killed.join()
        return number

    def test_both_die_and_come_back(self) -> None:
        self.stretched('v')
        self.write('v', b'kept')
        for array in (self.east, self.west):
            array.kill()
        for array in (self.east, self.west):
            array.start()
        self.east.ready(WEST)
        self.west.ready(EAST)
        self.wait_in_sync()
        self.assertEqual(b'kept', self.read('v', 4, EAST))
        self.assertEqual(b'kept', self.read('v', 4, WEST))
