# SPDX-License-Identifier: Apache-2.0
"""Parted arrays: which copy of a stretched pod goes on, and the way back."""

from pypureclient import flasharray

from tests import support
from tests.stretched_case import EAST, WEST, StretchedCase


class LinkTest(StretchedCase):
    def sides(self) -> tuple[str, str]:
        """Return who goes on and who does not, once that is decided."""

        def look() -> tuple[str, str] | None:
            here = self.status(EAST, EAST).status
            there = self.status(WEST, WEST).status
            found = {here: EAST, there: WEST}
            if found.keys() == {'online', 'offline'}:
                return found['online'], found['offline']
            return None

        return support.eventually(look, what='the decision')

    def test_one_goes_on_and_the_other_stops(self) -> None:
        self.stretched('v')
        self.write('v', b'common')
        self.cut()
        winner, loser = self.sides()
        self.write('v', b'alone!', winner)
        self.assertEqual(b'alone!', self.read('v', 6, winner))
        self.assert_no_io(loser, 'v')

    def test_the_one_that_stops_says_since_when(self) -> None:
        self.stretched('v')
        before = self.doors[WEST].clock()
        self.cut()
        winner, loser = self.sides()
        frozen = self.status(loser, loser).frozen_at
        self.assertGreaterEqual(frozen, before - 60_000)
        self.assertFalse(hasattr(self.status(winner, winner), 'frozen_at'))

    def test_it_can_be_read_about_but_not_changed(self) -> None:
        self.stretched('v')
        self.cut()
        winner, loser = self.sides()
        client = self.clients[loser]
        self.assertEqual({self.in_pod('v')}, self.names(client, 'volumes'))
        for response in (
            client.post_volumes(
                names=[self.in_pod('w')],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            ),
            client.patch_volumes(
                names=[self.in_pod('v')],
                volume=flasharray.VolumePatch(destroyed=True),
            ),
            client.post_volume_snapshots(
                source_names=[self.in_pod('v')],
                volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
            ),
            client.patch_pods(
                names=[self.pod], pod=flasharray.PodPatch(name='other')
            ),
        ):
            self.bad(response, 'offline')

    def test_other_objects_of_the_array_that_stops_work(self) -> None:
        self.stretched('v')
        self.cut()
        winner, loser = self.sides()
        self.good(
            self.clients[loser].post_volumes(
                names=[f'local-{self.pod}'],
                volume=flasharray.VolumePost(provisioned=support.GIB),
            )
        )

    def test_the_preferred_array_goes_on(self) -> None:
        for preferred in (WEST, EAST):
            with self.subTest(preferred):
                self.pod = f'{self.pod}-{preferred}'
                self.stretched('v', failover_preferences=[{'name': preferred}])
                self.cut()
                self.assertEqual(preferred, self.sides()[0])
                self.join()
                self.wait_in_sync()

    def test_with_management_the_other_is_offline(self) -> None:
        self.stretched('v', failover_preferences=[{'name': EAST}])
        self.cut('replication')
        found = self.wait_status(EAST, WEST, 'offline')
        self.assertGreater(found.frozen_at, 0)

    def test_without_any_link_the_other_is_unknown(self) -> None:
        self.stretched('v', failover_preferences=[{'name': EAST}])
        self.cut('both')
        self.sides()
        self.wait_status(EAST, WEST, 'unknown')

    def test_the_other_comes_back_by_itself(self) -> None:
        self.stretched('v')
        self.cut()
        winner, loser = self.sides()
        self.write('v', b'alone' * 30_000, winner)
        self.volume('w', self.clients[winner])
        self.join()
        self.wait_in_sync()
        self.assertFalse(hasattr(self.status(loser, loser), 'frozen_at'))
        self.assert_same_bytes('v', 'w')
        self.write('v', b'again', loser)
        self.assertEqual(b'again', self.read('v', 5, winner))

    def test_it_happens_again_and_again(self) -> None:
        self.stretched('v')
        for number in range(3):
            self.cut()
            winner, _ = self.sides()
            self.write('v', f'round {number}'.encode(), winner)
            self.join()
            self.wait_in_sync()
            self.assert_same_bytes('v')

    def test_a_call_under_way_is_answered_either_way(self) -> None:
        self.stretched()
        for number in range(6):
            self.cut()
            results = [
                client.post_volumes(
                    names=[self.in_pod(f'{side}{number}')],
                    volume=flasharray.VolumePost(provisioned=support.GIB),
                ).status_code
                for side, client in (('e', self.here), ('w', self.there))
            ]
            self.assertEqual([200, 400], sorted(results))
            self.join()
            self.wait_in_sync()
            self.assertEqual(
                self.names(self.here, 'volumes'),
                self.names(self.there, 'volumes'),
            )

    def test_several_pods_are_decided_alike(self) -> None:
        pods = [f'{self.pod}-{number}' for number in range(3)]
        for self.pod in pods:
            self.stretched('v', failover_preferences=[{'name': WEST}])
        self.cut()
        for self.pod in pods:
            self.assertEqual((WEST, EAST), self.sides())


