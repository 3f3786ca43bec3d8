# SPDX-License-Identifier: Apache-2.0
"""Promoting and demoting linked pods: failover, failback, undoing."""

from pypureclient import flasharray

from flasharray_simulator.door import DoorError
from tests import replica_links, support


class PlainTest(replica_links.LinkCase):
    def test_a_pod_without_link_is_demoted_and_promoted(self) -> None:
        self.make_pods()
        volume = self.make_volume()
        self.here.write(volume, 0, b'data')
        self.demote(self.one, self.source)
        with self.assertRaises(DoorError) as caught:
            self.here.write(volume, 0, b'no')
        self.assertIn('demoted', str(caught.exception))
        self.promote(self.one, self.source)
        self.here.write(volume, 0, b'yes')

    def test_a_promotion_is_first_under_way(self) -> None:
        self.make_pods()
        self.demote(self.one, self.source)
        pod = self.good(self.ask(self.one, self.source, 'promoted'))[0]
        self.assertEqual('promoting', pod.promotion_status)
        self.assertEqual('promoted', pod.requested_promotion_state)
        self.until_pod(self.one, self.source, 'promoted')

    def test_both_can_be_asked_for_again(self) -> None:
        self.make_pods()
        self.promote(self.one, self.source)
        self.demote(self.one, self.source)
        self.demote(self.one, self.source)
        self.assertEqual(1, len(self.undo_pods(self.one, self.source)))

    def test_schedules_of_a_demoted_pod_do_not_run(self) -> None:
        self.make_pods()
        group = f'{self.source}::pg'
        volume = self.make_volume()
        self.good(self.one.post_protection_groups(names=[group]))
        self.good(
            self.one.post_protection_groups_volumes(
                group_names=[group], member_names=[volume]
            )
        )
        self.good(
            self.one.patch_protection_groups(
                names=[group],
                protection_group=flasharray.ProtectionGroup(
                    snapshot_schedule={
                        'enabled': True,
                        'frequency': support.HOUR,
                    }
                ),
            )
        )
        support.eventually(lambda: self.snapshots(group) == 1)
        self.demote(self.one, self.source)
        self.here.advance_clock(2 * support.HOUR)
        self.assertEqual(1, self.snapshots(group))
        self.promote(self.one, self.source)
        support.eventually(lambda: self.snapshots(group) == 2)

    def snapshots(self, group: str) -> int:
        return len(
            self.good(
                self.one.get_protection_group_snapshots(source_names=[group])
            )
        )


class UndoTest(replica_links.LinkCase):
    def setUp(self) -> None:
        super().setUp()
        self.make_pods()
        self.volume = self.make_volume()

    def test_a_demotion_keeps_the_state_for_a_day(self) -> None:
        self.here.write(self.volume, 0, b'before')
        self.demote(self.one, self.source)
        name = f'{self.source}.undo-demote'
        undo = self.good(self.one.get_pods(names=[name]))[0]
        self.assertTrue(undo.destroyed)
        self.assertLessEqual(undo.time_remaining, support.DAY)
        self.assertEqual(b'before', self.here.read(f'{name}::v', 0, 6))
        self.here.advance_clock(support.DAY)
        self.assertEqual(400, self.one.get_pods(names=[name]).status_code)

    def test_every_demotion_makes_another_undo_pod(self) -> None:
        for _ in range(3):
            self.demote(self.one, self.source)
            self.promote(self.one, self.source)
        name = f'{self.source}.undo-demote'
        self.assertEqual(
            [name, f'{name}.1', f'{name}.2'],
            sorted(self.undo_pods(self.one, self.source)),
        )

    def test_a_pod_is_promoted_from_its_undo_pod(self) -> None:
        serial = self.serial()
        self.here.write(self.volume, 0, b'one')
        self.demote(self.one, self.source)
        self.promote(self.one, self.source)
        self.here.write(self.volume, 0, b'two')
        self.demote(self.one, self.source)
        self.promote(
            self.one, self.source, promote_from=f'{self.source}.undo-demote'
        )
        self.assertEqual(b'one', self.here.read(self.volume, 0, 3))
        self.assertEqual(serial, self.serial())
        self.assertEqual(
            [f'{self.source}.undo-demote.1'],
            self.undo_pods(self.one, self.source),
        )
        self.here.write(self.volume, 0, b'three')

    def serial(self) -> str:
        return str(
            self.good(self.one.get_volumes(names=[self.volume]))[0].serial
        )

    def test_the_undo_pod_of_another_pod_is_refused(self) -> None:
        self.demote(self.one, self.source)
        self.good(
            self.one.post_pods(
                names=[f'{self.source}-b'], pod=flasharray.PodPost()
            )
        )
        self.demote(self.one, f'{self.source}-b')
        self.bad(
            self.ask(
                self.one,
                self.source,
                'promoted',
                promote_from=f'{self.source}-b.undo-demote',
            ),
            'not an undo-demote pod',
        )


