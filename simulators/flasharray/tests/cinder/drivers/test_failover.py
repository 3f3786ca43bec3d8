# SPDX-License-Identifier: Apache-2.0
"""Failover of a whole backend, and back."""

from typing import Any

from cinder import exception
from cinder.volume.drivers import pure
from pypureclient import flasharray

from tests import support
from tests.cinder import arrays
from tests.cinder.cases import CinderCase, every_driver, kind_of


class FailoverCase(CinderCase):
    def switch_off(self, array: support.ArrayProcess) -> None:
        """Switch an array off until the test ends."""

        def on() -> None:
            array.door.set_power(True)
            array.ready(*(other.name for other in _others(self, array)))

        self.addCleanup(on)
        array.door.set_power(False)

    def fail_over(
        self, driver: Any, volumes: list[Any], to: str | None = None
    ) -> dict[str, Any]:
        """Return what becomes of each volume, by id."""
        backend, updates, _ = driver.failover_host(
            self.context, volumes, to, []
        )
        self.assertEqual(to or self.default, backend)
        return {
            update['volume_id']: update['updates'].get('status')
            or update['updates']['replication_status']
            for update in updates
        }

    default = 'fa-west'


@every_driver
class AsynchronousFailoverTest(FailoverCase):
    def test_a_failover_copies_the_replicas(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        self.write(volume, b'replicated')
        arrays.replicate(self.east, self.west)
        self.write(volume, b'lost bytes')
        late = self.create(kind_of('async'))
        self.switch_off(self.east)
        self.assertEqual(
            {volume.id: 'failed-over', late.id: 'error'},
            self.fail_over(driver, [volume, late]),
        )
        self.assertEqual(
            b'replicated', self.read(volume.provider_id, 10, self.west)
        )
        self.assertNotIn(late.provider_id, self.on(self.west))

    def test_copies_are_served_by_the_other_array(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        self.fail_over(driver, [volume], 'fa-west')
        connector = self.protocol.connector(f'after-{self.protocol.name}')
        found = driver.initialize_connection(volume, connector)
        serial = self.on(self.west)[volume.provider_id]['serial'].lower()
        self.assertNotEqual(serial, self.on_array(volume)['serial'].lower())
        self.assertIn(serial[-10:], repr(found['data']))
        driver.terminate_connection(volume, connector)
        driver.get_volume_stats(True)

    def test_a_failback_marks_volumes_as_broken(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        arrays.replicate(self.east, self.west)
        self.fail_over(driver, [volume])
        self.assertEqual(
            {volume.id: 'error'}, self.fail_over(driver, [volume], 'default')
        )
        made = self.create(driver=driver)
        self.assertIn(made.provider_id, self.on(self.east))

    def test_a_second_failover_overwrites_the_copy(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        self.write(volume, b'first')
        arrays.replicate(self.east, self.west)
        self.fail_over(driver, [volume])
        before = self.on(self.west)[volume.provider_id]
        self.fail_over(driver, [volume], 'default')
        self.write(volume, b'again')
        arrays.replicate(self.east, self.west)
        self.fail_over(driver, [volume])
        after = self.on(self.west)[volume.provider_id]
        self.assertEqual(before['serial'], after['serial'])
        self.assertEqual(b'again', self.read(volume.provider_id, 5, self.west))

    def test_a_restart_keeps_to_the_other_array(self) -> None:
        driver = self.new_driver(active_backend_id='fa-west')
        driver.get_volume_stats(True)
        self.assertEqual('fa-west', driver._array.array_name)


class AsynchronousFailoverOnceTest(FailoverCase):
    def test_a_volume_in_a_volume_group_is_copied_into_one(self) -> None:
        driver = self.new_driver()
        kind = kind_of('async', **{'flasharray:vg_name': 'vg-failover'})
        volume = self.create(kind)
        arrays.replicate(self.east, self.west)
        self.assertEqual(
            {volume.id: 'failed-over'}, self.fail_over(driver, [volume])
        )
        self.assertIn(f'vg-failover/{volume.name}-cinder', self.on(self.west))

    def test_a_failback_without_failover_is_refused(self) -> None:
        with self.assertRaises(exception.InvalidReplicationTarget):
            self.new_driver().failover_host(self.context, [], 'default', [])

    def test_an_unknown_target_is_refused(self) -> None:
        with self.assertRaises(exception.InvalidReplicationTarget):
            self.new_driver().failover_host(self.context, [], 'fa-what', [])

    def test_without_any_snapshot_no_target_is_found(self) -> None:
        driver = self.new_driver(pure_replication_pg_name='never-sent')
        with self.assertRaisesRegex(
            pure.PureDriverException, 'Unable to find viable pg snapshot'
        ):
            driver.failover_host(self.context, [], None, [])

    def test_an_incomplete_snapshot_is_not_taken(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        self.write(volume, b'whole')
        arrays.replicate(self.east, self.west)
        self.write(volume, b'half!' * 100_000)
        self.addCleanup(self.east.door.freeze_transfers, False)
        self.east.door.freeze_transfers(True, 0.5)
        self.ask(
            'post_protection_group_snapshots',
            source_names=['cinder-group'],
            replicate_now=True,
        )
        support.eventually(
            lambda: [
                row
                for row in self.west.door.objects('transfers')['transfers']
                if row['completed'] is None and row['started']
            ],
            what='a transfer that is under way',
        )
        self.fail_over(driver, [volume])
        self.assertEqual(b'whole', self.read(volume.provider_id, 5, self.west))


class SynchronousFailoverTest(FailoverCase):
    replication = 'uniform'

    def test_volumes_stay_what_they_are(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('sync'))
        self.write(volume, b'everywhere')
        before = self.on(self.west)[volume.provider_id]
        self.assertEqual(
            {volume.id: 'failed-over'}, self.fail_over(driver, [volume])
        )
        self.assertEqual(before, self.on(self.west)[volume.provider_id])
        self.assertEqual(
            b'everywhere', self.read(volume.provider_id, 10, self.west)
        )

    def test_it_fails_when_the_primary_does_not_answer(self) -> None:
        """The driver asks the primary for the pod before it lets go.

        So a failover is only completed while the array that it leaves has
        a management that answers.
        """
        driver = self.new_driver()
        volume = self.create(kind_of('sync'))
        self.switch_off(self.east)
        with self.assertRaisesRegex(Exception, 'pods.names=cinder-pod'):
            driver.failover_host(self.context, [volume], None, [])
        self.assertEqual('fa-east', driver._array.array_name)

    def test_local_volumes_are_lost(self) -> None:
        driver = self.new_driver()
        local, stretched = self.create(), self.create(kind_of('sync'))
        self.assertEqual(
            {local.id: 'error', stretched.id: 'failed-over'},
            self.fail_over(driver, [local, stretched]),
        )

    def test_a_failback_leaves_them_alone(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('sync'))
        self.fail_over(driver, [volume])
        self.assertEqual({}, self.fail_over(driver, [volume], 'default'))
        self.assertEqual('fa-east', driver._array.array_name)

    def test_an_attached_volume_is_detached_after_it(self) -> None:
        driver = self.new_driver()
        connector = self.protocol.connector('sync-failover')
        volume = self.create(kind_of('sync'))
        driver.initialize_connection(volume, connector)
        self.fail_over(driver, [volume])
        driver.terminate_connection(volume, connector)
        for array in (self.east, self.west):
            self.assertNotIn(
                volume.provider_id,
                [
                    row['volume']
                    for row in array.door.objects('connections')['connections']
                ],
            )

    def test_an_offline_copy_is_no_target(self) -> None:
        """The pod stays up where it is preferred when the link is cut."""
        driver = self.new_driver()
        self.ask(
            'patch_pods',
            names=['cinder-pod'],
            pod=flasharray.PodPatch(
                failover_preferences=[flasharray.Reference(name='fa-east')]
            ),
        )
        self.addCleanup(self._mend)
        self.east.door.set_link('fa-west', False)
        support.eventually(
            lambda: self._status(self.west) == 'offline', what='offline'
        )
        # The driver stumbles over its own None when another array comes
        # after the offline one in the list.
        with self.assertRaises((AttributeError, pure.PureDriverException)):
            driver.failover_host(self.context, [], None, [])

    def _status(self, array: support.ArrayProcess) -> str:
        """Return what an array says of its own copy of the pod."""
        [pod] = self.ask('get_pods', array, names=['cinder-pod']).items
        return str(
            next(one.status for one in pod.arrays if one.name == array.name)
        )

    def _mend(self) -> None:
        self.east.door.set_link('fa-west', True)
        support.eventually(
            lambda: self._status(self.west) == 'online', what='online'
        )


class TrisyncFailoverTest(FailoverCase):
    replication = 'trisync'

    def test_the_synchronous_array_is_preferred(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('trisync'))
        self.assertEqual(
            {volume.id: 'failed-over'}, self.fail_over(driver, [volume])
        )

    def test_the_third_array_has_no_copy_for_the_backend(self) -> None:
        """What is copied there is not in the backend's own group."""
        driver = self.new_driver()
        volume = self.create(kind_of('trisync'))
        arrays.replicate(self.east, self.north, 'cinder-group-3')
        self.assertEqual(
            {volume.id: 'error'},
            self.fail_over(driver, [volume], 'fa-north'),
        )

    def test_asynchronous_volumes_go_to_the_third_array(self) -> None:
        driver = self.new_driver()
        volume = self.create(kind_of('async'))
        self.write(volume, b'third')
        arrays.replicate(self.east, self.north, 'cinder-group-3')
        self.assertEqual(
            {volume.id: 'failed-over'},
            self.fail_over(driver, [volume], 'fa-north'),
        )
        self.assertEqual(
            b'third', self.read(volume.provider_id, 5, self.north)
        )
        self.assertEqual(
            {volume.id: 'error'}, self.fail_over(driver, [volume], 'default')
        )

    def test_a_volume_is_in_pod_and_group(self) -> None:
        volume = self.create(kind_of('trisync'))
        self.assertIn(
            volume.provider_id, self.members('cinder-pod::cinder-trisync')
        )
        self.assertIn(volume.provider_id, self.on(self.west))

    def test_the_third_array_receives_the_bytes(self) -> None:
        volume = self.create(kind_of('trisync'))
        self.write(volume, b'third')
        name = arrays.replicate(
            self.east, self.north, 'cinder-pod::cinder-trisync'
        )
        bare = volume.provider_id.partition('::')[2]
        self.assertEqual(b'third', self.read(f'{name}.{bare}', 5, self.north))


def _others(
    case: CinderCase, array: support.ArrayProcess
) -> list[support.ArrayProcess]:
    everyone = (case.east, case.west, case.north)
    return [other for other in everyone if other is not array]
