# SPDX-License-Identifier: Apache-2.0
"""Setting a backend up, once and again, and its statistics."""

from pypureclient import flasharray

from tests import support
from tests.cinder import arrays, protocols
from tests.cinder.cases import CinderCase, every_protocol


@every_protocol
class SetupTest(CinderCase):
    def test_the_group_replicates_as_configured(self) -> None:
        group = self.on(self.east, 'protection_groups')['cinder-group']
        self.assertTrue(group['replication_schedule']['enabled'])
        self.assertEqual(3_600_000, group['replication_schedule']['frequency'])
        self.assertEqual(
            {'all_for_sec': 14400, 'per_day': 3, 'days': 7},
            group['target_retention'],
        )

    def test_a_second_setup_changes_nothing(self) -> None:
        before = self.on(self.east, 'protection_groups')['cinder-group']
        moment = self.moment()
        self.new_driver()
        after = self.on(self.east, 'protection_groups')['cinder-group']
        self.assertEqual(before, after)
        refused = [
            call['path'].removeprefix('/api/2.42/')
            for call in self.calls(moment)
            if call['status'] == 400
        ]
        self.assertEqual(
            ['protection-groups', 'protection-groups/targets'], refused
        )

    def test_statistics_tell_of_protocol_and_replication(self) -> None:
        stats = self.driver.get_volume_stats(True)
        self.assertEqual(self.protocol.reported, stats['storage_protocol'])
        self.assertTrue(stats['replication_enabled'])
        self.assertEqual(['async'], stats['replication_type'])
        self.assertEqual(['fa-west'], stats['replication_targets'])

    def test_statistics_count_what_the_array_has(self) -> None:
        before = self.driver.get_volume_stats(True)
        self.snapshot(self.create(size=3))
        after = self.driver.get_volume_stats(True)
        for count, added in (
            ('total_volumes', 1),
            ('total_snapshots', 1),
            ('provisioned_capacity_gb', 3),
            ('total_capacity_gb', 0),
        ):
            self.assertEqual(added, after[count] - before[count], count)


class SetupOnceTest(CinderCase):
    """What is the same for every protocol."""

    def test_a_destroyed_group_is_made_again(self) -> None:
        name = 'other-group'
        self.ask('post_protection_groups', names=[name])
        self.ask(
            'patch_protection_groups',
            names=[name],
            protection_group=flasharray.ProtectionGroup(destroyed=True),
        )
        self.new_driver(pure_replication_pg_name=name)
        row = self.on(self.east, 'protection_groups')[name]
        self.assertIsNone(row['destroyed'])

    def test_a_changed_retention_is_overwritten(self) -> None:
        self.ask(
            'patch_protection_groups',
            names=['cinder-group'],
            protection_group=flasharray.ProtectionGroup(
                target_retention=flasharray.RetentionPolicy(days=1)
            ),
        )
        self.new_driver()
        group = self.on(self.east, 'protection_groups')['cinder-group']
        self.assertEqual(7, group['target_retention']['days'])

    def test_a_dead_secondary_is_left_out(self) -> None:
        dead = protocols.device(_dead(self.east), 'async')
        driver = protocols.driver(self.protocol, self.east, [dead])
        self.assertFalse(driver.get_volume_stats(True)['replication_targets'])

    def test_a_dead_primary_leaves_the_backend_without_setup(self) -> None:
        for active in (None, 'fa-west'):
            with self.assertRaisesRegex(AttributeError, 'backend_id'):
                protocols.driver(
                    self.protocol,
                    _dead(self.east),
                    [protocols.device(self.west, 'async')],
                    active_backend_id=active,
                )

    def test_a_wrong_token_is_a_dead_array(self) -> None:
        with self.assertRaisesRegex(AttributeError, 'backend_id'):
            self.new_driver(pure_api_token='wrong')

    def test_an_expired_session_is_not_noticed(self) -> None:
        self.east.door.expire_sessions()
        self.assertTrue(self.create().provider_id)

    def test_a_backend_without_replication(self) -> None:
        stats = self.new_driver('none').get_volume_stats(True)
        self.assertFalse(stats['replication_enabled'])
        self.assertEqual([], stats['replication_type'])


class SynchronousSetupTest(CinderCase):
    replication = 'sync'

    def test_the_pod_is_stretched(self) -> None:
        for array in (self.east, self.west):
            pod = self.pods(array)['cinder-pod']
            self.assertEqual(
                {'fa-east': 'online', 'fa-west': 'online'},
                {one.name: one.status for one in pod.arrays},
            )

    def test_a_second_setup_changes_nothing(self) -> None:
        moment = self.moment()
        self.new_driver()
        refused = [
            call['path'].removeprefix('/api/2.42/')
            for call in self.calls(moment)
            if call['status'] == 400
        ]
        self.assertEqual(4, len(refused), refused)

    def test_a_destroyed_pod_is_made_again(self) -> None:
        self.ask('post_pods', names=['other-pod'], pod=flasharray.PodPost())
        self.ask(
            'patch_pods',
            names=['other-pod'],
            pod=flasharray.PodPatch(destroyed=True),
        )
        self.new_driver(pure_replication_pod_name='other-pod')
        pod = self.pods(self.west)['other-pod']
        self.assertEqual(2, len(pod.arrays))

    def test_statistics_tell_of_both_kinds(self) -> None:
        stats = self.driver.get_volume_stats(True)
        self.assertEqual(['async', 'sync'], stats['replication_type'])
        # West is connected for both, north only for asynchronous.
        self.assertEqual('trisync', stats['replication_capability'])


class TrisyncSetupTest(CinderCase):
    replication = 'trisync'

    def test_the_group_in_the_pod_replicates_to_the_third_array(self) -> None:
        arrays.replicate(self.east, self.north, 'cinder-pod::cinder-trisync')
        self.assertIn(
            'cinder-pod:cinder-trisync',
            self.on(self.north, 'protection_groups'),
        )

    def test_a_second_setup_succeeds(self) -> None:
        stats = self.new_driver().get_volume_stats(True)
        self.assertEqual(
            ['async', 'sync', 'trisync'], stats['replication_type']
        )


def _dead(array: support.ArrayProcess) -> support.ArrayProcess:
    return support.ArrayProcess('fa-gone', array.directory, 'token')