class FailoverTest(replica_links.LinkCase):
    def test_the_target_has_what_arrived_and_takes_writes(self) -> None:
        self.linked()
        self.here.set_link('fa-west', False)
        self.until('unhealthy')
        self.here.write(f'{self.source}::v', 0, b'lost!')
        self.promote(self.two, self.target)
        self.assertEqual('idle', self.there_row().status)
        volume = f'{self.target}::v'
        self.assertEqual(b'first', self.there.read(volume, 0, 5))
        self.there.write(volume, 0, b'after')

    def test_a_link_of_two_promoted_pods_keeps_its_direction(self) -> None:
        self.linked()
        self.promote(self.two, self.target)
        self.there.write(f'{self.target}::v', 0, b'test!')
        self.here.write(f'{self.source}::v', 0, b'later')
        self.here.advance_clock(support.HOUR)
        support.eventually(lambda: self.row().lag < 60_000)
        self.assertEqual('outbound', self.row().direction)
        self.assertEqual('replicating', self.row().status)
        self.assertEqual(b'test!', self.there.read(f'{self.target}::v', 0, 5))

    def test_after_a_test_the_target_has_what_came_meanwhile(self) -> None:
        self.linked()
        self.promote(self.two, self.target)
        self.there.write(f'{self.target}::v', 0, b'test!')
        self.here.write(f'{self.source}::v', 0, b'later')
        self.here.advance_clock(support.HOUR)
        support.eventually(lambda: self.row().lag < 60_000)
        self.demote(self.two, self.target, skip_quiesce=True)
        self.assertEqual(b'later', self.there.read(f'{self.target}::v', 0, 5))
        undo = f'{self.target}.undo-demote::v'
        self.assertEqual(b'test!', self.there.read(undo, 0, 5))
        self.here.write(f'{self.source}::v', 0, b'again')
        self.arrived(b'again')

    def test_a_journal_survives_a_kill(self) -> None:
        self.linked()
        self.promote(self.two, self.target)
        self.here.write(f'{self.source}::v', 0, b'later')
        self.here.advance_clock(support.HOUR)
        support.eventually(lambda: self.row().lag < 60_000)
        self.here.set_link('fa-west', False)
        self.west.kill()
        self.west.start()
        self.west.ready()
        self.demote(self.two, self.target)
        self.assertEqual(b'later', self.there.read(f'{self.target}::v', 0, 5))

    def test_the_link_turns_round_when_the_source_is_demoted(self) -> None:
        self.linked()
        self.promote(self.two, self.target)
        self.there.write(f'{self.target}::v', 0, b'new side')
        self.demote(self.one, self.source, skip_quiesce=True)
        self.until_direction(self.two, self.target, 'outbound')
        self.until_direction(self.one, self.source, 'inbound')
        self.has(self.here, f'{self.source}::v', b'new side')
        undo = f'{self.source}.undo-demote::v'
        self.assertEqual(b'first', self.here.read(undo, 0, 5))
        self.until('replicating', self.two, self.target)

    def test_volumes_keep_their_identity_there_and_back(self) -> None:
        self.linked()
        before = self.good(self.one.get_volumes(names=[f'{self.source}::v']))[
            0
        ]
        self.promote(self.two, self.target)
        self.there.write(f'{self.target}::v', 0, b'new side')
        self.demote(self.one, self.source, skip_quiesce=True)
        self.has(self.here, f'{self.source}::v', b'new side')
        after = self.good(self.one.get_volumes(names=[f'{self.source}::v']))[0]
        self.assertEqual((before.id, before.serial), (after.id, after.serial))

    def test_the_switch_activedr_rebaseline_sends_a_new_baseline(
        self,
    ) -> None:
        for door in (self.here, self.there):
            door.set_switch('activedr_rebaseline', 'full')
            self.addCleanup(door.set_switch, 'activedr_rebaseline', 'delta')
        self.linked()
        self.there.freeze_transfers(True, at=0.0)
        self.promote(self.two, self.target)
        self.there.write(f'{self.target}::v', 0, self.target.encode())
        self.demote(self.one, self.source, skip_quiesce=True)
        self.until('baselining', self.one, self.source)
        self.bad(self.ask(self.one, self.source, 'promoted'), 'baselining')
        self.there.freeze_transfers(False)
        self.until('replicating', self.one, self.source)

    def test_a_planned_failover_and_failback_lose_nothing(self) -> None:
        self.linked()
        here, there = f'{self.source}::v', f'{self.target}::v'
        self.here.write(here, 0, b'last words')
        self.good(self.ask(self.one, self.source, 'demoted', quiesce=True))
        self.until_pod(self.one, self.source, 'demoted')
        self.until('quiesced')
        self.assertEqual(b'last words', self.there.read(there, 0, 10))
        self.promote(self.two, self.target)
        self.until_direction(self.two, self.target, 'outbound')
        self.there.write(there, 0, b'other side')
        self.good(self.ask(self.two, self.target, 'demoted', quiesce=True))
        self.until_pod(self.two, self.target, 'demoted')
        self.assertEqual(b'other side', self.here.read(here, 0, 10))
        self.promote(self.one, self.source)
        self.until_direction(self.one, self.source, 'outbound')
        self.here.write(here, 0, b'home again')
        self.arrived(b'home again')


