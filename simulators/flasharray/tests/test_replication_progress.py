# SPDX-License-Identifier: Apache-2.0
"""Replication that is under way: what is seen of it, how fast it is."""

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from flasharray_simulator.door import Door
from tests import replication_case, support


class IncompleteTest(replication_case.ReplicationCase):
    def frozen_at_half(self, volume: str) -> str:
        self.protect(volume)
        self.here.write(volume, 0, b'y' * 4 * BLOCK)
        self.wait_for(self.replicate())
        self.here.write(
            volume, 0, b''.join(bytes([n]) * BLOCK for n in (1, 2, 3, 4))
        )
        self.here.freeze_transfers(True, at=0.5)
        name = self.replicate()
        self.wait_for_progress(name, 0.5)
        return name

    def test_an_incomplete_snapshot_is_no_copy_source(self) -> None:
        name = self.frozen_at_half('half-a')
        self.bad(self.restore(f'{name}.half-a', 'no'), 'not completely')

    def test_an_incomplete_snapshot_shows_its_progress(self) -> None:
        name = self.frozen_at_half('half-b')
        self.assertEqual(0.5, self.record(name).progress)
        self.assertFalse(self.is_complete(name))
        self.good(self.target.get_protection_group_snapshots(names=[name]))
        self.assertEqual(
            [],
            self.good(
                self.target.get_volume_snapshots(filter=f"name='{name}.*'")
            ),
        )

    def test_cinder_would_choose_the_one_before(self) -> None:
        self.frozen_at_half('half-c')
        found = self.good(
            self.target.get_protection_group_snapshots_transfer(
                names=[self.copy],
                destroyed=False,
                filter='progress="1.0"',
                sort=['started-'],
            )
        )
        self.assertEqual([f'{self.copy}.1'], [r.name for r in found])

    def test_thawed_it_completes(self) -> None:
        name = self.frozen_at_half('half-d')
        self.here.freeze_transfers(False)
        self.wait_for(name)
        self.assertEqual(
            self.here.digest('half-d'), self.there.digest(f'{name}.half-d')
        )

    def frozen_by(self, door: Door, volume: str) -> None:
        """Freeze transfers at one side; look for what is announced."""
        self.protect(volume)
        door.freeze_transfers(True)
        name = self.replicate()
        support.eventually(
            lambda: (
                self.target.get_protection_group_snapshots(
                    names=[name]
                ).status_code
                == 200
            )
        )
        self.assertIsNone(self.record(name))
        door.freeze_transfers(False)
        self.wait_for(name)

    def test_an_announced_one_is_listed_without_record(self) -> None:
        self.frozen_by(self.here, 'announced')

    def test_the_target_can_freeze_it_too(self) -> None:
        self.frozen_by(self.there, 'held')

    def test_a_destroyed_snapshot_is_not_sent_on(self) -> None:
        name = self.frozen_at_half('half-e')
        local = name.removeprefix('fa-east:')
        self.good(
            self.source.patch_protection_group_snapshots(
                names=[local],
                protection_group_snapshot=(
                    flasharray.ProtectionGroupSnapshotPatch(destroyed=True)
                ),
            )
        )
        support.eventually(
            lambda: (
                self.target.get_protection_group_snapshots(
                    names=[name]
                ).status_code
                == 400
            ),
            what='the incomplete copy to go',
        )

    def test_disallowing_stops_it(self) -> None:
        name = self.frozen_at_half('half-f')
        self.allow(False)
        self.here.freeze_transfers(False)
        self.assertEqual('disallowed', self.target_row().status)
        self.assertFalse(self.is_complete(name))
        self.allow(True)
        self.wait_for(name)

    def test_bandwidth_limits_the_speed(self) -> None:
        self.protect('slow')
        self.here.write('slow', 0, b'z' * 8 * BLOCK)
        self.here.set_bandwidth(BLOCK * 4)
        before = self.here.clock()
        name = self.replicate()
        self.wait_for(name)
        self.assertGreaterEqual(self.here.clock() - before, 1900)

    def test_time_lets_a_slow_transfer_go_on(self) -> None:
        self.protect('wait')
        self.here.write('wait', 0, b'z' * 8 * BLOCK)
        self.here.set_bandwidth(1)
        name = self.replicate()
        support.eventually(lambda: self.record(name))
        self.assertFalse(self.is_complete(name))

        def hurry() -> bool:
            self.here.advance_clock(100 * support.HOUR)
            return self.is_complete(name)

        support.eventually(hurry)
