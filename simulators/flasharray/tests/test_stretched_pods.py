# SPDX-License-Identifier: Apache-2.0
"""Pods that are on two arrays: what one does, the other has too."""

from typing import Any

from pypureclient import flasharray

from tests import support
from tests.stretched_case import EAST, WEST, StretchedCase


class StretchTest(StretchedCase):
    def test_a_stretched_pod_is_on_both_arrays(self) -> None:
        self.stretched('v')
        pods = [
            self.good(client.get_pods(names=[self.pod]))[0]
            for client in (self.here, self.there)
        ]
        for pod in pods:
            self.assertEqual(2, pod.array_count)
            self.assertEqual({EAST, WEST}, {a.name for a in pod.arrays})
            self.assertEqual({EAST, WEST}, {m.name for m in pod.members})
        self.assertEqual(pods[0].id, pods[1].id)

    def test_volumes_are_the_same_on_both(self) -> None:
        self.stretched('v')
        volumes = [
            self.good(client.get_volumes(names=[self.in_pod('v')]))[0]
            for client in (self.here, self.there)
        ]
        for field in ('id', 'name', 'serial', 'created', 'provisioned'):
            self.assertEqual(
                getattr(volumes[0], field), getattr(volumes[1], field)
            )

    def test_bytes_from_before_come_along(self) -> None:
        self.make_pod('v')
        self.write('v', b'before' * 30_000)
        self.good(
            self.here.post_volume_snapshots(
                source_names=[self.in_pod('v')],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='one'),
            )
        )
        self.write('v', b'after')
        self.stretch()
        self.wait_in_sync()
        self.assert_same_bytes('v', 'v.one')
        self.assertEqual(b'before', self.read('v.one', 6))

    def test_a_pod_is_stretched_only_once(self) -> None:
        self.stretched()
        self.bad(
            self.here.post_pods_arrays(
                group_names=[self.pod], member_names=[WEST]
            ),
            'already exists',
        )

    def test_a_third_array_is_too_many(self) -> None:
        self.stretched()
        self.bad(
            self.here.post_pods_arrays(
                group_names=[self.pod], member_names=['fa-third']
            ),
            'limit reached',
        )

    def test_a_pod_of_that_name_on_the_other_array_refuses(self) -> None:
        self.make_pod()
        self.good(
            self.there.post_pods(names=[self.pod], pod=flasharray.PodPost())
        )
        response = self.here.post_pods_arrays(
            group_names=[self.pod], member_names=[WEST]
        )
        self.bad(response, 'same name')
        self.assertNotIn('already exists', response.errors[0].message)
        self.assertEqual(
            1, self.good(self.here.get_pods(names=[self.pod]))[0].array_count
        )

    def test_members_stretch_and_list_too(self) -> None:
        self.make_pod()
        self.good(
            self.here.post_pods_members(
                pod_names=[self.pod], member_names=[WEST]
            )
        )
        self.wait_in_sync()
        found = self.good(self.here.get_pods_members(pod_names=[self.pod]))
        self.assertEqual(
            {(EAST, 'arrays'), (WEST, 'arrays')},
            {(m.member.name, m.member.resource_type) for m in found},
        )
        arrays = self.good(self.there.get_pods_arrays(group_names=[self.pod]))
        self.assertEqual({EAST, WEST}, {a.member.name for a in arrays})

    def test_a_stretched_pod_is_not_destroyed(self) -> None:
        self.stretched('v')
        self.bad(
            self.here.patch_pods(
                names=[self.pod],
                pod=flasharray.PodPatch(destroyed=True),
                destroy_contents=True,
            ),
            'stretched',
        )

    def test_the_connection_of_a_stretched_pod_stays(self) -> None:
        self.stretched()
        self.bad(
            self.here.patch_array_connections(
                names=[WEST],
                array_connection=flasharray.ArrayConnection(
                    type='async-replication'
                ),
            ),
            'stretched pod',
        )


