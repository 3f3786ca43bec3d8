# SPDX-License-Identifier: Apache-2.0
"""Asynchronous replication between two arrays in two processes."""

import itertools
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from tests import support

_NUMBERS = itertools.count(1)


class ReplicationCase(support.PairCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.source = cls.east.client()
        cls.target = cls.west.client()

    def setUp(self) -> None:
        super().setUp()
        self.here = self.east.door
        self.there = self.west.door
        self.group = f'pg-{next(_NUMBERS)}'
        self.copy = f'fa-east:{self.group}'
        self.addCleanup(self.reset)

    def reset(self) -> None:
        for door, peer in ((self.here, 'fa-west'), (self.there, 'fa-east')):
            door.set_bandwidth(None)
            door.freeze_transfers(False)
            door.set_link(peer, True)

    def good(self, response: Any) -> list[Any]:
        self.assertEqual(200, response.status_code, response)
        return list(response.items or [])

    def bad(self, response: Any, message: str) -> None:
        self.assertEqual(400, response.status_code, response)
        self.assertIn(message, response.errors[0].message)

    def protect(self, *volumes: str, allow: bool = True) -> None:
        """Make a group with volumes that replicates to the west."""
        for volume in volumes:
            self.good(
                self.source.post_volumes(
                    names=[volume],
                    volume=flasharray.VolumePost(provisioned=support.GIB),
                )
            )
        self.good(self.source.post_protection_groups(names=[self.group]))
        self.good(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            )
        )
        if volumes:
            self.good(
                self.source.post_protection_groups_volumes(
                    group_names=[self.group], member_names=list(volumes)
                )
            )
        self.wait_for_copy()
        if allow:
            self.allow(True)

    def wait_for_copy(self) -> Any:
        def look() -> Any:
            found = self.target.get_protection_groups(names=[self.copy])
            return found.status_code == 200 and list(found.items)[0]

        return support.eventually(look, what='the copy of the group')

    def allow(self, allowed: bool) -> None:
        self.good(
            self.target.patch_protection_groups_targets(
                group_names=[self.copy],
                target=flasharray.TargetProtectionGroupPostPatch(
                    allowed=allowed
                ),
            )
        )
        support.eventually(
            lambda: self.target_row().allowed == allowed,
            what='the permission',
        )

    def target_row(self) -> Any:
        return self.good(
            self.source.get_protection_groups_targets(group_names=[self.group])
        )[0]

    def replicate(self, **options: Any) -> str:
        """Snapshot the group and send it; return its name there."""
        options = options or {'replicate_now': True}
        made = self.good(
            self.source.post_protection_group_snapshots(
                source_names=[self.group], **options
            )
        )[0]
        return f'fa-east:{made.name}'

    def record(self, name: str) -> Any:
        """Return the transfer at the target; None if it has none yet."""
        found = self.target.get_protection_group_snapshots_transfer(
            names=[name]
        )
        if found.status_code != 200:
            return None
        return next(iter(found.items), None)

    def wait_for(self, name: str) -> Any:
        def look() -> Any:
            record = self.record(name)
            return record if record and record.progress == 1.0 else None

        return support.eventually(look, what=f'{name} completely')

    def wait_for_progress(self, name: str, least: float) -> Any:
        def look() -> Any:
            record = self.record(name)
            return record if record and record.progress >= least else None

        return support.eventually(look, what=f'{name} at {least}')

    def restore(self, snapshot: str, volume: str) -> Any:
        return self.target.post_volumes(
            names=[volume],
            volume=flasharray.VolumePost(
                source=flasharray.Reference(name=snapshot)
            ),
            with_default_protection=False,
        )

    def is_complete(self, name: str) -> bool:
        record = self.record(name)
        return bool(record and hasattr(record, 'completed'))