class MediatorTest(StretchedCase):
    def lose_mediator(self) -> None:
        for door in self.doors.values():
            door.set_mediator('unreachable')

    def find_mediator(self) -> None:
        for door in self.doors.values():
            door.set_mediator('online')

    def test_its_status_is_shown_on_both(self) -> None:
        self.stretched()
        self.doors[WEST].set_mediator('unreachable')
        for seen_by in (EAST, WEST):
            support.eventually(
                lambda by=seen_by: (
                    self.status(by, WEST).mediator_status == 'unreachable'
                ),
                what='the lost mediator',
            )
            self.assertEqual(
                'online', self.status(seen_by, EAST).mediator_status
            )

    def test_without_mediator_one_is_elected_before(self) -> None:
        self.stretched('v', failover_preferences=[{'name': WEST}])
        self.lose_mediator()
        support.eventually(
            lambda: (
                self.status(EAST, WEST).pre_elected
                and self.status(WEST, WEST).pre_elected
            ),
            what='the election',
        )
        self.assertFalse(self.status(EAST, EAST).pre_elected)
        self.cut()
        self.wait_status(EAST, EAST, 'offline')
        self.wait_status(WEST, WEST, 'online')
        self.write('v', b'elected', WEST)

    def test_the_election_ends_with_the_mediator(self) -> None:
        self.stretched()
        self.lose_mediator()

        def elected() -> bool:
            return any(
                self.status(by, of).pre_elected
                for by in (EAST, WEST)
                for of in (EAST, WEST)
            )

        support.eventually(elected, what='the election')
        self.find_mediator()
        support.eventually(lambda: not elected(), what='its end')

    def test_the_one_that_reaches_the_mediator_goes_on(self) -> None:
        self.stretched('v', failover_preferences=[{'name': EAST}])
        self.doors[EAST].set_mediator('unreachable')
        support.eventually(
            lambda: self.status(WEST, EAST).mediator_status == 'unreachable'
        )
        self.cut()
        self.wait_status(EAST, EAST, 'offline')
        self.wait_status(WEST, WEST, 'online')


class PowerTest(StretchedCase):
    def test_the_array_that_is_left_goes_on(self) -> None:
        self.stretched('v')
        self.doors[WEST].set_power(False)
        self.addCleanup(self.doors[WEST].set_power, True)
        self.wait_status(EAST, WEST, 'unknown')
        self.write('v', b'alone', EAST)
        self.assert_no_io(WEST, 'v')
        self.doors[WEST].set_power(True)
        self.wait_in_sync()
        self.assertEqual(b'alone', self.read('v', 5, WEST))

    def test_also_when_the_other_is_preferred(self) -> None:
        self.stretched('v', failover_preferences=[{'name': WEST}])
        self.doors[WEST].set_power(False)
        self.addCleanup(self.doors[WEST].set_power, True)
        self.wait_status(EAST, WEST, 'unknown')
        self.volume('w')
        self.doors[WEST].set_power(True)
        self.wait_in_sync()
        self.assertIn(self.in_pod('w'), self.names(self.there, 'volumes'))

    def test_a_pod_leaves_an_array_that_is_off(self) -> None:
        self.stretched('v')
        self.doors[WEST].set_power(False)
        self.addCleanup(self.doors[WEST].set_power, True)
        self.wait_status(EAST, WEST, 'unknown')
        self.bad(
            self.here.delete_pods_arrays(
                group_names=[self.pod], member_names=[WEST]
            ),
            'cannot be reached',
        )
        self.good(
            self.here.delete_pods_arrays(
                group_names=[self.pod], member_names=[WEST], with_unknown=True
            )
        )
        self.write('v', b'alone', EAST)
        self.doors[WEST].set_power(True)
        kept = support.eventually(
            lambda: (
                (
                    found := self.there.get_pods(
                        names=[f'{self.pod}.restretch']
                    )
                ).status_code
                == 200
                and list(found.items)
            ),
            what='the copy that was left',
        )
        self.assertTrue(kept[0].destroyed)
