# SPDX-License-Identifier: Apache-2.0
"""The FlashArray driver on the wire: calls, contents, faults, sessions."""

import logging
import socket
import threading
import time

import fixtures
from pypureclient import flasharray

from aegis.storage import base as contract
from aegis.storage import errors, manager
from aegis.tests import base
from aegis.tests.fixtures import arrays
from aegis.tests.functional.storage import worlds
from aegis.tests.functional.storage.worlds import EAST, WEST


class FlashArrayTestCase(base.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = worlds.shared_arrays()

    def setUp(self):
        super().setUp()
        self.world = worlds.FlashArrayWorld(self.pair)
        self.addCleanup(self.world.close)
        self.east, self.west = self.world.east, self.world.west
        self.door = self.pair.west.door
        self.tag = contract.Tag(
            'aegis:operation', self.world.unique('operation')
        )

    def protect(self, count):
        volumes = [self.world.add_volume(EAST, f'v{n}') for n in range(count)]
        self.group = self.world.add_group('group', volumes)
        return volumes

    def take_point(self, suffix='1'):
        self.east.create_recovery_point(self.group, suffix)
        name = f'{EAST}:{self.group.name}.{suffix}'

        def newest():
            found = self.west.recovery_points(self.group, 1)
            return found and found[0].name == name and found[0]

        return arrays.wait_until(newest, 'the recovery point to arrive')

    def promotions(self, volumes):
        return [
            contract.Promotion(
                volume,
                f'new-{volume}',
                (self.tag, contract.Tag('aegis:member', volume)),
            )
            for volume in volumes
        ]

    def calls_of(self, call, *arguments):
        """Give the requests that a call makes at the west."""
        before = len(self.door.call_log())
        call(*arguments)
        return [
            (entry['method'], entry['path'].split('/', 3)[-1])
            for entry in self.door.call_log()[before:]
        ]


class CallLogTest(FlashArrayTestCase):
    def test_the_number_of_requests_does_not_grow_with_volumes(self):
        volumes = self.protect(60)
        point = self.take_point()
        self.west.capacity()
        few, many = self.promotions(volumes[:2]), self.promotions(volumes)
        self.assertEqual(
            [
                ('GET', 'protection-group-snapshots/transfer'),
                ('GET', 'volumes/tags'),
                ('GET', 'volumes'),
                ('POST', 'volumes/batch'),
                ('GET', 'volumes/tags'),
                ('GET', 'volumes'),
                ('GET', 'volumes/tags'),
            ],
            self.calls_of(self.west.promote, point, few),
        )
        self.west.discard([p.name for p in few], [self.tag])
        fresh = [
            contract.Promotion(p.volume, f'x{p.name}', p.tags) for p in many
        ]
        self.assertEqual(
            7, len(self.calls_of(self.west.promote, point, fresh))
        )
        names = [volume.name for volume in self.west.find([self.tag])]
        self.assertEqual(60, len(names))
        for limit, call, arguments in (
            (4, self.west.promote, (point, fresh)),
            (3, self.west.recovery_points, (self.group, 5)),
            (7, self.west.replication_health, ([self.group],)),
            (3, self.west.find, ([self.tag],)),
            (5, self.west.discard, (names, [self.tag])),
        ):
            made = self.calls_of(call, *arguments)
            self.assertLessEqual(len(made), limit, made)

    def test_resolving_needs_no_request_per_volume(self):
        names = [self.world.add_volume(WEST, f'r{n}') for n in range(60)]
        references = [contract.VolumeReference(n, WEST, n) for n in names]
        self.west.capacity()
        made = self.calls_of(self.west.resolve, references)
        self.assertLessEqual(len(made), 4, made)

    def test_more_than_a_page_of_volumes(self):
        rest = self.pair.west.client
        names = [self.world.unique(f'p{n}') for n in range(1001)]
        tag = flasharray.Tag(
            key=self.tag.key, value=self.tag.value, namespace='aegis'
        )
        for start in range(0, len(names), 100):
            worlds.items(
                rest.post_volumes_batch(
                    volume=[
                        flasharray.VolumeBatchPost(
                            name=name, provisioned=worlds.MIB, tags=[tag]
                        )
                        for name in names[start : start + 100]
                    ]
                )
            )
        found = self.west.find([self.tag])
        self.assertEqual(sorted(names), [volume.name for volume in found])


class ContentTest(FlashArrayTestCase):
    def test_the_bytes_are_those_of_the_chosen_point(self):
        (volume,) = self.protect(1)
        east, west = self.pair.east.door, self.pair.west.door
        contents = {}
        for suffix in ('1', '2'):
            east.write(volume, 4096, b'content of point ' + suffix.encode())
            contents[suffix] = east.digest(volume)
            self.take_point(suffix)
        east.write(volume, 4096, b'content that was never replicated')
        second, first = self.west.recovery_points(self.group, 5)
        (new,) = self.west.promote(first, self.promotions([volume]))
        self.assertEqual(contents['1'], west.digest(new.name))
        west.write(new.name, 0, b'written by a server')
        overwrite = contract.Overwrite(
            volume, new.name, new.serial, (self.tag,), 'safety'
        )
        written = west.digest(new.name)
        self.west.overwrite(second, [overwrite])
        self.assertEqual(contents['2'], west.digest(new.name))
        self.assertEqual(written, west.digest(f'{new.name}.safety'))
        west.write(new.name, 0, b'written later')
        later = west.digest(new.name)
        self.west.overwrite(second, [overwrite])
        self.assertEqual(later, west.digest(new.name))

    def test_what_was_discarded_never_comes_back(self):
        (volume,) = self.protect(1)
        point = self.take_point()
        wanted = self.promotions([volume])
        (new,) = self.west.promote(point, wanted)
        clean = self.door.digest(new.name)
        self.door.write(new.name, 0, b'written by a server')
        self.west.discard([new.name], [self.tag])
        self.door.inject_fault('POST', 'volumes/batch', 9, status=400)
        self.addCleanup(self.door.clear_faults)
        self.assertRaises(
            errors.ArrayRefused, self.west.promote, point, wanted
        )
        self.door.clear_faults()
        self.west.promote(point, wanted)
        self.assertEqual(clean, self.door.digest(new.name))


class CompletenessTest(FlashArrayTestCase):
    def test_a_point_under_way_is_neither_listed_nor_promoted(self):
        volumes = self.protect(2)
        old = self.take_point('old')
        east = self.pair.east.door
        east.write(volumes[0], 0, b'x' * 65536)
        self.addCleanup(east.freeze_transfers, False)
        east.freeze_transfers(True, 0.5)
        self.east.create_recovery_point(self.group, 'half')
        name = f'{EAST}:{self.group.name}.half'
        rest = self.pair.west.client
        arrays.wait_until(
            lambda: worlds.items(
                rest.get_protection_group_snapshots(filter=f"name='{name}'")
            ),
            'the incomplete snapshot to be listed by the array',
        )
        self.assertEqual([old], self.west.recovery_points(self.group, 5))
        half = contract.RecoveryPoint(
            self.group,
            name,
            old.created_at,
            old.completed_at,
            old.size_bytes,
            tuple(
                contract.PointVolume(
                    copy.volume,
                    copy.name.replace('.old.', '.half.'),
                    copy.size_bytes,
                )
                for copy in old.volumes
            ),
        )
        self.assertRaises(
            errors.PointIncomplete,
            self.west.promote,
            half,
            self.promotions(volumes),
        )
        (health,) = self.west.replication_health([self.group])
        self.assertEqual(old.name, health.newest_point)
        east.freeze_transfers(False)
        arrays.wait_until(
            lambda: len(self.west.recovery_points(self.group, 5)) == 2,
            'the transfer to end',
        )

    def test_the_lag_is_told_by_the_clock_of_the_array(self):
        self.protect(1)
        self.take_point()
        self.door.advance_clock(600_000)
        (health,) = self.west.replication_health([self.group])
        self.assertTrue(600 <= health.lag_seconds < 660, health)


class LostAnswerTest(FlashArrayTestCase):
    """The array does what it was asked, but its answer never arrives."""

    def lose(self, door, method, path):
        self.addCleanup(door.clear_faults)
        door.inject_fault(method, path, 1, status=504, after=True)

    def test_of_a_promotion(self):
        volumes = self.protect(3)
        point = self.take_point()
        self.lose(self.door, 'POST', 'volumes/batch')
        made = self.calls_of(
            self.west.promote, point, self.promotions(volumes)
        )
        self.assertEqual(1, made.count(('POST', 'volumes/batch')))
        self.assertEqual(3, len(self.west.find([self.tag])))

    def test_of_a_discard(self):
        volumes = self.protect(2)
        new = self.west.promote(self.take_point(), self.promotions(volumes))
        self.lose(self.door, 'PATCH', 'volumes')
        made = self.calls_of(
            self.west.discard, [v.name for v in new], [self.tag]
        )
        self.assertEqual(1, made.count(('PATCH', 'volumes')))
        self.assertEqual([], self.west.find([self.tag]))

    def test_of_a_recovery_point(self):
        self.protect(1)
        door = self.pair.east.door
        self.lose(door, 'POST', 'protection-group-snapshots')
        self.take_point()
        self.assertEqual(1, len(self.west.recovery_points(self.group, 5)))

    def test_that_comes_too_late(self):
        volumes = self.protect(1)
        point = self.take_point()
        hasty = worlds.make_driver(self.pair.west, read_timeout=0.5)
        self.addCleanup(hasty.close)
        hasty.capacity()
        self.addCleanup(self.door.clear_faults)
        self.door.inject_fault('POST', 'volumes/batch', 1, delay=1.5)
        # The late request and its repetition may meet at the array.
        found = hasty.promote(point, self.promotions(volumes))
        self.assertEqual(found, self.west.find([self.tag]))
        self.assertEqual(1, len(found))


class BusyTest(FlashArrayTestCase):
    def test_a_busy_array_is_asked_again(self):
        self.addCleanup(self.door.clear_faults)
        self.door.inject_fault(
            'GET', 'arrays', 2, status=500, message='Server is busy'
        )
        self.assertEqual(WEST, self.west.capacity().array)

    def test_an_array_that_stays_busy_is_said_to_be(self):
        driver = worlds.make_driver(self.pair.west, busy_timeout=1.0)
        self.addCleanup(driver.close)
        driver.capacity()
        self.addCleanup(self.door.clear_faults)
        self.door.inject_fault('GET', 'arrays', 99, status=429)
        error = self.assertRaises(errors.ArrayBusy, driver.capacity)
        self.assertTrue(error.retryable)


class SessionTest(FlashArrayTestCase):
    def assertFails(self, kind, within, **changes):
        driver = worlds.make_driver(self.pair.west, **changes)
        self.addCleanup(driver.close)
        started = time.monotonic()
        error = self.assertRaises(kind, driver.capacity)
        self.assertLess(time.monotonic() - started, within)
        self.assertNotIn(self.pair.west.api_token, f'{error!r} {error}')
        return error

    def test_a_wrong_token(self):
        error = self.assertFails(
            errors.ArrayAuthenticationFailed, 3, api_token='wrong-token'
        )
        self.assertNotIn('wrong-token', str(error))
        self.assertIn(WEST, str(error))

    def test_a_token_that_may_only_read(self):
        volumes = self.protect(1)
        point = self.take_point()
        driver = worlds.make_driver(
            self.pair.west, api_token=self.pair.west.readonly_token
        )
        self.addCleanup(driver.close)
        self.assertEqual([point], driver.recovery_points(self.group, 1))
        self.assertRaises(
            errors.ArrayAccessDenied,
            driver.promote,
            point,
            self.promotions(volumes),
        )

    def test_a_certificate_nobody_vouches_for(self):
        self.assertFails(errors.ArrayCertificateInvalid, 3, ca_file=None)

    def test_no_verification_when_told_so(self):
        driver = worlds.make_driver(
            self.pair.west, ca_file=None, ssl_verify=False
        )
        self.addCleanup(driver.close)
        self.assertEqual(WEST, driver.capacity().array)

    def test_another_array_than_configured(self):
        self.assertFails(errors.WrongArray, 3, array_name='fa-north')

    def test_the_power_is_off_and_comes_back(self):
        self.west.capacity()
        self.addCleanup(self.door.wait_ready)
        self.addCleanup(self.door.set_power, True)
        self.door.set_power(False)
        self.assertFails(errors.ArrayUnreachable, 3)
        self.assertRaises(errors.ArrayUnreachable, self.west.capacity)
        self.door.set_power(True)
        self.door.wait_ready()
        self.assertEqual(WEST, self.west.capacity().array)

    def test_a_silent_address_is_given_up_after_the_timeout(self):
        listener = self.useFixture(SilentServer())
        self.assertFails(
            errors.ArrayUnreachable,
            4,
            management_address=listener.address,
            connect_timeout=0.5,
        )

    def test_many_threads_outlive_the_end_of_their_session(self):
        driver = worlds.make_driver(self.pair.west)
        self.addCleanup(driver.close)
        driver.capacity()
        barrier = threading.Barrier(8, action=self.door.expire_sessions)
        found = []

        def work():
            for _ in range(5):
                barrier.wait(30)
                found.append(driver.capacity().array)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([WEST] * 40, found)

    def test_one_login_serves_all_threads_and_closing_logs_out(self):
        driver = worlds.make_driver(self.pair.west)
        made = self.calls_of(self.use_and_close, driver)
        self.assertEqual(1, made.count(('POST', 'login')))
        self.assertEqual(1, made.count(('POST', 'logout')))

    def use_and_close(self, driver):
        threads = [threading.Thread(target=driver.capacity) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        driver.close()

    def test_no_log_has_the_token(self):
        log = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        driver = worlds.make_driver(self.pair.west)
        names = ('pypureclient', 'urllib3', 'aegis')
        self.addCleanup(self.set_levels, names, logging.WARNING)
        driver.capacity()
        self.set_levels(names, logging.DEBUG)
        driver.capacity()
        driver.close()
        self.assertRaises(
            errors.ArrayAuthenticationFailed,
            worlds.make_driver(
                self.pair.west, api_token='wrong-token'
            ).capacity,
        )
        self.assertIn('answered get_arrays', log.output)
        for secret in (self.pair.west.api_token, 'wrong-token'):
            self.assertNotIn(secret, log.output)

    def set_levels(self, names, level):
        for name in names:
            logging.getLogger(name).setLevel(level)


class ManagerTest(FlashArrayTestCase):
    def test_drivers_come_from_the_configuration(self):
        self.pair.east.configure(self.conf, 'first')
        self.pair.west.configure(self.conf, 'second')
        storage = manager.StorageManager(self.conf)
        self.addCleanup(storage.close)
        self.assertEqual(EAST, storage.driver('first').capacity().array)
        self.assertIs(storage.driver('second'), storage.for_array_name(WEST))


class SilentServer(fixtures.Fixture):
    """Accepts connections and never says a word."""

    def _setUp(self):
        listener = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(listener.close)
        self.address = '{}:{}'.format(*listener.getsockname())
