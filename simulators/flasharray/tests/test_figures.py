# SPDX-License-Identifier: Apache-2.0
"""Space and performance figures that move with use."""

import unittest
from typing import Any

from pypureclient import flasharray

from flasharray_simulator.activity import Activity, Load
from flasharray_simulator.door import DoorError
from tests import support
from tests.client_case import ClientCase

SECOND = 1000
BLOCK = 32_768


class SpaceTest(ClientCase):
    def space(self, name: str) -> Any:
        return self.good(self.client.get_volumes(names=[name]))[0].space

    def snapshot(self, name: str, suffix: str) -> Any:
        return self.good(
            self.client.get_volume_snapshots(names=[f'{name}.{suffix}'])
        )[0].space

    def take(self, name: str, suffix: str) -> None:
        self.good(
            self.client.post_volume_snapshots(
                source_names=[name],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix=suffix),
            )
        )

    def test_a_volume_shows_what_is_written(self) -> None:
        self.volume('written')
        self.assertEqual(0, self.space('written').unique)
        self.door.write('written', 0, b'x' * BLOCK * 2)
        space = self.space('written')
        self.assertEqual(2 * BLOCK, space.unique)
        self.assertEqual(support.GIB, space.total_provisioned)
        self.assertGreater(space.thin_provisioning, 0.9)

    def test_a_snapshot_holds_what_was_overwritten_since(self) -> None:
        self.volume('held')
        self.door.write('held', 0, b'a' * BLOCK * 3)
        self.take('held', 'one')
        self.assertEqual(0, self.snapshot('held', 'one').snapshots)
        self.door.write('held', 0, b'b' * BLOCK)
        self.assertEqual(BLOCK, self.snapshot('held', 'one').snapshots)
        self.assertEqual(BLOCK, self.space('held').snapshots)

    def test_only_the_newest_snapshot_with_a_block_holds_it(self) -> None:
        self.volume('chain')
        self.door.write('chain', 0, b'a' * BLOCK)
        self.take('chain', 'one')
        self.door.advance_clock(SECOND)
        self.take('chain', 'two')
        self.door.write('chain', 0, b'b' * BLOCK)
        self.assertEqual(0, self.snapshot('chain', 'one').snapshots)
        self.assertEqual(BLOCK, self.snapshot('chain', 'two').snapshots)

    def test_a_pod_shows_the_space_of_its_volumes(self) -> None:
        self.good(
            self.client.post_pods(names=['space'], pod=flasharray.PodPost())
        )
        self.volume('space::v')
        self.door.write('space::v', 0, b'a' * BLOCK * 2)
        self.take('space::v', 'one')
        for data, held in ((b'b', BLOCK), (b'c', BLOCK)):
            self.door.write('space::v', 0, data * BLOCK)
            pod = self.good(self.client.get_pods_space(names=['space']))[0]
            self.assertEqual(held, pod.space.snapshots)
            self.assertEqual(2 * BLOCK, pod.space.unique)
        self.door.write('space::v', BLOCK, b'd' * BLOCK)
        pod = self.good(self.client.get_pods(names=['space']))[0]
        self.assertEqual(2 * BLOCK, pod.space.snapshots)

    def test_equal_blocks_are_stored_once(self) -> None:
        before = self.good(self.client.get_arrays_space())[0].space
        for name in ('equal-a', 'equal-b'):
            self.volume(name)
            self.door.write(name, 0, b'equal!' * BLOCK)
        after = self.good(self.client.get_arrays_space())[0].space
        self.assertLess(
            after.total_physical - before.total_physical,
            after.virtual - before.virtual,
        )
        self.assertGreater(after.data_reduction, 1.0)

    def test_a_host_shows_the_space_of_its_volumes(self) -> None:
        self.volume('seen')
        self.door.write('seen', 0, b'x' * BLOCK)
        self.good(
            self.client.post_hosts(names=['seer'], host=flasharray.HostPost())
        )
        self.good(
            self.client.post_connections(
                host_names=['seer'], volume_names=['seen']
            )
        )
        found = self.good(self.client.get_hosts_space(names=['seer']))[0]
        self.assertEqual(BLOCK, found.space.unique)
        self.assertEqual(support.GIB, found.space.total_provisioned)


