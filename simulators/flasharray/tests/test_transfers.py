# SPDX-License-Identifier: Apache-2.0
"""Transfer records of groups and volumes, and what a transfer starts from."""

from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import replication_case, support


class TransferCase(replication_case.ReplicationCase):
    def unique(self, blocks: int, salt: str = '') -> bytes:
        """Return so many different blocks that no other test writes."""
        seed = f'{self.group}{salt}'.encode()
        return b''.join(
            (seed + bytes([n])).ljust(BLOCK, b'.') for n in range(blocks)
        )

    def switch(self, door: Any, name: str, value: str, default: str) -> None:
        door.set_switch(name, value)
        self.addCleanup(door.set_switch, name, default)


class RecordTest(TransferCase):
    def parts(self, client: Any, *names: str) -> dict[str, Any]:
        found = self.good(
            client.get_volume_snapshots_transfer(names=list(names))
        )
        return {part.name.rpartition('.')[2]: part for part in found}

    def test_each_volume_has_its_own_figures(self) -> None:
        self.protect('figures-a', 'figures-b')
        self.here.write('figures-a', 0, self.unique(3))
        name = self.replicate()
        self.wait_for(name)
        for client, snapshot in (
            (self.target, name),
            (self.source, name.removeprefix('fa-east:')),
        ):
            found = self.parts(client, snapshot)
            self.assertEqual(
                {'figures-a': 3 * BLOCK, 'figures-b': 0},
                {n: part.data_transferred for n, part in found.items()},
            )
            self.assertEqual(
                3 * BLOCK, found['figures-a'].physical_bytes_written
            )
            self.assertEqual({1.0}, {p.progress for p in found.values()})

    def test_volume_records_are_found_by_every_name(self) -> None:
        self.protect('by-name')
        name = self.replicate()
        self.wait_for(name)
        part = f'{name}.by-name'
        for names in ([name], [self.copy], [part], [f'{self.copy}.*']):
            found = self.good(
                self.target.get_volume_snapshots_transfer(names=names)
            )
            self.assertEqual([part], [record.name for record in found])
        found = self.good(
            self.source.get_volume_snapshots_transfer(source_names=['by-name'])
        )
        self.assertEqual(1, len(found))

    def test_group_records_are_found_by_every_name(self) -> None:
        self.protect('group-name')
        name = self.replicate()
        self.wait_for(name)
        get = self.target.get_protection_group_snapshots_transfer
        for query in (
            {'names': [name]},
            {'names': [self.copy]},
            {'names': [f'{self.copy}.*']},
            {'source_names': [self.copy]},
        ):
            found = self.good(get(**query))
            self.assertEqual([name], [record.name for record in found])
        self.bad(get(names=['fa-east:nothing']), 'does not exist')

    def test_progress_is_told_by_volume(self) -> None:
        self.protect('part-a', 'part-b')
        for volume in ('part-a', 'part-b'):
            self.here.write(volume, 0, self.unique(4, volume))
        self.here.freeze_transfers(True, at=0.75)
        name = self.replicate()
        self.wait_for_progress(name, 0.75)
        found = self.parts(self.target, name)
        self.assertEqual(
            [0.5, 1.0], sorted(part.progress for part in found.values())
        )
        self.here.freeze_transfers(False)
        self.wait_for(name)

    def test_the_bytes_of_a_group_per_second(self) -> None:
        self.protect('rate')
        self.here.write('rate', 0, self.unique(30))
        self.wait_for(self.replicate())
        for client, group in (
            (self.source, self.group),
            (self.target, self.copy),
        ):
            row = self.good(
                client.get_protection_groups_performance_replication(
                    names=[group]
                )
            )[0]
            self.assertGreater(row.bytes_per_sec, 0)
            by_array = (
                client.get_protection_groups_performance_replication_by_array
            )
            row = self.good(by_array(names=[group]))[0]
            self.assertGreater(row.bytes_per_sec, 0)
            self.assertEqual(('fa-east', 'fa-west'), (row.source, row.target))


class BaseTest(TransferCase):
    def reversed(self, volume: str) -> tuple[str, Any]:
        """Replicate there, restore, replicate back; return the record."""
        self.protect(volume)
        self.here.write(volume, 0, self.unique(10))
        name = self.replicate()
        self.wait_for(name)
        restored = f'{volume}-restored'
        self.good(self.restore(f'{name}.{volume}', restored))
        self.there.write(restored, 0, b'changed there')
        back = f'{self.group}-back'
        self.good(self.target.post_protection_groups(names=[back]))
        self.good(
            self.target.post_protection_groups_volumes(
                group_names=[back], member_names=[restored]
            )
        )
        self.good(
            self.target.post_protection_groups_targets(
                group_names=[back], member_names=['fa-east']
            )
        )
        copy = f'fa-west:{back}'
        support.eventually(
            lambda: (
                self.source.get_protection_groups(names=[copy]).status_code
                == 200
            )
        )
        self.good(
            self.source.patch_protection_groups_targets(
                group_names=[copy],
                target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
            )
        )
        support.eventually(
            lambda: (
                self.good(
                    self.target.get_protection_groups_targets(
                        group_names=[back]
                    )
                )[0].allowed
            )
        )
        self.good(
            self.target.post_protection_group_snapshots(
                source_names=[back], replicate_now=True
            )
        )
        return restored, support.eventually(lambda: self.arrived(copy))

    def arrived(self, group: str) -> Any:
        found = self.good(
            self.source.get_protection_group_snapshots_transfer(
                names=[group], filter='progress="1.0"'
            )
        )
        return next(iter(found), None)

    def assert_same(self, restored: str, record: Any) -> None:
        self.assertEqual(
            self.there.digest(restored),
            self.here.digest(f'{record.name}.{restored}'),
        )

    def test_the_way_back_begins_with_everything(self) -> None:
        restored, record = self.reversed('back-full')
        self.assertEqual(10 * BLOCK, record.data_transferred)
        self.assert_same(restored, record)

    def test_the_switch_reverse_baseline_finds_the_common_snapshot(
        self,
    ) -> None:
        self.switch(self.there, 'reverse_baseline', 'common-snapshot', 'full')
        restored, record = self.reversed('back-delta')
        self.assertEqual(BLOCK, record.data_transferred)
        self.assert_same(restored, record)


