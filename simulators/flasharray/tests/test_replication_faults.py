# SPDX-License-Identifier: Apache-2.0
"""Replication over cut links, killed arrays and moved clocks."""

from flasharray_simulator.content import BLOCK
from tests import replication_case, support


class LinkTest(replication_case.ReplicationCase):
    def half_sent(self, volume: str) -> str:
        self.protect(volume)
        self.here.write(
            volume,
            0,
            b''.join(bytes([n]) * BLOCK for n in range(1, 9)),
        )
        self.here.freeze_transfers(True, at=0.5)
        name = self.replicate()
        self.wait_for_progress(name, 0.5)
        return name

    def test_a_cut_link_is_told_on_both_sides(self) -> None:
        self.here.set_link('fa-west', False)
        for client in (self.source, self.target):
            support.eventually(
                lambda client=client: (
                    self.good(client.get_array_connections())[0].status
                    == 'connecting'
                )
            )
        self.here.set_link('fa-west', True)
        support.eventually(
            lambda: (
                self.good(self.source.get_array_connections())[0].status
                == 'connected'
            )
        )

    def test_a_transfer_goes_on_where_the_link_was_cut(self) -> None:
        name = self.half_sent('cut-a')
        self.here.set_link('fa-west', False)
        self.here.freeze_transfers(False)
        support.eventually(lambda: self.target_row().status == 'suspended')
        self.assertFalse(self.is_complete(name))
        self.here.set_link('fa-west', True)
        record = self.wait_for(name)
        self.assertEqual(8 * BLOCK, record.data_transferred)
        self.assertEqual(
            self.here.digest('cut-a'), self.there.digest(f'{name}.cut-a')
        )

    def test_snapshots_queue_while_the_link_is_cut(self) -> None:
        self.protect('cut-b')
        self.there.set_link('fa-east', False)
        names = []
        for number in range(3):
            self.here.write('cut-b', 0, bytes([number + 1]) * 10)
            names.append(self.replicate(replicate=True))
        self.there.set_link('fa-east', True)
        for number, name in enumerate(names):
            self.wait_for(name)
            self.assertEqual(
                bytes([number + 1]) * 10,
                self.there.read(f'{name}.cut-b', 0, 10),
            )

    def test_a_transfer_survives_kills_of_the_source(self) -> None:
        name = self.half_sent('kill-a')
        self.east.kill()
        self.assertFalse(self.is_complete(name))
        self.east.start()
        self.east.ready('fa-west')
        self.assertEqual(0.5, self.record(name).progress)
        self.here.freeze_transfers(False)
        record = self.wait_for(name)
        self.assertEqual(8 * BLOCK, record.data_transferred)
        self.assertEqual(
            self.here.digest('kill-a'), self.there.digest(f'{name}.kill-a')
        )

    def test_a_transfer_survives_kills_of_the_target(self) -> None:
        name = self.half_sent('kill-b')
        self.west.kill()
        self.west.start()
        self.west.ready('fa-east')
        self.assertEqual(0.5, self.record(name).progress)
        self.here.freeze_transfers(False)
        record = self.wait_for(name)
        self.assertEqual(8 * BLOCK, record.data_transferred)
        self.assertEqual(
            self.here.digest('kill-b'), self.there.digest(f'{name}.kill-b')
        )

    def test_a_clock_jump_in_the_middle_changes_no_byte(self) -> None:
        name = self.half_sent('clock')
        for door in (self.here, self.there):
            door.advance_clock(25 * support.HOUR)
        self.assertEqual(0.5, self.record(name).progress)
        self.here.freeze_transfers(False)
        self.wait_for(name)
        self.assertEqual(
            self.here.digest('clock'), self.there.digest(f'{name}.clock')
        )

    def test_a_transfer_survives_a_power_cut(self) -> None:
        name = self.half_sent('power')
        self.here.set_power(False)
        self.addCleanup(self.here.set_power, True)
        self.here.freeze_transfers(False)
        self.here.set_power(True)
        self.here.wait_ready(peers=('fa-west',))
        self.wait_for(name)

    def test_an_urgent_one_overtakes(self) -> None:
        first = self.half_sent('urgent')
        queued = self.replicate(replicate=True)
        urgent = self.replicate(replicate_now=True)
        self.here.freeze_transfers(False)
        started = {
            name: self.wait_for(name).started
            for name in (first, queued, urgent)
        }
        self.assertLessEqual(started[first], started[urgent])
        self.assertLessEqual(started[urgent], started[queued])