class MirrorTest(StretchedCase):
    def test_both_arrays_create(self) -> None:
        self.stretched()
        self.volume('east', self.here)
        self.volume('west', self.there)
        wanted = {self.in_pod('east'), self.in_pod('west')}
        self.assertEqual(wanted, self.names(self.here, 'volumes'))
        self.assertEqual(wanted, self.names(self.there, 'volumes'))

    def test_both_arrays_write(self) -> None:
        self.stretched('v')
        self.write('v', b'from east', EAST)
        self.assertEqual(b'from east', self.read('v', 9, WEST))
        self.write('v', b'from west', WEST)
        self.assertEqual(b'from west', self.read('v', 9, EAST))

    def test_a_volume_is_changed_on_either(self) -> None:
        self.stretched('v')
        self.good(
            self.there.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(
                    provisioned=2 * support.GIB,
                    qos=flasharray.Qos(iops_limit=1000),
                ),
            )
        )
        self.good(
            self.there.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(name='w'),
            )
        )
        found = self.good(self.here.get_volumes(names=[self.in_pod('w')]))[0]
        self.assertEqual(2 * support.GIB, found.provisioned)
        self.assertEqual(1000, found.qos.iops_limit)

    def test_snapshots_are_on_both(self) -> None:
        self.stretched('v')
        self.write('v', b'old')
        self.good(
            self.there.post_volume_snapshots(
                source_names=[self.in_pod('v')],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.write('v', b'new')
        for array in (EAST, WEST):
            self.assertEqual(b'old', self.read('v.s', 3, array))

    def test_a_copy_in_the_pod_has_its_bytes_on_both(self) -> None:
        self.stretched('v')
        self.write('v', b'data' * 40_000)
        self.good(
            self.there.post_volumes(
                names=[self.in_pod('copy')],
                volume=flasharray.VolumePost(
                    source=flasharray.Reference(name=self.in_pod('v'))
                ),
            )
        )
        self.assert_same_bytes('copy')
        self.assertEqual(b'data', self.read('copy', 4, EAST))

    def test_groups_and_their_snapshots_are_on_both(self) -> None:
        self.stretched('v')
        self.good(self.there.post_protection_groups(names=[self.in_pod('pg')]))
        self.good(
            self.here.post_protection_groups_volumes(
                group_names=[self.in_pod('pg')],
                member_names=[self.in_pod('v')],
            )
        )
        self.write('v', b'old')
        self.good(
            self.there.post_protection_group_snapshots(
                source_names=[self.in_pod('pg')]
            )
        )
        self.write('v', b'new')
        for client in (self.here, self.there):
            self.assertEqual(
                {self.in_pod('pg.1')},
                self.names(client, 'protection_group_snapshots'),
            )
        self.assertEqual(b'old', self.read('pg.1.v', 3, EAST))
        self.assertEqual(b'old', self.read('pg.1.v', 3, WEST))

    def test_volume_groups_and_tags_are_on_both(self) -> None:
        self.stretched()
        self.good(
            self.there.post_volume_groups(
                names=[self.in_pod('vg')],
                volume_group=flasharray.VolumeGroupPost(),
            )
        )
        self.volume('vg/v', self.here)
        self.good(
            self.there.put_volumes_tags_batch(
                resource_names=[self.in_pod('vg/v')],
                tag=[flasharray.Tag(key='k', value='v')],
            )
        )
        self.assertIn(
            self.in_pod('vg'), self.names(self.here, 'volume_groups')
        )
        tags = self.good(
            self.here.get_volumes_tags(resource_names=[self.in_pod('vg/v')])
        )
        self.assertEqual([('k', 'v')], [(t.key, t.value) for t in tags])

    def test_a_rename_of_the_pod_is_one_on_both(self) -> None:
        self.stretched('v')
        old, self.pod = self.pod, f'{self.pod}-new'
        self.good(
            self.there.patch_pods(
                names=[old], pod=flasharray.PodPatch(name=self.pod)
            )
        )
        self.assertEqual({self.in_pod('v')}, self.names(self.here, 'volumes'))

    def test_what_is_eradicated_is_gone_on_both(self) -> None:
        self.stretched('v')
        self.good(
            self.there.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(destroyed=True),
            )
        )
        self.good(self.here.delete_volumes(names=[self.in_pod('v')]))
        self.assertEqual(set(), self.names(self.there, 'volumes'))

    def test_a_refused_call_changes_neither(self) -> None:
        self.stretched('v')
        response = self.here.post_volumes(
            names=[self.in_pod('a'), self.in_pod('v')],
            volume=flasharray.VolumePost(provisioned=support.GIB),
        )
        self.bad(response, 'already exists')
        for client in (self.here, self.there):
            self.assertEqual({self.in_pod('v')}, self.names(client, 'volumes'))

    def test_many_calls_on_both_at_once(self) -> None:
        self.stretched()
        clients = {'e': self.here, 'w': self.there}
        made = self.together(
            [
                lambda c=client, n=f'{side}{number}': self.volume(n, c)
                for number in range(10)
                for side, client in clients.items()
            ]
        )
        self.assertEqual(20, len(made))
        self.assertEqual(
            self.names(self.here, 'volumes'),
            self.names(self.there, 'volumes'),
        )
        self.assertEqual(20, len(self.names(self.here, 'volumes')))


class FigureTest(StretchedCase):
    def rates(self, client: Any) -> Any:
        return self.good(
            client.get_pods_performance_replication(names=[self.pod])
        )[0]

    def test_what_is_mirrored_shows_on_both(self) -> None:
        self.stretched('v')
        self.write('v', b'x' * 4_000_000)
        here, there = self.rates(self.here), self.rates(self.there)
        for rate in (
            here.sync_bytes_per_sec.to_remote_bytes_per_sec,
            there.sync_bytes_per_sec.from_remote_bytes_per_sec,
        ):
            self.assertGreaterEqual(rate, 100_000)
        self.assertEqual(0, here.sync_bytes_per_sec.from_remote_bytes_per_sec)
        self.assertGreaterEqual(here.total_bytes_per_sec, 100_000)

    def test_a_resync_shows_on_both(self) -> None:
        self.make_pod('v')
        self.write('v', self.pod.encode() * 500_000)
        self.stretch()
        self.wait_in_sync()
        for rates, field in (
            (self.rates(self.here), 'to_remote_bytes_per_sec'),
            (self.rates(self.there), 'from_remote_bytes_per_sec'),
        ):
            self.assertGreater(getattr(rates.resync_bytes_per_sec, field), 0)


class HostTest(StretchedCase):
    def connect(self, client: Any, host: str) -> Any:
        self.good(
            client.post_hosts(
                names=[host],
                host=flasharray.HostPost(iqns=[f'iqn.2020-01.org:{host}']),
            )
        )
        return self.good(
            client.post_connections(
                host_names=[host], volume_names=[self.in_pod('v')]
            )
        )[0]

    def test_hosts_are_those_of_one_array(self) -> None:
        self.stretched('v')
        self.connect(self.here, f'h-{self.pod}')
        counts = [
            self.good(client.get_volumes(names=[self.in_pod('v')]))[
                0
            ].connection_count
            for client in (self.here, self.there)
        ]
        self.assertEqual([1, 0], counts)

    def test_a_volume_connected_on_the_other_array_stays(self) -> None:
        self.stretched('v')
        self.connect(self.there, f'h-{self.pod}')
        self.bad(
            self.here.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(destroyed=True),
            ),
            'connected',
        )
        self.assertFalse(
            self.good(self.there.get_volumes(names=[self.in_pod('v')]))[
                0
            ].destroyed
        )