class GroupTest(ReplicationCase):
    def test_the_copy_of_a_group_has_its_settings(self) -> None:
        self.protect(allow=False)
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    target_retention={
                        'all_for_sec': 14_400,
                        'days': 7,
                        'per_day': 3,
                    }
                ),
            )
        )
        copy = support.eventually(
            lambda: (
                (c := self.wait_for_copy()).target_retention.days == 7 and c
            ),
            what='the retention',
        )
        self.assertFalse(copy.is_local)
        self.assertEqual('fa-east', copy.source.name)

    def test_replication_must_be_allowed_at_the_target(self) -> None:
        self.protect(allow=False)
        row = self.target_row()
        self.assertFalse(row.allowed)
        self.assertEqual('disallowed', row.status)
        self.bad(
            self.source.post_protection_group_snapshots(
                source_names=[self.group], replicate_now=True
            ),
            'no target',
        )
        self.allow(True)
        self.assertEqual('replicating', self.target_row().status)

    def test_permission_has_its_own_texts(self) -> None:
        self.protect()
        self.bad(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            ),
            'already includes',
        )
        self.bad(
            self.target.patch_protection_groups_targets(
                group_names=[self.copy],
                target=flasharray.TargetProtectionGroupPostPatch(allowed=True),
            ),
            'already allowed on',
        )

    def test_the_copy_cannot_be_changed(self) -> None:
        self.protect()
        self.bad(
            self.target.patch_protection_groups(
                names=[self.copy],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule={'enabled': True}
                ),
            ),
            'another array',
        )

    def test_the_arrays_list_each_other(self) -> None:
        found = self.good(self.source.get_array_connections())[0]
        self.assertEqual('fa-west', found.name)
        self.assertEqual('connected', found.status)
        self.assertEqual('async-replication', found.type)

    def test_a_recreated_group_does_not_reuse_suffixes(self) -> None:
        self.protect('again-a')
        self.wait_for(self.replicate())
        self.wait_for(self.replicate())
        for change in ({'destroyed': True},):
            self.good(
                self.source.patch_protection_groups(
                    names=[self.group],
                    protection_group=flasharray.ProtectionGroup(**change),
                )
            )
        self.source.delete_protection_groups(names=[self.group])
        self.good(self.source.post_protection_groups(names=[self.group]))
        self.good(
            self.source.post_protection_groups_targets(
                group_names=[self.group], member_names=['fa-west']
            )
        )
        self.good(
            self.source.post_protection_groups_volumes(
                group_names=[self.group], member_names=['again-a']
            )
        )
        support.eventually(lambda: self.target_row().allowed)
        name = self.replicate()
        self.assertEqual(f'{self.copy}.3', name)
        self.wait_for(name)


