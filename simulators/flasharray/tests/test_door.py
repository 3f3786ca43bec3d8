# SPDX-License-Identifier: Apache-2.0
"""The side door, and what a restart leaves."""

import contextlib
import socket
import threading
import time
from pathlib import Path
from typing import Any

from pypureclient import flasharray

from flasharray_simulator import testing
from flasharray_simulator.door import DoorError
from tests import support


class DoorCase(support.OneArrayCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.door.clear_faults)

    def create(self, name: str) -> Any:
        return self.client.post_volumes(
            names=[name],
            volume=flasharray.VolumePost(provisioned=support.GIB),
        )

    def exists(self, name: str) -> bool:
        return self.client.get_volumes(names=[name]).status_code == 200


class ContentTest(DoorCase):
    def test_writing_outside_of_a_volume_is_refused(self) -> None:
        self.create('range')
        with self.assertRaisesRegex(DoorError, 'outside'):
            self.door.write('range', support.GIB - 1, b'two')

    def test_an_unknown_volume_is_refused(self) -> None:
        for action in (
            lambda: self.door.write('nothing', 0, b'x'),
            lambda: self.door.read('nothing', 0, 1),
            lambda: self.door.digest('nothing'),
        ):
            with self.assertRaisesRegex(DoorError, 'nothing'):
                action()

    def test_a_large_volume_costs_nothing(self) -> None:
        response = self.client.post_volumes(
            names=['large'],
            volume=flasharray.VolumePost(provisioned=4 * 2**50),
        )
        self.assertEqual(200, response.status_code)
        self.door.write('large', 4 * 2**50 - 3, b'end')
        self.assertEqual(b'end', self.door.read('large', 4 * 2**50 - 3, 3))
        self.assertEqual(64, len(self.door.digest('large')))


class FaultTest(DoorCase):
    def test_a_fault_hits_only_so_many_calls(self) -> None:
        self.door.inject_fault('POST', 'volumes', 1, 500, 'broken')
        response = self.create('fault-a')
        self.assertEqual(500, response.status_code)
        self.assertEqual('broken', response.errors[0].message)
        self.assertFalse(self.exists('fault-a'))
        self.assertEqual(200, self.create('fault-a').status_code)

    def test_a_call_can_fail_after_its_work(self) -> None:
        self.door.inject_fault('POST', 'volumes', 1, 500, 'late', after=True)
        self.assertEqual(500, self.create('fault-b').status_code)
        self.assertTrue(self.exists('fault-b'))

    def test_work_is_done_before_a_late_answer(self) -> None:
        self.door.inject_fault('POST', 'volumes', 1, 500, delay=4, after=True)
        call = threading.Thread(target=self.create, args=('fault-c',))
        call.start()
        self.addCleanup(call.join)
        testing.eventually(lambda: self.exists('fault-c'), what='the work')
        self.assertTrue(call.is_alive())

    def test_another_path_is_not_hit(self) -> None:
        self.door.inject_fault('POST', 'volumes', 1, 500)
        self.assertEqual(200, self.client.get_volumes().status_code)
        self.assertEqual(200, self.client.get_hosts().status_code)

    def test_another_client_is_not_hit(self) -> None:
        self.door.inject_fault('GET', '*', 1, 500, user_agent='somebody')
        self.assertEqual(200, self.client.get_hosts().status_code)
        self.door.inject_fault('GET', '*', 1, 400, user_agent='Pure-Client')
        self.assertEqual(400, self.client.get_hosts().status_code)

    def test_wildcards_hit_all(self) -> None:
        self.door.inject_fault('*', '*', 1, 400, 'any')
        self.assertEqual(400, self.client.get_hosts().status_code)

    def test_a_busy_array_is_tried_again_by_the_client(self) -> None:
        self.door.clear_call_log()
        self.door.inject_fault('GET', 'hosts', 1, 500, 'Server is busy')
        self.assertEqual(200, self.client.get_hosts().status_code)
        self.assertEqual(
            [500, 200], [entry['status'] for entry in self.door.call_log()]
        )

    def test_a_call_can_be_slow(self) -> None:
        self.door.inject_fault('GET', 'hosts', 1, delay=0.3)
        before = time.monotonic()
        self.assertEqual(200, self.client.get_hosts().status_code)
        self.assertGreaterEqual(time.monotonic() - before, 0.3)

    def test_a_fault_that_does_nothing_is_refused(self) -> None:
        with self.assertRaises(DoorError):
            self.door.inject_fault('GET', 'hosts', 1)