class MoveTest(StretchedCase):
    def move(self, volume: str, pod: str, **options: Any) -> Any:
        return self.here.patch_volumes(
            names=[volume],
            volume=flasharray.VolumePatch(pod=flasharray.Reference(name=pod)),
            **options,
        )

    def local(self) -> str:
        name = f'local-{self.pod}'
        self.good(
            self.here.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )
        return name

    def test_no_volume_moves_into_a_stretched_pod(self) -> None:
        self.stretched()
        self.bad(self.move(self.local(), self.pod), 'stretched pod')

    def test_no_volume_moves_out_of_a_stretched_pod(self) -> None:
        self.stretched('v')
        self.bad(self.move(self.in_pod('v'), ''), 'stretched pod')

    def test_a_volume_moves_between_pods_on_the_same_arrays(self) -> None:
        name = self.local()
        self.doors[EAST].write(name, 0, b'bytes' * 20_000)
        ghost = f'ghost-{self.pod}'
        target, self.pod = self.pod, ghost
        self.make_pod()
        self.good(self.move(name, ghost))
        self.stretch()
        self.wait_in_sync()
        self.pod = target
        self.stretched()
        self.good(self.move(f'{ghost}::{name}', target))
        self.assertEqual(
            {self.in_pod(name)}, self.names(self.there, 'volumes')
        )
        self.assertEqual(b'bytes', self.read(name, 5))
        self.pod = ghost
        self.unstretch()

    def test_nothing_outside_is_copied_in(self) -> None:
        self.stretched()
        name = self.local()
        body = flasharray.VolumePost(source=flasharray.Reference(name=name))
        self.bad(
            self.here.post_volumes(names=[self.in_pod('c')], volume=body),
            'stretched pod',
        )
        self.doors[EAST].set_switch('copy_into_stretched_pod', 'allowed')
        self.addCleanup(
            self.doors[EAST].set_switch, 'copy_into_stretched_pod', 'refused'
        )
        self.doors[EAST].write(name, 0, b'outside')
        self.good(
            self.here.post_volumes(names=[self.in_pod('c')], volume=body)
        )
        self.assertEqual(b'outside', self.read('c', 7))