class BytesTest(ReplicationCase):
    def test_the_replica_has_the_bytes_of_its_moment(self) -> None:
        self.protect('bytes-a', 'bytes-b')
        self.here.write('bytes-a', 100_000, b'old a' * 1000)
        self.here.write('bytes-b', 0, b'old b')
        before = {n: self.here.digest(n) for n in ('bytes-a', 'bytes-b')}
        name = self.replicate()
        self.here.write('bytes-a', 100_000, b'new a' * 1000)
        self.here.write('bytes-b', 0, b'new b')
        self.wait_for(name)
        for volume in ('bytes-a', 'bytes-b'):
            made = self.good(
                self.restore(f'{name}.{volume}', f'restored-{volume}')
            )[0]
            self.assertEqual(f'fa-east:{volume}', made.source.name)
            self.assertEqual(
                before[volume], self.there.digest(f'restored-{volume}')
            )
        self.assertEqual(
            b'old a' * 1000,
            self.there.read('restored-bytes-a', 100_000, 5000),
        )

    def test_both_sides_tell_when_it_was_taken(self) -> None:
        self.protect('when')
        name = self.replicate()
        self.wait_for(name)
        local = name.removeprefix('fa-east:')
        taken = self.good(
            self.source.get_protection_group_snapshots(names=[local])
        )[0].created
        for names in ([name], [self.copy]):
            found = self.good(
                self.target.get_protection_group_snapshots(names=names)
            )[0]
            self.assertEqual(taken, found.created)
        part = self.good(
            self.target.get_volume_snapshots(filter=f"name='{name}.*'")
        )[0]
        self.assertEqual(taken, part.created)
        self.assertEqual('fa-east:when', part.source.name)

    def test_only_changes_are_sent_again(self) -> None:
        self.protect('delta')
        self.here.write('delta', 0, bytes(range(1, 251)) * 10_000)
        first = self.wait_for(self.replicate())
        self.here.write('delta', 5 * BLOCK, b'changed')
        second = self.wait_for(self.replicate())
        self.assertEqual(77 * BLOCK, first.data_transferred)
        self.assertEqual(BLOCK, second.data_transferred)

    def test_zeroed_blocks_become_zeros_there(self) -> None:
        self.protect('zeroed')
        self.here.write('zeroed', 0, b'x' * 3 * BLOCK)
        self.wait_for(self.replicate())
        self.here.write('zeroed', BLOCK, bytes(BLOCK))
        name = self.replicate()
        self.wait_for(name)
        self.assertEqual(
            self.here.digest('zeroed'), self.there.digest(f'{name}.zeroed')
        )

    def test_an_empty_volume_is_replicated(self) -> None:
        self.protect('empty')
        record = self.wait_for(self.replicate())
        self.assertEqual(0, record.data_transferred)

    def test_the_newest_complete_snapshot_is_found_as_cinder_does(
        self,
    ) -> None:
        self.protect('newest')
        self.wait_for(self.replicate())
        newest = self.replicate()
        self.wait_for(newest)
        found = self.good(
            self.target.get_protection_group_snapshots_transfer(
                names=[self.copy],
                destroyed=False,
                filter='progress="1.0"',
                sort=['started-'],
                limit=1,
            )
        )
        self.assertEqual([newest], [record.name for record in found])


class IncompleteTest(ReplicationCase):
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

    def test_an_announced_one_is_listed_without_record(self) -> None:
        self.protect('announced')
        self.here.freeze_transfers(True)
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
        self.here.freeze_transfers(False)
        self.wait_for(name)

    def test_the_target_can_freeze_it_too(self) -> None:
        self.protect('held')
        self.there.freeze_transfers(True)
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
        self.there.freeze_transfers(False)
        self.wait_for(name)

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


class LinkTest(ReplicationCase):
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