class IncompleteSwitchTest(TransferCase):
    def half_sent(self, volume: str) -> str:
        self.protect(volume)
        self.here.write(volume, 0, self.unique(4))
        self.here.freeze_transfers(True, at=0.5)
        name = self.replicate()
        self.wait_for_progress(name, 0.5)
        return f'{name}.{volume}'

    def test_incomplete_snapshots_can_be_listed(self) -> None:
        part = self.half_sent('listed')
        get = self.target.get_volume_snapshots
        self.assertEqual(400, get(names=[part]).status_code)
        self.switch(self.there, 'incomplete_snapshots', 'listed', 'hidden')
        self.good(get(names=[part]))
        self.bad(self.restore(part, 'from-listed'), 'not completely')

    def test_incomplete_snapshot_copy_can_be_allowed(self) -> None:
        part = self.half_sent('copied')
        self.bad(self.restore(part, 'from-half'), 'not completely')
        self.switch(
            self.there, 'incomplete_snapshot_copy', 'allowed', 'refused'
        )
        self.good(self.restore(part, 'from-half'))
        self.assertNotEqual(
            self.here.digest('copied'), self.there.digest('from-half')
        )


class ReplicationSnapshotTest(TransferCase):
    def test_a_part_that_replication_uses_goes_only_when_told_so(
        self,
    ) -> None:
        self.protect('used')
        name = self.replicate()
        self.wait_for(name)
        part = f'{name}.used'
        patch = flasharray.VolumeSnapshotPatch(destroyed=True)
        self.bad(
            self.target.patch_volume_snapshots(
                names=[part], volume_snapshot=patch
            ),
            'alone',
        )
        self.good(
            self.target.patch_volume_snapshots(
                names=[part], volume_snapshot=patch, replication_snapshot=True
            )
        )
        self.bad(self.target.delete_volume_snapshots(names=[part]), 'alone')
        self.good(
            self.target.delete_volume_snapshots(
                names=[part], replication_snapshot=True
            )
        )

    def test_a_part_of_a_local_snapshot_never_goes_alone(self) -> None:
        self.protect('local-part')
        made = self.good(
            self.source.post_protection_group_snapshots(
                source_names=[self.group]
            )
        )[0]
        self.bad(
            self.source.patch_volume_snapshots(
                names=[f'{made.name}.local-part'],
                volume_snapshot=flasharray.VolumeSnapshotPatch(destroyed=True),
                replication_snapshot=True,
            ),
            'alone',
        )


class PodGroupTest(TransferCase):
    def test_the_group_of_a_pod_has_the_pods_name_at_the_target(self) -> None:
        pod = f'{self.group}-pod'
        self.good(self.source.post_pods(names=[pod], pod=flasharray.PodPost()))
        self.copy = f'{pod}:pg'
        self.group = f'{pod}::pg'
        self.protect(f'{pod}::v')
        self.here.write(f'{pod}::v', 0, b'in a pod')
        made = self.good(
            self.source.post_protection_group_snapshots(
                source_names=[self.group], replicate_now=True
            )
        )[0]
        self.assertEqual(f'{pod}::pg.1', made.name)
        self.wait_for(f'{pod}:pg.1')
        part = self.good(
            self.target.get_volume_snapshots(names=[f'{pod}:pg.1.v'])
        )[0]
        self.assertEqual(f'{pod}:v', part.source.name)
        self.assertEqual(b'in a pod', self.there.read(f'{pod}:pg.1.v', 0, 8))
        copy = self.wait_for_copy()
        self.assertEqual(pod, copy.source.name)


class LostCopyTest(TransferCase):
    def test_an_eradicated_copy_is_made_anew_and_asks_again(self) -> None:
        self.protect('lost')
        self.wait_for(self.replicate())
        self.good(
            self.target.patch_protection_groups(
                names=[self.copy],
                protection_group=flasharray.ProtectionGroup(destroyed=True),
            )
        )
        support.eventually(lambda: not self.target_row().allowed)
        self.good(self.target.delete_protection_groups(names=[self.copy]))
        self.wait_for_copy()
        self.assertEqual('disallowed', self.target_row().status)
        self.allow(True)
        self.wait_for(self.replicate())