class UnstretchTest(StretchedCase):
    def test_the_removed_array_keeps_a_destroyed_pod(self) -> None:
        self.stretched('v')
        self.unstretch()
        self.assertEqual(
            1, self.good(self.here.get_pods(names=[self.pod]))[0].array_count
        )
        kept = self.good(self.there.get_pods(names=[f'{self.pod}.restretch']))
        self.assertTrue(kept[0].destroyed)
        self.assertGreater(kept[0].time_remaining, 0)
        self.bad(self.there.get_pods(names=[self.pod]), 'does not exist')
        self.bad(
            self.there.patch_pods(
                names=[f'{self.pod}.restretch'],
                pod=flasharray.PodPatch(destroyed=False),
            ),
            'restretch',
        )

    def test_an_array_can_leave_by_itself(self) -> None:
        self.stretched('v')
        self.unstretch(self.there, WEST)
        self.assertEqual(
            1, self.good(self.here.get_pods(names=[self.pod]))[0].array_count
        )

    def test_the_last_array_stays(self) -> None:
        self.make_pod()
        self.bad(
            self.here.delete_pods_arrays(
                group_names=[self.pod], member_names=[EAST]
            ),
            'last array',
        )

    def test_the_array_that_stays_goes_on(self) -> None:
        self.stretched('v')
        self.write('v', b'data')
        self.unstretch(self.here, EAST)
        self.assertEqual(b'data', self.read('v', 4, WEST))
        self.doors[WEST].write(self.in_pod('v'), 0, b'more')

    def test_a_restretch_sends_only_what_changed(self) -> None:
        self.stretched('v')
        self.write('v', b'a' * 8_000_000)
        self.unstretch()
        self.write('v', b'b')
        self.doors[EAST].set_bandwidth(100_000)
        self.stretch()
        self.wait_in_sync()
        self.assert_same_bytes('v')
        self.bad(
            self.there.get_pods(names=[f'{self.pod}.restretch']),
            'does not exist',
        )


class RemotePodTest(StretchedCase):
    def test_the_pods_of_the_other_array_are_listed(self) -> None:
        self.make_pod()
        found = self.good(
            self.there.get_remote_pods(names=[self.pod], on=[EAST])
        )[0]
        self.assertEqual([EAST], [a.name for a in found.arrays])

    def test_an_array_that_does_not_answer_is_an_error_if_named(self) -> None:
        self.make_pod()
        self.cut()
        self.bad(self.there.get_remote_pods(on=[EAST]), 'reached')