class ScheduleTest(ReplicationCase):
    def schedule(self, **fields: Any) -> None:
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    replication_schedule=fields
                ),
            )
        )

    def count(self) -> int:
        return len(
            self.good(
                self.target.get_protection_group_snapshots(
                    names=[self.copy], filter='not destroyed'
                )
            )
        )

    def test_an_enabled_schedule_replicates_each_interval(self) -> None:
        self.protect('hourly')
        self.schedule(frequency=support.HOUR)
        self.schedule(enabled=True)
        self.wait_for(f'{self.copy}.1')
        self.here.advance_clock(support.HOUR)
        self.wait_for(f'{self.copy}.2')
        self.schedule(enabled=True)
        self.schedule(frequency=support.HOUR)
        self.here.advance_clock(support.HOUR // 2)
        self.assertEqual(2, self.count())

    def test_a_disabled_schedule_replicates_no_more(self) -> None:
        self.protect('stopped')
        self.schedule(enabled=True, frequency=support.HOUR)
        self.wait_for(f'{self.copy}.1')
        self.schedule(enabled=False)
        self.here.advance_clock(5 * support.HOUR)
        self.assertEqual(1, self.count())

    def test_a_clock_jump_makes_one_snapshot(self) -> None:
        self.protect('jump')
        self.schedule(enabled=True, frequency=support.HOUR)
        self.wait_for(f'{self.copy}.1')
        self.here.advance_clock(25 * support.HOUR)
        self.wait_for(f'{self.copy}.2')
        self.assertEqual(2, self.count())

    def test_an_empty_group_makes_no_snapshot(self) -> None:
        self.protect()
        self.schedule(enabled=True, frequency=support.HOUR)
        self.here.advance_clock(support.HOUR)
        self.assertEqual(0, self.count())

    def test_retention_at_the_target_destroys_old_ones(self) -> None:
        self.protect('retention')
        self.good(
            self.source.patch_protection_groups(
                names=[self.group],
                protection_group=flasharray.ProtectionGroup(
                    target_retention={
                        'all_for_sec': 3600,
                        'per_day': 0,
                        'days': 0,
                    }
                ),
            )
        )
        first, second = (
            self.replicate(replicate_now=True, apply_retention=True)
            for _ in range(2)
        )
        self.wait_for(first)
        self.wait_for(second)
        support.eventually(
            lambda: self.wait_for_copy().target_retention.days == 0
        )
        behind = self.here.clock() - self.there.clock()
        self.there.advance_clock(max(0, behind) + 2 * support.HOUR)
        found = self.good(
            self.target.get_protection_group_snapshots(names=[self.copy])
        )
        self.assertEqual(
            {first: True, second: False},
            {snapshot.name: snapshot.destroyed for snapshot in found},
        )


class ApiConnectionTest(support.unittest.TestCase):
    """Arrays that are connected through the API, not the command line."""

    def setUp(self) -> None:
        path = self.enterContext(support.directory())
        self.one = support.ArrayProcess('fa-one', path / '1', 'token-1')
        self.two = support.ArrayProcess('fa-two', path / '2', 'token-2')
        for array in (self.one, self.two):
            array.start()
            self.addCleanup(array.kill)
        for array in (self.one, self.two):
            array.ready()

    def connect(self, key: str) -> Any:
        return self.one.client().post_array_connections(
            array_connection=flasharray.ArrayConnectionPost(
                management_address=self.two.target,
                replication_addresses=[self.two.replication_address],
                type='async-replication',
                connection_key=key,
            )
        )

    def key(self) -> str:
        found = self.two.client().get_array_connections_connection_key()
        return str(list(found.items)[0].connection_key)

    def test_the_key_of_the_other_array_connects(self) -> None:
        response = self.connect(self.key())
        self.assertEqual(200, response.status_code, response)
        self.one.ready('fa-two')
        self.two.ready('fa-one')
        mine = list(self.one.client().get_array_connections().items)[0]
        theirs = list(self.two.client().get_array_connections().items)[0]
        self.assertEqual(self.two.target, mine.management_address)
        self.assertFalse(hasattr(theirs, 'management_address'))

    def test_a_renamed_array_renames_its_copies(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        self.one.ready('fa-two')
        one, two = self.one.client(), self.two.client()
        one.post_protection_groups(names=['pg'])
        one.post_protection_groups_targets(
            group_names=['pg'], member_names=['fa-two']
        )

        def has(name: str) -> bool:
            found = two.get_protection_groups(names=[name])
            return bool(found.status_code == 200)

        support.eventually(lambda: has('fa-one:pg'))
        one.patch_arrays(array=flasharray.Arrays(name='fa-new'))
        support.eventually(lambda: has('fa-new:pg'))
        self.assertFalse(has('fa-one:pg'))
        self.two.ready('fa-new')

    def test_a_wrong_key_does_not(self) -> None:
        response = self.connect('wrong')
        self.assertEqual(400, response.status_code)
        self.assertIn('key', response.errors[0].message)

    def test_connecting_twice_is_refused(self) -> None:
        for status in (200, 400):
            response = self.connect(self.key())
            self.assertEqual(status, response.status_code, response)
        self.assertIn('already exists', response.errors[0].message)

    def test_only_the_creating_side_deletes_it(self) -> None:
        self.assertEqual(200, self.connect(self.key()).status_code)
        refused = self.two.client().delete_array_connections(names=['fa-one'])
        self.assertEqual(400, refused.status_code)
        done = self.one.client().delete_array_connections(names=['fa-two'])
        self.assertEqual(200, done.status_code, done)
        support.eventually(
            lambda: not list(self.two.client().get_array_connections().items)
        )