class PerformanceTest(ClientCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = (
            self.id().rpartition('.')[2].replace('_', '-')[-40:].strip('-')
        )
        self.volume(self.name)

    def host(self, initiator: str = 'iqn.2026-01.org:') -> str:
        name = f'{self.name}-h'
        self.good(
            self.client.post_hosts(
                names=[name],
                host=flasharray.HostPost(iqns=[f'{initiator}{self.name}']),
            )
        )
        self.good(
            self.client.post_connections(
                host_names=[name], volume_names=[self.name]
            )
        )
        return name

    def now(self) -> Any:
        return self.good(
            self.client.get_volumes_performance(names=[self.name])
        )[0]

    def test_reads_and_writes_are_counted_per_second(self) -> None:
        self.door.load(
            self.name,
            reads=300,
            read_bytes=300 * 8192,
            writes=60,
            written_bytes=60 * 4096,
        )
        found = self.now()
        self.assertEqual(10, found.reads_per_sec)
        self.assertEqual(2, found.writes_per_sec)
        self.assertEqual(10 * 8192, found.read_bytes_per_sec)
        self.assertEqual(8192, found.bytes_per_read)
        self.assertGreater(found.usec_per_read_op, 0)

    def test_data_that_is_moved_counts(self) -> None:
        self.door.write(self.name, 0, b'x' * 9000)
        self.door.read(self.name, 0, 600)
        found = self.now()
        self.assertEqual(300, found.write_bytes_per_sec)
        self.assertEqual(20, found.read_bytes_per_sec)

    def test_a_quiet_volume_has_no_latency(self) -> None:
        self.assertEqual(0, self.now().usec_per_write_op)

    def test_figures_fade_as_time_goes_by(self) -> None:
        self.door.load(self.name, writes=60)
        self.door.advance_clock(60 * SECOND)
        self.assertEqual(0, self.now().writes_per_sec)

    def test_a_range_has_a_point_for_each_step(self) -> None:
        start = self.door.advance_clock(600 * SECOND)
        self.door.load(self.name, writes=3000)
        end = self.door.advance_clock(300 * SECOND)
        response = self.client.get_volumes_performance(
            names=[self.name],
            start_time=start - 60 * SECOND,
            end_time=end,
            resolution=30 * SECOND,
            total_item_count=True,
        )
        points = self.good(response)
        self.assertEqual(13, response.total_item_count)
        self.assertEqual(
            [30 * SECOND],
            sorted(
                {
                    b.time - a.time
                    for a, b in zip(points, points[1:], strict=False)
                }
            ),
        )
        self.assertEqual(
            3000, sum(point.writes_per_sec * 30 for point in points)
        )

    def test_a_coarser_step_sums_the_finer_ones(self) -> None:
        start = self.door.advance_clock(600 * SECOND)
        self.door.load(self.name, writes=3000)
        end = self.door.advance_clock(290 * SECOND)
        points = self.good(
            self.client.get_volumes_performance(
                names=[self.name],
                start_time=start,
                end_time=end,
                resolution=300 * SECOND,
            )
        )
        self.assertEqual([10], [point.writes_per_sec for point in points])

    def test_a_client_ahead_of_the_array_gets_the_present(self) -> None:
        ahead = self.door.clock() + support.DAY
        points = self.good(
            self.client.get_arrays_performance(
                start_time=ahead - support.HOUR,
                end_time=ahead,
                resolution=30 * SECOND,
            )
        )
        self.assertEqual(1, len(points))

    def test_a_start_after_the_end_is_refused(self) -> None:
        now = self.door.clock()
        self.bad(
            self.client.get_volumes_performance(
                start_time=now + 2 * support.HOUR,
                end_time=now + support.HOUR,
            ),
            'start_time',
        )

    def test_an_unknown_resolution_is_refused(self) -> None:
        self.bad(
            self.client.get_volumes_performance(resolution=12345),
            'resolution',
        )

    def test_the_array_shows_what_its_volumes_do(self) -> None:
        now = self.door.advance_clock(60 * SECOND)
        self.door.load(self.name, writes=900)
        response = self.client.get_arrays_performance(
            start_time=now - 60 * SECOND,
            end_time=self.door.clock() + SECOND,
            resolution=30_000,
            total_item_count=True,
        )
        self.assertGreaterEqual(response.total_item_count, 1)
        self.assertEqual(
            30, max(p.writes_per_sec for p in self.good(response))
        )

    def test_the_host_that_wrote_is_shown(self) -> None:
        host = self.host()
        self.door.load(self.name, writes=60, host=host)
        found = self.good(self.client.get_hosts_performance(names=[host]))
        self.assertEqual(2, found[0].writes_per_sec)

    def test_a_host_that_is_not_connected_cannot_write(self) -> None:
        self.good(
            self.client.post_hosts(
                names=[f'{self.name}-x'], host=flasharray.HostPost()
            )
        )
        with self.assertRaises(DoorError):
            self.door.write(self.name, 0, b'x', host=f'{self.name}-x')

    def test_a_hosts_load_is_balanced_over_its_paths(self) -> None:
        host = self.host()
        for _ in range(10):
            self.door.read(self.name, 0, 512, host=host)
        found = self.good(
            self.client.get_hosts_performance_balance(names=[host])
        )
        self.assertEqual(
            [('CT0.ETH4', 5), ('CT1.ETH4', 5)],
            [(row.target.name, row.op_count) for row in found],
        )
        self.assertEqual(
            [1.0, 1.0], [r.fraction_relative_to_max for r in found]
        )

    def test_the_ports_show_what_went_through_them(self) -> None:
        host = self.host()
        self.door.write(self.name, 0, b'x' * 60_000, host=host)
        found = self.good(
            self.client.get_network_interfaces_performance(
                names=['ct0.eth4', 'ct1.eth4', 'CT0.FC0']
            )
        )
        received = {
            row.name: getattr(row.eth, 'received_bytes_per_sec', None)
            for row in found
        }
        self.assertGreaterEqual(
            received['ct0.eth4'] + received['ct1.eth4'], 2000
        )
        self.assertIsNone(received['CT0.FC0'])

    def test_a_pod_shows_what_its_volumes_do(self) -> None:
        pod = f'{self.name}-p'
        self.good(self.client.post_pods(names=[pod], pod=flasharray.PodPost()))
        self.volume(f'{pod}::v')
        self.door.load(f'{pod}::v', reads=90)
        found = self.good(self.client.get_pods_performance(names=[pod]))
        self.assertEqual(3, found[0].reads_per_sec)

    def test_a_volume_group_shows_what_its_volumes_do(self) -> None:
        group = f'{self.name}-g'
        self.good(
            self.client.post_volume_groups(
                names=[group], volume_group=flasharray.VolumeGroupPost()
            )
        )
        self.volume(f'{group}/v')
        self.door.load(f'{group}/v', writes=60)
        found = self.good(
            self.client.get_volume_groups_performance(names=[group])
        )
        self.assertEqual(2, found[0].writes_per_sec)


class ActivityTest(unittest.TestCase):
    def setUp(self) -> None:
        self.activity = Activity()

    def between(self, start: int, end: int, now: int) -> int:
        return self.activity.between(('v',), start, end, now).writes

    def test_intervals_that_follow_one_another_lose_nothing(self) -> None:
        for second in range(100):
            self.activity.add([('v',)], second * SECOND, Load(writes=1))
        now = 100 * SECOND
        parts = [
            self.between(start, start + 7 * SECOND, now)
            for start in range(0, 105 * SECOND, 7 * SECOND)
        ]
        self.assertEqual(100, sum(parts))

    def test_an_older_time_is_known_less_exactly(self) -> None:
        self.activity.add([('v',)], 45 * SECOND, Load(writes=5))
        now = 20 * support.HOUR
        self.assertEqual(5, self.between(30 * SECOND, 60 * SECOND, now))
        self.assertEqual(0, self.between(0, 30 * SECOND, now))

    def test_what_is_a_month_old_is_known_by_the_hour(self) -> None:
        self.activity.add([('v',)], 45 * SECOND, Load(writes=5))
        now = 30 * support.DAY
        self.assertEqual(5, self.between(0, support.HOUR, now))

    def test_an_unknown_object_did_nothing(self) -> None:
        self.assertEqual(0, self.between(0, 60 * SECOND, 60 * SECOND))