class LogTest(DoorCase):
    def test_calls_are_logged_in_order(self) -> None:
        self.door.clear_call_log()
        self.create('log')
        self.client.get_volumes(names=['log'])
        first, second = self.door.call_log()
        self.assertEqual('POST', first['method'])
        self.assertEqual('/api/2.42/volumes', first['path'])
        self.assertIn('names=log', first['query'])
        self.assertEqual({'provisioned': support.GIB}, first['body'])
        self.assertEqual(200, first['status'])
        self.assertIn('py-pure-client', first['user_agent'])
        self.assertEqual([second], self.door.call_log(since=first['sequence']))

    def test_no_token_is_logged(self) -> None:
        self.array.client().get_arrays()
        self.assertNotIn(self.array.token, str(self.door.call_log()))


class ObjectsTest(DoorCase):
    def test_nothing_changes_without_a_call(self) -> None:
        self.create('still')
        self.assertEqual(self.door.objects(), self.door.objects())

    def test_the_content_changes_with_the_bytes(self) -> None:
        self.create('seen')

        def content() -> str:
            return next(
                row['content']
                for row in self.door.objects()['volumes']
                if row['name'] == 'seen'
            )

        before = content()
        self.door.write('seen', 0, b'x')
        changed = content()
        self.door.write('seen', 0, b'\0')
        self.assertNotEqual(before, changed)
        self.assertEqual(before, content())


class ClockTest(DoorCase):
    def test_time_runs_faster(self) -> None:
        self.addCleanup(self.door.set_clock_rate, 1)
        self.door.set_clock_rate(100_000)
        start = self.door.clock()
        support.eventually(lambda: self.door.clock() - start > support.HOUR)

    def test_time_stands_still(self) -> None:
        self.addCleanup(self.door.set_clock_rate, 1)
        self.door.set_clock_rate(0)
        self.assertEqual(self.door.clock(), self.door.clock())

    def test_time_does_not_go_back(self) -> None:
        with self.assertRaises(DoorError):
            self.door.advance_clock(-1)


class PowerTest(support.unittest.TestCase):
    def setUp(self) -> None:
        path = self.enterContext(support.directory())
        self.array = support.ArrayProcess('fa-power', path, 'token')
        self.array.start()
        self.addCleanup(self.array.kill)
        self.array.ready()
        self.door = self.array.door

    def refuses(self, port: int) -> bool:
        with contextlib.closing(socket.socket()) as probe:
            return probe.connect_ex((support.ADDRESS, port)) != 0

    def test_an_array_without_power_refuses_tcp(self) -> None:
        api, door, replication = self.array.ports
        self.door.set_power(False)
        self.assertTrue(self.refuses(api))
        self.assertTrue(self.refuses(replication))
        self.assertFalse(self.refuses(door))
        self.assertFalse(self.door.status()['powered'])
        self.door.set_power(True)
        self.assertEqual(200, self.array.client().get_arrays().status_code)

    def test_an_open_connection_ends_with_the_power(self) -> None:
        client = self.array.client(retries=1, timeout=2)
        self.assertEqual(200, client.get_arrays().status_code)
        self.door.set_power(False)
        with self.assertRaisesRegex(Exception, 'Max retries exceeded'):
            client.get_arrays()

    def test_all_state_survives_a_kill(self) -> None:
        client = self.array.client()
        client.post_volumes(
            names=['v'], volume=flasharray.VolumePost(provisioned=2**30)
        )
        self.door.write('v', 7, b'survives')
        client.post_volume_snapshots(
            source_names=['v'],
            volume_snapshot=flasharray.VolumeSnapshotPost(suffix='s'),
        )
        self.door.advance_clock(support.DAY)
        before = self.door.objects()
        clock = self.door.clock()
        certificate = Path(self.array.certificate).read_text()
        self.array.kill()
        self.array.start()
        self.array.ready()
        self.assertEqual(before, self.door.objects())
        self.assertEqual(b'survives', self.door.read('v.s', 7, 8))
        self.assertGreaterEqual(self.door.clock(), clock)
        self.assertEqual(certificate, Path(self.array.certificate).read_text())

    def test_it_ends_politely(self) -> None:
        self.assertEqual(0, self.array.terminate())
