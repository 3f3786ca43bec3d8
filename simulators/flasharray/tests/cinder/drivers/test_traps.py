# SPDX-License-Identifier: Apache-2.0
"""Known faults of Cinder 29's driver, which real arrays bring out too.

One test for each, by its number in the list of traps. When a test fails,
the simulator has lost a behaviour that the fault depends on, or Cinder has
mended it.
"""

import itertools
import threading
import uuid
from typing import Any
from urllib.parse import parse_qs

from cinder.volume.drivers import pure
from pypureclient import flasharray

from tests import support
from tests.cinder import arrays, rows
from tests.cinder.cases import CinderCase, kind_of
from tests.cinder.protocols import FC

DOES_NOT_EXIST = 'does not exist'
_TEXT = 'destroyed_volume_text'
NOT_CAPTURED = r'no \(currently\) captured exception'


class TrapTest(CinderCase):
    def failing(self, since: int) -> list[tuple[str, str]]:
        """Return query and method of the calls answered with 400."""
        return [
            (call['method'], call['query'])
            for call in self.calls(since)
            if call['status'] == 400
        ]

    def test_trap_1_managed_volumes_lose_their_container(self) -> None:
        self.ask(
            'post_volume_groups',
            names=['trap1-vg'],
            volume_group=flasharray.VolumeGroupPost(),
        )
        self.ask('post_pods', names=['trap1-pod'], pod=flasharray.PodPost())
        in_group = kind_of('none', **{'flasharray:vg_name': 'trap1-new'})
        for name, kind, prefix in (
            ('trap1-vg/a', kind_of('none'), 'trap1-vg/'),
            ('trap1-pod::b', kind_of('none'), 'trap1-pod::'),
            ('trap1-c', in_group, 'trap1-new/'),
        ):
            with self.subTest(name):
                volume = self.manage(self.foreign(name), kind)
                self.assertEqual(f'{volume.name}-cinder', volume.provider_id)
                self.assertIn(
                    f'{prefix}{volume.provider_id}', self.on(self.east)
                )
                with self.assertRaisesRegex(
                    pure.PureDriverException, DOES_NOT_EXIST
                ):
                    self.driver.extend_volume(volume, 2)

    def test_trap_2_managing_without_a_type_fails_after_the_rename(
        self,
    ) -> None:
        name = self.foreign('trap2')
        volume = rows.volume(None)
        # Cinder's database gives every volume a default type by now.
        volume.volume_type_id = volume.volume_type = None
        with self.assertRaisesRegex(TypeError, 'NoneType'):
            self.driver.manage_existing(volume, {'source-name': name})
        found = self.on(self.east)
        self.assertNotIn(name, found)
        self.assertIn(f'{volume.name}-cinder', found)

    def test_trap_5_creating_after_a_failover_fails(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        driver.failover_host(self.context, [volume], None, [])
        with self.assertRaisesRegex(AttributeError, 'safemode'):
            self.create(driver=driver)

    def test_trap_6_limits_per_gigabyte_are_floats(self) -> None:
        for limit in ('maxIOPS_per_GB', 'maxBWS_per_GB'):
            with self.subTest(limit):
                volume = rows.volume(rows.volume_type({limit: '500'}))
                with self.assertRaisesRegex(
                    Exception, 'validation error'
                ) as caught:
                    self.driver.create_volume(volume)
                self.assertEqual(
                    'ValidationError', type(caught.exception).__name__
                )
                self.assertNotIn(f'{volume.name}-cinder', self.on(self.east))

    def test_trap_7_a_named_target_without_snapshot(self) -> None:
        driver = self.new_driver(pure_replication_pg_name='trap7')
        volume = self.create(kind_of('async'))
        with self.assertRaisesRegex(AttributeError, "'name'"):
            driver.failover_host(self.context, [volume], 'fa-west', [])

    def test_trap_9_volumes_that_came_later_are_in_error(self) -> None:
        driver = self.new_driver()
        early = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        late = self.create(kind_of('async'))
        _, updates, _ = driver.failover_host(
            self.context, [early, late], None, []
        )
        found = {one['volume_id']: one['updates'] for one in updates}
        self.assertEqual(
            {'replication_status': 'failed-over'}, found[early.id]
        )
        self.assertEqual({'status': 'error'}, found[late.id])

    def test_trap_10_an_unexpected_refusal_hides_its_reason(self) -> None:
        volume = self.create()
        self.driver.delete_volume(volume)
        with self.assertRaisesRegex(RuntimeError, NOT_CAPTURED):
            self.driver.delete_volume(volume)
        switch = self.east.door.set_switch
        self.addCleanup(switch, _TEXT, 'has been destroyed')
        switch(_TEXT, 'does not exist')
        self.driver.delete_volume(volume)

    def test_trap_12_metadata_names_the_wrong_array(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        _, [update], _ = driver.failover_host(self.context, [volume], None, [])
        self.assertNotIn('metadata', update['updates'])
        self.assertEqual('fa-east', volume.metadata['array_name'])
        snapshot = driver.create_snapshot(rows.snapshot(volume))
        self.assertEqual('fa-west', snapshot['metadata']['array_name'])

    def test_trap_13_hosts_of_upper_case_uuids_stay(self) -> None:
        connector = self.protocol.connector('trap13')
        connector['system uuid'] = str(uuid.uuid4()).upper()
        volume = self.create()
        self.driver.initialize_connection(volume, connector)
        self.driver.terminate_connection(volume, connector)
        digits = connector['system uuid'].replace('-', '')
        name = f'trap13-{digits}-cinder'
        self.assertIn(name, self.on(self.east, 'hosts'))
        connections = self.east.door.objects('connections')['connections']
        self.assertNotIn(name, [row['host'] for row in connections])

    def test_trap_14_statistics_read_everything(self) -> None:
        moment = self.moment()
        self.driver.get_volume_stats(True)
        lists = {
            call['path'].rpartition('/')[2]: call['query']
            for call in self.calls(moment)
        }
        for kind in (
            'hosts',
            'volumes',
            'volume-snapshots',
            'protection-groups',
        ):
            self.assertEqual('', lists[kind], kind)

    def test_trap_15_a_volume_that_was_never_made(self) -> None:
        self.addCleanup(self.east.door.clear_faults)
        for status in (403, 404, 500):
            with self.subTest(status):
                self.east.door.inject_fault(
                    'POST', 'volumes', 1, status, 'It did not work.'
                )
                volume = self.create()
                self.assertEqual(f'{volume.name}-cinder', volume.provider_id)
                self.assertNotIn(volume.provider_id, self.on(self.east))

    def test_trap_15_a_copy_that_was_never_made(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        self.addCleanup(self.west.door.clear_faults)
        self.west.door.inject_fault('POST', 'volumes', 1, 500, 'No.')
        _, [update], _ = driver.failover_host(self.context, [volume], None, [])
        self.assertEqual(
            {'replication_status': 'failed-over'}, update['updates']
        )
        self.assertNotIn(volume.provider_id, self.on(self.west))

    def test_trap_16_an_unprotected_volume_is_eradicated(self) -> None:
        self.addCleanup(self.east.door.clear_faults)
        self.east.door.inject_fault(
            'POST', 'protection-groups/volumes', 1, 400, 'No.'
        )
        volume = self.create(kind_of('async'))
        self.assertEqual('enabled', volume.replication_status)
        self.assertNotIn(volume.provider_id, self.on(self.east))


class ForceDetachTest(CinderCase):
    def test_trap_4_a_forced_detach_fails(self) -> None:
        connector = self.protocol.connector('trap4')
        volume = self.create()
        self.driver.initialize_connection(volume, connector)
        moment = self.moment()
        with self.assertRaises(TypeError):
            self.driver.terminate_connection(volume, None)
        sent = [
            call['query']
            for call in self.calls(moment)
            if call['method'] == 'DELETE'
        ]
        self.assertTrue(sent and 'name' in sent[0], sent)
        connections = self.east.door.objects('connections')['connections']
        self.assertIn(
            volume.provider_id, [row['volume'] for row in connections]
        )
        self.driver.terminate_connection(volume, connector)


class FibreChannelTrapTest(CinderCase):
    protocol = FC

    def test_trap_14b_a_host_with_some_of_the_initiators(self) -> None:
        connector = self.protocol.connector('trap14b')
        first, *_ = connector['wwpns']
        self.ask(
            'post_hosts',
            names=['trap14b-partly'],
            host=flasharray.HostPost(wwns=[first]),
        )
        volume = self.create()
        moment = self.moment()
        with self.assertRaises(pure.PureRetryableException):
            self.driver.initialize_connection(volume, connector)
        posts = [
            call
            for call in self.calls(moment)
            if call['method'] == 'POST' and call['path'].endswith('/hosts')
        ]
        self.assertEqual([400] * 5, [call['status'] for call in posts])
        looked = [
            call['query']
            for call in self.calls(moment)
            if call['method'] == 'GET' and call['path'].endswith('/hosts')
        ]
        self.assertEqual(5 * len(connector['wwpns']), len(looked))

    def test_trap_14b_the_last_initiator_decides(self) -> None:
        connector = self.protocol.connector('trap14b-last')
        *_, last = connector['wwpns']
        self.ask(
            'post_hosts',
            names=['trap14b-lastly'],
            host=flasharray.HostPost(wwns=[last]),
        )
        volume = self.create()
        self.driver.initialize_connection(volume, connector)
        connections = self.east.door.objects('connections')['connections']
        self.assertIn(
            ('trap14b-lastly', volume.provider_id),
            [(row['host'], row['volume']) for row in connections],
        )


class SynchronousTrapTest(CinderCase):
    replication = 'sync'

    def test_trap_3_tags_go_to_the_name_before_the_move(self) -> None:
        moment = self.moment()
        volume = self.manage(self.foreign('trap3'), kind_of('sync'))
        self.assertIn(volume.provider_id, self.on(self.west))
        self.assertEqual({}, self.tags(volume.provider_id))
        self.assertIn(
            ('PUT', 400, f'{volume.name}-cinder'),
            [
                (call['method'], call['status'], _resource(call))
                for call in self.calls(moment)
            ],
        )

    def test_trap_8_waiting_for_a_pod_never_rests_nor_ends(self) -> None:
        volume = self.create()
        self.write(volume, b'to be copied')
        self.addCleanup(self.east.door.freeze_transfers, False)
        self.east.door.freeze_transfers(True)
        moment = self.moment()
        retype = threading.Thread(
            target=self.retype, args=(volume, kind_of('sync'))
        )
        retype.start()
        support.eventually(
            lambda: len(self._looks(moment)) > 50, what='many calls'
        )
        self.assertTrue(retype.is_alive())
        times = [call['time'] for call in self._looks(moment)]
        self.assertLess(max(_gaps(times)), 1000)
        self.east.door.freeze_transfers(False)
        retype.join(30)
        self.assertFalse(retype.is_alive())

    def _looks(self, since: int) -> list[dict[str, Any]]:
        """Return the driver's calls for its ghost pod."""
        return [
            call
            for call in self.calls(since)
            if call['method'] == 'GET' and 'ghost' in call['query']
        ]

    def test_trap_11_limits_go_to_the_old_name(self) -> None:
        volume = self.create()
        for kind, old in (
            ('sync', f'{volume.name}-cinder'),
            ('none', f'cinder-pod::{volume.name}-cinder'),
        ):
            with self.subTest(kind):
                moment = self.moment()
                volume = self.retype(volume, kind_of(kind))
                last = self.calls(moment)[-1]
                self.assertEqual(
                    ('PATCH', 400, old),
                    (last['method'], last['status'], _resource(last)),
                )
                self.assertIn('qos', str(last['body']))


def _gaps(times: list[int]) -> list[int]:
    return [after - before for before, after in itertools.pairwise(times)]


def _resource(call: dict[str, Any]) -> str | None:
    query = parse_qs(call['query'])
    found = query.get('names') or query.get('resource_names') or [None]
    return found[0]