class QuiesceTest(replica_links.LinkCase):
    def test_a_source_is_not_demoted_just_like_that(self) -> None:
        self.linked()
        self.bad(self.ask(self.one, self.source, 'demoted'), 'quiesce')

    def test_it_takes_no_writes_while_it_quiesces(self) -> None:
        self.linked()
        self.here.freeze_transfers(True)
        self.here.write(f'{self.source}::v', 0, self.source.encode())
        self.good(self.ask(self.one, self.source, 'demoted', quiesce=True))
        self.until('quiescing')
        pod = self.good(self.one.get_pods(names=[self.source]))[0]
        self.assertEqual('promoted', pod.promotion_status)
        self.assertEqual('demoted', pod.requested_promotion_state)
        with self.assertRaises(DoorError) as caught:
            self.here.write(f'{self.source}::v', 0, b'no')
        self.assertIn('demoted', str(caught.exception))
        self.here.freeze_transfers(False)
        self.until('quiesced')
        self.arrived(self.source.encode())

    def test_quiescing_can_be_aborted(self) -> None:
        self.linked()
        self.here.set_link('fa-west', False)
        self.here.write(f'{self.source}::v', 0, b'later')
        self.good(self.ask(self.one, self.source, 'demoted', quiesce=True))
        self.promote(self.one, self.source, abort_quiesce=True)
        self.here.write(f'{self.source}::v', 0, b'still')
        self.here.set_link('fa-west', True)
        self.arrived(b'still')

    def test_there_must_be_something_to_abort(self) -> None:
        self.linked()
        self.bad(
            self.ask(self.one, self.source, 'promoted', abort_quiesce=True),
            'not quiescing',
        )

    def test_skipping_drops_what_is_pending(self) -> None:
        self.linked()
        self.here.set_link('fa-west', False)
        self.until('unhealthy')
        self.here.write(f'{self.source}::v', 0, b'later')
        self.demote(self.one, self.source, skip_quiesce=True)
        self.here.set_link('fa-west', True)
        self.until('idle')
        self.promote(self.two, self.target)
        self.until_direction(self.two, self.target, 'outbound')
        self.has(self.here, f'{self.source}::v', b'first')
        undo = f'{self.source}.undo-demote::v'
        self.assertEqual(b'later', self.here.read(undo, 0, 5))

    def test_a_demoted_source_that_is_promoted_again_goes_on(self) -> None:
        self.linked()
        self.demote(self.one, self.source, skip_quiesce=True)
        self.until('idle')
        self.promote(self.one, self.source)
        self.here.write(f'{self.source}::v', 0, b'again')
        self.arrived(b'again')
