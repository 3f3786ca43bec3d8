# SPDX-License-Identifier: Apache-2.0
"""ActiveDR links between two arrays in two processes."""

import random

from pypureclient import flasharray

from flasharray_simulator.content import BLOCK
from flasharray_simulator.door import DoorError
from tests import replica_links, support


class LinkTest(replica_links.LinkCase):
    def test_both_ends_show_the_link(self) -> None:
        self.linked()
        row = self.row()
        self.assertEqual('outbound', row.direction)
        self.assertEqual(self.target, row.remote_pod.name)
        self.assertEqual('fa-west', row.remotes[0].name)
        self.assertFalse(row.paused)
        self.assertGreaterEqual(row.lag, 0)
        other = self.until('replicating', self.two, self.target)
        self.assertEqual('inbound', other.direction)
        self.assertEqual(self.source, other.remote_pod.name)

    def test_no_link_is_an_empty_list(self) -> None:
        self.make_pods()
        found = self.one.get_pod_replica_links(
            local_pod_names=[self.source], total_item_count=True
        )
        self.assertEqual(200, found.status_code)
        self.assertEqual(0, found.total_item_count)

    def test_pods_count_their_links(self) -> None:
        self.linked()
        here = self.good(self.one.get_pods(names=[self.source]))[0]
        there = self.good(self.two.get_pods(names=[self.target]))[0]
        self.assertEqual(
            (1, 0), (here.link_source_count, here.link_target_count)
        )
        self.assertEqual(
            (0, 1), (there.link_source_count, there.link_target_count)
        )

    def test_the_target_must_be_demoted(self) -> None:
        self.make_pods()
        self.promote(self.two, self.target)
        self.bad(self.post_link(), 'not demoted')

    def test_the_target_must_exist(self) -> None:
        self.make_pods()
        self.target = 'nowhere'
        self.bad(self.post_link(), 'does not exist')

    def test_the_target_must_be_empty(self) -> None:
        self.make_pods()
        self.promote(self.two, self.target)
        self.good(
            self.two.post_volumes(
                names=[f'{self.target}::other'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )
        self.demote(self.two, self.target)
        self.bad(self.post_link(), 'not empty')

    def test_a_pod_has_one_link(self) -> None:
        self.linked()
        self.bad(self.post_link(), 'already exists')

    def test_a_linked_pod_cannot_be_destroyed(self) -> None:
        self.linked()
        for client, pod in ((self.one, self.source), (self.two, self.target)):
            self.bad(
                client.patch_pods(
                    names=[pod],
                    pod=flasharray.PodPatch(destroyed=True),
                    destroy_contents=True,
                ),
                'replica link',
            )

    def test_a_linked_pod_cannot_be_stretched(self) -> None:
        self.linked()
        self.one.patch_array_connections(
            names=['fa-west'],
            array_connection=flasharray.ArrayConnectionPatch(
                type='sync-replication'
            ),
        )
        self.bad(
            self.one.post_pods_arrays(
                group_names=[self.source], member_names=['fa-west']
            ),
            'replica link',
        )

    def test_the_connection_of_a_link_is_not_deleted(self) -> None:
        self.linked()
        for client, peer in ((self.one, 'fa-west'), (self.two, 'fa-east')):
            self.bad(client.delete_array_connections(names=[peer]), 'in use')

    def test_the_ends_are_among_the_objects(self) -> None:
        self.linked()
        pods = {link['pod'] for link in self.there.objects()['pod_links']}
        self.assertIn(self.target, pods)

    def test_a_deleted_link_is_gone_on_both_sides(self) -> None:
        self.linked()
        self.good(
            self.one.delete_pod_replica_links(
                local_pod_names=[self.source], remote_pod_names=[self.target]
            )
        )
        for client in (self.one, self.two):
            self.assertEqual([], self.good(client.get_pod_replica_links()))
        self.arrived(b'first')

    def test_former_partners_can_be_linked_again(self) -> None:
        self.linked()
        serial = self.serial_there()
        self.good(
            self.two.delete_pod_replica_links(
                local_pod_names=[self.target], remote_pod_names=[self.source]
            )
        )
        self.here.write(f'{self.source}::v', 0, b'again')
        self.link()
        self.arrived(b'again')
        self.assertEqual(serial, self.serial_there())

    def serial_there(self) -> str:
        found = self.good(self.two.get_volumes(names=[f'{self.target}::v']))
        return str(found[0].serial)

    def test_a_deletion_is_learned_when_the_link_is_back(self) -> None:
        self.linked()
        self.here.set_link('fa-west', False)
        self.good(
            self.one.delete_pod_replica_links(
                local_pod_names=[self.source], remote_pod_names=[self.target]
            )
        )
        self.assertEqual(1, len(self.good(self.two.get_pod_replica_links())))
        self.here.set_link('fa-west', True)
        support.eventually(
            lambda: not self.good(self.two.get_pod_replica_links())
        )


class ContentTest(replica_links.LinkCase):
    def test_the_target_has_the_volumes_with_serials_of_their_own(
        self,
    ) -> None:
        self.linked()
        here = self.good(self.one.get_volumes(names=[f'{self.source}::v']))[0]
        there = self.good(self.two.get_volumes(names=[f'{self.target}::v']))[0]
        self.assertNotEqual(here.serial, there.serial)
        self.assertNotEqual(here.id, there.id)
        self.assertEqual(here.provisioned, there.provisioned)

    def test_the_switch_activedr_serials_keeps_those_of_the_source(
        self,
    ) -> None:
        self.there.set_switch('activedr_serials', 'source')
        self.addCleanup(self.there.set_switch, 'activedr_serials', 'own')
        self.linked()
        here = self.good(self.one.get_volumes(names=[f'{self.source}::v']))[0]
        there = self.good(self.two.get_volumes(names=[f'{self.target}::v']))[0]
        self.assertEqual(here.serial, there.serial)

    def test_the_target_has_snapshots_and_groups(self) -> None:
        self.linked()
        volume = f'{self.source}::v'
        group = f'{self.source}::pg'
        self.good(
            self.one.post_volume_snapshots(
                source_names=[volume],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            )
        )
        self.good(self.one.post_protection_groups(names=[group]))
        self.good(
            self.one.post_protection_groups_volumes(
                group_names=[group], member_names=[volume]
            )
        )
        self.good(
            self.one.post_protection_group_snapshots(source_names=[group])
        )
        self.here.write(volume, 0, b'later')
        self.arrived(b'later')
        for name in (f'{self.target}::v.s', f'{self.target}::pg.1.v'):
            self.assertEqual(b'first', self.there.read(name, 0, 5))
        members = self.good(
            self.two.get_protection_groups_volumes(
                group_names=[f'{self.target}::pg']
            )
        )
        self.assertEqual(
            [f'{self.target}::v'], [row.member.name for row in members]
        )

    def test_what_is_eradicated_goes_there_too(self) -> None:
        self.linked()
        volume = f'{self.source}::v'
        self.good(
            self.one.patch_volumes(
                names=[volume], volume=flasharray.VolumePatch(destroyed=True)
            )
        )
        self.good(self.one.delete_volumes(names=[volume]))
        support.eventually(
            lambda: (
                self.two.get_volumes(names=[f'{self.target}::v']).status_code
                == 400
            )
        )

    def test_a_demoted_pod_is_not_written(self) -> None:
        self.linked()
        volume = f'{self.target}::v'
        with self.assertRaises(DoorError) as caught:
            self.there.write(volume, 0, b'no')
        self.assertIn('demoted', str(caught.exception))
        refused = (
            self.two.patch_volumes(
                names=[volume], volume=flasharray.VolumePatch(destroyed=True)
            ),
            self.two.patch_volumes(
                names=[volume],
                volume=flasharray.VolumePatch(provisioned=2 * support.GIB),
            ),
            self.two.post_volumes(
                names=[f'{self.target}::new'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            ),
            self.two.post_volume_snapshots(
                source_names=[volume],
                volume_snapshot=flasharray.VolumeSnapshotPost(),
            ),
            self.two.patch_volumes(
                names=[volume],
                volume=flasharray.VolumePatch(
                    pod=flasharray.Reference(name='')
                ),
            ),
        )
        for response in refused:
            self.bad(response, 'demoted')

    def test_a_volume_outside_does_not_move_into_a_demoted_pod(self) -> None:
        self.linked()
        name = f'outside-{self.target}'
        self.good(
            self.two.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )
        self.bad(
            self.two.patch_volumes(
                names=[name],
                volume=flasharray.VolumePatch(
                    pod=flasharray.Reference(name=self.target)
                ),
            ),
            'demoted',
        )

    def test_a_copy_out_of_a_demoted_pod_is_allowed(self) -> None:
        self.linked()
        name = f'copy-{self.target}'
        self.good(
            self.two.post_volumes(
                names=[name],
                volume=flasharray.VolumePost(
                    source=flasharray.Reference(name=f'{self.target}::v')
                ),
            )
        )
        self.assertEqual(b'first', self.there.read(name, 0, 5))


class LagTest(replica_links.LinkCase):
    def test_the_lag_is_small_while_everything_arrives(self) -> None:
        self.linked()
        self.here.advance_clock(support.HOUR)
        support.eventually(lambda: self.row().lag < 60_000)

    def test_the_lag_grows_while_the_link_is_cut(self) -> None:
        self.linked()
        self.here.set_link('fa-west', False)
        self.until('unhealthy')
        point = self.row().recovery_point
        self.here.write(f'{self.source}::v', 0, b'later')
        self.here.advance_clock(support.HOUR)
        row = self.row()
        self.assertEqual(point, row.recovery_point)
        self.assertGreaterEqual(row.lag, support.HOUR)
        self.assertEqual(b'first', self.there.read(f'{self.target}::v', 0, 5))
        self.here.set_link('fa-west', True)
        self.until('replicating')
        self.arrived(b'later')
        support.eventually(lambda: self.row().lag < 60_000)

    def test_a_paused_link_sends_nothing(self) -> None:
        self.linked()
        for paused in (True, False):
            self.good(
                self.one.patch_pod_replica_links(
                    local_pod_names=[self.source],
                    remote_pod_names=[self.target],
                    pod_replica_link=flasharray.PodReplicaLinkPatch(
                        paused=paused
                    ),
                )
            )
            if paused:
                self.until('paused')
                self.until('paused', self.two, self.target)
                self.here.write(f'{self.source}::v', 0, b'later')
                self.here.advance_clock(support.HOUR)
                self.assertGreaterEqual(self.row().lag, support.HOUR)
                self.assertEqual(
                    b'first', self.there.read(f'{self.target}::v', 0, 5)
                )
        self.arrived(b'later')

    def test_frozen_transfers_hold_the_link(self) -> None:
        self.linked()
        self.here.freeze_transfers(True)
        self.here.write(f'{self.source}::v', 0, b'later')
        self.here.advance_clock(support.HOUR)
        self.assertGreaterEqual(self.row().lag, support.HOUR)
        self.here.freeze_transfers(False)
        self.arrived(b'later')

    def test_bandwidth_bounds_the_link(self) -> None:
        self.linked()
        self.here.set_bandwidth(4 * BLOCK)
        self.here.write(
            f'{self.source}::v',
            0,
            b''.join(bytes([n]) * BLOCK for n in range(1, 9)),
        )
        before = self.here.clock()
        self.arrived(bytes([8]) * 8, 7 * BLOCK)
        self.assertGreaterEqual(self.here.clock() - before, 1700)

    def test_the_endpoints_of_lag_and_performance(self) -> None:
        self.linked(b'x' * 4 * BLOCK)
        lag = self.good(
            self.one.get_pod_replica_links_lag(local_pod_names=[self.source])
        )[0]
        self.assertEqual(lag.lag.avg, lag.lag.max)
        self.assertEqual('outbound', lag.direction)
        self.assertGreater(lag.recovery_point, 0)
        out = self.good(
            self.one.get_pod_replica_links_performance_replication(
                local_pod_names=[self.source]
            )
        )[0]
        self.assertGreater(out.bytes_per_sec_to_remote, 0)
        self.assertEqual(0, out.bytes_per_sec_from_remote)
        into = self.good(
            self.two.get_pod_replica_links_performance_replication(
                local_pod_names=[self.target]
            )
        )[0]
        self.assertGreater(into.bytes_per_sec_from_remote, 0)
        pod = self.good(
            self.one.get_pods_performance_replication(names=[self.source])
        )[0]
        self.assertGreater(
            pod.continuous_bytes_per_sec.to_remote_bytes_per_sec, 0
        )
        self.assertGreater(pod.total_bytes_per_sec, 0)


class InterruptedTest(replica_links.LinkCase):
    def half_sent(self) -> None:
        """Stop the baseline of a volume of eight blocks in the middle."""
        self.make_pods()
        data = random.Random(self.source).randbytes(8 * BLOCK)
        self.here.write(self.make_volume(), 0, data)
        self.here.freeze_transfers(True, at=0.5)
        self.link()
        self.until('baselining')

    def digests_agree(self) -> None:
        support.eventually(
            lambda: (
                self.two.get_volumes(names=[f'{self.target}::v']).status_code
                == 200
            )
        )
        self.assertEqual(
            self.here.digest(f'{self.source}::v'),
            self.there.digest(f'{self.target}::v'),
        )

    def test_a_target_is_not_promoted_while_it_is_baselining(self) -> None:
        self.half_sent()
        self.until('baselining', self.two, self.target)
        self.assertFalse(hasattr(self.there_row(), 'recovery_point'))
        self.assertFalse(hasattr(self.there_row(), 'lag'))
        self.bad(self.ask(self.two, self.target, 'promoted'), 'baselining')
        self.here.freeze_transfers(False)
        self.digests_agree()

    def test_a_baseline_goes_on_after_a_cut(self) -> None:
        self.half_sent()
        self.there.set_link('fa-east', False)
        self.here.freeze_transfers(False)
        self.until('unhealthy')
        self.there.set_link('fa-east', True)
        self.digests_agree()

    def test_a_baseline_survives_kills(self) -> None:
        self.half_sent()
        for array, peer in ((self.east, 'fa-west'), (self.west, 'fa-east')):
            array.kill()
            array.start()
            array.ready(peer)
        self.here.freeze_transfers(False)
        self.digests_agree()

    def test_a_clock_jump_changes_nothing(self) -> None:
        self.half_sent()
        self.here.advance_clock(25 * support.HOUR)
        self.here.freeze_transfers(False)
        self.digests_agree()
